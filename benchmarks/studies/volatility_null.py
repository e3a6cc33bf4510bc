"""`python -m benchmarks.studies.volatility_null`: what the verdict says of made-up prices.

Where the volatility is constant there is nothing to forecast; where it follows a GARCH process that
is known, nothing can beat that. 100 series of each, of 1,500 days, the last 500 of them judged.
"""

from __future__ import annotations

import sys

import numpy as np

from stockcast.evaluation.skill import CHANCE
from stockcast.evaluation.volatility_skill import (
    YARDSTICKS,
    SpreadForecasts,
    VolatilityComparison,
    judge_volatility,
    list_yardsticks,
)
from stockcast.prices.history import Numbers, PriceHistory, Source
from stockcast.windows.har import TrainingMoves, fit_har
from stockcast.windows.moves import measure_moves

_ROWS, _JUDGED, _CALIBRATION = 1500, 500, 250
_STEPS = 78  # of five minutes a day
_SERIES = 100


def main() -> None:
    """Print how often the path is called better, of both kinds of series."""
    for kind in ("constant", "garch"):
        claims = [0, 0]
        for seed in range(_SERIES):
            for place, one in enumerate(_judge(*_draw(kind, seed))):
                claims[place] += one is not None and one.gain > 0 and one.p_value < CHANCE
            print(f"{kind} {seed + 1}: {claims}", file=sys.stderr, flush=True)
        print(
            f"{kind}: tighter than the best yardstick in {claims[0]} of {_SERIES}, than the true "
            f"volatility in {claims[1]}",
            flush=True,
        )


def _draw(kind: str, seed: int) -> tuple[PriceHistory, Numbers]:
    """Draw each day's path of five-minute steps, and keep what a price file has of it.

    Returns:
        the history, and the (rows,) true standard deviation of each day's log return.
    """
    shocks = np.random.default_rng(seed).standard_normal((_ROWS, _STEPS)) / np.sqrt(_STEPS)
    deviations = np.full(_ROWS, 0.015)
    if kind == "garch":
        for day in range(1, _ROWS):
            news = (deviations[day - 1] * shocks[day - 1].sum()) ** 2
            variance = 0.02 * 0.015**2 + 0.08 * news + 0.9 * deviations[day - 1] ** 2
            deviations[day] = np.sqrt(variance)
    steps = shocks * deviations[:, None]
    logs = np.log(100) + steps.ravel().cumsum().reshape(_ROWS, _STEPS)
    opens = np.append(np.log(100), logs[:-1, -1])
    columns = {
        "open": np.exp(opens),
        "high": np.exp(np.maximum(logs.max(axis=1), opens)),
        "low": np.exp(np.minimum(logs.min(axis=1), opens)),
        "close": np.exp(logs[:, -1]),
    }
    days = np.datetime64("2000-01-03", "us") + np.arange(_ROWS) * np.timedelta64(1, "D")
    lines, files = np.arange(_ROWS, dtype=np.int32), np.zeros(_ROWS, dtype=np.int16)
    source = Source("made-up", "0" * 64)
    return PriceHistory("MADE", days, columns, (), (source,), lines, files), deviations


def _judge(history: PriceHistory, deviations: Numbers) -> list[VolatilityComparison | None]:
    """Hold the path of one ticker against the best yardstick, and against the truth."""
    first = _ROWS - _JUDGED - _CALIBRATION
    cutoffs = np.arange(first, _ROWS)
    moves, prices = measure_moves(history, "close"), history.columns["close"]
    path = fit_har([TrainingMoves(moves, first)], horizon=1).forecast(moves)
    last = prices[cutoffs - 1]
    forecasts = SpreadForecasts(prices[cutoffs], last, moves.variances[cutoffs], 1, _CALIBRATION)
    ways = {"model": path[cutoffs - 1, 0], "truth": deviations[cutoffs]}
    ways |= list_yardsticks(prices, cutoffs, horizon=1, names=YARDSTICKS)
    skill = judge_volatility(forecasts, {name: (last, one) for name, one in ways.items()})
    others = [one for one in skill.comparisons if one.name in YARDSTICKS]
    return [min(others, key=lambda one: one.gain), skill.find_comparison("truth")]


if __name__ == "__main__":
    main()
