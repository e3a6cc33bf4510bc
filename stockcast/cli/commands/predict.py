"""`stockcast predict`: price CSV + model file ─▶ forecasts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from stockcast.cli.options.common import (
    CalendarOption,
    ChartOption,
    OutputOption,
    model_path_for,
    option,
    takes_common_options,
)
from stockcast.cli.options.covariates import (
    CovariateAgeOption,
    CovariatesOption,
    list_covariate_files,
    parse_covariates,
)
from stockcast.cli.options.dates import parse_span
from stockcast.cli.options.forecasting import (
    ForecastModelOption,
    FromOption,
    HorizonOption,
    MarketOption,
    ToOption,
)
from stockcast.cli.options.ledger import takes_ledger_options
from stockcast.cli.options.levels import LevelOption, QuantileOption, parse_levels, parse_quantiles
from stockcast.cli.options.reading import takes_read_options
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.predictions import write_prediction, write_predictions
from stockcast.errors import SeveralTickers, UsageError
from stockcast.files import refuse_overwriting
from stockcast.files.tables import TableFormat
from stockcast.prices.csv.options import ReadOptions
from stockcast.workflows.policies import ForecastRequest


@takes_ledger_options
@takes_read_options
@takes_common_options
def predict(
    prices: Annotated[
        list[str],
        typer.Argument(help="Price files, patterns, folders, or - for stdin.", metavar="PRICES"),
    ],
    model: ForecastModelOption = None,
    start: FromOption = None,
    end: ToOption = None,
    horizon: HorizonOption = None,
    level: LevelOption = None,
    quantile: QuantileOption = None,
    calendar: CalendarOption = None,
    chart: ChartOption = None,
    market: MarketOption = None,
    covariates: CovariatesOption = None,
    covariate_age: CovariateAgeOption = 5,
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
    from stockcast.workflows.forecasting import predict_many, predict_ticker
    from stockcast.workflows.sources import Sources, list_paths

    first, last = parse_span(start, end) or (None, None)
    levels, beside = parse_levels(level), parse_covariates(covariates)
    request = ForecastRequest(
        first,
        last,
        horizon,
        levels,
        calendar,
        market=market,
        quantiles=parse_quantiles(quantile),
        covariates=beside,
        covariate_age=covariate_age,
        **recording,
    )
    paths, observer = list_paths(prices), StderrObserver()
    for one in (*paths, *list_covariate_files(beside)):
        refuse_overwriting(one, output, chart, request.ledger)
    are_many = _are_many(paths, model, chart)
    if are_many and chart is not None:
        raise UsageError("--chart with several tickers: it is of one", hint="leave it out")
    models = (model or Path("models")) if are_many else (model or _default_model(paths[0]))
    _refuse_overwriting_models(models, output, chart, request.ledger)
    if not are_many:
        try:
            made = predict_ticker(
                models, paths[0], request, chart=chart, reading=reading, observer=observer
            )
        except SeveralTickers:
            if chart is not None or not _is_pooled(models):
                raise
        else:
            write_prediction(made, request, form, output)
            return
    outcomes = predict_many(Sources(paths, reading), models, request, observer=observer)
    write_predictions(outcomes, request, form, output)


def _refuse_overwriting_models(models: Path, *outputs: Path | None) -> None:
    files: Iterable[Path] = [models]
    if models.is_dir():  # a file that is not there is no model in it
        is_there = any(one is not None and one.exists() for one in outputs)
        files = models.glob("*.safetensors") if is_there else []
    for file in files:
        refuse_overwriting(file, *outputs, kind="model")


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
