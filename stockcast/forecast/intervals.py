"""Intervals around forecasts: split conformal, scaled by the volatility known at the cutoff."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from stockcast.evaluation.conformal import (
    Calibration,
    adapt_quantiles,
    count_scores_needed,
    expect_moves,
    find_quantile,
    measure_scores,
)
from stockcast.plurals import count_of
from stockcast.prices.history import Numbers

Intervals = dict[float, tuple[Numbers, Numbers]]  # level, 0 to 1, to lower and upper, price units


def place_intervals(
    forecast: Numbers, last_prices: Numbers, volatility: Numbers, quantiles: dict[float, Numbers]
) -> Intervals:
    """Put intervals around forecasts: never below zero, and a higher level never narrower.

    Args:
        forecast: (n, horizon) prices.
        last_prices: (n,) the last price that each knew; one not above zero gives NaN.
        volatility: (n, horizon) or (n, 1), known then.
        quantiles: level to (n, horizon) or (horizon,) scores; NaN gives NaN.

    Returns:
        level to (n, horizon) lower and upper.
    """
    expected = expect_moves(last_prices, volatility)
    widest = np.zeros_like(forecast)
    intervals = {}
    for level in sorted(quantiles):
        widest = np.maximum(widest, quantiles[level] * expected)
        lower = np.maximum(forecast - widest, np.minimum(forecast, 0.0))
        intervals[level] = (lower, forecast + widest)
    return intervals


def find_quantiles(
    calibration: Calibration | None, levels: tuple[float, ...], *, horizon: int
) -> dict[float, Numbers]:
    """Return each level's quantile a step ahead, (horizon,); NaN where scores are too few.

    Beyond the steps that the calibration has, quantiles grow with the root of time, as those of
    a random walk do.
    """
    quantiles = {}
    for level in levels:
        found = np.full(horizon, np.nan)
        if calibration is not None:
            of_steps = [find_quantile(scores, level) for scores in calibration.scores[:horizon]]
            steps = np.arange(1, horizon + 1)
            grown = np.sqrt(np.maximum(steps / len(of_steps), 1.0))
            found = np.array(of_steps)[np.minimum(steps, len(of_steps)) - 1] * grown
        quantiles[level] = found
    return quantiles


def follow_quantiles(
    calibration: Calibration | None,
    actual: Numbers,
    forecast: Numbers,
    last_prices: Numbers,
    volatility: Numbers,
    *,
    cutoffs: NDArray[np.int64],
    levels: tuple[float, ...],
) -> dict[float, Numbers]:
    """Return each level's quantiles along a row of forecasts, each from what was known before it.

    Args:
        calibration: scores from before the first forecast.
        actual: (n, horizon) prices that came true, NaN where not yet.
        forecast: (n, horizon).
        last_prices: (n,).
        volatility: (n, horizon) or (n, 1).
        cutoffs: (n,) row number of the bar after the last one known, ascending.
        levels: 0 to 1.

    Returns:
        level to (n, horizon).
    """
    scores = measure_scores(actual, forecast, last_prices, volatility)
    none = np.empty((forecast.shape[1], 0))
    before = none if calibration is None else calibration.scores
    return {
        level: np.stack(
            [
                adapt_quantiles(before[step], scores[:, step], cutoffs, step=step + 1, level=level)
                for step in range(forecast.shape[1])
            ],
            axis=1,
        )
        for level in levels
    }


def explain_levels(calibration: Calibration | None, levels: tuple[float, ...]) -> str:
    """Return what is missing for the levels asked for; empty if nothing is."""
    if not levels:
        return ""
    if calibration is None:
        return "the model has no calibration: nothing was held out when it was trained"
    highest = max(levels)
    needed = count_scores_needed(highest)
    if calibration.count >= needed:
        return ""
    return (
        f"the model was calibrated on {count_of(calibration.count, 'residual')}, "
        f"level {format_level(highest)} needs {needed:,}"
    )


def format_level(level: float) -> str:
    """0.8 ─▶ `80`, 0.995 ─▶ `99.5`."""
    percent = 100 * level
    return f"{percent:.0f}" if math.isclose(percent, round(percent)) else f"{percent:.10g}"
