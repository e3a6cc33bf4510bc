"""The commonest price files by far, recognised by their bytes: ISO days, then plain numbers.

Most of what reading costs is finding out what a file is. Where every line is a day and plain
numbers, in quotes or not, and the bytes prove which mark is decimal, nothing but the header is left
to find out, once for all files that have it, and Apache Arrow can read the rest in one go. A file
with anything else in it, down to one byte, is left to the judges.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from stockcast.errors import PriceError
from stockcast.prices.csv.arrow import to_numpy
from stockcast.prices.csv.calendars import are_plain_days
from stockcast.prices.csv.columns import (
    PRICES,
    find_columns,
    is_signed_price,
    name_price,
    rank_name,
)
from stockcast.prices.csv.dialect import Dialect, find_dialect
from stockcast.prices.csv.layout import Layout, find_layout, list_headers
from stockcast.prices.csv.numbers import Marks
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable, Reading, find_epoch_zone
from stockcast.prices.history import Numbers, Source

_LARGEST = 1 << 20  # bytes: of a longer file the judges see no more than that at once
_DELIMITERS = ";\t|,"  # a header that has one of these has none of those behind it
_DIGITS = b"0123456789"
_CELL = r'(?:[^",;|\t]{0,99}|"[^",;|\t]{0,99}")'


@dataclass(frozen=True)
class _Form:
    """What the header of a plain file settles.

    Attributes:
        dialect: its sample is made up.
        layout: which column is what.
        decimal: the mark in numbers that have one.
        line: a row, once its digits are left out.
    """

    dialect: Dialect
    layout: Layout
    decimal: str
    line: re.Pattern[bytes]


def read_plain(raw: RawFile, options: ReadOptions) -> PriceTable | None:
    """Read a plain file as the judges would; None for any other.

    Returns:
        the table, whose dialect has the first row alone for a sample; None where a byte or what
        the user says of the file makes it less than plain.

    Raises:
        PricesNotFound: the file is missing, a folder, or cannot be read.
    """
    if not _leaves_open(options):
        return None
    content = _read_all(raw)
    if content is None or not content.isascii():
        return None
    text = content.replace(b"\r\n", b"\n") if b"\r" in content else content
    head, _, body = text.removesuffix(b"\n").partition(b"\n")
    form = _judge_header(head.decode("ascii"), has_commas=b"," in body)
    if form is None or not _are_rows(body, form):
        return None
    body = body.replace(b'"', b"")
    columns = _parse(body, form)
    if columns is None:
        return None
    days, *numbers = columns
    first = body.split(b"\n", 1)[0].decode("ascii").split(form.dialect.delimiter)
    reading = Reading(
        encoding="utf-8",
        dialect=replace(form.dialect, sample=(tuple(first),)),
        layout=form.layout,
        marks=Marks(form.decimal if form.decimal.encode() in body else "."),
        date_format="%Y-%m-%d",
        date_rule="iso",
        timezone=find_epoch_zone(form.dialect),
        undated_lines=(),
    )
    line = form.dialect.data_line
    return PriceTable(
        source=Source(raw.name, hashlib.sha256(content).hexdigest()),
        dates=days.view("datetime64[us]"),
        columns={key: numbers[at - 1] for key, at in sorted(form.layout.groups[None].items())},
        lines=np.arange(line, line + len(days), dtype=np.int32),
        reading=reading,
        headers=list_headers(form.dialect, form.layout, form.layout.groups[None]),
    )


def _leaves_open(options: ReadOptions) -> bool:
    """Whether what the user says does not change how a plain file is read."""
    column = options.column if options.column and name_price(options.column) else None
    return options == ReadOptions(
        ticker=options.ticker, on_duplicate=options.on_duplicate, column=column
    )


def _read_all(raw: RawFile) -> bytes | None:
    """Return a file's bytes; None of one that is too large, or could not be read again."""
    with raw.open() as stream:
        if not stream.seekable():
            return None
        size = stream.seek(0, os.SEEK_END)
        if size > _LARGEST:
            return None
        stream.seek(0)
        return stream.read(size)


