"""`stockcast backtest`: price CSV ─▶ forecasts after each of many cutoffs, and what they prove."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockcast.cli import console
from stockcast.cli.backtest_page import write_report
from stockcast.cli.backtest_report import report_judgements, report_plan
from stockcast.cli.console import TrainingProgress
from stockcast.cli.dates import parse_date
from stockcast.cli.levels import LevelOption, parse_levels
from stockcast.cli.loading import read_like
from stockcast.cli.options import Debug, OutputOption, Quiet, Verbose, option, switch
from stockcast.cli.output import Row, TableFormat, refuse_overwriting, write_document, write_table
from stockcast.cli.reading import apply_column, takes_read_options_beside_recipe
from stockcast.cli.recipes import takes_untested_recipe_fields
from stockcast.cli.summary import report_reading
from stockcast.errors import UsageError
from stockcast.prices.options import ReadOptions
from stockcast.report.page import check_page

if TYPE_CHECKING:
    from stockcast.backtest.candidates import Candidate
    from stockcast.backtest.judge import Judgement
    from stockcast.backtest.plan import Plan
    from stockcast.backtest.run import Fit, Walk
    from stockcast.model.model import Model
    from stockcast.prices.history import PriceHistory
    from stockcast.progress import Progress

_BASELINES = "last-price,drift,moving-average:20"


@takes_read_options_beside_recipe
@takes_untested_recipe_fields
def backtest(
    prices: Annotated[str, typer.Argument(help="A CSV file, or - for stdin.", metavar="PRICES")],
    models: Annotated[
        str | None,
        option(
            "--models",
            help="What to compare: default, classic, a cell (lstm, peephole, cifg, gru …), TOML "
            "files, drift, moving-average:N, autoregression:P; last-price is always there. "
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
        bool, switch("--summary", help="Write a row of figures a model, not every forecast.")
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
) -> None:
    """Walk forward through a price CSV and compare models with the last price.

    From each cutoff, each model forecasts from the bars before it alone,
    beside what came true. Scalers, weights, early stopping and intervals
    see nothing later than the cutoff they are made at.
    """
    levels = parse_levels(level).values
    refuse_overwriting(prices, output, report)
    if report is not None:
        check_page(report)
    when = _parse_when(folds, start, step, refit, train_rows)
    reading = apply_column(reading, overrides)

    from stockcast.backtest.judge import judge_walks
    from stockcast.backtest.plan import plan_backtest
    from stockcast.backtest.run import Setup, run_backtest
    from stockcast.recipe import load_recipe

    candidates, reading, ticker = _name_candidates(models, model or [], overrides, reading)
    history = _read(prices, reading, ticker)
    plan = plan_backtest(history, candidates, load_recipe("default", overrides), **when)
    report_plan(history, plan, candidates)
    walks = []
    for one in candidates:
        # Of one fit the epochs are told, of many their number.
        once = len(plan.folds) == 1
        epochs = TrainingProgress(task=f"train {one.name}") if once else None
        fit = _load_fit(epochs) if one.is_fitted else None
        told = None if once else TrainingProgress(unit="fold")
        setup = Setup(fit=fit, levels=levels)
        walks += run_backtest(history, [one], plan, setup, progress=told)
    if check_leakage:
        _check_leakage(history, walks, plan, levels)
    judgements = judge_walks(walks, history.columns[plan.target], plan)
    if report is not None:
        write_report(report, history, walks, judgements, plan)
    try:
        _write(history, walks, judgements, form, output, summary=summary)
    finally:  # a reader of stdout that has seen enough has not seen this
        report_judgements(judgements, walks, plan, levels)


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
    from stockcast.backtest.candidates import name_candidates
    from stockcast.model.file import load_model

    trained: dict[str, Model] = {str(path): load_model(path) for path in paths}
    for path, model in trained.items():
        reading = read_like(model, Path(path), reading)
    if names is None:
        names = _BASELINES if trained else f"default,{_BASELINES}"
    listed = [name.strip() for name in names.split(",") if name.strip()]
    candidates = name_candidates(listed, overrides, trained)
    return candidates, reading, next((model.ticker for model in trained.values()), None)


def _read(prices: str, reading: ReadOptions, ticker: str | None) -> PriceHistory:
    from stockcast.prices.reader import STDIN_NAME, choose_one, read_prices

    histories = read_prices([prices], reading, stdin_name=ticker or STDIN_NAME)
    history = choose_one(histories, prefer=ticker)
    report_reading(history, scan=True)
    if ticker not in (None, history.ticker):
        console.warn(f"the model was trained on {ticker}, and sees {history.ticker} here")
    return history


def _load_fit(progress: Progress | None = None) -> Fit:
    """Import TensorFlow, which takes seconds, so what can fail early comes before this."""
    with console.waiting("loading TensorFlow"):
        from stockcast.training.walk import fit_before

    return partial(fit_before, progress=progress)


def _check_leakage(
    history: PriceHistory, walks: list[Walk], plan: Plan, levels: tuple[float, ...]
) -> None:
    from stockcast.backtest.leakage import check_leakage
    from stockcast.backtest.run import Setup

    fitted = any(walk.candidate.is_fitted for walk in walks)
    setup = Setup(fit=_load_fit() if fitted else None, levels=levels)
    progress = TrainingProgress(unit="fold")
    count = check_leakage(history, walks, plan, setup, progress=progress)
    console.say(
        f"no leakage: {count:,} cutoffs replayed with all later rows altered, and removed; "
        "models, forecasts and intervals are the same to the bit"
    )


def _write(
    history: PriceHistory,
    walks: list[Walk],
    judgements: list[Judgement],
    form: TableFormat,
    output: Path | None,
    *,
    summary: bool,
) -> None:
    models = [{"ticker": history.ticker, **one.to_row()} for one in judgements]
    if form == "json":
        forecasts = {} if summary else {"forecasts": _list_forecasts(history, walks)}
        write_document({**forecasts, "models": models}, output)
    else:
        write_table(models if summary else _list_forecasts(history, walks), form, output)


def _list_forecasts(history: PriceHistory, walks: list[Walk]) -> Iterator[Row]:
    """Yield a row a forecast, by cutoff, then by step, then by model."""
    from stockcast.forecast.intervals import format_level
    from stockcast.prices.history import format_date

    first = walks[0].outlook
    dates = [format_date(date) for date in history.dates]
    for number, cutoff in enumerate(first.cutoffs.tolist()):
        for ahead in range(first.forecast.shape[1]):
            for walk in walks:
                bounds: Row = {}
                for level, (lower, upper) in walk.intervals.items():
                    bounds[f"lower_{format_level(level)}"] = lower[number, ahead]
                    bounds[f"upper_{format_level(level)}"] = upper[number, ahead]
                yield {
                    "ticker": history.ticker,
                    "cutoff": dates[cutoff - 1],
                    "date": dates[cutoff + ahead],
                    "step": ahead + 1,
                    "model": walk.candidate.name,
                    "forecast": walk.outlook.forecast[number, ahead],
                    **bounds,
                    "actual": walk.outlook.actual[number, ahead],
                }
