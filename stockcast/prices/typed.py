"""A table of typed columns ─▶ PriceTable: names are judged as in CSV, cells are taken as they are.

Where anything in a column that counts would have to be judged (dates or prices that are text, a
date that is missing), the table is written as CSV and left to the judges of text: the same rows
give the same history from every kind of file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stockcast.prices.arrow_text import (
    NIXTLA,
    has_number_texts,
    is_price_name,
    is_text,
    to_local,
    write_text,
)
from stockcast.prices.csv.arrow import to_numpy
from stockcast.prices.csv.columns import is_signed_price
from stockcast.prices.csv.dialect import Dialect, find_dialect
from stockcast.prices.csv.layout import Layout, find_layout, list_headers
from stockcast.prices.csv.numbers import Marks
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable, Reading
from stockcast.prices.history import Dates, Source

ReadText = Callable[[RawFile, ReadOptions], Iterator[PriceTable]]
"""Reads CSV."""

HEAD = 200
"""Rows by which columns are judged."""

_PAIR = re.compile(r"\('(.*)', '(.*)'\)")  # two levels of columns, as pandas writes them
_FIRST, _LAST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59.999999", "us")


@dataclass(frozen=True)
class TypedFile:
    """A file of typed columns.

    Attributes:
        name: of the file.
        container: what it is, such as `Parquet`.
        head: its first rows, at most HEAD; columns of lists and the like are not among them.
        read: returns columns by their names, all rows; of everything in `head` if None.
    """

    name: str
    container: str
    head: pa.Table
    read: Callable[[Sequence[str] | None], pa.Table]


@dataclass(frozen=True)
class TypedLayout:
    """Which column of a typed file is what.

    Attributes:
        dialect: the names, and some rows as text.
        layout: positions among the names.
    """

    dialect: Dialect
    layout: Layout

    def name_columns(self) -> list[str]:
        """Return the columns to read, each once."""
        places = [at for group in self.layout.groups.values() for at in group.values()]
        at_all = [self.layout.date, self.layout.ticker, *places]
        return list(dict.fromkeys(self.dialect.header[at] for at in at_all if at is not None))


def read_typed(
    file: TypedFile,
    options: ReadOptions,
    inside: ReadText,
) -> Iterator[PriceTable]:
    """Yield a typed file's tables: one, or of a wide file one a ticker.

    Args:
        file: the file.
        options: what the user says of it.
        inside: reads CSV.

    Raises:
        UnreadablePrices: no dates or prices in it.
        AmbiguousPrices: several columns could be the close.
    """
    found = find_typed_layout(file, options)
    if found is not None:
        columns = file.read(found.name_columns())
        tables = build_tables(file, found, columns, lines=None)
        if tables is not None:
            yield from tables
            return
    yield from read_as_text(file.name, file.container, file.read(None), options, inside)


def read_as_text(
    name: str, container: str, table: pa.Table, options: ReadOptions, inside: ReadText
) -> Iterator[PriceTable]:
    """Write a table as CSV, and yield what `inside` reads of that; see `read_typed`."""
    options = replace(options, delimiter=",", encoding="utf-8", header=True)
    if not has_number_texts(table):
        # Numbers that are numbers have a point, so nothing is left to find out.
        options = replace(options, decimal=".", thousands=None)
    for one in inside(RawFile(name, spool=write_text(table)), options):
        reading = replace(one.reading, container=container, typed=True)
        yield replace(one, reading=reading, source=Source(name, ""))


def find_typed_layout(file: TypedFile, options: ReadOptions) -> TypedLayout | None:
    """Judge a typed file's names, with its first rows as a CSV file would show them.

    Returns:
        None where dates, prices or times of day are not typed, so that text has to be judged.

    Raises:
        UnreadablePrices: no date column or no price column.
        AmbiguousPrices: several columns could be the close.
    """
    head = file.head
    names = head.column_names
    if not len(head) or len(set(names)) < len(names) or len(names) < 2:
        return None
    lines = write_text(head).getvalue().decode("utf-8").splitlines()
    if len(lines) != len(head) + 1:
        return None  # a line end within a cell
    dialect = find_dialect(lines, name=file.name, delimiter=",")
    if dialect.data_line != 2 or [name.strip() for name in dialect.header] != [
        name.strip() for name in names
    ]:
        return None
    dialect = replace(dialect, header=tuple(names))
    layout = find_layout(dialect, options, name=file.name)
    types, groups = head.schema.types, layout.groups.values()
    prices = {at for group in groups for at in group.values()}
    is_typed = (
        # What else could be the close, all rows tell; the judges of text look at them.
        all({"close", "adj_close"} & group.keys() for group in groups)
        and layout.time is None
        and _is_date(types[layout.date])
        and all(_is_number(types[at]) for at in prices)
        and not any(is_signed_price(dialect.header[at]) for at in prices)
        and (layout.ticker is None or is_text(types[layout.ticker]))
    )
    return TypedLayout(dialect, layout) if is_typed else None


def build_tables(
    file: TypedFile, found: TypedLayout, columns: pa.Table, lines: NDArray[np.int64] | None
) -> list[PriceTable] | None:
    """Make tables of typed columns; None where a date is missing or a price is infinite.

    Args:
        file: what they come from.
        found: which is what.
        columns: those that `found` names.
        lines: (rows,) line number of each row; None: they are the file's rows, from line 2 on.
    """
    header, layout = found.dialect.header, found.layout
    dates = _take_dates(columns[header[layout.date]])
    if dates is None:
        return None
    places = sorted({at for group in layout.groups.values() for at in group.values()})
    numbers = {at: _take_numbers(columns[header[at]]) for at in places}
    if not all(values is not None for values in numbers.values()):
        return None
    codes: NDArray[np.int32] | None = None
    tickers: list[str] = []
    if layout.ticker is not None:
        codes, tickers = _take_tickers(columns[header[layout.ticker]])
    at_lines = np.arange(2, len(dates) + 2) if lines is None else lines
    days = bool((dates == dates.astype("datetime64[D]")).all())
    reading = Reading(
        encoding="utf-8",
        dialect=found.dialect,
        layout=layout,
        marks=Marks(),
        date_format="%Y-%m-%d" if days else "%Y-%m-%d %H:%M:%S",
        date_rule="iso",
        timezone=None,
        undated_lines=(),
        container=file.container,
        typed=True,
    )
    return [
        PriceTable(
            source=Source(file.name, ""),
            dates=dates,
            columns={key: numbers[at] for key, at in sorted(group.items())},  # type: ignore[misc]
            lines=at_lines.astype(np.int32),
            reading=reading,
            ticker=ticker,
            tickers=tickers,
            ticker_codes=codes,
            headers=list_headers(found.dialect, layout, group),
        )
        for ticker, group in layout.groups.items()
    ]


def flatten(table: pa.Table) -> pa.Table:
    """Return the columns that can hold dates, prices or names, dictionaries as what they hold."""
    columns: dict[int, Any] = {}
    for at, column in enumerate(table.columns):
        kind = column.type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            kind = pa.string()  # text that its writer did not call so
        if not pa.types.is_nested(kind):
            columns[at] = column.cast(kind)
    names = clean_names(table.column_names)
    return pa.table(list(columns.values()), names=[names[at] for at in columns])


def clean_names(names: Sequence[str]) -> list[str]:
    """Return columns' names as CSV would have them, each in one line.

    Nixtla's `unique_id, ds, y` are ticker, date and close. Two levels of columns, which pandas
    writes as `('Close', 'AAPL')`, are one: `Close_AAPL`, or `Close` where there is one ticker.

    Example:
        >>> clean_names(["Date", "('Close', 'AAPL')", "('Close', 'FB')"])
        ['Date', 'Close_AAPL', 'Close_FB']
        >>> clean_names(["('AAPL', 'Open')", "('AAPL', 'Close')"])
        ['Open', 'Close']
    """
    cleaned = [" ".join(name.split()) for name in names]
    if {"unique_id", "ds"} <= set(cleaned):
        return [NIXTLA.get(name, name) for name in cleaned]
    pairs = {name: match.groups() for name in cleaned if (match := _PAIR.fullmatch(name))}
    fields = [sum(is_price_name(pair[at]) for pair in pairs.values()) for at in (0, 1)]
    if not any(fields):
        return cleaned
    at = 0 if fields[0] >= fields[1] else 1
    is_one = len({pair[1 - at] for pair in pairs.values()} - {""}) == 1
    joined = {
        name: pair[at] if is_one else f"{pair[at]}_{pair[1 - at]}".removesuffix("_")
        for name, pair in pairs.items()
    }
    return [joined.get(name, name) for name in cleaned]


def _is_date(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _take_dates(column: pa.ChunkedArray) -> Dates | None:
    """(rows,) datetime64[us], or None where one is missing or of no year that CSV could have."""
    if column.null_count:
        return None
    try:
        times = to_local(column) if pa.types.is_timestamp(column.type) else column
        counted = times.cast(pa.timestamp("us")).cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    dates: Dates = _to_array(counted).view("datetime64[us]")
    if len(dates) and not (dates.min() >= _FIRST and dates.max() <= _LAST):
        return None
    return dates


def _take_numbers(column: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """(rows,) float64, NaN where one is missing; None where one is infinite."""
    if not pa.types.is_integer(column.type) and not pa.types.is_float64(column.type):
        column = column.cast(pa.string())  # 1.1 is meant, not what 1.1 is in 32 bits
    numbers = _to_array(column.cast(pa.float64(), safe=False)).astype(np.float64, copy=False)
    return None if np.isinf(numbers).any() else numbers


def _take_tickers(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], list[str]]:
    """(rows,) index into the names, which stand in order of appearance."""
    names = pa.concat_arrays(column.cast(pa.string()).chunks)
    coded = names.dictionary_encode()
    tickers = [str(name).strip() for name in coded.dictionary.to_pylist()]
    codes = to_numpy(coded.indices)
    if coded.null_count:
        codes = np.where(np.isnan(codes), len(tickers), codes)
        tickers.append("")
    return codes.astype(np.int32), tickers


def _to_array(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column as an array of its own: Arrow's memory is read-only."""
    return np.concatenate([to_numpy(chunk) for chunk in column.chunks] or [np.empty(0)])
