"""`stockcast score`: what recorded forecasts were worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stockcast.cli.options.common import (
    ChartOption,
    ReportFormatOption,
    option,
    takes_common_options,
)
from stockcast.cli.options.reading import takes_read_options
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.scores import show_scores
from stockcast.cli.output.tables import choose_format, write_table
from stockcast.prices.csv.options import ReadOptions


@takes_read_options
@takes_common_options
def score(
    ledger: Annotated[
        Path, typer.Argument(help="What predict --ledger wrote.", metavar="FORECASTS")
    ],
    prices: Annotated[
        list[str],
        typer.Argument(help="Price files, patterns, folders, or - for stdin.", metavar="PRICES"),
    ],
    chart: ChartOption = None,
    form: ReportFormatOption = None,
    fail_below_skill: Annotated[
        float | None,
        option(
            "--fail-below-skill",
            help="Exit 6 if a ticker's newest 250 forecasts have less skill.",
            metavar="SKILL",
        ),
    ] = None,
    fail_coverage: Annotated[
        float | None,
        option(
            "--fail-coverage",
            help="Exit 6 if an interval covers fewer of the newest 250 prices than its level "
            "says, by more than so many percentage points.",
            min=0,
            metavar="POINTS",
        ),
    ] = None,
    *,
    reading: ReadOptions,
) -> None:
    """Hold the forecasts that predict --ledger recorded against what came true.

    For all of them and for the newest 250 and 20 of each ticker: the error
    beside repeating the last price, how often the intervals held, and whether
    the forecasts have become worse. Needs no TensorFlow.
    """
    from stockcast.workflows.scoring import score

    done = score(
        ledger,
        prices,
        fail_below_skill=fail_below_skill,
        fail_coverage=fail_coverage,
        chart=chart,
        reading=reading,
        observer=StderrObserver(),
    )
    data = choose_format(form)
    if data is None:
        show_scores(done)
    else:
        write_table(done.list_rows(), data, columns=done.columns)
    if done.failure is not None:
        raise done.failure
