"""tar: known, so that it can be refused by its name; it holds many files of any kind."""

from __future__ import annotations

from collections.abc import Iterator

from stockcast.errors import UnreadablePrices
from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable


class _Tar:
    place = 30
    in_parts = False

    def fits(self, raw: RawFile, start: bytes) -> bool:  # noqa: ARG002 — every container is asked so
        return start[257:262] == b"ustar"

    def read(
        self,
        raw: RawFile,
        options: ReadOptions,  # noqa: ARG002
        inside: ReadInside,  # noqa: ARG002
    ) -> Iterator[PriceTable]:
        raise UnreadablePrices(
            f"{raw.name} is a tar archive",
            hint="unpack it with tar, and name its files",
        )


CONTAINER = _Tar()
