"""What a backtest forecast, as plain arrays: without models, so that it travels light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stockcast.backtesting.run import Walk
from stockcast.forecast.intervals import Intervals
from stockcast.prices.history import Dates, Numbers, PriceHistory


@dataclass(frozen=True)
class Forecasts:
    """One ticker's forecasts after each cutoff, beside what came true.

    Attributes:
        ticker: whose.
        cutoffs: (n,) the last date known.
        dates: (n, horizon) the dates forecast.
        actual: (n, horizon) what came true.
        models: name to forecasts (n, horizon) and their intervals, in the order of the walks.
    """

    ticker: str
    cutoffs: Dates
    dates: Dates
    actual: Numbers
    models: dict[str, tuple[Numbers, Intervals]]


def gather_forecasts(history: PriceHistory, walks: Sequence[Walk]) -> Forecasts:
    """Gather what was forecast in the walks of one plan."""
    first = walks[0].outlook
    rows = first.cutoffs[:, None] + np.arange(first.forecast.shape[1])
    return Forecasts(
        ticker=history.ticker,
        cutoffs=history.dates[first.cutoffs - 1],
        dates=history.dates[rows],
        actual=first.actual,
        models={walk.candidate.name: (walk.outlook.forecast, walk.intervals) for walk in walks},
    )
