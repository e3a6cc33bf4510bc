"""Arrow columns ─▶ text as CSV has it: ISO dates, a point in numbers, nothing where none is."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.csv as pacsv

from stockcast.prices import arrow_compute as pc
from stockcast.prices.csv.columns import PRICES, rank_name

NIXTLA = {"unique_id": "ticker", "ds": "date", "y": "close"}
"""What Nixtla's libraries call their columns."""


def write_text(table: pa.Table) -> io.BytesIO:
    """Write a table as CSV, at its end."""
    written = io.BytesIO()
    texts = [to_text(column) for column in table.columns]
    options = pacsv.WriteOptions(quoting_style="needed")
    pacsv.write_csv(pa.table(texts, names=table.column_names), written, options)
    return written


def has_number_texts(table: pa.Table) -> bool:
    """Whether a column that is called like a price is text, in which marks have to be judged."""
    named = zip(table.column_names, table.columns, strict=True)
    return any(is_text(column.type) and is_price_name(name) for name, column in named)


def is_text(kind: pa.DataType) -> bool:
    """Whether a column is of strings."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def is_price_name(name: str) -> bool:
    """Whether a column is called like a price or a volume."""
    return any(rank_name(name, key) is not None for key in (*PRICES, "volume"))


def to_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write a column as CSV has it."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        return _write_times(column)
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.nulls(len(column), kind), column)
    if pa.types.is_null(kind):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    return column.cast(pa.string())


def to_local(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return times in microseconds, as the clock in their zone showed them."""
    if column.type.tz is not None:
        column = pc.local_timestamp(column)
    return column.cast(pa.timestamp("us"), safe=False)


def _write_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write days as days, and else no finer than whole seconds where they are whole."""
    column = to_local(column)
    known = column.drop_null()
    seconds = known.cast(pa.timestamp("s"), safe=False)
    if known.equals(seconds.cast(pa.timestamp("us"))):
        column = column.cast(pa.timestamp("s"))
        if seconds.equals(known.cast(pa.date32(), safe=False).cast(pa.timestamp("s"))):
            return column.cast(pa.date32()).cast(pa.string())
    return column.cast(pa.string())
