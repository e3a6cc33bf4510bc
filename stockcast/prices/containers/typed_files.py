"""What the files of typed columns have in common: their errors and their limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from stockcast.errors import UnreadablePrices
from stockcast.prices.containers.packed import limit_growth, refuse_growth

MOST_ROWS = 2_000_000
"""Of several tickers in memory at once: 120 MB of prices."""

_CELL = 8  # bytes


@contextmanager
def explain_damage(name: str, what: str) -> Iterator[None]:
    """Tell what Arrow says of a damaged file as a refusal.

    Raises:
        UnreadablePrices: Arrow cannot read it.
    """
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError, MemoryError, OverflowError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise UnreadablePrices(
            f"{name}: this {what} file cannot be read: {lines[0][:200]}",
            hint="it is damaged, or was not written to its end: get it again",
        ) from None


def check_growth(name: str, what: str, *, size: int, rows: int, columns: int) -> None:
    """Refuse a table that is out of proportion to its file.

    Args:
        name: of the file.
        what: it is.
        size: bytes of the file.
        rows: of the table.
        columns: that are read.

    Raises:
        UnreadablePrices: it is.
    """
    if rows * columns * _CELL > limit_growth(size):
        raise refuse_growth(name, what)
