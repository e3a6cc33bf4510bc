"""Rows of one ticker, out of one or more files ─▶ PriceHistory: sorted, each date once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import DuplicateDates, UnreadablePrices, option
from stockcast.plurals import count_of
from stockcast.prices.csv.options import Keep
from stockcast.prices.csv.table import PriceTable
from stockcast.prices.findings import Finding
from stockcast.prices.history import Dates, PriceHistory, format_date
from stockcast.recipe import COLUMNS, PRICE_COLUMNS

Rows = NDArray[np.int64]
Part = tuple[PriceTable, Rows]


def assemble_history(
    ticker: str,
    parts: Sequence[Part],
    *,
    on_duplicate: Keep | None = None,
) -> PriceHistory:
    """Join one ticker's rows by date.

    Args:
        ticker: its name.
        parts: tables, and which rows of each are this ticker's.
        on_duplicate: which row to keep of two with one date and different prices.

    Raises:
        DuplicateDates: such rows, and no `on_duplicate`.
        UnreadablePrices: no row has both a date and a price, or the files' columns differ.
    """
    history = _join(ticker, parts)
    history = _drop_unpriced(history)
    history = _sort_by_date(history)
    return _drop_duplicates(history, on_duplicate)


def _join(ticker: str, parts: Sequence[Part]) -> PriceHistory:
    tables = [table for table, _ in parts]
    names = [name for name in COLUMNS if name in tables[0].columns]
    for table in tables[1:]:
        if odd := set(table.columns) ^ set(names):
            raise UnreadablePrices(
                f"{tables[0].source.name} and {table.source.name} are both {ticker}, and only "
                f"one of them has the column {min(odd)}",
                hint="join files of one layout only",
            )
    whole = len(parts) == 1 and len(parts[0][1]) == len(tables[0].dates)

    def gather(arrays: list[NDArray[Any]]) -> NDArray[Any]:
        if whole:
            return arrays[0]
        return np.concatenate([array[rows] for array, (_, rows) in zip(arrays, parts, strict=True)])

    return PriceHistory(
        ticker=ticker,
        dates=gather([table.dates for table in tables]),
        columns={name: gather([table.columns[name] for table in tables]) for name in names},
        findings=_list_findings(ticker, tables),
        sources=tuple(table.source for table in tables),
        lines=gather([table.lines for table in tables]),
        files=np.repeat(np.arange(len(parts), dtype=np.int16), [len(rows) for _, rows in parts]),
        headers=tables[0].headers,
    )


def _list_findings(ticker: str, tables: Sequence[PriceTable]) -> tuple[Finding, ...]:
    """Return what was found while the files were read."""
    by_shape = [
        Finding("columns-by-shape", len(table.dates), f"{table.source.name}: {note}", ticker)
        for table in tables
        for note in table.reading.layout.notes
    ]
    undated = [
        Finding(
            "undated-rows",
            len(lines),
            f"{table.source.name}: {count_of(len(lines), 'line')} with "
            f"no date and no price, the first line {lines[0]}; left out",
            ticker,
            lines[:10],
        )
        for table in tables
        if (lines := table.reading.undated_lines)
    ]
    found = [
        replace(finding, ticker=ticker) for table in tables for finding in table.reading.findings
    ]
    return (*by_shape, *found, *_list_customs(ticker, tables), *undated)


def _list_customs(ticker: str, tables: Sequence[PriceTable]) -> tuple[Finding, ...]:
    """Return what was read as is the custom of files in general, or of one provider."""
    by_custom = [
        Finding(
            "decimal-by-custom",
            len(table.dates),
            f"{table.source.name}: {custom!r} and every cell like it has three digits behind its "
            "mark, and nothing settles what that is; read as decimal, as is custom: "
            f"{option('decimal', ',' if '.' in custom else '.')} if it is not",
            ticker,
        )
        for table in tables
        if (custom := table.reading.custom)
    ]
    unsigned = [
        Finding(
            "unsigned-prices",
            len(lines),
            f"{table.source.name}: {count_of(len(lines), 'price')} below zero, the first in line "
            f"{lines[0]}: by CRSP's custom the mean of bid and ask on a day without a trade; read "
            "without the sign",
            ticker,
            lines[:10],
        )
        for table in tables
        if (lines := table.reading.unsigned_lines)
    ]
    return (*by_custom, *unsigned)


def find_unpriced(ticker: str, parts: Sequence[Part]) -> Finding | None:
    """Return what to tell of a ticker without any price, which is left out beside others."""
    for table, rows in parts:
        for name in PRICE_COLUMNS:
            if name in table.columns and np.isfinite(table.columns[name][rows]).any():
                return None
    count = sum(len(rows) for _, rows in parts)
    message = f"{parts[0][0].source.name}: {ticker} has no price in any row; left out"
    return Finding("unpriced-ticker", count, message, ticker)


def _drop_unpriced(history: PriceHistory) -> PriceHistory:
    """Leave out rows without any price, such as the `null` rows of a holiday."""
    priced = np.zeros(len(history), dtype=bool)
    for name in PRICE_COLUMNS:
        if name in history.columns:
            priced |= np.isfinite(history.columns[name])
    if priced.all():
        return history
    if not priced.any():
        raise UnreadablePrices(f"{history.name}: no row has a price")
    count = int((~priced).sum())
    rows = "row has" if count == 1 else "rows have"
    finding = Finding(
        "unpriced-rows",
        count,
        f"{history.name}: {count} {rows} no price, the first in line "
        f"{history.lines[int(priced.argmin())]}; left out",
        ticker=history.ticker,
        lines=tuple(int(line) for line in history.lines[~priced][:10]),
    )
    return history.select(np.flatnonzero(priced), finding)


def _sort_by_date(history: PriceHistory) -> PriceHistory:
    dates = history.dates
    backward = dates[1:] < dates[:-1]
    if not backward.any():
        return history
    order = np.argsort(dates, kind="stable")
    where = history.locate(int(backward.argmax()) + 1)
    if (dates[1:] <= dates[:-1]).all():
        message = f"{history.name}: newest row first; sorted"
    else:
        message = f"{history.name}: dates out of order, first at {where}; sorted"
    lines = tuple(int(line) for line in history.lines[1:][backward][:10])
    finding = Finding("unsorted-dates", int(backward.sum()), message, history.ticker, lines)
    return history.select(order, finding)


def _drop_duplicates(history: PriceHistory, on_duplicate: Keep | None) -> PriceHistory:
    same_date = _repeats(history.dates)
    if not same_date.any():
        return history
    same_row = same_date.copy()
    for values in history.columns.values():
        pair = values[1:], values[:-1]
        same_row[1:] &= (pair[0] == pair[1]) | (np.isnan(pair[0]) & np.isnan(pair[1]))
    differing = same_date & ~same_row
    if differing.any() and on_duplicate is None:
        row = int(differing.argmax())
        raise DuplicateDates(
            f"{history.locate(row)}: {format_date(history.dates[row])} stands here and at "
            f"{history.locate(row - 1)} with different values"
            + (f", and {int(differing.sum()) - 1} more such rows" if differing.sum() > 1 else ""),
            hint=f"keep one of them: {option('on_duplicate', 'first')}, or "
            + option("on_duplicate", "last"),
        )
    keep = ~same_date if on_duplicate != "last" else np.append(~same_date[1:], True)
    findings = []
    for kind, rows, what in (
        ("duplicate-dates", same_row, "the same values; dropped"),
        ("conflicting-dates", differing, f"other values; the {on_duplicate} was kept"),
    ):
        if count := int(rows.sum()):
            repeat = "row repeats" if count == 1 else "rows repeat"
            findings.append(
                Finding(
                    kind,
                    count,
                    f"{history.name}: {count} {repeat} a date with {what}",
                    ticker=history.ticker,
                    lines=tuple(int(line) for line in history.lines[rows][:10]),
                )
            )
    return history.select(np.flatnonzero(keep), *findings)


def _repeats(dates: Dates) -> NDArray[np.bool_]:
    """(rows,) True where the date is that of the row before."""
    repeats = np.zeros(len(dates), dtype=bool)
    repeats[1:] = dates[1:] == dates[:-1]
    return repeats
