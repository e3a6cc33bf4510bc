"""A file's rows as blocks of text cells, split by Apache Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from stockcast.errors import UnreadablePrices, option
from stockcast.prices import arrow_compute as pc
from stockcast.prices.csv.dialect import Dialect
from stockcast.prices.csv.encoding import Utf8Stream
from stockcast.prices.csv.raw import RawFile

_BLOCK = 1 << 20  # bytes: a larger block is no faster, and its cells are held as text
_LONGEST_CELL = 1 << 16  # bytes, in quotes, that are kept for the next block
_QUOTE, _NEWLINE = b'"\n'


@dataclass(frozen=True)
class Block:
    """Rows in the file's order.

    Attributes:
        cells: (rows,) of text, columns named c0, c1 and so on.
        lines: (rows,) line number of each row; of the first line, where a cell has several.
    """

    cells: pa.RecordBatch
    lines: NDArray[np.int32]


@dataclass(frozen=True)
class OddRow:
    """A row that has more or fewer cells than the header.

    Attributes:
        line: its line number.
        width: how many cells it has.
        text: the row as it stands.
    """

    line: int
    width: int
    text: str


def iterate_blocks(
    raw: RawFile,
    encoding: str,
    dialect: Dialect,
    odd: list[OddRow],
    *,
    short: Sequence[int] = (),
) -> Iterator[Block]:
    """Yield the rows as blocks of text cells.

    Arrow's own streaming reader reads ahead in a thread, which outlives an error and brings the
    interpreter down with it; so each block of lines is parsed here and now.

    Args:
        raw: the file.
        encoding: a Python codec name.
        dialect: its delimiter, columns and first row.
        odd: takes the rows of another width.
        short: widths of rows whose last cells are missing: these are empty.

    Raises:
        UnreadablePrices: lines that cannot be split into cells.
    """
    line = dialect.data_line
    with raw.open() as bytes_:
        stream = Utf8Stream(bytes_, encoding, name=raw.name)
        stream.skip_lines(line - 1)
        for block in _read_rows(stream):
            try:
                cells, found = _split(block, dialect)
                lines = line + _number_rows(block, len(cells) + len(found))
                lacking = [row for row in found if row.width in short]
                if lacking:
                    cells, found = _split(_pad(block, lacking, dialect), dialect)
            except pa.ArrowInvalid as error:
                detail = str(error).removeprefix("CSV parse error: ").splitlines()[0]
                raise UnreadablePrices(
                    f"{raw.name}: lines {line} and on cannot be split into cells: {detail[:200]}",
                    hint="check the file there, or name its "
                    f"{option('encoding')} or {option('delimiter')}",
                ) from None
            odd.extend(replace(row, line=int(lines[row.line])) for row in found)
            lines = np.delete(lines, [row.line for row in found]) if found else lines
            done = 0
            for batch in cells.combine_chunks().to_batches():
                yield Block(batch, lines[done : done + len(batch)])
                done += len(batch)
            line += block.count(b"\n")


def _read_rows(stream: Utf8Stream) -> Iterator[bytes]:
    """Yield blocks of rows; a cell with line breaks, which is in quotes, is not cut in two."""
    rest = b""
    while block := stream.read_lines(_BLOCK):
        block, rest = rest + block, b""
        if block.count(b'"') % 2:
            newlines, quoted = _find_newlines(block)
            end = int(newlines[~quoted].max(initial=-1)) + 1
            if end and len(block) - end <= _LONGEST_CELL:  # else the quote is a sign like others
                block, rest = block[:end], block[end:]
        yield block
    if rest:
        yield rest


def _split(block: bytes, dialect: Dialect) -> tuple[pa.Table, list[OddRow]]:
    """Return the rows that are as wide as the header, as text cells, and the others.

    The others have the number of their row in the block, from 0, in place of a line.
    """
    more = dialect.date_cells - 1
    names = [f"c{position}" for position in range(len(dialect.header) + more)]
    found: list[OddRow] = []

    def note_odd(row: Any) -> str:
        found.append(OddRow((row.number or 1) - 1, row.actual_columns - more, row.text))
        return "skip"

    table = pacsv.read_csv(
        pa.BufferReader(block),
        read_options=pacsv.ReadOptions(column_names=names, block_size=1 << 30, use_threads=False),
        parse_options=pacsv.ParseOptions(
            delimiter=dialect.delimiter, ignore_empty_lines=False, invalid_row_handler=note_odd
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
        memory_pool=pa.system_memory_pool(),  # the default one keeps what is freed
    )
    if more:
        parts = [column.combine_chunks() for column in table.columns[: more + 1]]
        date = pc.binary_join_element_wise(*parts, ",")
        table = pa.table([date, *table.columns[more + 1 :]], names=names[: len(dialect.header)])
    return table, found


def _number_rows(block: bytes, rows: int) -> NDArray[np.int32]:
    """(rows,) the line in which each row begins, counted from the block's first, 0."""
    if block.count(b"\n") + (not block.endswith(b"\n")) == rows:
        return np.arange(rows, dtype=np.int32)
    starts = np.append(0, np.flatnonzero(~_find_newlines(block)[1]) + 1)[:rows].astype(np.int32)
    return starts if len(starts) == rows else np.arange(rows, dtype=np.int32)


def _find_newlines(block: bytes) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where line breaks stand, and which of them stand in a cell, between quotes."""
    signs = np.frombuffer(block, dtype=np.uint8)
    newlines = np.flatnonzero(signs == _NEWLINE)
    quoted = np.bitwise_xor.accumulate((signs == _QUOTE).view(np.uint8)).view(np.bool_)
    return newlines, quoted[newlines]


def _pad(block: bytes, lacking: Sequence[OddRow], dialect: Dialect) -> bytes:
    """Return the block with empty cells at the end of the rows that lack some."""
    newlines, quoted = _find_newlines(block)
    ends = np.append(newlines[~quoted], len(block))
    pieces, done = [], 0
    for row in lacking:
        end = int(ends[row.line])
        missing = len(dialect.header) - row.width
        pieces += [block[done:end], dialect.delimiter.encode() * missing]
        done = end
    return b"".join([*pieces, block[done:]])
