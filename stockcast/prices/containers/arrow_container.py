"""Feather and Arrow IPC, as files and as streams."""

from __future__ import annotations

from collections.abc import Iterator

from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable

_FILE, _FEATHER, _STREAM = b"ARROW1", b"FEA1", b"\xff\xff\xff\xff"


class _Arrow:
    place = 21
    in_parts = False

    def fits(self, raw: RawFile, start: bytes) -> bool:  # noqa: ARG002 — every container is asked so
        return start.startswith((_FILE, _FEATHER, _STREAM))

    def read(self, raw: RawFile, options: ReadOptions, inside: ReadInside) -> Iterator[PriceTable]:
        # Arrow and what reads typed columns are loaded where there are some.
        from stockcast.prices.containers.arrow_files import read_arrow

        return read_arrow(raw, options, inside)


CONTAINER = _Arrow()
