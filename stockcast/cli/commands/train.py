"""`stockcast train`: price CSV ─▶ model file, and the verdict."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stockcast.cli.commands.train_many import train_many
from stockcast.cli.commands.train_pooled import train_pooled
from stockcast.cli.options.common import Debug, LogFormat, Quiet, Verbose, model_path_for, option
from stockcast.cli.options.fleet import Fleet, takes_fleet_options
from stockcast.cli.options.paths import expand_paths
from stockcast.cli.options.publishing import Publishing, takes_publishing_options
from stockcast.cli.options.reading import apply_column, takes_read_options_beside_recipe
from stockcast.cli.options.recipes import RecipeOption, takes_recipe_fields
from stockcast.cli.options.tickers import Request, report_ticker, window_ticker
from stockcast.cli.output import console
from stockcast.cli.output.console import TrainingProgress
from stockcast.cli.output.messages import (
    describe_verdict,
    report_end,
    report_series,
    report_skill,
    reporting_snapshot,
)
from stockcast.cli.output.tables import refuse_overwriting, write_text
from stockcast.errors import UsageError
from stockcast.files import check_place
from stockcast.prices.csv.options import ReadOptions
from stockcast.progress import Recorder
from stockcast.report.page import check_page

if TYPE_CHECKING:
    from stockcast.model.model import Model
    from stockcast.prices.findings import Finding
    from stockcast.windows.series import WindowedSeries


@takes_fleet_options
@takes_publishing_options
@takes_read_options_beside_recipe
@takes_recipe_fields
def train(
    prices: Annotated[
        list[str],
        typer.Argument(
            help="CSV files, patterns, folders of CSVs, prepared folders, or - for stdin.",
            metavar="PRICES",
        ),
    ],
    output: Annotated[
        Path | None,
        option(
            "--output",
            "-o",
            help="Model file to write, or of many tickers the folder. "
            "Default: models/<file's stem>.safetensors",
            metavar="MODEL",
        ),
    ] = None,
    form: Annotated[
        Literal["path", "csv", "json", "jsonl"] | None,
        option(
            "--format",
            help="Print the model's path, or all figures as JSON; of many tickers a row each.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        option(
            "--report",
            help="Also write a page with the verdict, charts of it, and the recipe: .html",
            metavar="FILE",
        ),
    ] = None,
    recipe: RecipeOption = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    log_format: LogFormat = "text",
    debug: Debug = False,
    *,
    overrides: dict[str, Any],
    reading: ReadOptions,
    publishing: Publishing,
    fleet: Fleet,
) -> None:
    """Train the four-layer LSTM on a price CSV and say what it is worth.

    Writes one model file and prints its path; the model that was there is
    kept (see rollback). The verdict compares the model with simply repeating
    the last price, on the newest rows, which training never saw. Of many
    tickers each has its own model, and a row on stdout when it is done.
    """
    began = time.monotonic()
    request = Request(apply_column(reading, overrides), recipe, overrides)
    paths = expand_paths(prices)
    chosen = None if all(Path(path).is_dir() for path in paths) else request.load_recipe()
    if chosen is not None and chosen.pooled:
        _refuse_report(report)
        path = output or Path("models/pooled.safetensors")
        for price_file in paths:
            refuse_overwriting(price_file, path)
        train_pooled(request.read_all(paths), chosen, path, form, publishing, total=len(paths))
        return
    tickers = list(request.read(paths[0])) if len(paths) == 1 else []
    if len(tickers) == 1 and form in (None, "path", "json"):
        findings = report_ticker(tickers[0])
        series = window_ticker(tickers[0], chosen)
        path = output or model_path_for(paths[0])
        model = _train_one(series, paths[0], path, publishing, report, findings, began)
        if form == "json":
            result = _describe_result(model, series, path, time.monotonic() - began)
            write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
        else:
            write_text(f"{path}\n")
        return
    _refuse_report(report)
    train_many(
        iter(tickers) if tickers else request.read_all(paths),
        chosen,
        output or Path("models"),
        form or "csv",
        publishing,
        fleet,
        total=len(tickers) or len(paths),
        unit="ticker" if tickers else "folder" if chosen is None else "file",
    )


def _refuse_report(report: Path | None) -> None:
    """Refuse a page of several tickers.

    Raises:
        UsageError: one is asked for.
    """
    if report is not None:
        raise UsageError("--report with several tickers: it is of one", hint="leave it out")


def _train_one(
    series: WindowedSeries,
    prices: str,
    path: Path,
    publishing: Publishing,
    report: Path | None,
    findings: tuple[Finding, ...] | None,
    began: float,
) -> Model:
    if str(path) == "-":
        raise UsageError("a model cannot go to stdout", hint="name a file: -o MODEL")
    refuse_overwriting(prices, path, report)
    check_place(path)
    if report is not None:
        check_page(report)
    publishing.check_judged(series.recipe)
    with publishing.hold_lock(path):
        model = publishing.find_unchanged(series, path)
        if model is not None:
            console.say(f"{path} is of the same data and recipe: nothing to do")
            return model
        return _train_and_publish(series, path, publishing, report, findings, began)


def _train_and_publish(
    series: WindowedSeries,
    path: Path,
    publishing: Publishing,
    report: Path | None,
    findings: tuple[Finding, ...] | None,
    began: float,
) -> Model:
    weights, digest = publishing.load_start()
    report_series(series)
    checkpoint = publishing.find_checkpoint(series, path, start=digest)

    # TensorFlow takes seconds to import, so what can fail early comes before these lines.
    with console.waiting("loading TensorFlow"):
        from stockcast.training.fit import train_series

    recorder = Recorder(TrainingProgress())
    with reporting_snapshot(checkpoint):
        model = train_series(series, progress=recorder, checkpoint=checkpoint, start=weights)
    is_published = publishing.publish(model, path)
    checkpoint.remove()
    report_skill(model, series)
    if report is not None:
        from stockcast.report.training_page import write_training_page

        write_training_page(model, series, report, losses=recorder.figures, findings=findings)
    report_end(model, str(path) if is_published else "", time.monotonic() - began)
    publishing.require_skill(model, path)
    return model


def _describe_result(
    model: Model, series: WindowedSeries, path: Path, seconds: float
) -> dict[str, Any]:
    """Return what --format json prints; the figures are null where nothing was held out."""
    from stockcast.windows.features import count_warmup

    skill = model.skill
    return {
        "model": str(path),
        "ticker": model.ticker,
        "rows": len(series.dates) + count_warmup(model.columns.features, model.recipe.target),
        "epochs": model.provenance.epochs,
        "best_epoch": model.provenance.best_epoch,
        "seconds": round(seconds, 3),
        "rmse": skill and skill.rmse,
        "mae": skill and skill.mae,
        "last_price_rmse": skill and skill.last_price_rmse,
        "last_price_mae": skill and skill.last_price_mae,
        "skill": skill and skill.skill,
        "direction": skill and skill.direction,
        "verdict": describe_verdict(skill),
    }
