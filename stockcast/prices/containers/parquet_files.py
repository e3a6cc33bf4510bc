"""One or many Parquet files that are one table ─▶ PriceTable, through pyarrow.dataset.

Of many tickers only so many are in memory as have `MOST_ROWS` rows, or one that has more. Tickers
are read together only where they lie in the same files, so that a ticker's source is the files
that hold it and no others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from numpy.typing import NDArray

from stockcast.prices import arrow_compute as pc
from stockcast.prices.containers import typed_files
from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.containers.typed_files import check_growth, explain_damage
from stockcast.prices.csv.arrow import to_numpy
from stockcast.prices.csv.columns import rank_name
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable
from stockcast.prices.history import Source, combine_sha256
from stockcast.prices.typed import (
    HEAD,
    TypedFile,
    build_tables,
    clean_names,
    find_typed_layout,
    flatten,
    read_as_text,
    read_typed,
)

_NAME = "Parquet"

Ticker = str | None


def read_parquet(
    name: str,
    paths: Sequence[Path],
    options: ReadOptions,
    inside: ReadInside,
    *,
    base: Path | None = None,
) -> Iterator[PriceTable]:
    """Yield the tables of Parquet files that are one: of many tickers a few at a time.

    Args:
        name: of the file, or of the folder.
        paths: the files.
        options: what the user says of them; with `ticker`, no other is read.
        inside: reads CSV.
        base: the folder below which folders such as `ticker=AAPL` are columns.

    Raises:
        UnreadablePrices: damaged, out of proportion, or no prices in it.
        AmbiguousPrices: several columns could be the close.
    """
    files = _Files(name, paths, base)
    file = TypedFile(name, _NAME, files.head, files.read_all)
    found = find_typed_layout(file, options)
    if found is None or found.layout.ticker is None:
        for table in read_typed(file, options, inside):
            yield files.name_source(table, range(len(paths)))
        return
    column = found.dialect.header[found.layout.ticker]
    for group in files.group_tickers(column, options.ticker):
        rows, lines = files.read_group(found.name_columns(), group)
        tables = build_tables(file, found, rows, lines)
        if tables is None:  # something in it has to be judged as text
            rest = files.read_group(None, group)[0]
            tables = list(read_as_text(name, _NAME, rest, options, inside))
        for table in tables:
            yield files.name_source(table, group.places)


@dataclass
class _Group:
    """Tickers that lie in the same files.

    Attributes:
        column: that names them.
        places: of the files among all.
        tickers: the names.
        rows: how many they have.
    """

    column: str
    places: tuple[int, ...]
    tickers: list[Ticker]
    rows: int

    def match(self, column: pa.Array) -> pa.Array:
        """(rows,) whether each row is of one of these tickers."""
        return pc.is_in(_decode(column), value_set=pa.array(self.tickers, pa.string()))


class _Files:
    """Parquet files that are one table.

    Args:
        name: of all.
        paths: the files.
        base: the folder below which folders such as `ticker=AAPL` are columns.

    Attributes:
        head: the first rows.

    Raises:
        UnreadablePrices: one of them is damaged.
    """

    def __init__(self, name: str, paths: Sequence[Path], base: Path | None) -> None:
        self._name = name
        self._paths = paths
        self._digests: dict[int, str] = {}
        with explain_damage(name, _NAME):
            dataset = _open(paths, base)
            fragments = {Path(one.path): one for one in dataset.get_fragments()}
            self._fragments = [fragments[path.absolute()] for path in paths]
            partitions = dataset.partitioning.schema
            named = [one for one in partitions if rank_name(one.name, "ticker") is not None]
            self._schema = pa.unify_schemas(
                [*(one.physical_schema for one in self._fragments), pa.schema(named)],
                promote_options="permissive",
            )
            self._whole = ds.FileSystemDataset(
                self._fragments, self._schema, dataset.format, dataset.filesystem
            )
            self.head = flatten(self._read_head())
        raw_names = self._schema.names
        self._names = dict(zip(clean_names(raw_names), raw_names, strict=True))

    def _read_head(self) -> pa.Table:
        """Return the first rows of the first file that has any: a dataset would read ahead."""
        for path, fragment in zip(self._paths, self._fragments, strict=True):
            with pq.ParquetFile(path) as file:
                batch = next(file.iter_batches(batch_size=HEAD), None)
            if batch is not None and len(batch):
                keys = ds.get_partition_keys(fragment.partition_expression)
                return _fill(pa.Table.from_batches([batch]), self._schema, keys)
        return self._schema.empty_table()

    def read_all(self, columns: Sequence[str] | None) -> pa.Table:
        """Return some columns, or all that count, with all rows."""
        wanted = self._check_size(columns, range(len(self._paths)))
        with explain_damage(self._name, _NAME):
            return flatten(self._whole.to_table(columns=wanted))

    def read_group(
        self, columns: Sequence[str] | None, group: _Group
    ) -> tuple[pa.Table, NDArray[np.int64]]:
        """Return some columns, or all that count, of a group's rows, and the rows' lines."""
        wanted = self._check_size(columns, group.places)
        parts, lines = [pa.schema([self._schema.field(one) for one in wanted]).empty_table()], []
        with explain_damage(self._name, _NAME):
            for at in group.places:
                line = 2  # a row's line is as if the names stood in line 1
                for batch in self._fragments[at].to_batches(schema=self._schema, columns=wanted):
                    mask = group.match(batch.column(self._names[group.column]))
                    parts.append(pa.Table.from_batches([batch]).filter(mask))
                    lines.append(line + np.flatnonzero(to_numpy(mask.cast(pa.int8()))))
                    line += len(batch)
            return flatten(pa.concat_tables(parts)), np.concatenate(lines)

    def _check_size(self, columns: Sequence[str] | None, places: Sequence[int]) -> list[str]:
        """Return the files' names of columns, unless they would be out of proportion."""
        with explain_damage(self._name, _NAME):
            size = sum(self._paths[at].stat().st_size for at in places)
            rows = sum(self._fragments[at].count_rows() for at in places)
        wanted = self.head.column_names if columns is None else columns
        check_growth(self._name, _NAME, size=size, rows=rows, columns=len(wanted))
        return [self._names[one] for one in wanted]

    def group_tickers(self, column: str, only: str | None) -> list[_Group]:
        """Return the tickers by the files in which they are, in their order of appearance.

        Args:
            column: that names them.
            only: the one ticker that is wanted; None: all.
        """
        counts: dict[Ticker, dict[int, int]] = {}
        with explain_damage(self._name, _NAME):
            for at in range(len(self._paths)):
                for ticker, count in self._count_tickers(at, self._names[column]):
                    counts.setdefault(ticker, {})[at] = count
        wanted = {one: places for one, places in counts.items() if _clean(one) == only}
        return _group(column, wanted or counts)  # of none that is wanted, all have to be named

    def _count_tickers(self, at: int, column: str) -> Iterator[tuple[Ticker, int]]:
        """Yield each ticker of a file, and its rows there."""
        fragment = self._fragments[at]
        keys = ds.get_partition_keys(fragment.partition_expression)
        if column in keys and column not in fragment.physical_schema.names:
            yield keys[column], fragment.count_rows()
            return
        counted: dict[Ticker, int] = {}
        for batch in fragment.to_batches(schema=self._schema, columns=[column]):
            for one in pc.value_counts(_decode(batch.column(0))).to_pylist():
                counted[one["values"]] = counted.get(one["values"], 0) + one["counts"]
        yield from counted.items()

    def name_source(self, table: PriceTable, places: Sequence[int]) -> PriceTable:
        """Say of a table which files it came from."""
        for at in places:
            if at not in self._digests:
                self._digests[at] = RawFile(str(self._paths[at]), self._paths[at]).hash()
        sources = [Source(str(self._paths[at]), self._digests[at]) for at in places]
        name = sources[0].name if len(sources) == 1 else self._name
        return replace(table, source=Source(name, combine_sha256(sources)))


