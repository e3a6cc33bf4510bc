"""The backtest of one ticker among many: plain values in, what tables need out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stockcast.backtesting.judge import judge_walk, measure_walk
from stockcast.backtesting.plan import Plan
from stockcast.backtesting.run import Walk
from stockcast.evaluation.panel import square_errors
from stockcast.evaluation.skill import Skill
from stockcast.prices.history import Dates, Numbers, PriceHistory


@dataclass(frozen=True)
class TickerScore:
    """How one candidate did on one ticker, at the farthest step ahead.

    Attributes:
        skill: errors beside the last price's.
        figures: as `Judgement.figures`.
        squares: (n,) squared errors, see `square_errors`.
        held: level to how many prices lay within the interval, and how many had one.
    """

    skill: Skill
    figures: dict[str, float]
    squares: Numbers
    held: dict[float, tuple[int, int]]


@dataclass(frozen=True)
class TickerResult:
    """How all candidates did on one ticker.

    Attributes:
        ticker: whose prices.
        cutoffs: (n,) the last date known.
        dates: (n,) the date forecast.
        scores: name of each candidate to how it did.
    """

    ticker: str
    cutoffs: Dates
    dates: Dates
    scores: dict[str, TickerScore]


def measure_ticker(history: PriceHistory, walks: Sequence[Walk], plan: Plan) -> TickerResult:
    """Measure what the walks of one ticker came to."""
    prices, cutoffs = history.columns[plan.target], plan.cutoffs
    return TickerResult(
        ticker=history.ticker,
        cutoffs=history.dates[cutoffs - 1],
        dates=history.dates[cutoffs + plan.horizon - 1],
        scores={walk.candidate.name: _show(walk, prices, plan) for walk in walks},
    )


def _show(walk: Walk, prices: Numbers, plan: Plan) -> TickerScore:
    outlook = walk.outlook
    actual = outlook.actual[:, -1]
    held = {}
    for level, (lower, upper) in walk.intervals.items():
        known = np.isfinite(upper[:, -1])
        inside = (lower[:, -1] <= actual) & (actual <= upper[:, -1])
        held[level] = int(inside[known].sum()), int(known.sum())
    return TickerScore(
        skill=judge_walk(walk, prices, plan),
        figures=measure_walk(walk, prices, plan),
        squares=square_errors(actual, outlook.forecast[:, -1], outlook.last_prices),
        held=held,
    )
