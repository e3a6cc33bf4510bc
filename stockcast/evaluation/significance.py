"""Is what the forecasts show more than chance?"""

from __future__ import annotations

import math

import numpy as np

from stockcast.prices.history import Numbers


def diebold_mariano(
    actual: Numbers, forecast: Numbers, reference: Numbers, *, step: int = 1
) -> tuple[float, float]:
    """Test whether two forecasts have the same squared error.

    Diebold & Mariano 1995, with the small-sample correction and Student's t of Harvey,
    Leybourne & Newbold 1997. Errors of forecasts `step` bars ahead overlap, so the variance of
    their mean counts the first step − 1 autocovariances, each in full (rectangular kernel). Where
    that estimate is not above 0, Bartlett's weights take its place, which never fall to 0
    (Newey & West 1987).

    Args:
        actual: (n,) prices that came true, of consecutive bars in ascending order.
        forecast: (n,) forecasts of them.
        reference: (n,) other forecasts of them.
        step: bars ahead that both forecasts look, at least 1.

    Returns:
        the statistic, above 0 where `forecast` is better than `reference`, and its two-sided p;
        (0, 1) if they never differ in squared error or there are no more than `step` of them;
        (±∞, 0) if they differ by the same amount throughout.
    """
    gains = (reference - actual) ** 2 - (forecast - actual) ** 2
    return diebold_mariano_of_gains(gains, step=step)


def diebold_mariano_of_gains(gains: Numbers, *, step: int = 1) -> tuple[float, float]:
    """Test whether the mean gain is 0; `diebold_mariano` where the losses are there already.

    Args:
        gains: (n,) loss of the reference minus loss of the forecast, of consecutive dates in
            ascending order; in any unit.
        step: a gain shares what came true with the step − 1 gains before it.

    Returns:
        as `diebold_mariano`.
    """
    from scipy.special import stdtr

    count = len(gains)
    if count <= step or not gains.any():
        return 0.0, 1.0
    gains = gains / np.abs(gains).max()  # the statistic has no unit, and no square underflows
    mean = float(gains.mean())
    if not np.ptp(gains):
        return math.copysign(math.inf, mean), 0.0
    correction = (count + 1 - 2 * step + step * (step - 1) / count) / count
    statistic = mean * math.sqrt(correction * count / _long_run_variance(gains, step))
    return statistic, float(2 * stdtr(count - 1, -abs(statistic)))


def _long_run_variance(values: Numbers, step: int) -> float:
    """Variance of the mean times n, for values that are correlated over `step` − 1 bars."""
    count = len(values)
    deviation = values - values.mean()
    covariances = np.array(
        [deviation[lag:] @ deviation[: count - lag] / count for lag in range(step)]
    )
    rectangular = covariances[0] + 2 * covariances[1:].sum()
    if rectangular > 1e-12 * covariances[0]:  # above 0, and by more than rounding
        return float(rectangular)
    bartlett = 1 - np.arange(1, step) / step
    return float(covariances[0] + 2 * bartlett @ covariances[1:])


def correct_holm(p_values: Numbers) -> Numbers:
    """Raise p values for having been tried together (Holm 1979).

    Args:
        p_values: (n,) each test's own p, 0 to 1.

    Returns:
        (n,) p in the same order, each at least its own and at most 1: calling those below 0.05
        more than chance is wrong about any of them with probability 0.05 at most.
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p_values)
    # The smallest of n counts n times, the next n - 1 times, and none less than one before it.
    raised = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    corrected = np.empty_like(raised)
    corrected[order] = np.minimum(raised, 1.0)
    return corrected
