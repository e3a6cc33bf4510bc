"""Conformal intervals and quantiles, from how wrong forecasts of the same kind were before.

A residual is (actual − forecast) ÷ (last price × volatility known then): how many of its own
expected moves a forecast was off. A score is its size: intervals come from scores, one-sided
quantiles from residuals.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Numbers

RATE = 0.005  # step of the adaptation: what one miss moves the level by
_RECENT = 500  # newest scores that count; as many as calibration has, if those are more


@dataclass(frozen=True)
class Calibration:
    """Residuals of forecasts on rows that no weight was fitted on.

    Attributes:
        residuals: (horizon, n) float32, in time order; row h is of h + 1 steps ahead.
        has_signs: whether they say to which side; model files of earlier versions have sizes alone.
    """

    residuals: NDArray[np.float32]
    has_signs: bool = True

    @property
    def scores(self) -> NDArray[np.float32]:
        """(horizon, n) their sizes."""
        return np.abs(self.residuals)

    @property
    def both_tails(self) -> NDArray[np.float32]:
        """(horizon, m) the residuals; each to both sides where their signs are not known."""
        if self.has_signs:
            return self.residuals
        return np.repeat(self.residuals, 2, axis=1) * np.tile(
            np.array([1, -1], np.float32), self.count
        )

    @property
    def count(self) -> int:
        """Residuals a step ahead."""
        return int(self.residuals.shape[1])


def format_level(level: float) -> str:
    """0.8 ─▶ `80`, 0.995 ─▶ `99.5`."""
    percent = 100 * level
    return f"{percent:.0f}" if math.isclose(percent, round(percent)) else f"{percent:.10g}"


def measure_residuals(
    actual: Numbers, forecast: Numbers, last_prices: Numbers, volatility: Numbers
) -> Numbers:
    """Return the residuals of forecasts, shaped as they are; NaN where the actual is.

    Args:
        actual: (n, horizon) prices that came true.
        forecast: (n, horizon) forecasts of them.
        last_prices: (n,) the price that each forecast knew last.
        volatility: (n, horizon) standard deviation of the log return, or (n, 1) of the next one.
    """
    residuals: Numbers = (actual - forecast) / expect_moves(last_prices, volatility)
    return residuals


def measure_scores(
    actual: Numbers, forecast: Numbers, last_prices: Numbers, volatility: Numbers
) -> Numbers:
    """Return the sizes of `measure_residuals`."""
    scores: Numbers = np.abs(measure_residuals(actual, forecast, last_prices, volatility))
    return scores


def expect_moves(last_prices: Numbers, volatility: Numbers) -> Numbers:
    """(n,) and (n, steps) ─▶ (n, steps) the expected move in price units.

    NaN where a price is not above zero: it has no log return, so no volatility.
    """
    moves: Numbers = np.where(last_prices > 0, last_prices, np.nan)[:, None] * volatility
    return moves


def count_scores_needed(level: float) -> int:
    """Return the fewest scores that say anything at a level, 0 to 1: ⌈(n + 1) · level⌉ ≤ n."""
    return math.ceil(round(level / (1 - level), 6))


def find_quantile(scores: Numbers, level: float) -> float:
    """Return the split-conformal quantile, the ⌈(n + 1) · level⌉-th smallest score.

    Vovk, Gammerman & Shafer 2005. At least `level` of exchangeable later scores are below it.
    NaN if there are fewer than `count_scores_needed(level)`.
    """
    rank = math.ceil(round((len(scores) + 1) * level, 9))
    if rank > len(scores):
        return math.nan
    return float(np.partition(scores, rank - 1)[rank - 1])


def find_tail(residuals: Numbers, quantile: float) -> tuple[float, float]:
    """Return a one-sided quantile of residuals, and the mean of those that lie beyond it.

    Split-conformal as `find_quantile`, to one side: at most `quantile` of exchangeable later
    residuals are below it, or above it by 1 − `quantile` where that is more than a half.

    Args:
        residuals: (n,) in any order.
        quantile: 0 to 1.

    Returns:
        both NaN if there are too few residuals.

    Example:
        >>> find_tail(np.arange(-50.0, 49.0), 0.05)
        (-46.0, -48.0)
    """
    sign, level = face_tail(quantile)
    if len(residuals) < count_scores_needed(level):
        return math.nan, math.nan
    value, beyond = _take_tail(sorted((sign * residuals).tolist()), level)
    return sign * value, sign * beyond


def face_tail(quantile: float) -> tuple[int, float]:
    """0.01 ─▶ (-1, 0.99), 0.95 ─▶ (1, 0.95): the sign that puts a tail above, and its level."""
    return (1, quantile) if quantile > 0.5 else (-1, 1 - quantile)


def adapt_quantiles(
    calibration: Numbers, scores: Numbers, cutoffs: NDArray[np.int64], *, step: int, level: float
) -> Numbers:
    """Return a quantile a forecast, each from scores that were known at its cutoff.

    Adaptive conformal inference (Gibbs & Candès 2021): a miss widens the next interval, a hit
    narrows it a little, so that the share of hits keeps to the level whatever the market does.

    Args:
        calibration: (m,) scores from before the first cutoff, in time order.
        scores: (n,) of the forecasts themselves, in time order; NaN where not yet known.
        cutoffs: (n,) row number of the bar after the last one known, ascending.
        step: bars ahead; a score becomes known that many bars after its cutoff.
        level: share of actuals to lie within, 0 to 1.

    Returns:
        (n,) quantiles; NaN if there are too few scores for the level.
    """
    return _adapt(calibration, scores, cutoffs, step, level, _take_score)[0]


def adapt_tails(
    calibration: Numbers,
    residuals: Numbers,
    cutoffs: NDArray[np.int64],
    *,
    step: int,
    quantile: float,
) -> tuple[Numbers, Numbers]:
    """Return a one-sided quantile a forecast, and the mean beyond it, as `adapt_quantiles` does.

    Args:
        calibration: (m,) residuals from before the first cutoff, in time order.
        residuals: (n,) of the forecasts themselves, in time order; NaN where not yet known.
        cutoffs: (n,) row number of the bar after the last one known, ascending.
        step: bars ahead.
        quantile: 0 to 1.

    Returns:
        (n,) each; NaN if there are too few residuals.
    """
    sign, level = face_tail(quantile)
    values, beyond = _adapt(sign * calibration, sign * residuals, cutoffs, step, level, _take_tail)
    return sign * values, sign * beyond


def _adapt(
    calibration: Numbers,
    scores: Numbers,
    cutoffs: NDArray[np.int64],
    step: int,
    level: float,
    take: Callable[[list[float], float], tuple[float, float]],
) -> tuple[Numbers, Numbers]:
    """Return what `take` makes of the scores known at each cutoff and the level in force there.

    Its first number is what the next scores are held against: one above it is a miss.
    """
    most = max(len(calibration), _RECENT)
    recent: list[float] = calibration.tolist()
    ordered = sorted(recent)
    taken = np.full((2, len(scores)), np.nan)
    current, known = level, 0
    for position, cutoff in enumerate(cutoffs):
        while known < position and cutoffs[known] + step <= cutoff:
            score, used = float(scores[known]), taken[0, known]
            known += 1
            if math.isnan(score):
                continue
            if not math.isnan(used):
                current += RATE * ((score > used) - (1 - level))
            recent.append(score)
            bisect.insort(ordered, score)
            if len(recent) > most:
                del ordered[bisect.bisect_left(ordered, recent.pop(0))]
        if len(ordered) >= count_scores_needed(level):
            taken[:, position] = take(ordered, min(max(current, 0.0), 1.0))
    return taken[0], taken[1]


def _find_rank(count: int, level: float) -> int:
    """Return which of so many ascending scores is the quantile, from 1; 0 is below all."""
    return min(math.ceil(round((count + 1) * level, 9)), count)


def _take_score(ordered: list[float], level: float) -> tuple[float, float]:
    """Return the quantile of ascending scores; no score is below 0."""
    rank = _find_rank(len(ordered), level)
    return (ordered[rank - 1] if rank else 0.0), math.nan


def _take_tail(ordered: list[float], level: float) -> tuple[float, float]:
    """Return the quantile of ascending residuals, and the mean from there on."""
    beyond = ordered[max(_find_rank(len(ordered), level), 1) - 1 :]
    return beyond[0], math.fsum(beyond) / len(beyond)
