"""Which rows of a file are bars; what the others are, and which of them are damaged bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import UnreadablePrices, option
from stockcast.plurals import count_of
from stockcast.prices.csv.blocks import OddRow
from stockcast.prices.csv.cells import CellReader, Cells, Rows
from stockcast.prices.csv.dates import DateColumn
from stockcast.prices.csv.dialect import DELIMITERS, Dialect, is_dated
from stockcast.prices.csv.layout import Layout
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.row_kinds import is_action_row, is_summary
from stockcast.prices.csv.row_text import split_like, split_row
from stockcast.prices.findings import Finding

_LEFT_OUT = {
    "corporate-actions": "{rows} with a dividend, a split or the like in place of prices",
    "summary-rows": "{rows} with a word such as Total in place of a date",
}


@dataclass(frozen=True)
class Kept:
    """Which rows are bars, and what was found about the others.

    Attributes:
        rows: (rows,) whether each is a bar.
        undated: lines with neither date nor price: notices and padding.
        findings: about rows of other kinds, none of any ticker's.
    """

    rows: NDArray[np.bool_]
    undated: tuple[int, ...]
    findings: tuple[Finding, ...]


class RowJudge:
    """Tells the rows of one file apart, once its dates are settled.

    Args:
        name: the file's name, for messages.
        dialect: its header and delimiter.
        layout: which column is what.
        options: what the user says of it.
        reader: finds a cell's text again.
        cells: of the whole file.
        dates: likewise.
    """

    def __init__(
        self,
        name: str,
        dialect: Dialect,
        layout: Layout,
        options: ReadOptions,
        *,
        reader: CellReader,
        cells: Cells,
        dates: DateColumn,
    ) -> None:
        self._name = name
        self._dialect = dialect
        self._layout = layout
        self._options = options
        self._reader = reader
        self._cells = cells
        self._dates = dates
        self._lines = cells.lines.finish()

    def list_date_findings(self) -> tuple[Finding, ...]:
        """Return what is to be told of how the dates were read."""
        calendar, contrary = self._dates.calendar, self._dates.contrary
        found = []
        if calendar is not None:
            text = self._reader.find_cell(calendar.row, self._layout.date).strip()
            message = f"{self._name}: dates by {calendar.about}: {text!r} is read as {calendar.day}"
            line = int(self._lines[calendar.row])
            found.append(Finding("other-calendar", self._cells.rows, message, lines=(line,)))
        if len(contrary):
            lines = tuple(map(int, self._lines[contrary[:10]]))
            message = (
                f"{self._name}: {count_of(len(contrary), 'row')} with another weekday than the "
                f"date has, the first in line {lines[0]}; the date is what counts"
            )
            found.append(Finding("contrary-weekdays", len(contrary), message, lines=lines))
        return tuple(found)

    def judge(self) -> Kept:
        """Tell bars from rows of other kinds, which are left out, and refuse damaged ones.

        Raises:
            UnreadablePrices: a damaged row; the message has its line and cell.
        """
        lines = self._lines
        dated = ~np.isnat(self._dates.dates)
        actions = self._find_actions(dated)
        told, notices, cut = self._judge_odd()
        self._refuse_bad(dated & ~actions)
        summaries = self._judge_undated(np.flatnonzero(~dated))
        if not dated.any():
            raise UnreadablePrices(f"{self._name}: no row has a date")
        held = np.concatenate([self._dates.bad, *self._cells.held])
        undated = np.unique(held[~dated[held] & ~np.isin(held, summaries)])
        return Kept(
            rows=dated & ~actions,
            undated=tuple(sorted([*map(int, lines[undated]), *notices])),
            findings=(
                *self._tell("corporate-actions", [*map(int, lines[actions]), *told]),
                *self._tell("summary-rows", [int(line) for line in lines[summaries]]),
                *cut,
            ),
        )

    def refuse_width(self, row: OddRow) -> UnreadablePrices:
        """Return the refusal of a row of another width."""
        return UnreadablePrices(
            f"{self._name}:{row.line}: {count_of(row.width, 'cell')} in this row, expected "
            f"{len(self._dialect.header):,} as in the header",
            hint="the file may be cut short or damaged there",
        )

    def _tell(self, kind: str, lines: Sequence[int]) -> list[Finding]:
        """Return a finding about rows that were left out, if there are any."""
        if not lines:
            return []
        lines = sorted(lines)
        what = _LEFT_OUT[kind].format(rows=count_of(len(lines), "row"))
        message = f"{self._name}: {what}, the first in line {lines[0]}; left out"
        return [Finding(kind, len(lines), message, lines=tuple(lines[:10]))]

    def _find_actions(self, dated: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(rows,) rows with a date that tell of a dividend or a split, and have no price.

        What the cell to the right of it has is the amount. A row with more than that is a damaged
        bar: its cells are bad ones.
        """
        cells = self._cells
        found = np.zeros(cells.rows, dtype=bool)
        damaged = np.concatenate([*(rows for parts in cells.bad.values() for rows in parts), []])
        for position, parts in cells.actions.items():
            rows = np.concatenate(parts)
            more = np.isin(rows, damaged)
            for other, column in cells.numbers.items():
                if other != position + 1:
                    more |= np.isfinite(column.finish()[rows])
            found[rows[~more]] = True
            if more.any():
                cells.bad.setdefault(position, []).append(rows[more])
        return found & dated

    def _judge_odd(self) -> tuple[list[int], list[int], list[Finding]]:
        """Judge the rows of another width.

        Returns:
            lines of dividends and the like; lines of notices; what to tell of a last line that is
            cut.

        Raises:
            UnreadablePrices: any other row that has a date.
        """
        actions: list[int] = []
        notices: list[int] = []
        cut: list[Finding] = []
        rows = [row for row in self._cells.odd if row.text.strip()]
        if not rows:
            return actions, notices, cut
        seen = np.concatenate([np.flatnonzero(~np.isnat(self._dates.dates)), self._dates.bad])
        last = int(self._lines[seen].max()) if len(seen) else 0
        for row in rows:
            texts = split_like(row.text, self._dialect)
            if is_action_row(texts):
                actions.append(row.line)
            elif not is_dated(texts) and not self._is_bar_of_another_mark(row):
                notices.append(row.line)
            elif row is rows[-1] and row.line > last and row.width < len(self._dialect.header):
                message = (
                    f"{self._name}: the last line, {row.line}, is cut short: "
                    f"{count_of(row.width, 'cell')} of {len(self._dialect.header)}; left out"
                )
                cut.append(Finding("cut-last-line", 1, message, lines=(row.line,)))
            else:
                raise self.refuse_width(row)
        return actions, notices, cut

    def _is_bar_of_another_mark(self, row: OddRow) -> bool:
        """Whether a row is one of the table's that another mark separates into cells."""
        ways = (split_row(row.text, mark) for mark in DELIMITERS if mark in row.text)
        return any(len(way) == len(self._dialect.header) and is_dated(way) for way in ways)

    def _refuse_bad(self, bars: NDArray[np.bool_]) -> None:
        """Raise if a bar has text in place of a number.

        Raises:
            UnreadablePrices: the first such cell.
        """
        found = [
            (int(rows.min()), position)
            for position, parts in self._cells.bad.items()
            for every in [np.concatenate(parts)]
            if len(rows := every[bars[every]])
        ]
        if not found:
            return
        row, position = min(found)
        is_settled = self._options.decimal or self._options.thousands
        raise UnreadablePrices(
            f"{self._name}:{self._lines[row]}: {self._dialect.header[position]} is "
            f"{self._reader.find_cell(row, position).strip()!r}, expected a number",
            hint="mend or remove the row, or leave the cell empty"
            + (
                ""
                if is_settled
                else "; the file's other cells settled its marks, and "
                f"{option('decimal')} and {option('thousands')} overrule them"
            ),
        )

    def _judge_undated(self, rows: Rows) -> Rows:
        """Return those of the rows without a date that sum others up.

        Raises:
            UnreadablePrices: a row has prices and neither a date nor a word such as Total.
        """
        priced = np.zeros(len(rows), dtype=bool)
        for group in self._layout.groups.values():
            for key, position in group.items():
                if key != "volume":
                    priced |= np.isfinite(self._cells.numbers[position].finish()[rows])
        rows = rows[priced]
        for row, text in self._reader.find_cells(rows, self._layout.date):
            if not is_summary(text):
                raise self._refuse_undated(row, text)
        return rows

    def _refuse_undated(self, row: int, text: str) -> UnreadablePrices:
        header = self._dialect.header[self._layout.date]
        return UnreadablePrices(
            f"{self._name}:{self._lines[row]}: {header or 'the date'} is {text!r}, expected a date "
            "like those of the other rows",
            hint=f"mend or remove the row; it does not fit the {option('date_format')} you gave"
            if self._options.date_order
            else f"mend or remove the row, or give the format with {option('date_format')}",
        )
