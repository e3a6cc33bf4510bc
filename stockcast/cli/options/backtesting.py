"""The options of `stockcast backtest`: what is compared, from where, and what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.cli.options.common import option, switch
from stockcast.cli.options.dates import parse_date
from stockcast.cli.output.backtest import Rows
from stockcast.errors import UsageError
from stockcast.evaluation.baselines import LAST_PRICE, describe_baselines
from stockcast.files.tables import TableFormat
from stockcast.recipe import PRESETS, list_choices

ModelsOption = Annotated[
    str | None,
    option(
        "--models",
        help=f"What to compare: {', '.join(dict.fromkeys([*PRESETS, *list_choices('cell')]))}, "
        f"TOML files, {describe_baselines()}; {LAST_PRICE} is always there. "
        "A recipe's name with +covariates behind it sees --covariates. "
        "Default: default, drift, moving-average:20; beside --forecasts default, har, gjr-garch; "
        "beside --model these without default.",
        metavar="NAME,…",
    ),
]
TrainedOption = Annotated[
    list[Path] | None,
    option(
        "--model",
        "-m",
        help="A trained model, used as it is; may be repeated. Needs no TensorFlow.",
        metavar="MODEL",
    ),
]
ForecastsOption = Annotated[
    list[str] | None,
    option(
        "--forecasts",
        help="Forecasts made elsewhere, to be judged beside the others: a CSV with date and "
        "forecast, and if it has them ticker, last_date, step, model, volatility, lower_80, "
        "upper_80 and quantile_5; or a ledger, or -. May be repeated.",
        metavar="FILE",
    ),
]
FoldsOption = Annotated[
    int | None,
    option(
        "--folds",
        help="Cutoffs to forecast from, the newest ones. Default: 250, or a third of the bars "
        "if fewer; with --model all that it has not seen, with --forecasts all that they have.",
        min=1,
        metavar="N",
    ),
]
StartOption = Annotated[
    str | None,
    option("--start", help="First date forecast, instead of --folds.", metavar="DATE"),
]
StepOption = Annotated[int, option("--step", help="Bars between cutoffs.", min=1, metavar="N")]
RefitOption = Annotated[
    str,
    option(
        "--refit",
        help="Train once before the first cutoff, at every cutoff, or at every N-th.",
        metavar="never|every|N",
    ),
]
TrainRowsOption = Annotated[
    int | None,
    option("--train-rows", help="Newest bars to train on. Default: all known.", min=1, metavar="N"),
]
SummaryOption = Annotated[
    bool,
    switch("--summary", help="Write a row of figures a ticker and model, not every forecast."),
]
OverallOption = Annotated[
    bool, switch("--overall", help="Write a row of figures a model over all tickers.")
]
CheckLeakageOption = Annotated[
    bool,
    switch(
        "--check-leakage",
        help="Do parts of it again with later rows altered, and with none; demand the same.",
    ),
]
FormOption = Annotated[
    TableFormat,
    option("--format", help="How they are written; json has forecasts and figures."),
]
ReportOption = Annotated[
    Path | None,
    option(
        "--report",
        help="Also write a page with the figures, verdicts and charts of them: .html",
        metavar="FILE",
    ),
]


def parse_names(text: str | None) -> list[str] | None:
    """`default, drift` ─▶ its names; None if the option was not given."""
    if text is None:
        return None
    return [name.strip() for name in text.split(",") if name.strip()]


def parse_cutoffs(
    folds: int | None, start: str | None, step: int, refit: str, train_rows: int | None
) -> CutoffOptions:
    """Return from where is forecast and what is fitted when.

    Raises:
        UsageError: options that exclude each other, or a value that is none of theirs.
    """
    every: int | None = {"never": 0, "every": 1}.get(refit)
    if every is None:
        if not (refit.isascii() and refit.isdecimal() and 0 < len(refit) < 10 and int(refit)):
            raise UsageError(f"--refit is {refit!r}, expected never, every, or a number of cutoffs")
        every = int(refit)
    date = None if start is None else parse_date("--start", start)
    return CutoffOptions(folds, date, step, every or None, train_rows)


def choose_rows(*, summary: bool, overall: bool) -> Rows:
    """Return what stdout has a row of.

    Raises:
        UsageError: two things.
    """
    if summary and overall:
        raise UsageError(
            "--summary and --overall", hint="give one of them; --format json --summary has both"
        )
    return "tickers" if summary else "overall" if overall else "forecasts"
