"""One Parquet file, read whole: without pyarrow.dataset, which would import pandas."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stockcast.prices.containers import typed_files
from stockcast.prices.containers.packed import Borrowed, PackedFile, measure_size, open_anywhere
from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.containers.typed_files import check_growth, explain_damage
from stockcast.prices.csv.columns import rank_name
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable
from stockcast.prices.typed import HEAD, TypedFile, clean_names, flatten, read_typed

_NAME = "Parquet"


def read_parquet_file(
    raw: RawFile, options: ReadOptions, inside: ReadInside
) -> Iterator[PriceTable]:
    """Yield the tables of a Parquet file, wherever it lies.

    Raises:
        UnreadablePrices: damaged, out of proportion, or no prices in it.
        AmbiguousPrices: several columns could be the close.
    """
    with _open(raw) as file:
        named = file.schema_arrow.names
        has_tickers = any(rank_name(name, "ticker") is not None for name in named)
        if has_tickers and file.metadata.num_rows > typed_files.MOST_ROWS and _is_on_disk(raw):
            from stockcast.prices.containers.parquet_files import read_parquet

            paths = [] if raw.path is None else [raw.path]
            yield from read_parquet(raw.name, paths, options, inside)
            return
        with explain_damage(raw.name, _NAME):
            first = list(itertools.islice(file.iter_batches(batch_size=HEAD), 1))
            head = flatten(pa.Table.from_batches(first, file.schema_arrow))
            names = dict(zip(clean_names(named), named, strict=True))

        def read(columns: Sequence[str] | None) -> pa.Table:
            wanted = head.column_names if columns is None else columns
            rows, size = file.metadata.num_rows, measure_size(raw)
            check_growth(raw.name, _NAME, size=size, rows=rows, columns=len(wanted))
            with explain_damage(raw.name, _NAME):
                return flatten(file.read([names[name] for name in wanted]))

        yield from read_typed(TypedFile(raw.name, _NAME, head, read), options, inside)


@contextmanager
def _open(raw: RawFile) -> Iterator[Any]:
    if _is_on_disk(raw):
        with explain_damage(raw.name, _NAME):
            file = pq.ParquetFile(raw.path)
        with file:
            yield file
        return
    with open_anywhere(raw) as stream:
        with explain_damage(raw.name, _NAME):
            file = pq.ParquetFile(Borrowed(stream))
        yield file


def _is_on_disk(raw: RawFile) -> bool:
    return raw.path is not None and not isinstance(raw, PackedFile)
