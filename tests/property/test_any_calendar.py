"""The days ahead of any bars: never from a later date, and always days that may have a session."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.windows.calendar_features import NEWEST, TradingWeek

pytestmark = pytest.mark.slow

STEPS = 6
GAPS = st.lists(st.integers(1, 4), min_size=1, max_size=80)


def list_dates(gaps):
    days = np.datetime64("2020-01-01") + np.cumsum(gaps).astype("timedelta64[D]")
    return days.astype("datetime64[us]")


@given(gaps=GAPS, share=st.floats(0, 1))
def test_what_a_bar_is_told_does_not_change_when_later_bars_come(gaps, share):
    dates = list_dates(gaps)
    known = max(1, round(share * len(dates)))
    whole, part = (TradingWeek.from_dates(one) for one in (dates, dates[:known]))
    assert (whole.list_sessions(STEPS)[:known] == part.list_sessions(STEPS)).all()


@given(gaps=GAPS)
def test_sessions_ahead_ascend_and_skip_no_trading_day(gaps):
    dates = list_dates(gaps)
    week = TradingWeek.from_dates(dates)
    ahead = week.list_sessions(STEPS)
    for bar, day in enumerate(dates.astype("datetime64[D]").astype(int)):
        newest = dates[max(0, bar - NEWEST + 1) : bar + 1].astype("datetime64[D]").astype(int)
        # 1970-01-01 was a Thursday.
        trading = {one for one in range(7) if ((newest + 3) % 7 == one).sum() >= 2}
        if bar < NEWEST - 1:
            trading |= set(range(5))
        days = (one for one in range(day + 1, day + 60) if (one + 3) % 7 in trading)
        assert ahead[bar].tolist() == [next(days) for _ in range(STEPS)]