def _fill(table: pa.Table, schema: pa.Schema, keys: dict[str, Ticker]) -> pa.Table:
    """Return a file's rows with the columns of all files, and those that its folders name."""
    columns = [
        table[one.name].cast(one.type)
        if one.name in table.column_names
        else pa.array([keys.get(one.name)] * len(table), one.type)
        for one in schema
    ]
    return pa.table(columns, schema=schema)


def _open(paths: Sequence[Path], base: Path | None) -> Any:
    """Open files as one dataset, with the columns that their folders name, as text."""
    keys: dict[str, None] = {}
    for path in paths if base is not None else ():
        parts = path.relative_to(base or path).parts[:-1]
        keys.update((part.partition("=")[0], None) for part in parts if "=" in part)
    schema = pa.schema([(key, pa.string()) for key in keys])
    return ds.dataset(
        [str(path.absolute()) for path in paths],
        format="parquet",
        partitioning=ds.partitioning(schema, flavor="hive"),
        partition_base_dir=None if base is None else str(base.absolute()),
    )


def _group(column: str, counts: dict[Ticker, dict[int, int]]) -> list[_Group]:
    """Put tickers of the same files together, as many as `MOST_ROWS` allows."""
    groups: dict[tuple[int, ...], list[_Group]] = {}
    for ticker, places in counts.items():
        rows = sum(places.values())
        same = groups.setdefault(tuple(places), [])
        if not same or same[-1].rows + rows > typed_files.MOST_ROWS:
            same.append(_Group(column, tuple(places), [], 0))
        same[-1].tickers.append(ticker)
        same[-1].rows += rows
    return [group for same in groups.values() for group in same]


def _decode(column: pa.Array) -> pa.Array:
    """Return names as text, whatever their column has them as."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.string())


def _clean(ticker: Ticker) -> str:
    return (ticker or "").strip()
