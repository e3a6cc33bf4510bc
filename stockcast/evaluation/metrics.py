"""Pure functions of (actual, forecast), in price units unless said otherwise."""

from __future__ import annotations

import numpy as np

from stockcast.prices.history import Numbers


def root_mean_squared_error(actual: Numbers, forecast: Numbers) -> float:
    """Square root of the mean of (forecast − actual)²."""
    return float(np.sqrt(np.mean((forecast - actual) ** 2)))


def mean_absolute_error(actual: Numbers, forecast: Numbers) -> float:
    """Mean of |forecast − actual|."""
    return float(np.mean(np.abs(forecast - actual)))


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
    return float(np.mean(np.sign(forecast - last)[moved] == np.sign(actual - last)[moved]))


def relative_skill(rmse: float, reference_rmse: float) -> float:
    """1 − RMSE / RMSE of the reference (> 0): above 0 is better than it, below 0 is worse."""
    return 1.0 - rmse / reference_rmse
