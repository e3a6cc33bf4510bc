"""Feather and Arrow IPC ─▶ PriceTable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from stockcast.errors import UnreadablePrices
from stockcast.prices.containers.packed import (
    Borrowed,
    limit_growth,
    measure_size,
    open_anywhere,
    refuse_growth,
)
from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.containers.typed_files import explain_damage
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable
from stockcast.prices.typed import HEAD, TypedFile, flatten, read_typed

_NAME = "Arrow"


def read_arrow(raw: RawFile, options: ReadOptions, inside: ReadInside) -> Iterator[PriceTable]:
    """Yield the table of a Feather or Arrow file.

    Raises:
        UnreadablePrices: damaged, out of proportion, or no prices in it.
        AmbiguousPrices: several columns could be the close.
    """
    limit = limit_growth(measure_size(raw))
    with open_anywhere(raw) as stream, explain_damage(raw.name, _NAME):
        table = flatten(_read(Borrowed(stream), raw.name, limit))
    file = TypedFile(
        raw.name,
        _NAME,
        table.slice(0, HEAD),
        lambda names: table if names is None else table.select(list(names)),
    )
    yield from read_typed(file, options, inside)


def _read(stream: Any, name: str, limit: int) -> pa.Table:
    """Read a whole file, and look over it, since its offsets are believed from here on."""
    start = stream.read(6)
    stream.seek(0)
    if start.startswith(b"FEA1"):
        raise UnreadablePrices(
            f"{name} is a file of Feather's first version, which is out of use",
            hint="write it again as Feather 2 or Parquet",
        )
    batches, size = [], 0
    for batch in _list_batches(stream, is_file=start == b"ARROW1"):
        batch.validate(full=True)
        size += batch.nbytes
        if size > limit:
            raise refuse_growth(name, _NAME)
        batches.append(batch)
    if not batches:
        raise UnreadablePrices(f"{name} is empty", hint="check the download")
    return pa.Table.from_batches(batches)


def _list_batches(stream: Any, *, is_file: bool) -> Iterator[pa.RecordBatch]:
    if not is_file:
        yield from pa.ipc.open_stream(stream)
        return
    reader = pa.ipc.open_file(stream)
    for at in range(reader.num_record_batches):
        yield reader.get_batch(at)
