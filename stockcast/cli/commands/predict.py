"""`stockcast predict`: price CSV + model file ─▶ forecasts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stockcast.cli.commands.predict_many import predict_many
from stockcast.cli.options.common import (
    ChartOption,
    Debug,
    LogFormat,
    OutputOption,
    Quiet,
    Verbose,
    model_path_for,
    option,
)
from stockcast.cli.options.dates import parse_span
from stockcast.cli.options.forecast_request import Plan
from stockcast.cli.options.ledger import LedgerPolicy, takes_ledger_options
from stockcast.cli.options.levels import LevelOption, parse_levels
from stockcast.cli.options.loading import load_both
from stockcast.cli.options.reading import takes_read_options
from stockcast.cli.options.sessions import CalendarOption, choose_sessions, report_sessions
from stockcast.cli.output.sparkline import draw_sparkline_next, draw_sparkline_span
from stockcast.cli.output.tables import TableFormat, refuse_overwriting, write_table
from stockcast.errors import SeveralTickers, UsageError
from stockcast.prices.csv.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.forecast.forecaster import Forecast
    from stockcast.model.model import Model
    from stockcast.prices.history import PriceHistory

_FARTHEST = 1_000  # steps ahead, as a recipe's horizon


@takes_ledger_options
@takes_read_options
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
    quiet: Quiet = False,
    verbose: Verbose = False,
    log_format: LogFormat = "text",
    debug: Debug = False,
    *,
    reading: ReadOptions,
    recording: LedgerPolicy,
) -> None:
    """Forecast the next trading days as CSV, with a model that train wrote.

    One line a step ahead, with the intervals that prices are expected in.
    With --from, forecast every date in a span instead, each from the bars
    before it alone, beside what came true. Needs no TensorFlow. Of many
    tickers each is forecast with its own model, out of a folder of them.
    """
    span, levels = parse_span(start, end), parse_levels(level)
    recording.check_span(span)
    from stockcast.workflows.sources import list_paths

    paths = list_paths(prices)
    for one in paths:
        refuse_overwriting(one, output, chart, recording.ledger)
    plan = Plan(span, horizon, levels, choose_sessions(calendar))
    if _are_many(paths, model, chart):
        if chart is not None:
            raise UsageError("--chart with several tickers: it is of one", hint="leave it out")
        folder = model or Path("models")
        predict_many(paths, folder, reading, plan, recording, form, output)
        return
    path = model or _default_model(paths[0])
    if chart is not None:
        from stockcast.report.chart import check_chart_name

        check_chart_name(chart)
    try:
        trained, digest, history = load_both(path, paths[0], reading)
    except SeveralTickers:
        if chart is not None or not _is_pooled(path):
            raise
        predict_many(paths, path, reading, plan, recording, form, output)
        return
    recording.check_age(history)
    levels.require(trained)
    if calendar or (horizon or trained.recipe.horizon) > 1:
        report_sessions(plan.sessions, history.dates)
    forecast = plan.forecast(trained, history)
    if chart is not None:
        _draw(trained, history, forecast, chart, is_span=span is not None)
    recording.append((forecast, digest))
    write_table(plan.list_rows(forecast, path), form, output)
    if span is None:
        draw_sparkline_next(trained, history, forecast)
    else:
        draw_sparkline_span(forecast)


def _are_many(paths: list[str], model: Path | None, chart: Path | None) -> bool:
    """Whether there are several tickers; a pooled model takes as many as stdin holds."""
    if len(paths) > 1 or model is None:
        return len(paths) > 1
    return model.is_dir() or (paths[0] == "-" and chart is None and _is_pooled(model))


def _is_pooled(path: Path) -> bool:
    from stockcast.model.file import load_model

    return load_model(path).recipe.pooled


def _draw(
    trained: Model, history: PriceHistory, forecast: Forecast, chart: Path, *, is_span: bool
) -> None:
    from stockcast.report.chart import draw_next, draw_span

    if is_span:
        draw_span(trained, forecast, chart)
    else:
        draw_next(trained, history, forecast, chart)


def _default_model(prices: str) -> Path:
    if prices == "-":
        raise UsageError(
            "prices from stdin need a model", hint="name it: -m models/GOOG.safetensors"
        )
    return model_path_for(prices)