@lru_cache(maxsize=64)
def _judge_header(header: str, *, has_commas: bool) -> _Form | None:
    """Let the judges look at a header above a made-up row, which is like any row of a plain file.

    None where the rows' cells could have a say in what the judges find: where the first column
    is not the only one that can be the date, or some column can be a ticker or a time of day.
    """
    delimiter = next((mark for mark in _DELIMITERS if mark in header), ",")
    if (
        not _compile_header(delimiter).fullmatch(header)
        or not header.replace("\t", "").isprintable()
    ):
        return None
    decimal = "," if has_commas and delimiter != "," else "."
    cells = header.replace('"', "").split(delimiter)
    named = find_columns(cells)
    dated = [at for at, cell in enumerate(cells) if rank_name(cell, "date") is not None]
    if dated != [0] or {"time", "ticker"} & set(named) or not set(PRICES) & set(named):
        return None
    specimen = [header, delimiter.join(["2013-02-28", *[f"1{decimal}5"] * (len(cells) - 1)])]
    try:
        dialect = find_dialect(specimen, name="")
        layout = find_layout(dialect, ReadOptions(), name="")
    except PriceError:
        return None  # the judges will say why, and name the file
    if dialect.delimiter != delimiter:
        return None
    if dialect.data_line != 2 or list(layout.groups) != [None]:
        return None
    if not {"close", "adj_close"} & layout.groups[None].keys():
        return None  # what could be the close, all rows tell
    if any(is_signed_price(dialect.header[at]) for at in layout.groups[None].values()):
        return None
    number = f"-?[{decimal}]?"
    behind = f'{re.escape(delimiter)}(?:{number}|"{number}")' * (len(cells) - 1)
    return _Form(dialect, layout, decimal, re.compile(f'(?:--|"--"){behind}'.encode()))


def _are_rows(body: bytes, form: _Form) -> bool:
    """Whether every line looks like a row without its digits, and marks must be decimal ones."""
    looks = set(body.translate(None, _DIGITS).split(b"\n"))
    if not all(map(form.line.fullmatch, looks)):
        return False
    mark = form.decimal.encode()
    return mark not in body or _compile_proof(mark).search(body) is not None


def _parse(body: bytes, form: _Form) -> list[Numbers] | None:
    """Return each column, (rows,), the days in microseconds since 1970.

    None where a cell is neither a day nor a finite number, such as an empty one, and where the days
    are of another calendar than the Gregorian one.
    """
    names = [f"c{at}" for at in range(len(form.dialect.header))]
    types = {name: pa.float64() if at else pa.timestamp("us") for at, name in enumerate(names)}
    try:
        table = pacsv.read_csv(
            pa.BufferReader(body),
            read_options=pacsv.ReadOptions(
                column_names=names, block_size=_LARGEST, use_threads=False
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=form.dialect.delimiter, ignore_empty_lines=False
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=types, null_values=[], decimal_point=form.decimal
            ),
            memory_pool=pa.system_memory_pool(),
        )
    except pa.ArrowInvalid:
        return None
    days, *numbers = (column.combine_chunks() for column in table.columns)
    if not are_plain_days(to_numpy(days.view(pa.int64()))):
        return None
    columns = [to_numpy(days.view(pa.int64())), *map(to_numpy, numbers)]
    if not all(np.isfinite(column).all() for column in columns):
        return None
    return [column.copy() for column in columns]  # Arrow's own memory is read-only


@lru_cache
def _compile_header(delimiter: str) -> re.Pattern[str]:
    return re.compile(f"(?=[^{delimiter}]){_CELL}(?:[{delimiter}]{_CELL}){{1,99}}")


@lru_cache
def _compile_proof(mark: bytes) -> re.Pattern[bytes]:
    """With other than three digits behind it, or behind four or a zero, a mark is decimal."""
    return re.compile(
        rb"[%b](?:[0-9]{0,2}|[0-9]{4,})(?![0-9])|(?<![0-9])(?:0[0-9]*|[0-9]{4,})[%b][0-9]{3}(?![0-9])"
        % (mark, mark)
    )
