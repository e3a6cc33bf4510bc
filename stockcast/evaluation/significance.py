"""Is the difference between two forecasts more than chance?"""

from __future__ import annotations

import math

import numpy as np

from stockcast.prices.history import Numbers


def diebold_mariano(actual: Numbers, forecast: Numbers, reference: Numbers) -> tuple[float, float]:
    """Test whether two one-step forecasts have the same squared error.

    Diebold & Mariano 1995, with the small-sample correction and Student's t of Harvey,
    Leybourne & Newbold 1997, for one step ahead.

    Args:
        actual: (n,) prices that came true.
        forecast: (n,) forecasts of them.
        reference: (n,) other forecasts of them.

    Returns:
        the statistic, above 0 where `forecast` is better than `reference`, and its two-sided p;
        (0, 1) if the two never differ in error or there are fewer than two.
    """
    from scipy.special import stdtr

    gain = (reference - actual) ** 2 - (forecast - actual) ** 2
    count = len(gain)
    if count < 2 or not np.ptp(gain):
        return 0.0, 1.0
    # With one step ahead the long-run variance is the variance, and the correction √((n−1)/n)
    # turns the divisor n of the variance into n − 1.
    statistic = float(gain.mean() / math.sqrt(gain.var(ddof=1) / count))
    return statistic, float(2 * stdtr(count - 1, -abs(statistic)))
