"""One CSV file as typed columns, read in a single pass, in blocks.

Apache Arrow splits the cells and converts them; the judgement of what a cell may be is here.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from stockcast.errors import UnreadablePrices
from stockcast.prices.columns import match_columns
from stockcast.prices.growing import GrowingColumn
from stockcast.prices.history import Dates, Numbers, Source

_BLOCK = 1 << 18  # bytes: a larger block is no faster, and its cells are held as text
_LONGEST_HEADER = 1 << 16  # bytes
_MISSING = "^(null|nan|na|n/a)?$"


@dataclass(frozen=True)
class PriceTable:
    """One file's rows in file order, before they are split by ticker and sorted by date.

    Attributes:
        source: the file's name and SHA-256.
        dates: (rows,) datetime64[us].
        columns: canonical name to (rows,) float64, NaN where the cell is empty or `null`.
        first_line: line number of row 0.
        tickers: names, in order of appearance; empty without a ticker column.
        ticker_codes: (rows,) index into `tickers`, or None without a ticker column.
    """

    source: Source
    dates: Dates
    columns: dict[str, Numbers]
    first_line: int
    tickers: list[str] = field(default_factory=list)
    ticker_codes: NDArray[np.int32] | None = None


def read_table(stream: BinaryIO, *, name: str) -> PriceTable:
    """Read one CSV from a stream of bytes, once.

    Raises:
        UnreadablePrices: empty, not UTF-8, no date or price column, a row with more or fewer
            cells than the header, or a cell that is not what it must be.
    """
    reader = _HashingReader(stream)
    header = _read_header(reader, name)
    positions = match_columns(header, where=f"{name}:1")
    growing = {column: GrowingColumn() for column in positions}
    tickers: dict[str, int] = {}
    line = 2
    for batch in _read_blocks(reader, len(header), sorted(positions.values()), name):
        for column, position in positions.items():
            cells = pc.utf8_trim_whitespace(batch.column(f"c{position}"))
            where = _Cells(name, line, header[position])
            if column == "ticker":
                growing[column].append(_encode_tickers(cells, tickers))
            elif column == "date":
                growing[column].append(_parse_dates(cells, where))
            else:
                growing[column].append(_parse_numbers(cells, where))
        line += batch.num_rows
    if line == 2:
        raise UnreadablePrices(
            f"{name}: a header and no rows below it", hint="the export may have been cut short"
        )
    columns = {column: values.finish() for column, values in growing.items()}
    codes = columns.pop("ticker", None)
    return PriceTable(
        source=Source(name, reader.hexdigest()),
        dates=columns.pop("date"),
        columns=columns,
        first_line=2,
        tickers=list(tickers),
        ticker_codes=codes,
    )


@dataclass(frozen=True)
class _Cells:
    """Where a block of one column's cells stands, for messages."""

    file: str
    first_line: int
    header: str

    def reject(self, row: int, cells: pa.Array, expected: str, hint: str) -> UnreadablePrices:
        """Return the error for one cell of the block."""
        return UnreadablePrices(
            f"{self.file}:{self.first_line + row}: {self.header} is {cells[row].as_py()!r}, "
            f"expected {expected}",
            hint=hint,
        )


