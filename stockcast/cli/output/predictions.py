"""Forecasts of tickers as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stockcast.cli.output.tables import Row

if TYPE_CHECKING:
    from stockcast.workflows.forecasting import Prediction


def list_rows(made: Prediction, *, is_span: bool) -> Iterator[Row]:
    """Yield a row a forecast; of a span with what came true, empty where it has not yet."""
    from stockcast.prices.history import format_date

    columns = made.forecast.to_columns()
    ticker = columns.pop("ticker")
    if not is_span:
        del columns["actual"]
    for name in ("date", "last_date"):
        columns[name] = [format_date(date) for date in columns[name]]
    lists = [values if isinstance(values, list) else values.tolist() for values in columns.values()]
    for cells in zip(*lists, strict=True):
        yield {
            "ticker": ticker,
            **dict(zip(columns, cells, strict=True)),
            "model": str(made.path),
        }
