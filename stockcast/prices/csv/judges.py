"""One CSV file as typed columns: judged over all its rows, read in blocks.

Apache Arrow splits the cells; what a cell means is settled in `dialect`, `layout`, `dates` and
`numbers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import AmbiguousPrices
from stockcast.plurals import count_of
from stockcast.prices.csv.blocks import OddRow
from stockcast.prices.csv.cells import CellReader, Cells
from stockcast.prices.csv.columns import is_signed_price
from stockcast.prices.csv.dates import DateColumn
from stockcast.prices.csv.dialect import SHOWN, Dialect
from stockcast.prices.csv.encoding import Utf8Stream, survey_bytes
from stockcast.prices.csv.head import Head, survey_head
from stockcast.prices.csv.kept import RowJudge
from stockcast.prices.csv.layout import Layout, find_layout, list_headers
from stockcast.prices.csv.numbers import Marks
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.proposal import explain_choices, look_further, propose_by_shape
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.row_kinds import began_later, find_short_widths
from stockcast.prices.csv.table import PriceTable, Reading, find_epoch_zone
from stockcast.prices.findings import Finding
from stockcast.prices.history import Source

_SAMPLE = 1 << 16  # bytes that settle the dialect


@dataclass(frozen=True)
class _Pass:
    """All cells of a file, as one dialect has them.

    Attributes:
        lacking: rows that lack their last cells, which are read as empty.
    """

    dialect: Dialect
    layout: Layout
    reader: CellReader
    marks: Marks
    cells: Cells
    lacking: tuple[OddRow, ...] = ()


def judge_tables(raw: RawFile, options: ReadOptions) -> list[PriceTable]:
    """Find out what one CSV is and read it: one table, or of a wide file one a ticker.

    Raises:
        UnreadablePrices: not a price CSV, or a cell is not what it must be.
        AmbiguousPrices: it can be read in two ways.
    """
    with raw.open() as stream:
        survey = survey_bytes(stream, name=raw.name, encoding=options.encoding)
    with raw.open() as stream:
        sample = Utf8Stream(stream, survey.encoding, name=raw.name).peek(_SAMPLE)
    head = survey_head(sample, whole=len(sample) < _SAMPLE)
    found = _read_all(raw, survey.encoding, head, options)
    dialect, layout, cells = found.dialect, found.layout, found.cells
    dates = found.reader.finish_dates(cells)
    judge = RowJudge(
        raw.name, dialect, layout, options, reader=found.reader, cells=cells, dates=dates
    )
    kept = judge.judge()
    reading = Reading(
        encoding=survey.encoding,
        dialect=dialect,
        layout=layout,
        marks=found.marks,
        date_format=dates.format,
        date_rule=dates.rule,
        timezone=dates.timezone or find_epoch_zone(dialect),
        undated_lines=tuple(sorted([*head.list_notices(dialect), *kept.undated])),
        findings=(
            *_tell_spare(raw.name, head, dialect),
            *judge.list_date_findings(),
            *kept.findings,
        ),
        custom=found.reader.custom,
        unsigned_lines=_drop_signs(cells, dialect),
    )
    tables = _make_tables(Source(raw.name, survey.sha256), reading, cells, dates, kept.rows)
    if found.lacking:
        tables = [_tell_short(table, found.lacking, judge) for table in tables]
    if any({"close", "adj_close"} & table.columns.keys() for table in tables):
        return tables
    proposed = propose_by_shape(raw, survey.encoding, dialect, layout, options)
    return tables if proposed is None else [_propose(table, *proposed) for table in tables]


def _read_all(raw: RawFile, encoding: str, head: Head, options: ReadOptions) -> _Pass:
    """Read a file's cells; again, if its rows are of the header's width only later on."""
    dialect = head.find_dialect(name=raw.name, delimiter=options.delimiter, header=options.header)
    if not head.is_whole or len(dialect.sample) >= SHOWN:
        dialect = look_further(raw, encoding, dialect)
    found = _read_once(raw, encoding, dialect, options)
    full = head.widen(dialect)
    if any(row.width == len(full.header) != len(dialect.header) for row in found.cells.odd):
        found = _read_once(raw, encoding, full, options)
    cells = found.cells
    short = find_short_widths(
        cells.odd,
        cells.lines.finish()[cells.dates.list_dated()] if cells.odd else cells.lines.finish(),
        found.dialect,
    )
    if not short:
        return found
    lacking = tuple(row for row in cells.odd if row.width in short)
    again = _read_once(raw, encoding, found.dialect, options, short=short)
    return replace(again, lacking=lacking)


def _read_once(
    raw: RawFile,
    encoding: str,
    dialect: Dialect,
    options: ReadOptions,
    *,
    short: Sequence[int] = (),
) -> _Pass:
    """Read a file's cells; in rows of `short` many, the last ones are empty."""
    try:
        layout = find_layout(dialect, options, name=raw.name)
    except AmbiguousPrices as error:
        raise explain_choices(error, raw, encoding, dialect, options) from None
    reader = CellReader(raw, encoding, dialect, layout, options, short=short)
    marks, cells = reader.read()
    return _Pass(dialect, layout, reader, marks, cells)


