"""Forecasts on stdout as rows of a table, and on a terminal a line of blocks below them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.output.buffered_rows import BufferedRows
from stockcast.cli.output.failures import Failures
from stockcast.cli.output.sparkline import show_next, show_span
from stockcast.cli.output.tables import write_table
from stockcast.files.tables import Row, TableFormat

if TYPE_CHECKING:
    from stockcast.workflows.forecasting import Prediction, PredictionOutcome
    from stockcast.workflows.policies import ForecastRequest

_TOGETHER = 64  # tickers whose rows are written at once


def write_prediction(
    made: Prediction, request: ForecastRequest, form: TableFormat, output: Path | None
) -> None:
    """Write the forecasts of one ticker."""
    is_span = request.start is not None
    write_table(_list_rows(made, is_span=is_span), form, output)
    if is_span:
        show_span(made.forecast)
    else:
        show_next(made.model, made.history, made.forecast)


def write_predictions(
    outcomes: Generator[PredictionOutcome, None, None],
    request: ForecastRequest,
    form: TableFormat,
    output: Path | None,
) -> None:
    """Write the forecasts of many tickers as they come, or all once they are recorded.

    Raises:
        SomeFailed: at least one ticker could not be forecast; each is on stderr.
        StockcastError: none could, for reasons of one kind.
    """
    done, failures = 0, Failures()
    is_span = request.start is not None
    with (
        closing(outcomes),
        BufferedRows(form, output, keep=request.ledger is not None) as rows,
    ):
        while part := list(islice(outcomes, _TOGETHER)):
            made = [one.prediction for one in part if one.prediction is not None]
            rows.write([row for one in made for row in _list_rows(one, is_span=is_span)])
            done += len(part)
            for one in part:
                failures.add(one.error)
        rows.finish()
    failures.require_none(done, others="the others are forecast")


def _list_rows(made: Prediction, *, is_span: bool) -> Iterator[Row]:
    """Yield a row a forecast; of a span with what came true, empty where it has not yet."""
    for row in made.forecast.list_rows(with_actual=is_span):
        yield {**row, "model": str(made.path)}
