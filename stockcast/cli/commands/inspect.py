"""`stockcast inspect`: what the gates and memory cells did, and how far back they remember."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from stockcast.cli.options.common import OutputOption, option, switch, takes_common_options
from stockcast.cli.options.covariates import (
    CovariateAgeOption,
    CovariatesOption,
    list_covariate_files,
    parse_covariates,
)
from stockcast.cli.options.dates import parse_date, parse_span
from stockcast.cli.options.reading import takes_read_options
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.tables import write_table
from stockcast.errors import UsageError
from stockcast.files import refuse_overwriting
from stockcast.files.tables import TableFormat
from stockcast.prices.csv.options import ReadOptions

RowKind = Literal["states", "summary", "memory"]


@takes_read_options
@takes_common_options
def inspect(
    model: Annotated[Path, typer.Argument(help="A model file.", metavar="MODEL")],
    prices: Annotated[str, typer.Argument(help="A price file, or - for stdin.", metavar="PRICES")],
    date: Annotated[
        str | None,
        option(
            "--date",
            help="Look at the window before this date. Default: the newest window.",
            metavar="DATE",
        ),
    ] = None,
    start: Annotated[
        str | None,
        option("--from", help="Look at each date from here on instead.", metavar="DATE"),
    ] = None,
    end: Annotated[str | None, option("--to", help="Last date looked at.", metavar="DATE")] = None,
    chart: Annotated[
        Path | None, option("--chart", help="Draw it: .png, .svg or .html", metavar="FILE")
    ] = None,
    summary: Annotated[bool, switch("--summary", help="One line a layer.")] = False,
    memory: Annotated[
        bool,
        switch("--memory", help="One line a step back: how much it counts, how much is kept."),
    ] = False,
    covariates: CovariatesOption = None,
    covariate_age: CovariateAgeOption = 5,
    output: OutputOption = None,
    form: Annotated[TableFormat, option("--format", help="How the rows are written.")] = "csv",
    *,
    reading: ReadOptions,
) -> None:
    """Show what the gates and the memory cells did, and how far back the network remembers.

    Writes every gate of every unit at each step of a window as CSV; with
    --from, at the end of each date's own window. Needs no TensorFlow.
    """
    span = parse_span(start, end)
    if span is not None and date is not None:
        raise UsageError("--date and --from", hint="give one window or one span")
    if summary and memory:
        raise UsageError("--summary and --memory", hint="give one of them")
    at = parse_date("--date", date) if date else None
    beside = parse_covariates(covariates)
    for one in (prices, *list_covariate_files(beside)):
        refuse_overwriting(one, output, chart)
    refuse_overwriting(str(model), output, chart, kind="model")
    from stockcast.workflows.inspection import inspect as inspect_model

    first, last = span or (None, None)
    seen = inspect_model(
        model,
        prices,
        date=at,
        start=first,
        end=last,
        chart=chart,
        covariates=beside,
        covariate_age=covariate_age,
        reading=reading,
        observer=StderrObserver(),
    )
    kind: RowKind = "summary" if summary else "memory" if memory else "states"
    write_table(seen.list_rows(kind), form, output)
