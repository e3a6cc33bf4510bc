"""`stockcast predict`: price CSV + model file ─▶ forecasts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stockcast.cli.dates import parse_span
from stockcast.cli.loading import load_both
from stockcast.cli.options import (
    Debug,
    Quiet,
    Verbose,
    model_path_for,
    option,
)
from stockcast.cli.output import Row, TableFormat, refuse_overwriting, write_table
from stockcast.cli.reading import takes_read_options
from stockcast.cli.recording import Recording, takes_recording_options
from stockcast.errors import UsageError
from stockcast.prices.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.forecast.forecaster import Forecast
    from stockcast.model.model import Model
    from stockcast.prices.history import PriceHistory


@takes_recording_options
@takes_read_options
def predict(
    prices: Annotated[str, typer.Argument(help="A CSV file, or - for stdin.", metavar="PRICES")],
    model: Annotated[
        Path | None,
        option(
            "--model",
            "-m",
            help="Model file. Default: models/<file's stem>.safetensors",
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
    chart: Annotated[
        Path | None, option("--chart", help="Draw it: .png, .svg or .pdf", metavar="FILE")
    ] = None,
    output: Annotated[
        Path | None,
        option("--output", "-o", help="File to write instead of stdout.", metavar="FILE"),
    ] = None,
    form: Annotated[TableFormat, option("--format", help="How the forecasts are written.")] = "csv",
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
    *,
    reading: ReadOptions,
    recording: Recording,
) -> None:
    """Forecast the next trading day as CSV, with a model that train wrote.

    With --from, forecast every date in a span instead, each from the bars
    before it alone, beside what came true. Needs no TensorFlow.
    """
    span = parse_span(start, end)
    recording.check_span(span)
    refuse_overwriting(prices, output, chart, recording.ledger)
    path = model or _default_model(prices)
    if chart is not None:
        from stockcast.report.chart import check_chart_name

        check_chart_name(chart)

    from stockcast.forecast.forecaster import forecast_next, forecast_span

    trained, digest, history = load_both(path, prices, reading)
    recording.check_age(history)
    if span is None:
        forecast = forecast_next(trained, history)
    else:
        forecast = forecast_span(trained, history, start=span[0], end=span[1])
    if chart is not None:
        _draw(trained, history, forecast, chart, is_span=span is not None)
    recording.append(forecast, digest)
    rows = _describe_next(forecast, path) if span is None else _describe_span(forecast)
    write_table(rows, form, output)


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


def _describe_next(forecast: Forecast, path: Path) -> list[Row]:
    from stockcast.prices.history import format_date

    return [
        {
            "ticker": forecast.ticker,
            "date": format_date(forecast.dates[0]),
            "forecast": forecast.forecast[0],
            "last_date": format_date(forecast.last_dates[0]),
            "last_price": forecast.last_prices[0],
            "model": str(path),
        }
    ]


def _describe_span(forecast: Forecast) -> list[Row]:
    from stockcast.prices.history import format_date

    return [
        {
            "ticker": forecast.ticker,
            "date": format_date(date),
            "actual": actual,
            "forecast": price,
        }
        for date, actual, price in zip(
            forecast.dates, forecast.actual, forecast.forecast, strict=True
        )
    ]
