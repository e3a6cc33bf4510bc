"""What a backtest forecast, as plain arrays: without models, so that it travels light."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from stockcast.backtesting.run import Walk
from stockcast.evaluation.conformal import format_level
from stockcast.forecast.intervals import Intervals, Tails
from stockcast.prices.history import Dates, Numbers, PriceHistory
from stockcast.prices.rows import list_rows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Forecasts:
    """One ticker's forecasts after each cutoff, beside what came true.

    Attributes:
        ticker: whose.
        cutoffs: (n,) the last date known.
        dates: (n, horizon) the dates forecast.
        actual: (n, horizon) what came true.
        models: name to forecasts (n, horizon) and their intervals, in the order of the walks.
        tails: name to their one-sided quantiles.
    """

    ticker: str
    cutoffs: Dates
    dates: Dates
    actual: Numbers
    models: dict[str, tuple[Numbers, Intervals]]
    tails: dict[str, Tails] = field(default_factory=dict)

    def to_columns(self) -> dict[str, Any]:
        """Return the long table's columns, each (rows,) but the ticker.

        A row is a forecast; rows come by cutoff, then by step ahead, then by model.
        """
        names = list(self.models)
        count, horizon = self.actual.shape
        found = self.models.values()
        bounds = {
            f"{side}_{format_level(level)}": _interleave(
                [intervals[level][place] for _, intervals in found]
            )
            for level in next(iter(found))[1]
            for place, side in enumerate(("lower", "upper"))
        }
        quantiles = next(iter(self.tails.values()), {})
        bounds |= {
            f"{kind}_{format_level(quantile)}": _interleave(
                [self.tails[name][quantile][place] for name in names]
            )
            for quantile in quantiles
            for place, kind in enumerate(("quantile", "shortfall"))
        }
        each = len(names)
        return {
            "ticker": self.ticker,
            "cutoff": np.repeat(self.cutoffs, horizon * each),
            "date": np.repeat(self.dates.ravel(), each),
            "step": np.tile(np.repeat(np.arange(1, horizon + 1), each), count),
            "model": names * (count * horizon),
            "forecast": _interleave([forecast for forecast, _ in found]),
            **bounds,
            "actual": np.repeat(self.actual.ravel(), each),
        }

    def list_rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a forecast, by cutoff, then by step, then by model; dates as ISO 8601."""
        return list_rows(self.to_columns())

    def to_frame(self) -> pd.DataFrame:
        """Return the forecasts as a DataFrame, a row a forecast; see `to_columns`."""
        import pandas as pd

        return pd.DataFrame(self.to_columns())


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
        tails={walk.candidate.name: walk.tails for walk in walks},
    )


def _interleave(arrays: Sequence[Numbers]) -> Numbers:
    """(n, horizon) a model ─▶ (n · horizon · models,), the models of one date side by side."""
    return np.stack(arrays, axis=-1).ravel()
