"""The first rows of a file, with the lines in which they stand: what its form is settled by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from stockcast.prices.csv.columns import find_columns, fold, rank_name
from stockcast.prices.csv.date_format import find_kind
from stockcast.prices.csv.dialect import Dialect, find_dialect, is_dated
from stockcast.prices.csv.row_kinds import split_row
from stockcast.prices.csv.weekdays import parse_weekday

_LONGEST_ROW = 50  # lines of one row, whose cells have line breaks
_LOOKED_AT = 50  # rows
_LETTER = re.compile(r"[^\W\d_]")
_OPENERS = ",;\t| "  # what stands before a quote that opens a cell


@dataclass(frozen=True)
class Head:
    """The first rows, as text.

    Attributes:
        rows: as they stand, line breaks in quotes included.
        lines: line number of each row.
    """

    rows: list[str]
    lines: list[int]

    def find_dialect(self, *, name: str, delimiter: str | None, header: bool) -> Dialect:
        """Tell the dialect, by line numbers of the file.

        Rows between the header and the first one are its own too, if they have dates: they lack
        their last cells.

        Args:
            name: the file's name, for messages.
            delimiter: if the user says so.
            header: False if the user says that there is none.

        Raises:
            UnreadablePrices: nothing in it looks like a table of dated rows.
        """
        date_cells = count_date_cells(self.rows) if delimiter in (None, ",") else 1
        rows = [quote_date(row, date_cells) for row in self.rows]
        dialect = find_dialect(rows, name=name, delimiter=delimiter, header=header)
        above, first = dialect.header_line - 1, dialect.data_line - 1
        dated = (
            at
            for at in range(above + 1, min(first, len(rows)))
            if is_dated(split_row(rows[at], dialect.delimiter))
        )
        return replace(
            dialect,
            header=tuple(name.replace("\n", " ") for name in dialect.header),
            header_line=self._find_line(above),
            data_line=self._find_line(next(dated, first)),
            date_cells=date_cells if dialect.delimiter == "," else 1,
        )

    def widen(self, dialect: Dialect) -> Dialect:
        """Return a dialect with all names of its header, if the usual row has fewer cells."""
        if not dialect.has_header:
            return dialect
        names = self._split(self.lines.index(dialect.header_line), dialect)
        while names and not names[-1]:
            names.pop()
        missing = len(names) - len(dialect.header)
        if missing <= 0:
            return dialect
        return replace(
            dialect,
            header=(*dialect.header, *names[len(dialect.header) :]),
            sample=tuple((*row, *[""] * missing) for row in dialect.sample),
        )

    def list_notices(self, dialect: Dialect) -> list[int]:
        """Return the lines between the header and the first row that are neither, such as units."""
        if not dialect.has_header:
            return []
        between = range(dialect.header_line + 1, dialect.data_line)
        return [
            line
            for line, row in zip(self.lines, self.rows, strict=True)
            if line in between and _is_notice(split_row(row, dialect.delimiter))
        ]

    def _split(self, index: int, dialect: Dialect) -> list[str]:
        return split_row(self.rows[index], dialect.delimiter) if index < len(self.rows) else []

    def _find_line(self, index: int) -> int:
        """Return the line of a row; of what comes after the last, too."""
        if index < len(self.lines):
            return self.lines[index]
        return self.lines[-1] + self.rows[-1].count("\n") + 1 + index - len(self.lines)


def survey_head(sample: bytes, *, whole: bool) -> Head:
    """Return the complete rows of a file's first bytes.

    Args:
        sample: UTF-8, line ends plain.
        whole: whether these are all of the file's bytes.
    """
    texts = sample.decode("utf-8", errors="ignore").lstrip("\ufeff").split("\n")
    if not whole and len(texts) > 1:
        texts.pop()
    while texts and not texts[-1].strip():
        texts.pop()
    rows: list[str] = []
    lines: list[int] = []
    at = 0
    while at < len(texts):
        end = _find_end(texts, at)
        rows.append("\n".join(texts[at:end]))
        lines.append(at + 1)
        at = end
    return Head(rows, lines)


def _find_end(texts: list[str], start: int) -> int:
    """Return the index after the last line of the row that begins at one."""
    if not _leaves_open(texts[start]):
        return start + 1
    for end in range(start + 1, min(len(texts), start + _LONGEST_ROW)):
        if texts[end].count('"') % 2:
            return end + 1
    return start + 1  # a quote that nothing closes is a sign like others


def _leaves_open(text: str) -> bool:
    """Whether the last cell of a line is in quotes that do not end there."""
    if text.count('"') % 2 == 0:
        return False
    before = text[: text.rindex('"')]
    return not before or before[-1] in _OPENERS or before.endswith('"')


def _is_notice(cells: list[str]) -> bool:
    """Whether a line holds something, and not names for the columns above or below it."""
    if not any(cells):
        return False
    return fold(cells[0]) != "ticker" and rank_name(cells[0], "date") is None


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
    if not all(cells[:count]) or not _LETTER.search(date) or find_kind([date]) in (None, "number"):
        return False
    return (
        parse_weekday(cells[count - 1]) is not None
        or find_kind([",".join(cells[: count - 1])]) is None
    )
