"""Intervals and quantiles of forecasts: conformal, scaled by the volatility known at the cutoff."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stockcast.evaluation.conformal import (
    Calibration,
    adapt_quantiles,
    adapt_tails,
    count_scores_needed,
    expect_moves,
    face_tail,
    find_quantile,
    find_tail,
    format_level,
    measure_residuals,
    measure_scores,
)
from stockcast.forecast.outlook import Outlook
from stockcast.plurals import count_of
from stockcast.prices.history import Numbers

Intervals = dict[float, tuple[Numbers, Numbers]]  # level, 0 to 1, to lower and upper, price units
Tails = dict[float, tuple[Numbers, Numbers]]
"""Quantile, 0 to 1, to the price at it and the mean price beyond it, price units."""


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


def place_tails(
    forecast: Numbers, last_prices: Numbers, volatility: Numbers, tails: Tails
) -> Tails:
    """Put one-sided quantiles around forecasts: never below zero, and in their order.

    Args:
        forecast: (n, horizon) prices.
        last_prices: (n,) the last price that each knew; one not above zero gives NaN.
        volatility: (n, horizon) or (n, 1), known then.
        tails: quantile to residuals at it and beyond it, (n, horizon) or (horizon,) each; NaN
            gives NaN.

    Returns:
        quantile, ascending, to (n, horizon) prices at it and beyond it.
    """
    expected = expect_moves(last_prices, volatility)
    lowest = np.minimum(forecast, 0.0)
    placed: Tails = {}
    nearest = np.full_like(forecast, np.inf)
    for quantile in sorted(tails, reverse=True):  # the nearer to the middle holds the farther
        at, beyond = tails[quantile]
        nearest = np.minimum(nearest, np.maximum(forecast + at * expected, lowest))
        mean = np.maximum(forecast + beyond * expected, lowest)
        outermost = np.minimum if face_tail(quantile)[0] < 0 else np.maximum
        placed[quantile] = (nearest, outermost(nearest, mean))
    return dict(sorted(placed.items()))


def find_quantiles(
    calibration: Calibration | None, levels: tuple[float, ...], *, horizon: int
) -> dict[float, Numbers]:
    """Return each level's quantile a step ahead, (horizon,); NaN where scores are too few.

    Beyond the steps that the calibration has, quantiles grow with the root of time, as those of
    a random walk do.
    """
    if calibration is None:
        return {level: np.full(horizon, np.nan) for level in levels}
    scores = calibration.scores[:horizon]
    return {
        level: _lengthen(np.array([find_quantile(one, level) for one in scores]), horizon)
        for level in levels
    }


def find_tails(
    calibration: Calibration | None, quantiles: tuple[float, ...], *, horizon: int
) -> Tails:
    """Return the residuals at each one-sided quantile and beyond it, as `find_quantiles` does.

    Returns:
        quantile to (horizon,) each; NaN where residuals are too few.
    """
    if calibration is None:
        none = np.full(horizon, np.nan)
        return dict.fromkeys(quantiles, (none, none))
    residuals = calibration.both_tails[:horizon]
    found: Tails = {}
    for quantile in quantiles:
        at, beyond = np.array([find_tail(one, quantile) for one in residuals]).T
        found[quantile] = _lengthen(at, horizon), _lengthen(beyond, horizon)
    return found


def _lengthen(of_steps: Numbers, horizon: int) -> Numbers:
    """(steps,) ─▶ (horizon,): beyond the last step they grow with the root of time."""
    steps = np.arange(1, horizon + 1)
    grown = np.sqrt(np.maximum(steps / len(of_steps), 1.0))
    lengthened: Numbers = of_steps[np.minimum(steps, len(of_steps)) - 1] * grown
    return lengthened


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


def follow_tails(
    calibration: Calibration | None,
    actual: Numbers,
    forecast: Numbers,
    last_prices: Numbers,
    volatility: Numbers,
    *,
    cutoffs: NDArray[np.int64],
    quantiles: tuple[float, ...],
) -> Tails:
    """Return residuals at one-sided quantiles and beyond them, as `follow_quantiles` does.

    Returns:
        quantile to (n, horizon) each.
    """
    residuals = measure_residuals(actual, forecast, last_prices, volatility)
    none = np.empty((forecast.shape[1], 0))
    before = none if calibration is None else calibration.both_tails
    found: Tails = {}
    for quantile in quantiles:
        at, beyond = zip(
            *(
                adapt_tails(
                    before[step], residuals[:, step], cutoffs, step=step + 1, quantile=quantile
                )
                for step in range(forecast.shape[1])
            ),
            strict=True,
        )
        found[quantile] = np.stack(at, axis=1), np.stack(beyond, axis=1)
    return found


def adapt_intervals(
    calibration: Calibration | None,
    outlook: Outlook,
    *,
    levels: tuple[float, ...],
    quantiles: tuple[float, ...] = (),
    newest: int | None = None,
) -> tuple[Intervals, Tails]:
    """Put intervals and quantiles around a row of forecasts, each from what was known before it.

    Args:
        calibration: residuals from before the first forecast.
        outlook: the forecasts, in time order.
        levels: of the intervals, 0 to 1.
        quantiles: one-sided ones, 0 to 1.
        newest: how many of the last forecasts to surround; default: all.

    Returns:
        the intervals, and the quantiles, (n, horizon) each.
    """
    row = outlook.actual, outlook.forecast, outlook.last_prices, outlook.volatility
    scores = follow_quantiles(calibration, *row, cutoffs=outlook.cutoffs, levels=levels)
    tails = follow_tails(calibration, *row, cutoffs=outlook.cutoffs, quantiles=quantiles)
    last = slice(None if newest is None else len(outlook.cutoffs) - newest, None)
    placing = outlook.forecast[last], outlook.last_prices[last], outlook.volatility[last]
    return (
        place_intervals(*placing, {level: found[last] for level, found in scores.items()}),
        place_tails(*placing, {one: (at[last], far[last]) for one, (at, far) in tails.items()}),
    )


def explain_levels(calibration: Calibration | None, levels: tuple[float, ...]) -> str:
    """Return what is missing for the levels asked for; empty if nothing is."""
    if not levels:
        return ""
    highest = max(levels)
    return _explain(calibration, f"level {format_level(highest)}", count_scores_needed(highest))


def explain_quantiles(calibration: Calibration | None, quantiles: tuple[float, ...]) -> str:
    """Return what is missing for the one-sided quantiles asked for; empty if nothing is."""
    if not quantiles:
        return ""
    farthest = max(quantiles, key=lambda one: face_tail(one)[1])
    needed = count_scores_needed(face_tail(farthest)[1])
    return _explain(calibration, f"quantile {format_level(farthest)}", needed)


def _explain(calibration: Calibration | None, what: str, needed: int) -> str:
    if calibration is None:
        return "the model has no calibration: nothing was held out when it was trained"
    if calibration.count >= needed:
        return ""
    return (
        f"the model was calibrated on {count_of(calibration.count, 'residual')}, "
        f"{what} needs {needed:,}"
    )
