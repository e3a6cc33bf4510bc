"""The first rows of a file, with the lines in which they stand: what its form is settled by."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stockcast.prices.csv.columns import fold, rank_name
from stockcast.prices.csv.dialect import Dialect, find_dialect, is_dated
from stockcast.prices.csv.row_text import count_date_cells, quote_date, split_row

_LONGEST_ROW = 50  # lines of one row, whose cells have line breaks
_OPENERS = ",;\t| "  # what stands before a quote that opens a cell


@dataclass(frozen=True)
class Head:
    """The first rows, as text.

    Attributes:
        rows: as they stand, line breaks in quotes included.
        lines: line number of each row.
        is_whole: whether these are all rows of the file.
    """

    rows: list[str]
    lines: list[int]
    is_whole: bool

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
    while len(texts) > 1 and not texts[-1].strip():
        texts.pop()
    rows: list[str] = []
    lines: list[int] = []
    at = 0
    while at < len(texts):
        end = _find_end(texts, at)
        rows.append("\n".join(texts[at:end]))
        lines.append(at + 1)
        at = end
    return Head(rows, lines, whole)


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
