"""The next trading sessions."""

from __future__ import annotations

import numpy as np

from stockcast.prices.history import Dates

_DAY = np.timedelta64(1, "D")


def next_session(dates: Dates) -> np.datetime64:
    """Return the date after the newest: the next weekday, or the next day if weekends trade.

    Args:
        dates: (rows,) datetime64, ascending, at least one.
    """
    days = dates.astype("datetime64[D]")
    following: np.datetime64 = days[-1] + _DAY
    if bool(np.is_busday(days).all()):
        following = np.busday_offset(following, 0, roll="forward")
    session: np.datetime64 = following.astype("datetime64[us]")
    return session
