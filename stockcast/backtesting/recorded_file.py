"""A table of forecasts made elsewhere ─▶ RecordedForecasts; what cannot be meant is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from stockcast.backtesting.recorded import Pairs, RecordedForecasts, RecordedRows
from stockcast.backtesting.recorded_columns import ModelColumns, find_recorded_layout
from stockcast.errors import StockcastError, UnusableForecasts
from stockcast.evaluation.conformal import face_tail, format_level
from stockcast.files.spreadsheet import unguard_text
from stockcast.plurals import count_of
from stockcast.prices import arrow_compute as pc
from stockcast.prices.csv.arrow import to_numpy
from stockcast.prices.csv.date_format import find_kind
from stockcast.prices.csv.dates import DateReader
from stockcast.prices.csv.dialect import DELIMITERS
from stockcast.prices.csv.encoding import Utf8Stream, survey_bytes
from stockcast.prices.csv.numbers import Marks, NumberEvidence, parse_numbers
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.history import Dates, Numbers, format_date

_BLOCK = 1 << 24  # bytes read at a time
_LOOKED_AT = 1_000  # cells that tell a kind of date
_POINT = Marks()


@dataclass(frozen=True)
class TextTable:
    """A table of text cells.

    Attributes:
        name: of the file, for messages.
        header: the columns' names.
        columns: (rows,) trimmed text each, without nulls.
        lines: (rows,) line number of each row.
        delimiter: what separated the cells; empty of a frame, whose numbers have a point.
        marks: how numbers are written, once that is found out.
    """

    name: str
    header: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    lines: NDArray[np.int64]
    delimiter: str = ""
    marks: Marks = _POINT

    def __len__(self) -> int:
        return len(self.lines)


def read_text_table(raw: RawFile) -> TextTable:
    """Split a CSV into text cells; its delimiter is what separates the names in its first line.

    Raises:
        UnusableForecasts: it is no text, or a row has too many or too few cells.
    """
    try:
        with raw.open() as stream:
            survey = survey_bytes(stream, name=raw.name)
        with raw.open() as stream:
            lines = Utf8Stream(stream, survey.encoding, name=raw.name)
            content = b"".join(iter(lambda: lines.read_lines(_BLOCK), b""))
    except StockcastError as error:
        raise UnusableForecasts(
            error.raw_message, hint="name a CSV of forecasts: a header and a row a forecast"
        ) from None
    content = content.removeprefix(b"\xef\xbb\xbf")
    first, _, rest = content.partition(b"\n")
    head = first.decode("utf-8", "replace").strip()
    delimiter = max(DELIMITERS, key=head.count)
    header = tuple(next(csv.reader([head], delimiter=delimiter), []))
    if not header:
        raise UnusableForecasts(
            f"{raw.name}:1: an empty line, expected a header",
            hint="name a CSV of forecasts: a header and a row a forecast",
        )
    columns, numbers = _split(raw.name, rest, len(header), delimiter)
    return TextTable(raw.name, header, columns, numbers, delimiter)


def _split(
    name: str, content: bytes, width: int, delimiter: str
) -> tuple[tuple[pa.Array, ...], NDArray[np.int64]]:
    """Return the columns below the header, and each row's line."""
    odd: list[tuple[int, int, str]] = []

    def note_odd(row: Any) -> str:
        odd.append(((row.number or 1) + 1, row.actual_columns, row.text))
        return "skip"

    names = [f"c{number}" for number in range(width)]
    if not content.strip():
        raise UnusableForecasts(f"{name}: a header and no rows below it")
    try:
        table = pacsv.read_csv(
            pa.BufferReader(content),
            pacsv.ReadOptions(column_names=names, block_size=1 << 30, use_threads=False),
            pacsv.ParseOptions(
                delimiter=delimiter, ignore_empty_lines=False, invalid_row_handler=note_odd
            ),
            pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        ).combine_chunks()
    except pa.ArrowInvalid as error:
        raise UnusableForecasts(f"{name} cannot be split into cells: {str(error)[:200]}") from None
    for line, count, text in odd:
        if text.strip():
            raise UnusableForecasts(
                f"{name}:{line}: {count_of(count, 'cell')} in this row, expected {width} as in the "
                "header",
                hint="the file may be cut short or damaged there",
            )
    empty = np.array([line for line, _, _ in odd], dtype=np.int64)
    lines = np.delete(np.arange(2, 2 + table.num_rows + len(empty)), empty - 2)
    columns = [pc.utf8_trim_whitespace(one.combine_chunks()) for one in table.columns]
    filled = reduce(pc.or_, (pc.match_substring_regex(one, ".") for one in columns))
    kept = to_numpy(pc.cast(filled, pa.int8())) == 1
    return tuple(one.filter(filled) for one in columns), lines[kept].astype(np.int64)


