"""One row's text ─▶ its cells; dates that are spread over several cells are one."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from stockcast.prices.csv.columns import find_columns
from stockcast.prices.csv.date_format import find_kind, find_kind_of
from stockcast.prices.csv.dialect import Dialect
from stockcast.prices.csv.weekdays import parse_weekday

_LETTER = re.compile(r"[^\W\d_]")
_LOOKED_AT = 50  # rows


def split_row(text: str, delimiter: str) -> list[str]:
    """Return a row's cells, trimmed."""
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), [])]
    except csv.Error:
        return [cell.strip() for cell in text.split(delimiter)]


def split_like(text: str, dialect: Dialect) -> list[str]:
    """Return a row's cells, trimmed, as a dialect has them."""
    return split_row(quote_date(text, dialect.date_cells), dialect.delimiter)


def count_date_cells(rows: Sequence[str]) -> int:
    """Return of how many cells the dates are made that stand in front, with commas and no quotes.

    1 unless next to all rows agree, and the header, if there is one, has fewer cells by as many.

    Example:
        >>> count_date_cells(["Date,Close", "March 01, 2013,1.5", "March 04, 2013,2.5"])
        2
    """
    split = [split_row(row, ",") for row in rows[:_LOOKED_AT]]
    width = max((len(row) for row in split), default=0)
    usual = [row for row in split if len(row) == width]
    if width < 3:
        return 1
    count = next((count for count in (3, 2) if _is_date_of(usual[-1], count)), 1)
    named = next((row for row in split if len(find_columns(row)) > 1), None) if count > 1 else None
    joined = sum(_is_date_of(row, count) for row in usual) if count > 1 else 0
    if joined * 20 < 19 * len(usual):
        return 1
    if named is None:  # a weekday behind dates that are whole may have a column of its own
        return 1 if find_kind([row[0] for row in usual]) is not None else count
    return count if len(named) == width - count + 1 else 1


def quote_date(row: str, count: int) -> str:
    """Put a date made of several cells in quotes; leave a row that has none as it is."""
    cells = split_row(row, ",") if count > 1 else []
    if len(cells) <= count or not _is_date_of(cells, count):
        return row
    rest = row.split(",", count)[count]
    return f'"{", ".join(cells[:count])}",{rest}'


def _is_date_of(cells: Sequence[str], count: int) -> bool:
    """Whether the first cells make one date together, and not the same without the last one."""
    date = ",".join(cells[:count])
    if not all(cells[:count]) or not _LETTER.search(date) or find_kind_of(date) in (None, "number"):
        return False
    return (
        parse_weekday(cells[count - 1]) is not None
        or find_kind_of(",".join(cells[: count - 1])) is None
    )
