"""How often prices came to lie within their intervals, month by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.forecast.intervals import Intervals
from stockcast.prices.history import Dates, Numbers

_MOST_MONTHS = 36  # more are shown year by year


@dataclass(frozen=True)
class Coverage:
    """The share of prices within each interval, period by period.

    Attributes:
        periods: `2013-02`, or `2013` where there are many; ascending.
        counts: (periods,) prices judged in each.
        shares: level, 0 to 1, to (periods,) shares, 0 to 1; NaN where nothing had an interval.
        overall: level to the share of all prices within.
    """

    periods: tuple[str, ...]
    counts: NDArray[np.int64]
    shares: dict[float, Numbers]
    overall: dict[float, float]


def measure_coverage(dates: Dates, actual: Numbers, intervals: Intervals) -> Coverage:
    """Count how many prices lie within their intervals, bounds included.

    Args:
        dates: (n,) ascending.
        actual: (n,) NaN where nothing has come true yet.
        intervals: level to lower and upper, (n,) each; NaN where there is none. A level without
            any is left out.
    """
    months = dates.astype("datetime64[M]")
    spanned = int((months[-1] - months[0]) / np.timedelta64(1, "M")) + 1 if len(months) else 0
    unit = "M" if spanned <= _MOST_MONTHS else "Y"
    periods, of_period = np.unique(dates.astype(f"datetime64[{unit}]"), return_inverse=True)
    shares, overall = {}, {}
    for level, (lower, upper) in intervals.items():
        known = ~np.isnan(actual) & ~np.isnan(lower)
        if not known.any():
            continue
        within = known & (lower <= actual) & (actual <= upper)
        counts = np.bincount(of_period[known], minlength=len(periods))
        hits = np.bincount(of_period[within], minlength=len(periods))
        shares[level] = np.divide(hits, counts, out=np.full(len(periods), np.nan), where=counts > 0)
        overall[level] = float(within.sum() / known.sum())
    judged = np.bincount(of_period[~np.isnan(actual)], minlength=len(periods))
    return Coverage(tuple(str(period) for period in periods), judged, shares, overall)