def _find_marks(table: TextTable, positions: Sequence[int]) -> Marks:
    """Return how the numbers of some columns are written.

    Raises:
        UnusableForecasts: no cell tells a decimal mark from one between thousands.
    """
    evidence = NumberEvidence()
    for at in positions:
        evidence.add(table.columns[at], column=str(at))
    marks = evidence.judge(delimiter=table.delimiter, decimal=None, thousands=None)
    if marks is None:
        raise UnusableForecasts(
            f"{table.name}: {evidence.example() or 'a number'} can have a decimal mark or a "
            "thousands mark, and no cell of the file settles it",
            hint="write numbers with a decimal point",
        )
    return marks


def make_recorded(table: TextTable, *, stem: str) -> list[RecordedForecasts]:
    """Read the forecasts of each model that a table has.

    A model is called as in the column `model`, or as its own column, or else as the file. Where no
    ticker has more than one model, as after training a model a ticker, all are one.

    Args:
        table: the cells.
        stem: what to call a model that the table does not name.

    Raises:
        UnusableForecasts: a cell is not what it must be; the message has its line.
    """
    layout = find_recorded_layout(table.header, name=table.name)
    columns = {key: table.columns[at] for key, at in layout.positions.items()}
    if table.delimiter:
        table = replace(table, marks=_find_marks(table, layout.numbers))
    dates = _read_dates(table, columns["date"], table.header[layout.positions["date"]].strip())
    _refuse(table, np.isnat(dates), lambda _: "the date is empty")
    last_dates: Dates = np.full(len(table), np.datetime64("NaT", "us"))
    steps = np.zeros(len(table))
    if "last_date" in columns:
        last_dates = _read_dates(table, columns["last_date"], "last_date")
        _refuse(
            table,
            last_dates >= dates,
            lambda row: (
                f"last_date is {format_date(last_dates[row])}, which is not before the date "
                f"forecast, {format_date(dates[row])}: it was known"
            ),
        )
    if "step" in columns:
        steps = np.nan_to_num(_read_numbers(table, columns["step"], "step"))
        is_count = (steps == 0) | ((steps >= 1) & (steps == np.round(steps)))
        _refuse(table, ~is_count, lambda row: f"step is {steps[row]:g}, expected 1 or more bars")
    found: list[RecordedForecasts] = []
    for model in layout.models:
        rows = _read_model(table, model, columns, dates, last_dates, steps.astype(np.int64))
        found += _group(rows, columns.get("model"), columns.get("ticker"), model.name, stem)
    return found


def _read_model(
    table: TextTable,
    model: ModelColumns,
    columns: dict[str, pa.Array],
    dates: Dates,
    last_dates: Dates,
    steps: NDArray[np.int64],
) -> RecordedRows:
    """Read all forecasts of one model's columns."""
    name = table.header[model.forecast].strip()
    forecast = _read_numbers(table, table.columns[model.forecast], name)
    _refuse(table, np.isnan(forecast), lambda _: f"{name} is empty")
    _refuse(
        table, ~(forecast > 0), lambda row: f"{name} is {forecast[row]:g}, expected a price above 0"
    )
    unknown = np.full(len(table), np.nan)
    last_prices, volatility = (
        _read_numbers(table, columns[key], key) if key in columns else unknown
        for key in ("last_price", "volatility")
    )
    _refuse(
        table,
        volatility <= 0,
        lambda row: f"volatility is {volatility[row]:g}, expected percent above 0",
    )
    return RecordedRows(
        sources=(table.name,),
        files=np.zeros(len(table), dtype=np.int16),
        lines=table.lines,
        dates=dates,
        last_dates=last_dates,
        steps=steps,
        forecast=forecast,
        last_prices=last_prices,
        volatility=volatility / 100,
        bounds={level: _read_bounds(table, level, *at) for level, at in model.bounds.items()},
        tails=_read_tails(table, model),
    )


def _read_tails(table: TextTable, model: ModelColumns) -> Pairs:
    """Read one-sided quantiles; a lower one that is above a higher one is refused."""
    found: Pairs = {}
    before: tuple[str, Numbers] | None = None
    for share, (place, beyond) in sorted(model.tails.items()):
        name = table.header[place].strip()
        prices = _read_numbers(table, table.columns[place], name)
        if before is not None:
            _refuse_order(table, before, (name, prices))
        before, means = (name, prices), np.full(len(table), np.nan)
        if beyond is not None:
            mean_name = table.header[beyond].strip()
            means = _read_numbers(table, table.columns[beyond], mean_name)
            ends = (mean_name, means), (name, prices)
            _refuse_order(table, *(ends if face_tail(share)[0] < 0 else ends[::-1]))
        found[share] = prices, means
    return found


