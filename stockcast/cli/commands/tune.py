"""`stockcast tune`: price CSVs ─▶ the best recipe of a search, and what the search proves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from stockcast.cli.options.backtesting import CheckLeakageOption, parse_names
from stockcast.cli.options.common import takes_common_options
from stockcast.cli.options.fleet import takes_worker_options
from stockcast.cli.options.reading import takes_read_options_beside_recipe
from stockcast.cli.options.recipes import takes_recipe_fields
from stockcast.cli.options.tuning import (
    BasesOption,
    BestOption,
    ObjectiveOption,
    SeedsOption,
    SpaceOption,
    StorageOption,
    TimeoutOption,
    TrainOption,
    TrialsFormatOption,
    TrialsOption,
    TuneFoldsOption,
    TuneReportOption,
)
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.tables import write_table, write_text
from stockcast.durations import parse_duration
from stockcast.errors import UsageError
from stockcast.files import refuse_overwriting
from stockcast.fleet.executor import Executor
from stockcast.prices.csv.options import ReadOptions


@takes_worker_options
@takes_read_options_beside_recipe
@takes_recipe_fields
@takes_common_options
def tune(
    prices: Annotated[
        list[str],
        typer.Argument(help="CSV files, patterns, folders, or - for stdin.", metavar="PRICES"),
    ],
    models: BasesOption = None,
    trials: TrialsOption = 50,
    timeout: TimeoutOption = None,
    space: SpaceOption = None,
    objective: ObjectiveOption = "auto",
    folds: TuneFoldsOption = 3,
    seeds: SeedsOption = 3,
    storage: StorageOption = None,
    train: TrainOption = False,
    check_leakage: CheckLeakageOption = False,
    output: BestOption = Path("best.toml"),
    form: TrialsFormatOption = "path",
    report: TuneReportOption = None,
    *,
    overrides: dict[str, Any],
    reading: ReadOptions,
    executor: Executor,
) -> None:
    """Search for a recipe, and say whether the best one is more than the luckiest.

    Trials are judged on walk-forward folds before the test span. That span is
    looked at once, at the end, for the best trial alone. Writes the recipe and
    prints its path. The verdict counts all trials.
    """
    from stockcast.workflows.sources import Sources, list_paths
    from stockcast.workflows.tuning import tune as run

    if str(output) == "-":
        raise UsageError("a recipe that was found goes to a file", hint="name it: -o best.toml")
    paths = list_paths(prices)
    for path in paths:
        refuse_overwriting(path, output, report, storage)
    found = run(
        Sources(paths, reading),
        parse_names(models),
        trials=trials,
        timeout=None if timeout is None else parse_duration("--timeout", timeout),
        space=space,
        objective=objective,
        folds=folds,
        seeds=seeds,
        storage=storage,
        train=train,
        check_leakage=check_leakage,
        path=output,
        report=report,
        overrides=overrides,
        reading=reading,
        executor=executor,
        observer=StderrObserver(),
    )
    if form == "path":
        write_text(f"{output}\n")
    else:
        write_table(found.list_rows(), form)
