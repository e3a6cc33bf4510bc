"""`stockcast predict`: price CSV + model file ─▶ forecasts."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockcast.cli.options.common import (
    CalendarOption,
    ChartOption,
    OutputOption,
    model_path_for,
    option,
    takes_common_options,
)
from stockcast.cli.options.dates import parse_span
from stockcast.cli.options.ledger import takes_ledger_options
from stockcast.cli.options.levels import LevelOption, parse_levels
from stockcast.cli.options.reading import takes_read_options
from stockcast.cli.output.buffered_rows import BufferedRows
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.predictions import list_rows
from stockcast.cli.output.sparkline import draw_sparkline_next, draw_sparkline_span
from stockcast.cli.output.tables import TableFormat, write_table
from stockcast.errors import SeveralTickers, SomeFailed, UsageError
from stockcast.files import refuse_overwriting
from stockcast.prices.csv.options import ReadOptions
from stockcast.workflows.policies import ForecastRequest

if TYPE_CHECKING:
    from stockcast.workflows.sources import Sources

_FARTHEST = 1_000  # steps ahead, as a recipe's horizon
_TOGETHER = 64  # tickers whose rows are written at once


@takes_ledger_options
@takes_read_options
@takes_common_options
def predict(
    prices: Annotated[
        list[str],
        typer.Argument(help="CSV files, patterns, folders, or - for stdin.", metavar="PRICES"),
    ],
    model: Annotated[
        Path | None,
        option(
            "--model",
            "-m",
            help="Model file, or of many tickers the folder or a pooled model. "
            "Default: models/<file's stem>.safetensors",
            metavar="MODEL",
        ),
    ] = None,
    start: Annotated[
        str | None,
        option(
            "--from",
            help="Forecast every date from here on, beside what came true.",
            metavar="DATE",
        ),
    ] = None,
    end: Annotated[str | None, option("--to", help="Last date forecast.", metavar="DATE")] = None,
    horizon: Annotated[
        int | None,
        option(
            "--horizon",
            help="Steps ahead. Default: the model's own; beyond those, forecasts are fed back.",
            min=1,
            max=_FARTHEST,
        ),
    ] = None,
    level: LevelOption = None,
    calendar: CalendarOption = None,
    chart: ChartOption = None,
    output: OutputOption = None,
    form: Annotated[TableFormat, option("--format", help="How the forecasts are written.")] = "csv",
    *,
    reading: ReadOptions,
    recording: dict[str, Any],
) -> None:
    """Forecast the next trading days as CSV, with a model that train wrote.

    One line a step ahead, with the intervals that prices are expected in.
    With --from, forecast every date in a span instead, each from the bars
    before it alone, beside what came true. Needs no TensorFlow. Of many
    tickers each is forecast with its own model, out of a folder of them.
    """
    from stockcast.workflows.sources import Sources, list_paths

    first, last = parse_span(start, end) or (None, None)
    request = ForecastRequest(first, last, horizon, parse_levels(level), calendar, **recording)
    paths = list_paths(prices)
    for one in paths:
        refuse_overwriting(one, output, chart, request.ledger)
    if _are_many(paths, model, chart):
        if chart is not None:
            raise UsageError("--chart with several tickers: it is of one", hint="leave it out")
        _predict_many(Sources(paths, reading), model or Path("models"), request, form, output)
        return
    path = model or _default_model(paths[0])
    refuse_overwriting(path, output, chart, request.ledger, kind="model")
    try:
        _predict_one(path, paths[0], request, chart, reading, form, output)
    except SeveralTickers:
        if chart is not None or not _is_pooled(path):
            raise
        _predict_many(Sources(paths, reading), path, request, form, output)


def _predict_one(
    model: Path,
    prices: str,
    request: ForecastRequest,
    chart: Path | None,
    reading: ReadOptions,
    form: TableFormat,
    output: Path | None,
) -> None:
    from stockcast.workflows.forecasting import predict_ticker

    made = predict_ticker(
        model, prices, request, chart=chart, reading=reading, observer=StderrObserver()
    )
    is_span = request.start is not None
    write_table(list_rows(made, is_span=is_span), form, output)
    if is_span:
        draw_sparkline_span(made.forecast)
    else:
        draw_sparkline_next(made.model, made.history, made.forecast)


def _predict_many(
    sources: Sources,
    models: Path,
    request: ForecastRequest,
    form: TableFormat,
    output: Path | None,
) -> None:
    """Forecast each ticker; rows go to stdout as they come, or all once they are recorded.

    Raises:
        SomeFailed: at least one ticker could not be forecast; each was told of on stderr.
    """
    from stockcast.workflows.forecasting import predict_many

    outcomes = predict_many(sources, models, request, observer=StderrObserver())
    done = failed = 0
    is_span = request.start is not None
    with (
        closing(outcomes),
        BufferedRows(form, output, keep=request.ledger is not None) as rows,
    ):
        while part := list(islice(outcomes, _TOGETHER)):
            made = [one.prediction for one in part if one.prediction is not None]
            rows.write([row for one in made for row in list_rows(one, is_span=is_span)])
            done += len(part)
            failed += len(part) - len(made)
        rows.finish()
    if failed:
        raise SomeFailed(
            f"{failed:,} of {done:,} tickers failed",
            hint="what is wrong with each stands above; the others are forecast",
        )


def _are_many(paths: list[str], model: Path | None, chart: Path | None) -> bool:
    """Whether there are several tickers; a pooled model takes as many as stdin holds."""
    if len(paths) > 1 or model is None:
        return len(paths) > 1
    return model.is_dir() or (paths[0] == "-" and chart is None and _is_pooled(model))


def _is_pooled(path: Path) -> bool:
    from stockcast.model.file import load_model

    return load_model(path).recipe.pooled


def _default_model(prices: str) -> Path:
    if prices == "-":
        raise UsageError(
            "prices from stdin need a model", hint="name it: -m models/GOOG.safetensors"
        )
    return model_path_for(prices)
