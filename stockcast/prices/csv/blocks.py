"""A file's rows as blocks of text cells, split by Apache Arrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv

from stockcast.errors import UnreadablePrices, option
from stockcast.prices.csv.dialect import Dialect
from stockcast.prices.csv.encoding import Utf8Stream
from stockcast.prices.csv.raw import RawFile

_BLOCK = 1 << 20  # bytes: a larger block is no faster, and its cells are held as text


def iterate_blocks(
    raw: RawFile, encoding: str, dialect: Dialect, odd: list[tuple[int, int, str]]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows as blocks of text cells, columns named c0, c1 and so on.

    Arrow's own streaming reader reads ahead in a thread, which outlives an error and brings the
    interpreter down with it; so each block of lines is parsed here and now.

    Args:
        raw: the file.
        encoding: a Python codec name.
        dialect: its delimiter, columns and first row.
        odd: takes the rows of another width: line number, cells, text.

    Raises:
        UnreadablePrices: lines that cannot be split into cells.
    """
    width = len(dialect.header)
    names = [f"c{position}" for position in range(width)]
    line = dialect.data_line

    def note_odd(row: Any) -> str:
        odd.append((line + (row.number or 1) - 1, row.actual_columns, row.text))
        return "skip"

    options = {
        "read_options": pacsv.ReadOptions(
            column_names=names, block_size=1 << 30, use_threads=False
        ),
        "parse_options": pacsv.ParseOptions(
            delimiter=dialect.delimiter,
            ignore_empty_lines=False,
            invalid_row_handler=note_odd,
        ),
        "convert_options": pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
        "memory_pool": pa.system_memory_pool(),  # the default one keeps what is freed
    }
    with raw.open() as bytes_:
        stream = Utf8Stream(bytes_, encoding, name=raw.name)
        stream.skip_lines(line - 1)
        while block := stream.read_lines(_BLOCK):
            try:
                table = pacsv.read_csv(pa.BufferReader(block), **options)
            except pa.ArrowInvalid as error:
                detail = str(error).removeprefix("CSV parse error: ").splitlines()[0]
                raise UnreadablePrices(
                    f"{raw.name}: lines {line} and on cannot be split into cells: {detail[:200]}",
                    hint="check the file there, or name its "
                    f"{option('encoding')} or {option('delimiter')}",
                ) from None
            yield from table.combine_chunks().to_batches()
            line += block.count(b"\n")
