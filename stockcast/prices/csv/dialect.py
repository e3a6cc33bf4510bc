"""What one file is: delimiter, header lines, and where its rows begin; from a bounded sample."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stockcast.errors import UnreadablePrices, option
from stockcast.prices.csv.columns import find_columns, fold, rank_name
from stockcast.prices.csv.date_format import find_kind, find_kind_of, is_destroyed

DELIMITERS = (",", ";", "\t", "|")
_NUMBERLIKE = re.compile(
    r"^[-+(]?[^\w\s]{0,3}\s?[-+]?[\d][\d.,'\s]*(?:[eE][+-]?\d+)?\s?[KMBTkmbt%]?\)?\s?\w{0,3}$"
)
_MISSING = re.compile(r"(?i:null|nan|na|n/a|#n/a|none|\.|--?|)")
_MOST_HEADER_LINES = 3
SHOWN = 400  # sample rows that are looked at
_SCORED = 100  # of these, rows that a delimiter is scored by
_WIDTHS = 4  # numbers of cells a row that are considered


@dataclass(frozen=True)
class Dialect:
    """How a file is laid out.

    Attributes:
        delimiter: one character.
        header: one name a column, raw, spaces kept; `#1`, `#2`, … without a header.
        has_header: whether the names are the file's own.
        header_line: line number of the names; of the first row if there are none.
        data_line: line number of the first row.
        ticker: a ticker that the header names for all columns, as yfinance does.
        sample: the first rows, as trimmed cells, each as wide as the header.
        date_cells: of how many cells in the file the first one is made, where dates have commas in
            them that are not quoted: `March 01, 2013` of two.
        later: of columns without a value in the sample, the first ones further down.
    """

    delimiter: str
    header: tuple[str, ...]
    has_header: bool
    header_line: int
    data_line: int
    ticker: str | None
    sample: tuple[tuple[str, ...], ...]
    date_cells: int = 1
    later: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def column(self, position: int) -> list[str]:
        """Return the sample's cells of one column, or what comes later if these are empty."""
        later = self.later.get(position)
        return [row[position] for row in self.sample] if later is None else list(later)


def find_dialect(
    lines: Sequence[str], *, name: str, delimiter: str | None = None, header: bool = True
) -> Dialect:
    """Tell a file's layout from its first lines.

    Args:
        lines: the first lines, without their ends.
        name: the file's name, for messages.
        delimiter: if the user says so.
        header: False if the user says that there is none.

    Raises:
        UnreadablePrices: nothing in it looks like a table of dated rows.
    """
    declared = _find_declared(lines)
    best = _choose_split(lines, delimiter, declared)
    if best.width < 2:
        found = (
            "no delimiter separates" if delimiter is None else f"{delimiter!r} does not separate"
        )
        do = "name it with" if delimiter is None else "name another, or leave out"
        raise UnreadablePrices(
            f"{name}: {found} its lines into columns ({lines[0][:60]!r})",
            hint=f"{do} {option('delimiter')}, or check that this is a price CSV",
        )
    rows = [(line, [cell.strip() for cell in row]) for line, row in best.rows]
    start = _find_first_row(rows, best.width)
    if start is None:
        # No dated row: the caller says what is missing, by the header.
        start = min(1, len(rows) - 1) if header else 0
    first = 0 if declared is None else 1
    above = [(line, row) for line, row in rows[first:start] if any(row)] if header else []
    width = Counter(len(row) for _, row in rows[start:] if any(row)).most_common(1)
    wide = width[0][0] if width else best.width
    heads = [(line, row) for line, row in above if _fits(row, wide)][-_MOST_HEADER_LINES:]
    wide = max([wide, *(len(row) for _, row in heads)]) if not width else wide
    data_line = rows[start][0] if rows else 1
    if start == 0 and header and len(rows) == 1 and find_columns(rows[0][1]):
        heads, data_line = [rows[0]], rows[0][0] + 1
        wide, start = len(rows[0][1]), 1
    sample = tuple(_pad(row, wide) for _, row in rows[start : start + SHOWN] if any(row))
    names, line, ticker = _merge_heads(heads, wide)
    raw = dict(best.rows).get(line or 0, [])
    if raw and [cell.strip() for cell in raw] == list(names)[: len(raw)]:
        names = _pad(raw, wide)
    return Dialect(
        delimiter=best.delimiter,
        header=names or tuple(f"#{position + 1}" for position in range(wide)),
        has_header=bool(names),
        header_line=line or data_line,
        data_line=data_line,
        ticker=ticker,
        sample=sample,
    )


