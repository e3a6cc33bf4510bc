"""A folder of Parquet files that are one table: with a ticker column, or a folder a ticker."""

from __future__ import annotations

from collections.abc import Iterator

from stockcast.prices.containers.folders import is_parquet_folder, list_parquet_files
from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable


class _Folder:
    place = 1
    in_parts = True

    def fits(self, raw: RawFile, start: bytes) -> bool:  # noqa: ARG002 — every container is asked so
        return raw.path is not None and raw.path.is_dir() and is_parquet_folder(raw.path)

    def read(self, raw: RawFile, options: ReadOptions, inside: ReadInside) -> Iterator[PriceTable]:
        from stockcast.prices.containers.parquet_files import read_parquet

        if raw.path is None:
            raise ValueError("a folder has a path")
        paths = list_parquet_files(raw.path)
        return read_parquet(raw.name, paths, options, inside, base=raw.path)


CONTAINER = _Folder()
