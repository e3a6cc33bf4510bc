"""`stockcast train`: price CSV ─▶ model file, and the verdict."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stockcast.cli import console
from stockcast.cli.console import TrainingProgress
from stockcast.cli.options import Debug, LogFormat, Quiet, Verbose, model_path_for, option
from stockcast.cli.output import refuse_overwriting, write_text
from stockcast.cli.publishing import Publishing, takes_publishing_options
from stockcast.cli.reading import apply_column, takes_read_options_beside_recipe
from stockcast.cli.recipes import RecipeOption, takes_recipe_fields
from stockcast.cli.summary import (
    describe_verdict,
    report_end,
    report_reading,
    report_series,
    report_skill,
)
from stockcast.errors import UsageError
from stockcast.files import check_place
from stockcast.prices.options import ReadOptions
from stockcast.progress import Recorder
from stockcast.report.page import check_page

if TYPE_CHECKING:
    from stockcast.model.model import Model
    from stockcast.prices.findings import Finding
    from stockcast.windows.series import WindowedSeries


@takes_publishing_options
@takes_read_options_beside_recipe
@takes_recipe_fields
def train(
    prices: Annotated[
        str, typer.Argument(help="A CSV file, a prepared folder, or - for stdin.", metavar="PRICES")
    ],
    output: Annotated[
        Path | None,
        option(
            "--output",
            "-o",
            help="Model file to write. Default: models/<file's stem>.safetensors",
            metavar="MODEL",
        ),
    ] = None,
    form: Annotated[
        Literal["path", "json"],
        option("--format", help="Print the model's path, or all figures as JSON."),
    ] = "path",
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
) -> None:
    """Train the four-layer LSTM on a price CSV and say what it is worth.

    Writes one model file and prints its path; the model that was there is
    kept (see rollback). The verdict compares the model with simply repeating
    the last price, on the newest rows, which training never saw.
    """
    reading = apply_column(reading, overrides)
    began = time.monotonic()
    series, findings = _load_series(prices, reading, recipe, overrides)
    path = output or model_path_for(prices)
    if str(path) == "-":
        raise UsageError("a model cannot go to stdout", hint="name a file: -o MODEL")
    refuse_overwriting(prices, path, report)
    check_place(path)
    if report is not None:
        check_page(report)
    publishing.check_judged(series)
    with publishing.hold_lock(path):
        model = publishing.find_unchanged(series, path)
        if model is None:
            model = _train_and_publish(series, path, publishing, report, findings, began)
    if form == "path":
        write_text(f"{path}\n")
    else:
        result = _describe_result(model, series, path, time.monotonic() - began)
        write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


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


def _load_series(
    prices: str,
    reading: ReadOptions,
    recipe: str | None,
    overrides: dict[str, Any],
) -> tuple[WindowedSeries, tuple[Finding, ...] | None]:
    """Read a prepared folder, or read and window a CSV, whose findings are known then."""
    if Path(prices).is_dir():
        from stockcast.windows.prepared import read_prepared

        folder = Path(prices)
        return (
            read_prepared(folder, ticker=reading.ticker, recipe=recipe, overrides=overrides),
            None,
        )
    from stockcast.prices.reader import choose_one, read_prices
    from stockcast.recipe import load_recipe
    from stockcast.windows.series import window_history

    chosen = load_recipe(recipe or "default", overrides)
    history = choose_one(read_prices([prices], reading))
    findings = report_reading(history, scan=True)
    return window_history(history, chosen), findings