@dataclass(frozen=True)
class _Split:
    delimiter: str
    rows: list[tuple[int, list[str]]]
    width: int
    score: tuple[int, int, float, int]


def _choose_split(lines: Sequence[str], delimiter: str | None, declared: str | None) -> _Split:
    """Split the sample at the mark that the user or the file names, else that gives most rows."""
    if delimiter is not None:
        return _split(lines, delimiter)
    if declared is not None and (split := _split(lines, declared)).score[0]:
        return split
    marks = [mark for mark in DELIMITERS if any(mark in line for line in lines)] or [","]
    return max((_split(lines, mark) for mark in marks), key=lambda split: split.score)


def _split(lines: Sequence[str], delimiter: str) -> _Split:
    """Split the sample at one mark, and score how much it then looks like dated rows."""
    rows = _split_lines(lines[: SHOWN + 50], delimiter)
    width, dated, share = _find_width(rows)
    if not dated and len(lines) > len(rows):  # what stands above the table is longer than that
        rows = _split_lines(lines, delimiter)
        width, dated, share = _find_width(rows)
    names = max((len(find_columns(row)) for _, row in rows[:10] if len(row) > 1), default=0)
    return _Split(delimiter, rows, width, (dated, names, share if width > 1 else 0.0, width))


def _split_lines(lines: Sequence[str], delimiter: str) -> list[tuple[int, list[str]]]:
    return [(number, _split_line(line, delimiter)) for number, line in enumerate(lines, start=1)]


def _find_width(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, int, float]:
    """Return how many cells most dated rows have, how many such there are, and their share.

    Without any, how many most rows have: what stands above a short table can be longer than it.
    """
    widths = Counter(len(row) for _, row in rows if any(row))
    best = (0, 0, 0)
    for width, count in widths.most_common(_WIDTHS):
        # The last ones: the first may stand above the table.
        as_wide = [row for _, row in rows if len(row) == width][-_SCORED:] if width > 1 else []
        dated = sum(is_dated([cell.strip() for cell in row]) for row in as_wide)
        best = max(best, (dated, count, width))
        if count == len(rows):
            break
    dated, count, width = best
    return width, dated, count / max(1, sum(widths.values()))


def _find_declared(lines: Sequence[str]) -> str | None:
    """Return the delimiter that a first line such as `sep=;` declares, for a spreadsheet."""
    match = re.fullmatch(r'"?sep=(.)"?[,;\s]*', lines[0]) if lines else None
    return match[1] if match else None


