"""`stockcast train`: price CSV ─▶ model file, and the verdict."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockcast.cli.options.common import model_path_for, takes_common_options
from stockcast.cli.options.covariates import (
    CovariateAgeOption,
    CovariatesOption,
    list_covariate_files,
    parse_covariates,
)
from stockcast.cli.options.fleet import takes_fleet_options
from stockcast.cli.options.publishing import takes_publishing_options
from stockcast.cli.options.reading import takes_read_options_beside_recipe
from stockcast.cli.options.recipes import RecipeOption, takes_recipe_fields
from stockcast.cli.options.training import (
    ModelPathOption,
    TrainingFormatOption,
    TrainingReportOption,
)
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.rows import RowFormat
from stockcast.cli.output.trainings import write_pooled_training, write_training, write_trainings
from stockcast.errors import UsageError
from stockcast.files import refuse_overwriting
from stockcast.fleet.executor import Executor
from stockcast.prices.csv.options import ReadOptions
from stockcast.workflows.policies import PublishPolicy

if TYPE_CHECKING:
    from stockcast.recipe import Recipe
    from stockcast.workflows.sources import Sources, Ticker


@takes_fleet_options
@takes_publishing_options
@takes_read_options_beside_recipe
@takes_recipe_fields
@takes_common_options
def train(
    prices: Annotated[
        list[str],
        typer.Argument(
            help="Price files, patterns, folders of them, prepared folders, or - for stdin.",
            metavar="PRICES",
        ),
    ],
    output: ModelPathOption = None,
    form: TrainingFormatOption = None,
    report: TrainingReportOption = None,
    recipe: RecipeOption = None,
    covariates: CovariatesOption = None,
    covariate_age: CovariateAgeOption = 5,
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
    from stockcast.workflows.covariates import read_covariates
    from stockcast.workflows.sources import Sources, apply_column, list_items, mean_many
    from stockcast.workflows.training import is_model_file, train_many, train_ticker
    from stockcast.workflows.warm_start import adopt_network

    observer = StderrObserver()
    reading, overrides = apply_column(reading, overrides)
    overrides = adopt_network(overrides, recipe, policy.warm_start, observer)
    beside = parse_covariates(covariates)
    sources = Sources(
        list_items(prices),
        reading,
        recipe,
        overrides,
        covariates=read_covariates(beside, covariate_age),
    )
    chosen = None if sources.is_prepared else sources.load_recipe()
    place = None if output is None else Path(output)
    if chosen is not None and chosen.pooled:
        _refuse_report(report)
        _train_pooled(sources, chosen, place, policy, form, beside=beside)
        return
    # A folder of prices has models in a folder, also while there is one file in it.
    many = report is None and not is_model_file(place) and mean_many(prices)
    held = sources.hold() if len(sources.items) == 1 and not many else sources
    if held is sources or len(held.items) > 1 or form not in (None, "path", "json"):
        _refuse_report(report)
        outcomes = train_many(
            held, chosen, place or Path("models"), policy=policy, executor=executor,
            observer=observer,
        )  # fmt: skip
        write_trainings(outcomes, form or "csv")
        return
    (ticker,) = held.read_all()
    named = str(sources.items[0])
    path = _choose_path(output, named, ticker)
    _check_places((named, *list_covariate_files(beside)), path, report)
    result = train_ticker(ticker, chosen, path, policy=policy, report=report, observer=observer)
    result.require_published()
    write_training(result, path, form)


def _choose_path(output: str | None, named: str, ticker: Ticker) -> Path:
    """Return where one ticker's model goes: where -o says, or into the folder that it names."""
    from stockcast.workflows.training import place_model

    path = model_path_for(named) if output is None else Path(output)
    is_folder = path.is_dir() or (output or "").endswith(("/", os.sep))
    return place_model(path, ticker) if is_folder else path


def _check_places(read: Sequence[str], path: Path, report: Path | None) -> None:
    """Refuse what cannot be written before anything is read."""
    if str(path) == "-":
        raise UsageError("a model cannot go to stdout", hint="name a file: -o MODEL")
    for one in read:
        refuse_overwriting(one, path, report)
    if report is not None:
        from stockcast.report.page import check_page

        check_page(report)


def _train_pooled(
    sources: Sources,
    recipe: Recipe,
    output: Path | None,
    policy: PublishPolicy,
    form: RowFormat | None,
    *,
    beside: tuple[str, ...],
) -> None:
    from stockcast.workflows.training import train_pooled

    path = output or Path("models/pooled.safetensors")
    for price_file in (*sources.items, *list_covariate_files(beside)):
        refuse_overwriting(str(price_file), path)
    pooled = train_pooled(sources, recipe, path, policy=policy, observer=StderrObserver())
    write_pooled_training(pooled, path, form)


def _refuse_report(report: Path | None) -> None:
    if report is not None:
        raise UsageError("--report with several tickers: it is of one", hint="leave it out")
