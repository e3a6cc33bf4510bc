"""The cells of one file whose dialect and layout are known, judged over all rows.

Where the first block settles how numbers are written, one pass reads it all; where a later row
contradicts that, the file is read again with a verdict over every row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stockcast.errors import AmbiguousPrices, PriceError, UnreadablePrices, option
from stockcast.plurals import count_of
from stockcast.prices.csv.arrow import to_numpy
from stockcast.prices.csv.blocks import iterate_blocks
from stockcast.prices.csv.dates import DateColumn, DateReader
from stockcast.prices.csv.dialect import Dialect, is_dated
from stockcast.prices.csv.growing import GrowingColumn
from stockcast.prices.csv.layout import Layout
from stockcast.prices.csv.numbers import Marks, NumberEvidence, parse_numbers
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.shape import contradicts
from stockcast.prices.csv.times import find_digits, read_times

_KEPT = 200  # bad cells that are kept for a message


@dataclass
class Cells:
    """What one pass over a file collects."""

    dates: DateReader
    numbers: dict[int, GrowingColumn]
    codes: GrowingColumn | None
    tickers: dict[str, int] = field(default_factory=dict)
    times: GrowingColumn | None = None
    rows: int = 0
    bad: dict[tuple[int, int], str] = field(default_factory=dict)  # row and position to text
    odd: list[tuple[int, int, str]] = field(default_factory=list)  # line, cells, text


class _Contradiction(Exception):
    """A cell does not fit how the first block writes numbers."""


class CellReader:
    """Reads one file whose dialect and layout are known.

    Attributes:
        custom: a cell that can be read in two ways, where custom alone settled which is right.
    """

    def __init__(
        self, raw: RawFile, encoding: str, dialect: Dialect, layout: Layout, options: ReadOptions
    ) -> None:
        self._raw = raw
        self._encoding = encoding
        self._dialect = dialect
        self._layout = layout
        self._options = options
        self.custom = ""
        self._positions = sorted({at for group in layout.groups.values() for at in group.values()})

    def _blocks(self, odd: list[tuple[int, int, str]]) -> Iterator[pa.RecordBatch]:
        return iterate_blocks(self._raw, self._encoding, self._dialect, odd)

    def read(self) -> tuple[Marks, Cells]:
        """Read all cells, in one pass if the first block settles how numbers are written."""
        first = NumberEvidence()
        blocks = self._blocks([])
        for batch in blocks:
            self._add_evidence(first, batch, everything=True)
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
        for number, batch in enumerate(self._blocks([])):
            self._add_evidence(evidence, batch, everything=number == 0)
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
        line = self._dialect.data_line
        for batch in self._blocks([]):
            for position in self._positions:
                texts = pc.utf8_trim_whitespace(batch.column(position))
                for row in np.flatnonzero(parse_numbers(texts, marks)[1]):
                    text = str(texts[int(row)].as_py())
                    if any(mark in text for mark in ".,") and text[-1:].isdigit():
                        return f"{text!r} (line {line + int(row)})"
            line += batch.num_rows
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
            dates=DateReader(layout.kind, self._options.date_order),
            numbers={position: GrowingColumn() for position in self._positions},
            codes=GrowingColumn() if layout.ticker is not None else None,
            times=GrowingColumn() if layout.time is not None else None,
        )
        digits = 6 if layout.time is None else find_digits(self._dialect.column(layout.time))
        for batch in self._blocks(cells.odd):
            cells.dates.add(pc.utf8_trim_whitespace(batch.column(layout.date)))
            if cells.codes is not None:
                names = pc.utf8_trim_whitespace(batch.column(layout.ticker))
                cells.codes.append(_encode_tickers(names, cells.tickers))
            if cells.times is not None:
                clock = pc.utf8_trim_whitespace(batch.column(layout.time))
                cells.times.append(read_times(clock, digits=digits))
            for position, column in cells.numbers.items():
                texts = pc.utf8_trim_whitespace(batch.column(position))
                values, bad = parse_numbers(texts, marks)
                if bad.any():
                    for row in np.flatnonzero(bad)[:_KEPT]:
                        text = texts[int(row)].as_py()
                        cells.bad[cells.rows + int(row), position] = text
                        if strict and any(mark in text for mark in ".,"):
                            raise _Contradiction
                column.append(values)
            cells.rows += batch.num_rows
        if not cells.rows:
            raise UnreadablePrices(
                f"{self._raw.name}: a header and no rows below it",
                hint="the export may have been cut short",
            )
        return cells

    def finish_dates(self, cells: Cells) -> DateColumn:
        """Settle the dates over all rows, and add the times of a column of their own.

        Raises:
            AmbiguousPrices: nothing tells day and month apart.
        """
        codes = cells.codes.finish() if cells.codes is not None and len(cells.tickers) > 1 else None
        column = cells.dates.finish(codes)
        if column.rule == "ambiguous":
            header = self._dialect.header[self._layout.date]
            example = next((c for c in self._dialect.column(self._layout.date) if c), "")
            choice = column.choices[0]
            raise AmbiguousPrices(
                f"{self._raw.name}:{self._dialect.data_line}: {header} {example!r} can be "
                f"{' or '.join(column.choices)}, and no row of the file settles it",
                hint=f"say which: {option('date_format', choice, shown=repr(choice))}",
            )
        if cells.times is None:
            return column
        stamps = column.dates + cells.times.finish().astype("timedelta64[us]")
        return replace(column, dates=stamps)

    def check_cells(
        self, cells: Cells, dates: DateColumn, lines: NDArray[np.int32]
    ) -> NDArray[np.bool_]:
        """Return which rows have a date.

        Rows with neither date nor number are notices or padding. A row with only one of them is
        damaged.

        Raises:
            UnreadablePrices: a damaged row; the message has its line and cell.
        """
        dated = ~np.isnat(dates.dates)
        for line, count, text in cells.odd:
            if is_dated([cell.strip() for cell in text.split(self._dialect.delimiter)]):
                raise UnreadablePrices(
                    f"{self._raw.name}:{line}: {count_of(count, 'cell')} in this row, expected "
                    f"{len(self._dialect.header):,} as in the header",
                    hint="the file may be cut short or damaged there",
                )
        for (row, position), text in sorted(cells.bad.items()):
            if dated[row]:
                raise UnreadablePrices(
                    f"{self._raw.name}:{lines[row]}: {self._dialect.header[position]} is {text!r}, "
                    "expected a number",
                    hint="mend or remove the row, or leave the cell empty; the file's other cells "
                    f"settled its marks, and {option('decimal')} and {option('thousands')} "
                    "overrule them",
                )
        undated = np.flatnonzero(~dated)
        if len(undated):
            priced = np.zeros(len(undated), dtype=bool)
            for column in cells.numbers.values():
                priced |= np.isfinite(column.finish()[undated])
            if priced.any():
                row = int(undated[int(priced.argmax())])
                raise self._undated(row, lines)
        if not dated.any():
            raise UnreadablePrices(f"{self._raw.name}: no row has a date")
        return dated

    def _undated(self, row: int, lines: NDArray[np.int32]) -> UnreadablePrices:
        line = int(lines[row])
        header = self._dialect.header[self._layout.date]
        text = self._find_cell(row, self._layout.date)
        return UnreadablePrices(
            f"{self._raw.name}:{line}: {header or 'the date'} is {text!r}, expected a date like "
            "those of the other rows",
            hint=f"mend or remove the row; it does not fit the {option('date_format')} you gave"
            if self._options.date_order
            else f"mend or remove the row, or give the format with {option('date_format')}",
        )

    def _find_cell(self, row: int, position: int) -> str:
        """Return one cell's text, by reading the file again up to it."""
        for batch in self._blocks([]):
            if row < batch.num_rows:
                return str(batch.column(position)[row].as_py())
            row -= batch.num_rows
        return ""

    def number_lines(self, cells: Cells) -> NDArray[np.int32]:
        """(rows,) line number of each row; lines that were left out count too."""
        first = self._dialect.data_line
        skipped = np.array([line - first for line, _, _ in cells.odd], dtype=np.int64)
        lines = np.arange(first, first + cells.rows + len(skipped), dtype=np.int32)
        return np.delete(lines, skipped[skipped < len(lines)]) if len(skipped) else lines


def _encode_tickers(cells: pa.Array, known: dict[str, int]) -> NDArray[np.int32]:
    """Return (rows,) codes of the tickers, adding new ones to `known`."""
    encoded = cells.dictionary_encode()
    codes = [known.setdefault(name, len(known)) for name in encoded.dictionary.to_pylist()]
    rows: NDArray[np.int32] = np.asarray(codes, dtype=np.int32)[to_numpy(encoded.indices)]
    return rows
