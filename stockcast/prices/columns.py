"""Header names ─▶ canonical column names; never by position."""

from __future__ import annotations

import re

from stockcast.errors import UnreadablePrices
from stockcast.recipe import PRICE_COLUMNS

NAMES = {
    "date": ("date",),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "adj_close": ("adjclose", "adjustedclose", "closeadjusted"),
    "volume": ("volume",),
    "ticker": ("ticker", "symbol"),
}
_CANONICAL = {spelling: name for name, spellings in NAMES.items() for spelling in spellings}


def match_columns(header: list[str], *, where: str) -> dict[str, int]:
    """Find the canonical columns in a header line.

    Args:
        header: cell texts; case, spaces and punctuation do not count.
        where: file and line, for messages.

    Returns:
        canonical name to position, for the columns that are there.

    Raises:
        UnreadablePrices: no date or no price column, or one of them twice.
    """
    found: dict[str, int] = {}
    for position, cell in enumerate(header):
        name = _CANONICAL.get(re.sub(r"[\W_]", "", cell).lower())
        if name is None:
            continue
        if name in found:
            raise UnreadablePrices(
                f"{where}: two columns are the {name}: {header[found[name]]!r} and {cell!r}",
                hint="remove or rename one of them",
            )
        found[name] = position
    present = ", ".join(repr(cell) for cell in header[:12])
    if "date" not in found:
        raise UnreadablePrices(
            f"{where}: no date column, the header is {present}",
            hint="the first line must name the columns: Date,Open,High,Low,Close,Adj Close,Volume",
        )
    if not found.keys() & set(PRICE_COLUMNS):
        raise UnreadablePrices(
            f"{where}: no price column, the header is {present}",
            hint="name at least one column Open, High, Low, Close or Adj Close",
        )
    return found
