"""One CSV file as typed columns: judged over all its rows, read in blocks.

Apache Arrow splits the cells; what a cell means is settled in `dialect`, `layout`, `dates` and
`numbers`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.csv.cells import CellReader, Cells
from stockcast.prices.csv.columns import is_epoch_name
from stockcast.prices.csv.dates import DateColumn
from stockcast.prices.csv.dialect import Dialect, find_dialect
from stockcast.prices.csv.encoding import Utf8Stream, survey_bytes
from stockcast.prices.csv.layout import Layout, find_layout
from stockcast.prices.csv.numbers import Marks
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.history import Dates, Numbers, Source

_SAMPLE = 1 << 16  # bytes that settle the dialect


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
    """

    source: Source
    dates: Dates
    columns: dict[str, Numbers]
    lines: NDArray[np.int32]
    reading: Reading
    ticker: str | None = None
    tickers: list[str] = field(default_factory=list)
    ticker_codes: NDArray[np.int32] | None = None


def judge_tables(raw: RawFile, options: ReadOptions) -> list[PriceTable]:
    """Find out what one CSV is and read it: one table, or of a wide file one a ticker.

    Raises:
        UnreadablePrices: not a price CSV, or a cell is not what it must be.
        AmbiguousPrices: it can be read in two ways.
    """
    with raw.open() as stream:
        survey = survey_bytes(stream, name=raw.name, encoding=options.encoding)
    with raw.open() as stream:
        sample = Utf8Stream(stream, survey.encoding, name=raw.name).peek(_SAMPLE)
    dialect = find_dialect(
        _list_lines(sample), name=raw.name, delimiter=options.delimiter, header=options.header
    )
    layout = find_layout(dialect, options, name=raw.name)
    reader = CellReader(raw, survey.encoding, dialect, layout, options)
    marks, cells = reader.read()
    dates = reader.finish_dates(cells)
    lines = reader.number_lines(cells)
    keep = reader.check_cells(cells, dates, lines)
    reading = Reading(
        encoding=survey.encoding,
        dialect=dialect,
        layout=layout,
        marks=marks,
        date_format=dates.format,
        date_rule=dates.rule,
        timezone=dates.timezone or find_epoch_zone(dialect),
        undated_lines=_list_undated(cells, dates, keep, lines),
    )
    return _make_tables(Source(raw.name, survey.sha256), reading, cells, dates, keep, lines)


def _make_tables(
    source: Source,
    reading: Reading,
    cells: Cells,
    dates: DateColumn,
    keep: NDArray[np.bool_],
    lines: NDArray[np.int32],
) -> list[PriceTable]:
    """Return one table, or of a wide file one a ticker, of the rows to keep."""
    arrays: dict[int, NDArray[Any]] = {at: c.finish() for at, c in cells.numbers.items()}
    codes = cells.codes.finish() if cells.codes is not None else None
    every = bool(keep.all())
    return [
        PriceTable(
            source=source,
            dates=dates.dates if every else dates.dates[keep],
            columns={
                key: arrays[at] if every else arrays[at][keep] for key, at in sorted(group.items())
            },
            lines=lines if every else lines[keep],
            reading=reading,
            ticker=ticker or reading.dialect.ticker,
            tickers=list(cells.tickers),
            ticker_codes=codes if codes is None or every else codes[keep],
        )
        for ticker, group in reading.layout.groups.items()
    ]


def _list_undated(
    cells: Cells, dates: DateColumn, keep: NDArray[np.bool_], lines: NDArray[np.int32]
) -> tuple[int, ...]:
    """Return the lines of notices and padding, empty lines left out."""
    undated = lines[dates.bad[~keep[dates.bad]]]
    return tuple(sorted([*map(int, undated), *(line for line, _, _ in cells.odd)]))


def find_epoch_zone(dialect: Dialect) -> str | None:
    """An epoch column beside the dates says that they are counted in UTC."""
    return "UTC" if any(is_epoch_name(cell) for cell in dialect.header) else None


def _list_lines(sample: bytes) -> list[str]:
    """Return the sample's complete lines."""
    lines = sample.decode("utf-8", errors="ignore").lstrip("\ufeff").split("\n")
    if len(sample) >= _SAMPLE and len(lines) > 1:
        lines.pop()
    while lines and not lines[-1].strip():
        lines.pop()
    return lines
