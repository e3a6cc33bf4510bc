"""One file's rows as typed columns, and how they were read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.csv.columns import is_epoch_name
from stockcast.prices.history import NO_HEADERS, Dates, Headers, Numbers, Source

if TYPE_CHECKING:
    from stockcast.prices.csv.dialect import Dialect
    from stockcast.prices.csv.layout import Layout
    from stockcast.prices.csv.numbers import Marks
    from stockcast.prices.findings import Finding


@dataclass(frozen=True)
class Reading:
    """How one file was read.

    Attributes:
        encoding: a Python codec name.
        dialect: delimiter and header.
        layout: which column is what.
        marks: how numbers are written.
        date_format: as strptime would have it.
        date_rule: `iso`, `unique`, `monotonic`, `given`: what settled the order.
        timezone: the offset that the dates name, or None.
        undated_lines: lines with neither date nor price: notices and padding.
        findings: about dates, and about rows that are no bars; none of any ticker's.
        custom: a cell that can be read in two ways, where custom settled the decimal mark of
            all; empty where the cells did.
        unsigned_lines: lines whose price is below zero by the file's own custom.
        container: what the file is packed in, such as `gzip` or `zip: GOOG.csv`; None: nothing.
        typed: whether the cells came as dates and numbers, so that there is no text to speak of.
    """

    encoding: str
    dialect: Dialect
    layout: Layout
    marks: Marks
    date_format: str
    date_rule: str
    timezone: str | None
    undated_lines: tuple[int, ...]
    findings: tuple[Finding, ...] = ()
    custom: str = ""
    unsigned_lines: tuple[int, ...] = ()
    container: str | None = None
    typed: bool = False


@dataclass(frozen=True)
class PriceTable:
    """One file's dated rows in file order, before they are split by ticker and sorted.

    Attributes:
        source: the file's name and SHA-256.
        dates: (rows,) datetime64[us], none missing.
        columns: canonical name to (rows,) float64, NaN where the cell is empty.
        lines: (rows,) line number of each row.
        reading: how the file was read.
        ticker: what the header calls all rows, or None.
        tickers: names in order of appearance; empty without a ticker column.
        ticker_codes: (rows,) index into `tickers`, or None without a ticker column.
        headers: what the file itself calls its columns.
    """

    source: Source
    dates: Dates
    columns: dict[str, Numbers]
    lines: NDArray[np.int32]
    reading: Reading
    ticker: str | None = None
    tickers: list[str] = field(default_factory=list)
    ticker_codes: NDArray[np.int32] | None = None
    headers: Headers = NO_HEADERS


def find_epoch_zone(dialect: Dialect) -> str | None:
    """An epoch column beside the dates says that they are counted in UTC."""
    return "UTC" if any(is_epoch_name(cell) for cell in dialect.header) else None
