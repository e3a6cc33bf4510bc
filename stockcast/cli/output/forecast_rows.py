"""Forecasts of a backtest as rows of a table, one ticker after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stockcast.cli.output.tables import Row

if TYPE_CHECKING:
    from stockcast.backtesting.forecasts import Forecasts


def list_forecasts(found: Forecasts) -> Iterator[Row]:
    """Yield a row a forecast, by cutoff, then by step, then by model."""
    from stockcast.forecast.intervals import format_level
    from stockcast.prices.history import format_date

    for number, cutoff in enumerate(found.cutoffs):
        known_to = format_date(cutoff)
        for ahead in range(found.actual.shape[1]):
            date = format_date(found.dates[number, ahead])
            for name, (forecast, intervals) in found.models.items():
                bounds: Row = {}
                for level, (lower, upper) in intervals.items():
                    bounds[f"lower_{format_level(level)}"] = lower[number, ahead]
                    bounds[f"upper_{format_level(level)}"] = upper[number, ahead]
                yield {
                    "ticker": found.ticker,
                    "cutoff": known_to,
                    "date": date,
                    "step": ahead + 1,
                    "model": name,
                    "forecast": forecast[number, ahead],
                    **bounds,
                    "actual": found.actual[number, ahead],
                }
