"""`stockcast train`: price CSV ─▶ model file, and the verdict."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockcast.cli.options.common import model_path_for, option, takes_common_options
from stockcast.cli.options.fleet import takes_fleet_options
from stockcast.cli.options.publishing import takes_publishing_options
from stockcast.cli.options.reading import takes_read_options_beside_recipe
from stockcast.cli.options.recipes import RecipeOption, takes_recipe_fields
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.rows import RowFormat, RowWriter
from stockcast.cli.output.tables import write_text
from stockcast.errors import SomeFailed, UsageError, render_options
from stockcast.files import refuse_overwriting
from stockcast.fleet.executor import Executor
from stockcast.prices.csv.options import ReadOptions
from stockcast.workflows.policies import PublishPolicy

if TYPE_CHECKING:
    from stockcast.recipe import Recipe
    from stockcast.workflows.sources import Sources

COLUMNS = ("ticker", "model", "rows", "rmse", "last_price_rmse", "skill", "seconds", "status")


@takes_fleet_options
@takes_publishing_options
@takes_read_options_beside_recipe
@takes_recipe_fields
@takes_common_options
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
        RowFormat | None,
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
    *,
    overrides: dict[str, Any],
    reading: ReadOptions,
    policy: PublishPolicy,
    executor: Executor,
) -> None:
    """Train the four-layer LSTM on a price CSV and say what it is worth.

    Writes one model file and prints its path; the model that was there is
    kept (see rollback). The verdict compares the model with simply repeating
    the last price, on the newest rows, which training never saw. Of many
    tickers each has its own model, and a row on stdout when it is done.
    """
    from stockcast.workflows.sources import Sources, apply_column, list_items

    reading, overrides = apply_column(reading, overrides)
    sources = Sources(list_items(prices), reading, recipe, overrides)
    chosen = None if sources.is_prepared else sources.load_recipe()
    if chosen is not None and chosen.pooled:
        _refuse_report(report)
        _train_pooled(sources, chosen, output, form, policy)
        return
    held = sources.hold() if len(sources.items) == 1 else sources
    if held is not sources and len(held.items) == 1 and form in (None, "path", "json"):
        path = output or model_path_for(prices_of(sources))
        _train_one(held, prices_of(sources), chosen, path, form, policy, report)
        return
    _refuse_report(report)
    _train_many(held, chosen, output or Path("models"), form or "csv", policy, executor)


def _refuse_report(report: Path | None) -> None:
    """Refuse a page of several tickers.

    Raises:
        UsageError: one is asked for.
    """
    if report is not None:
        raise UsageError("--report with several tickers: it is of one", hint="leave it out")


def prices_of(sources: Sources) -> str:
    """Return the one path that was named."""
    return str(sources.items[0])


def _train_one(
    sources: Sources,
    prices: str,
    recipe: Recipe | None,
    path: Path,
    form: str | None,
    policy: PublishPolicy,
    report: Path | None,
) -> None:
    from stockcast.evaluation.skill import describe_verdict
    from stockcast.workflows.training import train_ticker

    (ticker,) = sources.read_all()
    observer = StderrObserver()
    if str(path) == "-":
        raise UsageError("a model cannot go to stdout", hint="name a file: -o MODEL")
    refuse_overwriting(prices, path, report)
    result = train_ticker(ticker, recipe, path, policy=policy, report=report, observer=observer)
    result.require_published()
    if form == "json":
        verdict = render_options(describe_verdict(result.model.skill), "command-line")
        document = {**result.to_dict(), "verdict": verdict}
        write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        write_text(f"{path}\n")


def _train_many(
    sources: Sources,
    recipe: Recipe | None,
    folder: Path,
    form: RowFormat,
    policy: PublishPolicy,
    executor: Executor,
) -> None:
    """Train a model a ticker, and write a row for each.

    Raises:
        SomeFailed: at least one failed; each was told of on stderr.
    """
    from stockcast.workflows.training import train_many

    outcomes = train_many(
        sources, recipe, folder, policy=policy, executor=executor, observer=StderrObserver()
    )
    done = failed = 0
    with closing(outcomes), RowWriter(COLUMNS, form) as writer:
        for outcome in outcomes:
            writer.write(outcome.to_dict())
            done += 1
            failed += outcome.error is not None
    if failed:
        raise SomeFailed(
            f"{failed:,} of {done:,} tickers failed",
            hint="what is wrong with each stands above; --if-changed leaves the others as they are",
        )


def _train_pooled(
    sources: Sources,
    recipe: Recipe,
    output: Path | None,
    form: RowFormat | None,
    policy: PublishPolicy,
) -> None:
    """Train one model on all tickers, and write a row a ticker.

    Raises:
        SomeFailed: at least one ticker could not be pooled; each was told of on stderr.
    """
    from stockcast.workflows.training import train_pooled

    path = output or Path("models/pooled.safetensors")
    for price_file in sources.items:
        refuse_overwriting(str(price_file), path)
    result = train_pooled(sources, recipe, path, policy=policy, observer=StderrObserver())
    if form != "path":
        with RowWriter(COLUMNS, form or "csv") as writer:
            for one in result.tickers:
                writer.write(one.to_dict())
    result.require_published()
    if form == "path":
        write_text(f"{path}\n")
    if result.failed:
        raise SomeFailed(
            f"{result.failed:,} of {len(result.tickers):,} tickers failed",
            hint="what is wrong with each stands above; the model is of the others",
        )