def _split_line(line: str, delimiter: str) -> list[str]:
    if line and not set('"\r\0') & set(line):  # as the reader would, in a fifth of the time
        return line.split(delimiter)
    try:
        return next(csv.reader([line.rstrip("\r")], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def is_dated(row: list[str]) -> bool:
    """Whether a row has a date and, in another cell, a number or nothing at all."""
    for position, cell in enumerate(row[:12]):
        if cell and find_kind_of(cell) is not None:
            others = [other for other in row[:position] + row[position + 1 :] if other]
            return not others or any(is_number(other) for other in others)
    return False


def is_number(cell: str) -> bool:
    """Whether a cell looks like a number in some notation."""
    return bool(_NUMBERLIKE.match(cell)) or cell.lower() in ("null", "nan", "n/a")


def is_missing(cell: str) -> bool:
    """Whether a cell stands for a value that is not there, and so says nothing of its column."""
    return _MISSING.fullmatch(cell) is not None


def _find_first_row(rows: list[tuple[int, list[str]]], width: int) -> int | None:
    """Return the index of the first dated row; or, without any, of the first row of numbers."""
    for index, (_, row) in enumerate(rows):
        if abs(len(row) - width) <= 1 and is_dated(row) and not _stands_above(rows[index:]):
            first = index
            while first and _is_damaged_row(rows[first - 1][1], width):
                first -= 1
            return first
    for index, (_, row) in enumerate(rows):
        numbers = sum(is_number(cell) for cell in row)
        if len(row) > 1 and numbers * 2 >= max(2, sum(map(bool, row))):
            return index
    return None


def _stands_above(rows: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether the first of some lines is a date alone, above a line of names: when it was made."""
    if any(is_number(cell) for cell in rows[0][1]):
        return False
    for _, row in rows[1:]:
        if len(find_columns(row)) > 1:
            return True
        if is_dated(row) and any(is_number(cell) for cell in row):
            return False
    return False


def _is_damaged_row(row: list[str], width: int) -> bool:
    """Whether a line just above the rows is one of them, with a bad date or a bad number."""
    known = [cell for cell in row if cell]
    if abs(len(row) - width) > 1 or not known:
        return False
    dated = find_kind(known[:1]) not in (None, "number")
    return dated or 2 * sum(is_number(cell) for cell in known) >= len(known)


def _fits(row: list[str], width: int) -> bool:
    """Whether a line above the rows can be a line of names: about as wide, and no date."""
    return len(row) > 1 and (len(row) >= width - 1) and not is_dated(row)


def _pad(row: Sequence[str], width: int) -> tuple[str, ...]:
    return tuple([*row, *[""] * width][:width])


def _merge_heads(
    heads: list[tuple[int, list[str]]], width: int
) -> tuple[tuple[str, ...], int | None, str | None]:
    """Make one name a column out of one to three header lines.

    Returns:
        the names (empty without a header), their line, and a ticker that all columns share.
    """
    if not heads:
        return (), None, None
    # Of lines that say as much, the last: what stands above it belongs to no column.
    line, names = max(heads, key=lambda head: (len(find_columns(head[1])), head[0]))
    names = list(_pad(names, width))
    above = next((_pad(row, width) for at, row in heads if at == line - 1), None)
    if above is not None and _name_tickers(above, names):
        return _join_lines(names, above), line, None
    ticker = None
    for other_line, row in heads:
        others = {cell for cell in row[1:] if cell}
        if other_line != line and not others and rank_name(row[0], "date") is not None:
            names[0] = row[0]  # the last of yfinance's three lines names the dates alone
        if other_line == line or not others:
            continue
        dated = rank_name(row[0], "date") is not None
        if fold(row[0]) != "ticker" and not dated:
            continue
        if any(is_number(cell) or find_kind_of(cell) is not None for cell in others):
            continue  # `Date,2013-03-01` above the table says when it was made
        if len(others) == 1 and not dated:
            ticker = others.pop()
        else:  # several tickers in a line of their own: a wide file
            seconds = ["", *_pad(row, width)[1:]]
            names = [
                f"{first}_{second}" if second else first
                for first, second in zip(names, seconds, strict=True)
            ]
    return tuple(names), line, ticker


def _name_tickers(above: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a line above names that stand there twice says whose they are."""
    said = {cell for cell in above[1:] if cell}
    priced = [fold(name) for name in names if rank_name(name, "close") is not None]
    return (
        not above[0]
        and len(said) > 1
        and len(priced) > len(set(priced))
        and not find_columns(above)
        and not any(is_number(cell) or find_kind_of(cell) is not None for cell in said)
    )


def _join_lines(names: Sequence[str], above: Sequence[str]) -> tuple[str, ...]:
    """Write each name with the ticker above it, which goes for the columns up to the next."""
    joined, ticker = [], ""
    for name, cell in zip(names, above, strict=True):
        ticker = cell or ticker
        joined.append(f"{name.replace('_', '')}_{ticker}" if ticker and name else name)
    return tuple(joined)


def has_destroyed_dates(dialect: Dialect) -> bool:
    """Whether some column's dates are epochs that a spreadsheet rounded to nothing."""
    return any(
        is_destroyed(cells) and len(set(cells)) <= max(1, len(cells) // 20)
        for cells in (dialect.column(position) for position in range(len(dialect.header)))
        if len([cell for cell in cells if cell]) > 1
    )
