"""Conformal intervals: how wide, from how wrong forecasts of the same kind were before.

A score is |actual − forecast| ÷ (last price × volatility known then): how many of its own
expected moves a forecast was off.
"""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Numbers

RATE = 0.005  # step of the adaptation: what one miss moves the level by
_RECENT = 500  # newest scores that count; as many as calibration has, if those are more


@dataclass(frozen=True)
class Calibration:
    """Scores of forecasts on rows that no weight was fitted on.

    Attributes:
        scores: (horizon, n) float32, in time order; row h is of h + 1 steps ahead.
    """

    scores: NDArray[np.float32]

    @property
    def count(self) -> int:
        """Scores a step ahead."""
        return int(self.scores.shape[1])


def measure_scores(
    actual: Numbers, forecast: Numbers, last_prices: Numbers, volatility: Numbers
) -> Numbers:
    """Return the scores of forecasts, shaped as they are; NaN where the actual is.

    Args:
        actual: (n, horizon) prices that came true.
        forecast: (n, horizon) forecasts of them.
        last_prices: (n,) the price that each forecast knew last.
        volatility: (n, horizon) standard deviation of the log return, or (n, 1) of the next one.
    """
    scores: Numbers = np.abs(actual - forecast) / expect_moves(last_prices, volatility)
    return scores


def expect_moves(last_prices: Numbers, volatility: Numbers) -> Numbers:
    """(n,) and (n, steps) ─▶ (n, steps) the expected move in price units.

    NaN where a price is not above zero: it has no log return, so no volatility.
    """
    moves: Numbers = np.where(last_prices > 0, last_prices, np.nan)[:, None] * volatility
    return moves


def count_scores_needed(level: float) -> int:
    """Return the fewest scores that say anything at a level, 0 to 1: ⌈(n + 1) · level⌉ ≤ n."""
    return math.ceil(round(level / (1 - level), 9))


def find_quantile(scores: Numbers, level: float) -> float:
    """Return the split-conformal quantile, the ⌈(n + 1) · level⌉-th smallest score.

    Vovk, Gammerman & Shafer 2005. At least `level` of exchangeable later scores are below it.
    NaN if there are fewer than `count_scores_needed(level)`.
    """
    rank = math.ceil(round((len(scores) + 1) * level, 9))
    if rank > len(scores):
        return math.nan
    return float(np.partition(scores, rank - 1)[rank - 1])


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
    most = max(len(calibration), _RECENT)
    recent: list[float] = calibration.tolist()
    ordered = sorted(recent)
    quantiles = np.full(len(scores), np.nan)
    current, known = level, 0
    for position, cutoff in enumerate(cutoffs):
        while known < position and cutoffs[known] + step <= cutoff:
            score, used = float(scores[known]), quantiles[known]
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
            rank = math.ceil(round((len(ordered) + 1) * min(max(current, 0.0), 1.0), 9))
            quantiles[position] = ordered[min(rank, len(ordered)) - 1] if rank > 0 else 0.0
    return quantiles
