"""A workbook's sheet ─▶ CSV, a line a row, so that messages name rows as the workbook does."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from stockcast.errors import (
    AmbiguousPrices,
    PriceError,
    UnreadablePrices,
    option,
    quote,
)
from stockcast.imports import require_extra
from stockcast.plurals import count_of
from stockcast.prices.containers import calamine_process
from stockcast.prices.containers.packed import (
    limit_growth,
    measure_size,
    name_container,
    open_anywhere,
    refuse_growth,
)
from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.containers.zip_container import ERRORS
from stockcast.prices.csv.dialect import find_dialect
from stockcast.prices.csv.layout import find_layout
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable

_HEAD = 200  # rows by which a sheet is known to be prices
_MOST_CELLS = 20_000_000  # a sheet is held whole, empty cells too; one full of rows has 7 million
_CHUNK = 1 << 20
_LONGEST = 600  # seconds that opening a workbook may take
_LONGEST_TAG = 1 << 16  # bytes
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_TAG = re.compile(
    rb"""<(?:[\w.-]+:)?(table|table-row|table-cell|covered-table-cell)(\s(?:[^>"']|"[^"]*"|'[^']*')*)?>"""
)
_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["'](\d{1,12})["']""")
_SHOWN = 8


@dataclass(frozen=True)
class _Sheet:
    """A sheet as CSV.

    Attributes:
        name: of the sheet.
        lines: a row each, the first one's line is 1.
        typed: whether no number in it is text, in which marks have to be judged.
    """

    name: str
    lines: list[str]
    typed: bool

    def answer(self, options: ReadOptions) -> ReadOptions:
        """Return what there is to say of its CSV."""
        options = replace(options, delimiter=",", encoding="utf-8")
        return replace(options, decimal=".", thousands=None) if self.typed else options


def read_workbook(raw: RawFile, options: ReadOptions, inside: ReadInside) -> Iterator[PriceTable]:
    """Yield the tables of a workbook's sheet: the one that is named, or the only one with prices.

    Raises:
        MissingLibrary: python-calamine is not installed.
        UnreadablePrices: damaged, protected, out of proportion, or no sheet has prices.
        AmbiguousPrices: several sheets have.
    """
    with open_anywhere(raw) as stream:
        _check_size(stream, raw)
        stream.seek(0)
        sheet = _choose_sheet(_read_sheets(stream, raw.name, options.sheet), raw, options)
    text = RawFile(raw.name, spool=io.BytesIO("\n".join([*sheet.lines, ""]).encode()))
    with closing(text):
        for table in inside(text, sheet.answer(options)):
            reading = replace(table.reading, typed=True)
            yield name_container(replace(table, reading=reading), f"workbook: {sheet.name}")


def _read_sheets(stream: BinaryIO, name: str, wanted: str | None) -> list[_Sheet]:
    """Return a workbook's sheets that have cells, or the one that is wanted."""
    require_extra("excel", f"{name} is a workbook, which", otherwise="or save it as CSV")
    answer = _ask_calamine(stream.read(), wanted)
    if "sheets" in answer:
        return [_Sheet(**one) for one in answer["sheets"]]
    if answer["kind"] == "password":
        raise UnreadablePrices(
            f"{name} is a workbook that is protected by a password",
            hint="open it with the password and save it as CSV (UTF-8)",
        )
    if answer["kind"] == "sheet":
        raise UnreadablePrices(
            f"{name}: no sheet {wanted!r} in this workbook, found {_show(answer['names'])}",
            hint=f"name one of these with {option('sheet')}",
        )
    raise UnreadablePrices(
        f"{name}: this workbook cannot be read: {answer['error'][:200]}",
        hint="get it again; if it opens in a spreadsheet program, save it as CSV (UTF-8)",
    )


def _ask_calamine(content: bytes, wanted: str | None) -> dict[str, Any]:
    """Return what the process says that opens workbooks; see `calamine_process`."""
    argv = [sys.executable, "-P", calamine_process.__file__, *([wanted] if wanted else [])]
    try:
        done = subprocess.run(  # noqa: S603
            argv, input=content, capture_output=True, timeout=_LONGEST, check=False
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {"kind": "damaged", "error": "it is not what it seems to be"}
    return answer


def _choose_sheet(sheets: Sequence[_Sheet], raw: RawFile, options: ReadOptions) -> _Sheet:
    """Return the only sheet that has prices, or the only sheet.

    Raises:
        UnreadablePrices: there is none.
        AmbiguousPrices: there are several.
    """
    if not sheets:
        raise UnreadablePrices(
            f"{raw.name} is empty: no sheet of this workbook has a cell", hint="check the download"
        )
    if len(sheets) == 1:
        return sheets[0]
    fitting = [one for one in sheets if _has_prices(one, options)]
    if not fitting:
        raise UnreadablePrices(
            f"{raw.name}: no sheet of this workbook has dates and prices: "
            + _show([one.name for one in sheets]),
            hint=f"name the one that is meant, to be told what is missing: {option('sheet')}",
        )
    if len(fitting) > 1:
        names = [one.name for one in fitting]
        raise AmbiguousPrices(
            f"{raw.name}: {count_of(len(names), 'sheet')} of this workbook could be the prices: "
            + _show(names),
            hint=f"say which: {option('sheet', names[0], shown=quote(names[0]))}",
        )
    return fitting[0]


def _has_prices(sheet: _Sheet, options: ReadOptions) -> bool:
    try:
        dialect = find_dialect(sheet.lines[:_HEAD], name="", delimiter=",", header=options.header)
        find_layout(dialect, options, name="")
    except AmbiguousPrices:
        return True  # which column is another question
    except PriceError:
        return False
    return bool(dialect.sample)


def _check_size(stream: BinaryIO, raw: RawFile) -> None:
    """Refuse a workbook that would be out of proportion in memory: it is unpacked whole.

    Raises:
        UnreadablePrices: it grows too much, or its cells lie too far apart.
    """
    if stream.read(2) != b"PK":
        return  # an old workbook is not compressed, and has no more than 65,536 rows
    limit = limit_growth(measure_size(raw))
    stream.seek(0)
    try:
        book = zipfile.ZipFile(stream)
        for info in book.infolist():
            if info.filename.endswith((".xml", ".rels")):
                limit -= _check_part(book, info, raw.name, limit)
    except ERRORS as error:
        raise UnreadablePrices(
            f"{raw.name}: this workbook cannot be read: {error}", hint="get it again"
        ) from None


def _check_part(book: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limit: int) -> int:
    """Return the bytes of one part of a workbook, and look how far apart its cells are."""
    size, last = 0, b""
    columns, rows = 0, 0
    extent = _OpenExtent()
    info.file_size = limit + _CHUNK + 1  # what the directory says is no bound
    with book.open(info) as part:
        while chunk := part.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise refuse_growth(name, "workbook")
            for letters, digits in set(_PLACE.findall(last + chunk)):
                columns, rows = max(columns, _count_columns(letters)), max(rows, int(digits))
            if info.filename == "content.xml":
                extent.add(chunk)
            last = chunk[-64:]
    columns, rows = max(columns, extent.columns), max(rows, extent.rows)
    if columns * rows > _MOST_CELLS:
        raise UnreadablePrices(
            f"{name}: a sheet of this workbook reaches over {rows:,} rows and {columns:,} columns",
            hint="remove what stands far away from the prices, or save them as CSV (UTF-8)",
        )
    return size


class _OpenExtent:
    """How far the cells of an OpenDocument file reach, in which one tag may stand for a million.

    Attributes:
        rows: down to the last cell with a value.
        columns: up to the last cell with a value.
    """

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._rest = b""
        self._row = self._column = self._height = 0

    def add(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        text, end = self._rest + chunk, 0
        for tag in _TAG.finditer(text):
            end = tag.end()
            self._take(tag[1], tag[2] or b"")
        self._rest = text[max(end, len(text) - _LONGEST_TAG) :]

    def _take(self, name: bytes, attributes: bytes) -> None:
        found = _REPEATED.search(attributes)
        count = int(found[1]) if found else 1
        if name == b"table":
            self._row = self._height = 0
        elif name == b"table-row":
            self._row, self._height, self._column = self._row + self._height, count, 0
        else:
            self._column += count
            if b"value" in attributes:
                self.rows = max(self.rows, self._row + self._height)
                self.columns = max(self.columns, self._column)


def _count_columns(letters: bytes) -> int:
    count = 0
    for letter in letters:
        count = 26 * count + letter - ord("A") + 1
    return count


def _show(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:_SHOWN])) + (", …" if len(names) > _SHOWN else "")
