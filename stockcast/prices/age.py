"""How old the newest bar is."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from stockcast.prices.history import Dates

_DAY = np.timedelta64(1, "D")


def measure_age(dates: Dates, now: datetime) -> float:
    """Return the newest bar's age in seconds; below 0 if it is yet to come.

    A bar without a time of day is as old as its day has been over.

    Args:
        dates: (rows,) datetime64[us], ascending, at least one; taken for UTC.
        now: with a time zone.
    """
    last = dates[-1]
    if last == last.astype("datetime64[D]"):
        last = last + _DAY
    return now.timestamp() - float(last.astype("datetime64[us]").astype(np.int64)) / 1e6
