"""`stockcast backtest`: price CSVs ─▶ forecasts after each of many cutoffs, and what they prove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockcast.cli.commands.backtest_many import Prices, backtest_many
from stockcast.cli.commands.backtest_one import backtest_one
from stockcast.cli.options.backtest_request import BacktestRequest, Rows
from stockcast.cli.options.common import Debug, OutputOption, Quiet, Verbose, option, switch
from stockcast.cli.options.dates import parse_date
from stockcast.cli.options.fleet import takes_fleet_options
from stockcast.cli.options.levels import LevelOption, parse_levels
from stockcast.cli.options.reading import takes_read_options_beside_recipe
from stockcast.cli.options.recipes import takes_untested_recipe_fields
from stockcast.cli.output.tables import TableFormat, refuse_overwriting
from stockcast.errors import UsageError
from stockcast.evaluation.baselines import LAST_PRICE, describe_baselines
from stockcast.fleet.executor import Executor
from stockcast.prices.csv.options import ReadOptions
from stockcast.recipe import PRESETS, list_choices
from stockcast.report.page import check_page
from stockcast.workflows.policies import LEVELS

if TYPE_CHECKING:
    from stockcast.backtesting.candidates import Candidate
    from stockcast.model.model import Model
    from stockcast.prices.history import PriceHistory

_BASELINES = "last-price,drift,moving-average:20"


@takes_fleet_options
@takes_read_options_beside_recipe
@takes_untested_recipe_fields
def backtest(
    prices: Annotated[
        list[str],
        typer.Argument(help="CSV files, patterns, folders, or - for stdin.", metavar="PRICES"),
    ],
    models: Annotated[
        str | None,
        option(
            "--models",
            help=f"What to compare: {', '.join(dict.fromkeys([*PRESETS, *list_choices('cell')]))}, "
            f"TOML files, {describe_baselines()}; {LAST_PRICE} is always there. "
            "Default: default, drift, moving-average:20; beside --model these without default.",
            metavar="NAME,…",
        ),
    ] = None,
    model: Annotated[
        list[Path] | None,
        option(
            "--model",
            "-m",
            help="A trained model, used as it is; may be repeated. Needs no TensorFlow.",
            metavar="MODEL",
        ),
    ] = None,
    folds: Annotated[
        int | None,
        option(
            "--folds",
            help="Cutoffs to forecast from, the newest ones. Default: 250, or a third of the bars "
            "if fewer; with --model all that it has not seen.",
            min=1,
            metavar="N",
        ),
    ] = None,
    start: Annotated[
        str | None,
        option("--start", help="First date forecast, instead of --folds.", metavar="DATE"),
    ] = None,
    step: Annotated[int, option("--step", help="Bars between cutoffs.", min=1, metavar="N")] = 1,
    refit: Annotated[
        str,
        option(
            "--refit",
            help="Train once before the first cutoff, at every cutoff, or at every N-th.",
            metavar="never|every|N",
        ),
    ] = "never",
    train_rows: Annotated[
        int | None,
        option(
            "--train-rows", help="Newest bars to train on. Default: all known.", min=1, metavar="N"
        ),
    ] = None,
    level: LevelOption = None,
    summary: Annotated[
        bool,
        switch("--summary", help="Write a row of figures a ticker and model, not every forecast."),
    ] = False,
    overall: Annotated[
        bool, switch("--overall", help="Write a row of figures a model over all tickers.")
    ] = False,
    check_leakage: Annotated[
        bool,
        switch(
            "--check-leakage",
            help="Do parts of it again with later rows altered, and with none; demand the same.",
        ),
    ] = False,
    output: OutputOption = None,
    form: Annotated[
        TableFormat,
        option("--format", help="How they are written; json has forecasts and figures."),
    ] = "csv",
    report: Annotated[
        Path | None,
        option(
            "--report",
            help="Also write a page with the figures, verdicts and charts of them: .html",
            metavar="FILE",
        ),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
    *,
    overrides: dict[str, Any],
    reading: ReadOptions,
    executor: Executor,
) -> None:
    """Walk forward through price CSVs and compare models with the last price.

    From each cutoff, each model forecasts from the bars before it alone,
    beside what came true. Scalers, weights, early stopping and intervals
    see nothing later than the cutoff they are made at. Of many tickers each
    has its own cutoffs, and all of them are judged together.
    """
    levels = _take_levels(level)
    rows = _choose_rows(summary=summary, overall=overall)
    from stockcast.workflows.sources import apply_column, list_paths

    paths = list_paths(prices)
    for path in paths:
        refuse_overwriting(path, output, report)
    if report is not None:
        check_page(report)
    when = _parse_when(folds, start, step, refit, train_rows)
    reading, overrides = apply_column(reading, overrides)

    from stockcast.recipe import load_recipe

    candidates, reading, ticker = _name_candidates(models, model or [], overrides, reading)
    default = load_recipe("default", overrides)
    asked = BacktestRequest(default, when, levels, check_leakage, rows, form, output, report)
    histories = _read(paths[0], reading, ticker) if len(paths) == 1 else None
    if histories is None or len(histories) > 1 or overall:
        backtest_many(Prices(paths, reading, histories), candidates, asked, executor)
        return
    backtest_one(histories[0], candidates, asked, ticker)


def _take_levels(texts: list[str] | None) -> tuple[float, ...]:
    levels = parse_levels(texts)
    return LEVELS if levels is None else levels


def _choose_rows(*, summary: bool, overall: bool) -> Rows:
    if summary and overall:
        raise UsageError(
            "--summary and --overall", hint="give one of them; --format json --summary has both"
        )
    return "tickers" if summary else "overall" if overall else "forecasts"


def _parse_when(
    folds: int | None, start: str | None, step: int, refit: str, train_rows: int | None
) -> dict[str, Any]:
    """Return what `plan_backtest` is told of cutoffs and fits.

    Raises:
        UsageError: options that exclude each other, or a value that is none of theirs.
    """
    if folds is not None and start is not None:
        raise UsageError("--folds and --start", hint="give one of them: each says where to begin")
    every: int | None = {"never": 0, "every": 1}.get(refit)
    if every is None:
        if not (refit.isascii() and refit.isdecimal() and 0 < len(refit) < 10 and int(refit)):
            raise UsageError(f"--refit is {refit!r}, expected never, every, or a number of cutoffs")
        every = int(refit)
    return {
        "folds": folds,
        "start": None if start is None else parse_date("--start", start),
        "step": step,
        "refit": every or None,
        "train_rows": train_rows,
    }


def _name_candidates(
    names: str | None, paths: list[Path], overrides: dict[str, Any], reading: ReadOptions
) -> tuple[tuple[Candidate, ...], ReadOptions, str | None]:
    """Return what is compared, how to read prices for it, and the ticker of the first model."""
    from stockcast.backtesting.candidates import name_candidates
    from stockcast.model.file import load_model
    from stockcast.workflows.forecasting import resolve_reading

    trained: dict[str, Model] = {str(path): load_model(path) for path in paths}
    for path, model in trained.items():
        reading = resolve_reading(model, Path(path), reading)
    if names is None:
        names = _BASELINES if trained else f"default,{_BASELINES}"
    listed = [name.strip() for name in names.split(",") if name.strip()]
    candidates = name_candidates(listed, overrides, trained)
    return (
        candidates,
        reading,
        next((model.ticker for model in trained.values() if model.ticker), None),
    )


def _read(path: str, reading: ReadOptions, ticker: str | None) -> list[PriceHistory]:
    """Read one file's tickers; where one of them is the model's own, that one alone."""
    from stockcast.prices.csv.reader import STDIN_NAME, read_prices

    histories = read_prices([path], reading, stdin_name=ticker or STDIN_NAME)
    return [one for one in histories if one.ticker == ticker] or histories
