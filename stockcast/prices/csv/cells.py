"""The cells of one file whose dialect and layout are known, judged over all rows.

Where the first block settles how numbers are written, one pass reads it all; where a later row
contradicts that, the file is read again with a verdict over every row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stockcast.errors import AmbiguousPrices, PriceError, UnreadablePrices, option, quote
from stockcast.prices import arrow_compute as pc
from stockcast.prices.csv.arrow import matches, to_numpy
from stockcast.prices.csv.blocks import Block, OddRow, iterate_blocks
from stockcast.prices.csv.calendars import OtherCalendar
from stockcast.prices.csv.dates import DateColumn, DateReader
from stockcast.prices.csv.dialect import Dialect
from stockcast.prices.csv.growing import GrowingColumn
from stockcast.prices.csv.layout import Layout
from stockcast.prices.csv.numbers import Marks, NumberEvidence, parse_numbers
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.row_kinds import are_actions
from stockcast.prices.csv.shape import contradicts
from stockcast.prices.csv.times import find_digits, read_times

_LOOKED_AT = 200  # bad cells of a block that can contradict how numbers are written
Rows = NDArray[np.int64]


@dataclass
class Cells:
    """What one pass over a file collects.

    Attributes:
        dates: of the date column.
        numbers: position of a column to its numbers.
        lines: line number of each row.
        codes: of the ticker column.
        tickers: names to codes.
        times: of a column with times of day.
        rows: how many there are.
        bad: position of a column to rows in which it is no number.
        actions: rows in which a number's cell tells of a dividend, a split or the like.
        held: rows without a date in which some cell holds something.
        odd: rows of another width.
    """

    dates: DateReader
    numbers: dict[int, GrowingColumn]
    lines: GrowingColumn
    codes: GrowingColumn | None
    tickers: dict[str, int] = field(default_factory=dict)
    times: GrowingColumn | None = None
    rows: int = 0
    bad: dict[int, list[Rows]] = field(default_factory=dict)
    actions: dict[int, list[Rows]] = field(default_factory=dict)
    held: list[Rows] = field(default_factory=list)
    odd: list[OddRow] = field(default_factory=list)


class _Contradiction(Exception):
    """A cell does not fit how the first block writes numbers."""


class CellReader:
    """Reads one file whose dialect and layout are known.

    Attributes:
        custom: a cell that can be read in two ways, where custom alone settled which is right.
    """

    def __init__(
        self,
        raw: RawFile,
        encoding: str,
        dialect: Dialect,
        layout: Layout,
        options: ReadOptions,
        *,
        short: Sequence[int] = (),
    ) -> None:
        self._raw = raw
        self._encoding = encoding
        self._dialect = dialect
        self._layout = layout
        self._options = options
        self._short = short
        self.custom: str = ""
        self._positions = sorted({at for group in layout.groups.values() for at in group.values()})

    def _blocks(self, odd: list[OddRow]) -> Iterator[Block]:
        return iterate_blocks(self._raw, self._encoding, self._dialect, odd, short=self._short)

    def read(self) -> tuple[Marks, Cells]:
        """Read all cells, in one pass if the first block settles how numbers are written."""
        first = NumberEvidence()
        blocks = self._blocks([])
        for block in blocks:
            self._add_evidence(first, block.cells, everything=True)
            break
        marks = self._judge(first)
        if marks is not None and first.by_custom and next(blocks, None) is None:
            return marks, self._read_by_custom(marks, first.example())
        if marks is not None and not first.by_custom:
            try:
                return marks, self._read_with(marks, strict=True)
            except _Contradiction:
                pass
        evidence = NumberEvidence()
        for number, block in enumerate(self._blocks([])):
            self._add_evidence(evidence, block.cells, everything=number == 0)
        marks = self._judge(evidence)
        if marks is None:
            raise self._ask_decimal(evidence.example())
        if evidence.by_custom:
            return marks, self._read_by_custom(marks, evidence.example())
        return marks, self._read_with(marks, strict=False)

    def _read_by_custom(self, marks: Marks, example: str) -> Cells:
        """Read all cells by custom, where the columns do not speak against it.

        Raises:
            AmbiguousPrices: they do: a share of a share was traded, or prices are out of order.
        """
        cells = self._read_with(marks, strict=False)
        columns = {at: column.finish() for at, column in cells.numbers.items()}
        if any(contradicts(group, columns) for group in self._layout.groups.values()):
            raise self._ask_decimal(example)
        self.custom = example
        return cells

    def _ask_decimal(self, example: str) -> PriceError:
        """Return the question, or the contradiction, that the number cells leave."""
        if example:
            return AmbiguousPrices(
                f"{self._raw.name}: {example!r} can have a decimal mark or a thousands mark, and "
                "no cell of the file settles it",
                hint=f"say which: {option('decimal', '.')} or {option('decimal', ',')}",
            )
        point, comma = self._find_misfit(Marks(",", ".")), self._find_misfit(Marks(".", ","))
        return UnreadablePrices(
            f"{self._raw.name}: {point} has a decimal point and {comma} a decimal comma",
            hint="write all numbers with one decimal mark",
        )

    def _find_misfit(self, marks: Marks) -> str:
        """Return the first number cell that cannot be written with these marks, and its line."""
        for block in self._blocks([]):
            for position in self._positions:
                texts = pc.utf8_trim_whitespace(block.cells.column(position))
                for row in np.flatnonzero(parse_numbers(texts, marks)[1]):
                    text = str(texts[int(row)].as_py())
                    if any(mark in text for mark in ".,") and text[-1:].isdigit():
                        return f"{text!r} (line {block.lines[row]})"
        return "a cell"

    def _judge(self, evidence: NumberEvidence) -> Marks | None:
        return evidence.judge(
            delimiter=self._dialect.delimiter,
            decimal=self._options.decimal,
            thousands=self._options.thousands,
        )

    def _add_evidence(
        self, evidence: NumberEvidence, batch: pa.RecordBatch, *, everything: bool
    ) -> None:
        """Take evidence from the price columns; once, also from those that are not read."""
        positions = range(len(self._dialect.header)) if everything else self._positions
        skipped = {self._layout.date, self._layout.time, self._layout.ticker}
        for position in positions:
            if position not in skipped:
                evidence.add(pc.utf8_trim_whitespace(batch.column(position)), column=str(position))

    def _read_with(self, marks: Marks, *, strict: bool) -> Cells:
        """Read every cell that matters.

        Raises:
            _Contradiction: `strict`, and a cell of a number is none.
        """
        layout = self._layout
        cells = Cells(
            dates=DateReader(
                layout.kind,
                self._options.date_order,
                self._options.date_calendar,
                " ".join(self._dialect.header),
            ),
            numbers={position: GrowingColumn() for position in self._positions},
            lines=GrowingColumn(),
            codes=GrowingColumn() if layout.ticker is not None else None,
            times=GrowingColumn() if layout.time is not None else None,
        )
        digits = 6 if layout.time is None else find_digits(self._dialect.column(layout.time))
        for block in self._blocks(cells.odd):
            dates = pc.utf8_trim_whitespace(block.cells.column(layout.date))
            cells.dates.add(dates)
            cells.lines.append(block.lines)
            if cells.codes is not None:
                names = pc.utf8_trim_whitespace(block.cells.column(layout.ticker))
                cells.codes.append(_encode_tickers(names, cells.tickers))
            if cells.times is not None:
                clock = pc.utf8_trim_whitespace(block.cells.column(layout.time))
                cells.times.append(read_times(clock, digits=digits))
            for position in cells.numbers:
                self._read_numbers(cells, position, block, marks, strict=strict)
            if len(empty := pc.indices_nonzero(pc.equal(dates, ""))):
                cells.held.append(cells.rows + _find_held(block, to_numpy(empty).astype(np.int64)))
            cells.rows += len(block.lines)
        if not cells.rows:
            raise UnreadablePrices(
                f"{self._raw.name}: a header and no rows below it",
                hint="the export may have been cut short",
            )
        return cells

    def _read_numbers(
        self, cells: Cells, position: int, block: Block, marks: Marks, *, strict: bool
    ) -> None:
        """Read one column of a block; note which of its cells are no numbers."""
        texts = pc.utf8_trim_whitespace(block.cells.column(position))
        values, bad = parse_numbers(texts, marks)
        cells.numbers[position].append(values)
        if not bad.any():
            return
        rows = np.flatnonzero(bad)
        odd = texts.take(pa.array(rows))
        told = are_actions(odd)
        for found, where in ((told, cells.actions), (~told, cells.bad)):
            if found.any():
                where.setdefault(position, []).append(cells.rows + rows[found])
        if strict:
            for text in odd.filter(pa.array(~told))[:_LOOKED_AT].to_pylist():
                if any(mark in text for mark in ".,"):
                    raise _Contradiction

    def finish_dates(self, cells: Cells) -> DateColumn:
        """Settle the dates over all rows, and add the times of a column of their own.

        Raises:
            AmbiguousPrices: nothing tells day and month, or two calendars, apart.
        """
        codes = cells.codes.finish() if cells.codes is not None and len(cells.tickers) > 1 else None
        column = cells.dates.finish(codes)
        if column.rule == "ambiguous":
            header = self._dialect.header[self._layout.date]
            example = next((c for c in self._dialect.column(self._layout.date) if c), "")
            raise AmbiguousPrices(
                f"{self._raw.name}:{self._dialect.data_line}: {header} {example!r} can be "
                f"{' or '.join(column.choices)}, and no row of the file settles it",
                hint="say which: "
                + " or ".join(option("date_format", x, shown=quote(x)) for x in column.choices),
            )
        if column.calendar is not None and not column.calendar.certain:
            raise self._ask_calendar(column.calendar, cells)
        if cells.times is None:
            return column
        stamps = column.dates + cells.times.finish().astype("timedelta64[us]")
        return replace(column, dates=stamps)

    def _ask_calendar(self, calendar: OtherCalendar, cells: Cells) -> AmbiguousPrices:
        """Return the question whose years the dates are."""
        where = f"{self._raw.name}:{cells.lines.finish()[calendar.row]}"
        header = self._dialect.header[self._layout.date]
        text = f"{where}: {header} {self.find_cell(calendar.row, self._layout.date)!r}"
        order = f" {self._options.date_format}" if self._options.date_order else ""
        if calendar.name == "islamic":
            return AmbiguousPrices(
                f"{text} looks like a day of the Islamic calendar, which is not known here",
                hint="write the dates by the Gregorian calendar, or say that they are: "
                f"{option('date_format', f'gregorian{order}')}",
            )
        day = f"{calendar.day} by {calendar.about}"
        also = f"can be {calendar.otherwise}, or {day}" if calendar.otherwise else f"would be {day}"
        other, gregorian = (
            option("date_format", value, shown=quote(value) if order else "")
            for value in (f"{calendar.name}{order}", f"gregorian{order}")
        )
        if calendar.name == "roc" and not calendar.otherwise:
            return AmbiguousPrices(f"{text} {also}", hint=f"if so, say it: {other}")
        return AmbiguousPrices(f"{text} {also}", hint=f"say which: {other} or {gregorian}")

    def find_cell(self, row: int, position: int) -> str:
        """Return one cell's text, by reading the file again up to it."""
        return next(self.find_cells(np.array([row]), position))[1]

    def find_cells(self, rows: Rows, position: int) -> Iterator[tuple[int, str]]:
        """Yield some rows with one column's text, by reading the file again."""
        first = 0
        if not len(rows):
            return
        for block in self._blocks([]):
            end = first + len(block.lines)
            for row in rows[(rows >= first) & (rows < end)]:
                yield int(row), str(block.cells.column(position)[int(row) - first].as_py())
            first = end
            if first > rows[-1]:
                return


def _find_held(block: Block, rows: Rows) -> Rows:
    """Return those of some rows in which a cell holds something."""
    taken = block.cells.take(pa.array(rows))
    held = np.zeros(len(rows), dtype=bool)
    for column in taken.columns:
        held |= ~matches(pc.utf8_trim_whitespace(column), "^$")
    return rows[held]


def _encode_tickers(cells: pa.Array, known: dict[str, int]) -> NDArray[np.int32]:
    """Return (rows,) codes of the tickers, adding new ones to `known`."""
    encoded = cells.dictionary_encode()
    codes = [known.setdefault(name, len(known)) for name in encoded.dictionary.to_pylist()]
    rows: NDArray[np.int32] = np.asarray(codes, dtype=np.int32)[to_numpy(encoded.indices)]
    return rows