def _refuse_order(table: TextTable, lower: tuple[str, Numbers], upper: tuple[str, Numbers]) -> None:
    _refuse(
        table,
        lower[1] > upper[1],
        lambda row: f"{lower[0]} is {lower[1][row]:g}, above {upper[0]}, {upper[1][row]:g}",
    )


def _read_bounds(table: TextTable, level: float, below: int, above: int) -> tuple[Numbers, Numbers]:
    names = [table.header[at].strip() for at in (below, above)]
    lower, upper = (
        _read_numbers(table, table.columns[at], name)
        for at, name in zip((below, above), names, strict=True)
    )
    _refuse(
        table,
        np.isnan(lower) != np.isnan(upper),
        lambda _: f"one of {names[0]} and {names[1]} is empty",
    )
    _refuse(
        table,
        lower > upper,
        lambda row: (
            f"{names[0]} is {lower[row]:g}, above {names[1]}, {upper[row]:g} (level "
            f"{format_level(level)})"
        ),
    )
    return lower, upper


def _read_dates(table: TextTable, cells: pa.Array, name: str) -> Dates:
    """Return (rows,) dates, NaT where a cell is empty."""
    kind = find_kind(cells.slice(0, _LOOKED_AT).to_pylist())
    known = to_numpy(pc.binary_length(cells)) > 0
    if kind is None:
        _refuse(table, known, lambda row: _expect_date(name, cells[row].as_py()))
        return np.full(len(table), np.datetime64("NaT", "us"))
    reader = DateReader(kind)
    reader.add(cells)
    column = reader.finish()
    if column.rule == "ambiguous":
        raise UnusableForecasts(
            f"{table.name}:{table.lines[0]}: {name} {cells[0].as_py()!r} can be "
            f"{' or '.join(column.choices)}, and no row of the file settles it",
            hint="write dates as 2013-02-28",
        )
    dates = column.dates
    _refuse(table, np.isnat(dates) & known, lambda row: _expect_date(name, cells[row].as_py()))
    return dates


def _expect_date(name: str, text: str) -> str:
    return f"{name} is {text!r}, expected a date such as 2013-02-28"


def _read_numbers(table: TextTable, cells: pa.Array, name: str) -> Numbers:
    """Return (rows,) finite numbers, NaN where a cell is empty."""
    values, bad = parse_numbers(cells, table.marks)
    _refuse(table, bad, lambda row: f"{name} is {cells[row].as_py()!r}, expected a number")
    return values


def _refuse(table: TextTable, wrong: NDArray[np.bool_], explain: Callable[[int], str]) -> None:
    """Raise with the first line that is wrong, and how many more there are.

    Raises:
        UnusableForecasts: one is.
    """
    odd = np.flatnonzero(wrong)
    if not len(odd):
        return
    more = f" (and {len(odd) - 1:,} more)" if len(odd) > 1 else ""
    raise UnusableForecasts(
        f"{table.name}:{table.lines[odd[0]]}: {explain(int(odd[0]))}{more}",
        hint="mend or remove that row",
    )


def _group(
    rows: RecordedRows,
    models: pa.Array | None,
    tickers: pa.Array | None,
    column: str,
    stem: str,
) -> list[RecordedForecasts]:
    """Take a table's rows apart by model and by ticker."""
    names, of_model = _encode(models, len(rows))
    called, of_ticker = _encode(tickers, len(rows))
    keys = of_model * len(called) + of_ticker
    if len(np.unique(keys)) == len(called) and len(names) > 1:
        names, keys = [""], of_ticker
    order = np.argsort(keys, kind="stable")
    each, starts = np.unique(keys[order], return_index=True)
    found: list[dict[str, RecordedRows]] = [{} for _ in names]
    for key, own in zip(each, np.split(order, starts[1:]), strict=True):
        found[key // len(called)][called[key % len(called)]] = rows.select(own)
    return [
        RecordedForecasts(name or column or stem, parts)
        for name, parts in zip(names, found, strict=True)
    ]


def _encode(cells: pa.Array | None, count: int) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names in a column, and (rows,) which of them each has; one empty without it."""
    if cells is None:
        return [""], np.zeros(count, dtype=np.int64)
    encoded = cells.dictionary_encode()
    names = [unguard_text(name) for name in encoded.dictionary.to_pylist()]
    return names, to_numpy(encoded.indices).astype(np.int64)