class _HashingReader:
    """A stream that is read once, hashed on the way, and can give back what was peeked at."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._pushed = b""

    def read(self, size: int = -1) -> bytes:
        data, self._pushed = self._pushed, b""
        return data or self._take(size)

    def peek(self, size: int) -> bytes:
        """Return up to `size` bytes from the start without consuming them."""
        while len(self._pushed) < size and (more := self._take(size)):
            self._pushed += more
        return self._pushed[:size]

    def drop(self, size: int) -> None:
        """Consume `size` bytes that were peeked at."""
        self._pushed = self._pushed[size:]

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def _take(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._hash.update(data)
        return data


def _read_header(reader: _HashingReader, name: str) -> list[str]:
    """Consume the first line and return its cells."""
    start = reader.peek(_LONGEST_HEADER)
    if not start.strip():
        raise UnreadablePrices(
            f"{name} is empty", hint="check the download; a price CSV has a header and rows"
        )
    first, newline, _ = start.partition(b"\n")
    reader.drop(len(first) + len(newline))
    try:
        text = first.decode("utf-8-sig").rstrip("\r")
    except UnicodeDecodeError:
        raise UnreadablePrices(
            f"{name}:1: the first line is not UTF-8 text", hint="save the file as CSV, UTF-8"
        ) from None
    if "\0" in text:
        raise UnreadablePrices(f"{name} is not a text file", hint="save it as CSV, UTF-8")
    return next(csv.reader([text]), [])


def _read_blocks(
    reader: _HashingReader, width: int, positions: list[int], name: str
) -> Iterator[pa.RecordBatch]:
    """Yield the rows below the header as blocks of text cells, columns named c0, c1, …."""
    if not reader.peek(1):
        return
    ragged: list[tuple[int, int]] = []

    def note_ragged(row: Any) -> str:
        ragged.append((row.number or 0, row.actual_columns))
        return "error"

    names = [f"c{position}" for position in range(width)]
    try:
        yield from pacsv.open_csv(
            pa.PythonFile(reader, mode="r"),
            read_options=pacsv.ReadOptions(
                column_names=names, block_size=_BLOCK, use_threads=False
            ),
            memory_pool=pa.system_memory_pool(),  # the default one keeps what is freed
            parse_options=pacsv.ParseOptions(
                ignore_empty_lines=width == 1, invalid_row_handler=note_ragged
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=[f"c{position}" for position in positions],
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        if ragged:
            number, cells = ragged[0]
            raise UnreadablePrices(
                f"{name}:{number + 1}: {cells} cells in this row, expected {width} as in the "
                "header",
                hint="the file may be cut short or damaged there",
            ) from None
        detail = str(error).removeprefix("CSV parse error: ").splitlines()[0]
        raise UnreadablePrices(f"{name}: not a CSV file in UTF-8: {detail}") from None


def _encode_tickers(cells: pa.Array, known: dict[str, int]) -> NDArray[np.int32]:
    """Return (rows,) codes of the tickers, adding new ones to `known`."""
    encoded = cells.dictionary_encode()
    codes = [known.setdefault(name, len(known)) for name in encoded.dictionary.to_pylist()]
    rows: NDArray[np.int32] = np.asarray(codes, dtype=np.int32)[_to_numpy(encoded.indices)]
    return rows


def _parse_dates(cells: pa.Array, where: _Cells) -> Dates:
    """Parse ISO dates, with or without a time of day.

    Raises:
        UnreadablePrices: a cell that is not one.
    """
    try:
        stamps = pc.cast(cells, pa.timestamp("us"))
    except pa.ArrowInvalid:
        raise where.reject(
            next(row for row, cell in enumerate(cells.to_pylist()) if not _is_date(cell)),
            cells,
            "a date such as 2013-02-28",
            "write dates as year-month-day",
        ) from None
    dates: Dates = _to_numpy(pc.cast(stamps, pa.int64())).view("datetime64[us]")
    return dates


def _is_date(text: str) -> bool:
    try:
        pc.cast(pa.array([text]), pa.timestamp("us"))
    except pa.ArrowInvalid:
        return False
    return True


def _parse_numbers(cells: pa.Array, where: _Cells) -> Numbers:
    """Parse numbers with a decimal point at full double precision; empty or `null` is NaN.

    Raises:
        UnreadablePrices: a cell that is neither.
    """
    try:
        numbers = _cast_numbers(cells)
    except pa.ArrowInvalid:
        missing = pc.match_substring_regex(cells, _MISSING, ignore_case=True)
        known = pc.if_else(missing, pa.nulls(len(cells), pa.string()), cells)
        try:
            numbers = _cast_numbers(known)
        except pa.ArrowInvalid:
            raise where.reject(
                next(row for row, cell in enumerate(known.to_pylist()) if not _is_number(cell)),
                cells,
                "a number",
                "write numbers as 1234.56; leave a missing value empty",
            ) from None
    return numbers


def _cast_numbers(cells: pa.Array) -> Numbers:
    """Cast text to float64.

    Raises:
        ArrowInvalid: a cell that is no finite number, nor `nan`.
    """
    numbers: Numbers = _to_numpy(pc.cast(cells, pa.float64()))
    if np.isinf(numbers).any():
        raise pa.ArrowInvalid("infinite")
    return numbers


def _is_number(text: str | None) -> bool:
    """Whether a cell is a finite number, or missing."""
    if text is None:
        return True
    try:
        return not math.isinf(float(text)) and "_" not in text
    except ValueError:
        return False


def _to_numpy(array: pa.Array) -> NDArray[Any]:
    """Return numbers as NumPy has them, null as NaN; `Array.to_numpy` would import pandas."""
    if array.null_count:
        numbers: NDArray[Any] = array.to_numpy(zero_copy_only=False)
        return numbers
    return np.from_dlpack(array)
