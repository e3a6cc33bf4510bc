"""`stockcast check`: how each file is read, and what is found in it."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from stockcast.cli.options.common import TableOrJson, takes_common_options
from stockcast.cli.options.reading import takes_read_options
from stockcast.cli.output.file_reading import show_reading
from stockcast.cli.output.tables import write_text
from stockcast.errors import PriceError
from stockcast.prices.csv.options import ReadOptions


@takes_read_options
@takes_common_options
def check(
    prices: Annotated[
        list[str],
        typer.Argument(help="Price files, patterns, folders, or - for stdin.", metavar="PRICES"),
    ],
    form: TableOrJson = "table",
    *,
    reading: ReadOptions,
) -> None:
    """Say how price CSVs are read, and what is found in them.

    Encoding, delimiter, dates and how their order was settled, decimal mark,
    columns, tickers, and everything odd in the data. Exit 0 if every file can
    be read, 4 if one is refused or leaves a question open.
    """
    from stockcast.workflows.checking import check

    checked = check(prices, reading=reading, style="command-line")
    found = [one.description for one in checked]
    if form == "json":
        document: Any = found[0] if len(found) == 1 else found
        write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        for entry in found:
            show_reading(entry)
    if any(one.verdict != "read" for one in checked):
        raise typer.Exit(PriceError.exit_code)
