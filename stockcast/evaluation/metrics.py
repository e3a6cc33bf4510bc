"""Pure functions of (actual, forecast), in price units unless said otherwise.

Arrays are (n,), with n at least 1 and without NaN; where nothing is given to judge, each raises
ValueError rather than return NaN. A share is 0.02 for 2 %. What is named `…_losses` gives a loss
for each forecast, (n,), as a Diebold-Mariano test takes them; smaller is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Numbers


def root_mean_squared_error(actual: Numbers, forecast: Numbers) -> float:
    """Square root of the mean of (forecast − actual)²."""
    return math.sqrt(_average((forecast - actual) ** 2))


def mean_absolute_error(actual: Numbers, forecast: Numbers) -> float:
    """Mean of |forecast − actual|."""
    return _average(np.abs(forecast - actual))


def bias(actual: Numbers, forecast: Numbers) -> float:
    """Mean of forecast − actual; above 0 is too high."""
    return _average(forecast - actual)


def mean_absolute_percentage_error(actual: Numbers, forecast: Numbers) -> float:
    """Mean of |forecast − actual| / |actual|, a share; NaN if an actual price is 0."""
    if not np.all(actual):
        return math.nan
    return _average(np.abs((forecast - actual) / actual))


def symmetric_mean_absolute_percentage_error(actual: Numbers, forecast: Numbers) -> float:
    """Mean of |forecast − actual| / ((|actual| + |forecast|) / 2), a share from 0 to 2.

    Makridakis & Hibon 2000. Where actual and forecast are both 0, nothing is wrong: 0.
    """
    size = (np.abs(actual) + np.abs(forecast)) / 2
    error = np.abs(forecast - actual)
    return _average(np.divide(error, size, out=np.zeros_like(size), where=size > 0))


def mean_absolute_scaled_error(
    actual: Numbers, forecast: Numbers, training: Numbers, *, step: int = 1
) -> float:
    """Mean absolute error as a multiple of that of repeating the last price in training.

    Hyndman & Koehler 2006. Below 1 is better than the last price was on the training span.

    Args:
        actual: (n,) prices that came true.
        forecast: (n,) forecasts of them, `step` bars ahead.
        training: (rows,) prices of the training span, rows above `step`.
        step: bars ahead, at least 1.

    Returns:
        a multiple; NaN if the price never moved in training.
    """
    naive = mean_absolute_error(training[step:], training[:-step])
    return mean_absolute_error(actual, forecast) / naive if naive else math.nan


def root_mean_squared_scaled_error(
    actual: Numbers, forecast: Numbers, training: Numbers, *, step: int = 1
) -> float:
    """RMSE as a multiple of that of repeating the last price in training.

    Makridakis, Spiliotis & Assimakopoulos 2022; arguments, result and NaN as for
    `mean_absolute_scaled_error`.
    """
    naive = root_mean_squared_error(training[step:], training[:-step])
    return root_mean_squared_error(actual, forecast) / naive if naive else math.nan


def direction_hit_rate(actual: Numbers, forecast: Numbers, last: Numbers) -> float:
    """Share of steps whose direction was forecast rightly, from 0 to 1.

    Steps on which the price did not change count for neither side; 0 if there is no other.

    Args:
        actual: (n,) prices that came true.
        forecast: (n,) forecasts of them.
        last: (n,) the last price before each.
    """
    moved = actual != last
    if not moved.any():
        return 0.0
    return _average(np.sign(forecast - last)[moved] == np.sign(actual - last)[moved])


def majority_direction_rate(actual: Numbers, last: Numbers) -> float:
    """Share of moves in the more frequent direction, from 0.5 to 1; 0 if there is no move.

    What always naming that direction would hit: a hit rate says little until it is above this.

    Args:
        actual: (n,) prices that came true.
        last: (n,) the last price before each.
    """
    moved = actual != last
    if not moved.any():
        return 0.0
    up = _average(actual[moved] > last[moved])
    return max(up, 1 - up)


def coverage(actual: Numbers, lower: Numbers, upper: Numbers) -> float:
    """Share of actual prices within [lower, upper], bounds included, from 0 to 1."""
    return _average((lower <= actual) & (actual <= upper))


def mean_width(lower: Numbers, upper: Numbers) -> float:
    """Mean of upper − lower."""
    return _average(upper - lower)


def winkler_score(actual: Numbers, lower: Numbers, upper: Numbers, level: float) -> float:
    """Mean of `interval_losses`, whose arguments it takes; smaller is better."""
    return _average(interval_losses(actual, lower, upper, level))


def interval_losses(actual: Numbers, lower: Numbers, upper: Numbers, level: float) -> Numbers:
    """Width, plus 2 / (1 − level) times the miss; at least 0, smaller is better.

    Winkler 1972; Gneiting & Raftery 2007.

    Args:
        actual: (n,) prices that came true.
        lower: (n,) lower bounds.
        upper: (n,) upper bounds, each at least the lower.
        level: share of prices that the intervals are meant to cover, above 0 and below 1.

    Returns:
        (n,) losses.

    Example:
        >>> actual, lower, upper = np.array([10.0, 8.5]), np.full(2, 9.0), np.full(2, 11.0)
        >>> interval_losses(actual, lower, upper, level=0.75).tolist()
        [2.0, 6.0]
    """
    check_share("level", level)
    miss = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
    losses: Numbers = upper - lower + 2 / (1 - level) * miss
    return losses


def weighted_interval_losses(
    actual: Numbers, median: Numbers, intervals: Mapping[float, tuple[Numbers, Numbers]]
) -> Numbers:
    """Weighted mean of the absolute error and the losses of several intervals; at least 0.

    Bracher, Ray, Gneiting & Reich 2021: the absolute error of the median counts ½, the loss of an
    interval (1 − level) / 2, and their sum is divided by the number of intervals plus ½. It is
    twice the mean pinball loss of all 2 K + 1 quantiles; smaller is better.

    Args:
        actual: (n,) prices that came true.
        median: (n,) forecasts that the price is as likely above as below.
        intervals: level ─▶ lower and upper bounds, (n,) each, as `interval_losses` takes them.

    Returns:
        (n,) losses, in the unit of the prices.

    Example:
        >>> actual, median = np.array([10.0, 8.5]), np.array([9.5, 9.5])
        >>> bounds = np.array([9.0, 9.0]), np.array([11.0, 11.0])
        >>> weighted_interval_losses(actual, median, {0.75: bounds}).round(4).tolist()
        [0.3333, 0.8333]
    """
    losses = 0.5 * np.abs(actual - median)
    for level, (lower, upper) in intervals.items():
        losses = losses + (1 - level) / 2 * interval_losses(actual, lower, upper, level)
    weighted: Numbers = losses / (len(intervals) + 0.5)
    return weighted


def pinball_losses(actual: Numbers, quantile: Numbers, probability: float) -> Numbers:
    """(actual − quantile) × (probability − 1 where actual is below it); at least 0.

    Koenker & Bassett 1978. Smaller is better, and on average smallest at the true quantile.

    Args:
        actual: (n,) numbers that came true.
        quantile: (n,) forecasts that the number is below with that probability.
        probability: above 0 and below 1.

    Returns:
        (n,) losses.

    Example:
        >>> pinball_losses(np.array([12.0, 9.0]), np.array([10.0, 10.0]), 0.25).tolist()
        [0.5, 0.75]
    """
    check_share("probability", probability)
    over = actual - quantile
    losses: Numbers = np.maximum(probability * over, (probability - 1) * over)
    return losses


def relative_skill(rmse: float, reference_rmse: float) -> float:
    """1 − RMSE / RMSE of the reference (> 0): above 0 is better than it, below 0 is worse."""
    return 1.0 - rmse / reference_rmse


def check_share(name: str, value: float) -> None:
    """Raise ValueError unless a value is above 0 and below 1."""
    if not 0 < value < 1:
        raise ValueError(f"{name} is {value}, expected a share above 0 and below 1")


def check_any(values: Numbers | NDArray[np.bool_]) -> None:
    """Raise ValueError where nothing is given to judge."""
    if not len(values):
        raise ValueError("nothing to judge: the arrays are empty")


def _average(values: Numbers | NDArray[np.bool_]) -> float:
    check_any(values)
    return float(np.mean(values))