def _tell_spare(name: str, head: Head, dialect: Dialect) -> list[Finding]:
    """Return a finding about the header's last names, if no row has cells for them."""
    spare = head.widen(dialect).header[len(dialect.header) :]
    if not spare:
        return []
    names = ", ".join(map(repr, spare[:8]))
    message = f"{name}: no row has a cell for the last of the header's names: {names}"
    return [Finding("spare-names", len(spare), message, lines=(dialect.header_line,))]


def _tell_short(table: PriceTable, lacking: Sequence[OddRow], judge: RowJudge) -> PriceTable:
    """Return a table with a finding about its rows that lack their last cells.

    Raises:
        UnreadablePrices: it cannot be the last columns that they lack.
    """
    lines = [row.line for row in lacking]
    fewest = min(lacking[0].width, lacking[-1].width)
    short = np.isin(table.lines, lines)
    closes = [group["close"] for group in table.reading.layout.groups.values() if "close" in group]
    if max(closes, default=0) >= fewest or not began_later(table.dates, table.columns, short):
        raise judge.refuse_width(lacking[0])
    header = table.reading.dialect.header
    message = (
        f"{table.source.name}: {count_of(len(lines), 'row')} with fewer cells than the header, "
        f"before the others: {', '.join(map(repr, header[fewest:][:8]))} empty there, the first "
        f"in line {lines[0]}"
    )
    finding = Finding("short-rows", len(lines), message, lines=tuple(lines[:10]))
    reading = replace(table.reading, findings=(*table.reading.findings, finding))
    return replace(table, reading=reading)


def _propose(table: PriceTable, header: str, reason: str) -> PriceTable:
    return replace(table, headers=replace(table.headers, proposal=header, reason=reason))


def _drop_signs(cells: Cells, dialect: Dialect) -> tuple[int, ...]:
    """Make prices positive that the file's custom writes below zero; return their lines."""
    found: set[int] = set()
    lines = cells.lines.finish()
    for at, column in cells.numbers.items():
        if is_signed_price(dialect.header[at]):
            values = column.finish()
            below = values < 0
            np.abs(values, out=values)
            found.update(map(int, lines[below]))
    return tuple(sorted(found))


def _make_tables(
    source: Source,
    reading: Reading,
    cells: Cells,
    dates: DateColumn,
    keep: NDArray[np.bool_],
) -> list[PriceTable]:
    """Return one table, or of a wide file one a ticker, of the rows to keep."""
    lines = cells.lines.finish()
    arrays: dict[int, NDArray[Any]] = {at: c.finish() for at, c in cells.numbers.items()}
    codes = cells.codes.finish() if cells.codes is not None else None
    every = bool(keep.all())
    return [
        PriceTable(
            source=source,
            dates=dates.dates if every else dates.dates[keep],
            columns={
                key: arrays[at] if every else arrays[at][keep] for key, at in sorted(group.items())
            },
            lines=lines if every else lines[keep],
            reading=reading,
            ticker=ticker or reading.dialect.ticker,
            tickers=list(cells.tickers),
            ticker_codes=codes if codes is None or every else codes[keep],
            headers=list_headers(reading.dialect, reading.layout, group),
        )
        for ticker, group in reading.layout.groups.items()
    ]
