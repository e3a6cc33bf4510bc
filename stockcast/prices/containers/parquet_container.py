"""Parquet, by Arrow: only the columns that count are read, of a large file a ticker at a time."""

from __future__ import annotations

from collections.abc import Iterator

from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable


class _Parquet:
    place = 20
    in_parts = True

    def fits(self, raw: RawFile, start: bytes) -> bool:  # noqa: ARG002 — every container is asked so
        return start.startswith((b"PAR1", b"PARE"))

    def read(self, raw: RawFile, options: ReadOptions, inside: ReadInside) -> Iterator[PriceTable]:
        # Arrow and what reads typed columns are loaded where there are some.
        from stockcast.prices.containers.parquet_whole import read_parquet_file

        return read_parquet_file(raw, options, inside)


CONTAINER = _Parquet()
