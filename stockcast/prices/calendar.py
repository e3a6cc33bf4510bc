"""The next trading sessions."""

from __future__ import annotations

import numpy as np

from stockcast.prices.history import Dates

_DAY = np.timedelta64(1, "D")
_FEWEST = 5  # bars from which a rhythm other than daily is believed


def next_session(dates: Dates) -> np.datetime64:
    """Return the date after the newest: the next weekday, or the next day if weekends trade.

    Bars that are not daily step by their usual length: minutes, a week, a month.

    Args:
        dates: (rows,) datetime64, ascending, at least one.
    """
    step = np.median(np.diff(dates)) if len(dates) >= _FEWEST else _DAY
    last = dates[-1].astype("datetime64[us]")
    if step < _DAY:
        return np.datetime64(last + step, "us")
    if 25 * _DAY < step < 32 * _DAY:
        month = last.astype("datetime64[M]")
        same_day = (month + 1).astype("datetime64[us]") + (last - month)
        month_end = (month + 2).astype("datetime64[us]") - _DAY
        return np.datetime64(min(same_day, month_end), "us")
    if step > 5 * _DAY:
        return np.datetime64(last + step, "us")
    days = dates.astype("datetime64[D]")
    following: np.datetime64 = days[-1] + _DAY
    if bool(np.is_busday(days).all()):
        following = np.busday_offset(following, 0, roll="forward")
    return np.datetime64(following.astype("datetime64[us]"), "us")


def next_sessions(dates: Dates, count: int) -> Dates:
    """Return the `count` sessions after the newest, (count,) datetime64[us]."""
    known = dates
    for _ in range(count):
        known = np.append(known, next_session(known))
    return known[len(dates) :].astype("datetime64[us]")
