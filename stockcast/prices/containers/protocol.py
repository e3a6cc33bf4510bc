"""What an input container is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable

ReadInside = Callable[[RawFile, ReadOptions], Iterator[PriceTable]]
"""Reads what a container holds, which may be a container again."""


class Container(Protocol):
    """A kind of file that holds a price table, or another file; a module's CONTAINER is one.

    Attributes:
        place: containers are asked in this order.
        in_parts: whether many tickers are read a few at a time.
    """

    place: int
    in_parts: bool

    def fits(self, raw: RawFile, start: bytes) -> bool:
        """Whether a file is of this kind.

        Args:
            raw: the file.
            start: its first bytes, at most START of them.
        """
        ...

    def read(self, raw: RawFile, options: ReadOptions, inside: ReadInside) -> Iterator[PriceTable]:
        """Yield the tables that a file of this kind holds; no ticker is in two of them.

        `reading.container` of each says what it came out of. A `source` without a SHA-256 is
        filled in with that of the file.

        Raises:
            PriceError: as `read_tables`.
            MissingLibrary: what opens it is not installed.
        """
        ...
