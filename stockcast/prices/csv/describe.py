"""How a file was read and what was found in it, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from stockcast.errors import (
    AmbiguousPrices,
    PriceError,
    PricesNotFound,
    Style,
    option,
    render_options,
)
from stockcast.prices.csv.assemble import Part, assemble_history, find_unpriced
from stockcast.prices.csv.columns import find_price
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.reader import (
    call_ticker,
    check_ticker,
    find_own_header,
    read_tables,
    split_by_ticker,
)
from stockcast.prices.csv.table import PriceTable
from stockcast.prices.findings import Finding
from stockcast.prices.history import Dates, format_date
from stockcast.prices.scan import scan_history
from stockcast.prices.target import choose_target, require_values

_ROLES = {
    "close": "close_column",
    "adj_close": "adjusted_column",
    "open": "open_column",
    "high": "high_column",
    "low": "low_column",
    "volume": "volume_column",
}
_DAY = 86_400.0
_MOST_CHOICES = 12  # columns whose figures are told
_INTERVALS = (  # longest median step in seconds, and what it is called
    (4 * _DAY, "daily"),
    (10 * _DAY, "weekly"),
    (45 * _DAY, "monthly"),
    (200 * _DAY, "quarterly"),
)


def describe_file(raw: RawFile, options: ReadOptions, *, style: Style = "python") -> dict[str, Any]:
    """Read one file and say how; a file that cannot be read is described, not raised for.

    Args:
        raw: the file.
        options: what the user says of it.
        style: how `why`, `hint` and messages name options.

    Returns:
        `file`, `verdict` (`read`, `ask` or `refuse`), `why`, the dialect, the columns, `tickers`
        (a dict a ticker), `findings` (a dict a finding); plain values, as JSON has them.

    Raises:
        PricesNotFound: there is no such file.
    """
    description = _describe_or_refuse(raw, options)
    for found in description.get("findings", []):
        found["message"] = render_options(found["message"], style)
    for key in ("why", "hint"):
        if description.get(key) is not None:
            description[key] = render_options(description[key], style)
    return description


def _describe_or_refuse(raw: RawFile, options: ReadOptions) -> dict[str, Any]:
    """Return what `describe_file` does, with raw texts."""
    try:
        tables = read_tables(raw, options)
    except AmbiguousPrices as error:
        description: dict[str, Any] = {}
        if error.choices:  # a wide file: the figures of each choice
            description = _describe_choices(raw, replace(options, wide=True))
        return {**description, **_describe_error(raw, "ask", error), "choices": list(error.choices)}
    except PricesNotFound:
        raise
    except PriceError as error:
        return _describe_error(raw, "refuse", error)
    try:
        return _describe_tables(raw, tables, options)
    except AmbiguousPrices as error:
        description = _describe_candidates(raw, error.choices, options)
        return {**description, **_describe_error(raw, "ask", error), "choices": list(error.choices)}
    except PriceError as error:
        return _describe_error(raw, "refuse", error)


def _describe_error(raw: RawFile, verdict: str, error: PriceError) -> dict[str, Any]:
    return {"file": raw.name, "verdict": verdict, "why": error.raw_message, "hint": error.raw_hint}


def _describe_choices(raw: RawFile, options: ReadOptions) -> dict[str, Any]:
    """Return how a wide file is read if each of its columns is a ticker; nothing if it is not."""
    try:
        description = _describe_tables(raw, read_tables(raw, options), options)
    except PriceError:
        return {}
    return {**description, **dict.fromkeys(_ROLES.values())}


def _describe_candidates(
    raw: RawFile, choices: Sequence[str], options: ReadOptions
) -> dict[str, Any]:
    """Return how a file is read whichever column is its price, with the figures of each."""
    description: dict[str, Any] = {}
    for choice in choices[:_MOST_CHOICES]:
        chosen = replace(options, column=choice)
        try:
            read = _describe_tables(raw, read_tables(raw, chosen), chosen)
        except PriceError:
            continue
        tickers = [{**entry, "ticker": choice} for entry in read["tickers"][:1]]
        # What would be odd in one of them is no matter before one is chosen.
        told = {"tickers": [*description.get("tickers", []), *tickers], "findings": []}
        description = {**read, **told}
    return {**description, **dict.fromkeys(_ROLES.values())} if description else {}


def _describe_tables(
    raw: RawFile, tables: Sequence[PriceTable], options: ReadOptions
) -> dict[str, Any]:
    """Return how tables were read.

    Raises:
        PriceError: no ticker in them can be used; the first one's reason.
    """
    description = _describe_form(raw, tables[0])
    description["tickers"], description["findings"], duplicates = [], [], set()
    parts = [(table, *part) for table in tables for part in split_by_ticker(table)]
    if options.ticker is not None:
        names = [call_ticker(ticker, raw.stem, options) for _, ticker, _ in parts]
        check_ticker(options.ticker, names, raw.name)
        parts = [part for part, name in zip(parts, names, strict=True) if name == options.ticker]
    errors = []
    for table, ticker, rows in parts:
        told = _describe_ticker((table, rows), ticker, raw, options)
        description["tickers"].append(told.entry)
        description["findings"] += told.findings
        duplicates |= told.duplicates
        errors += [told.error] if told.error is not None else []
    counts = [entry["rows"] for entry in description["tickers"]]
    are_wide = len(tables[0].reading.layout.groups) > 1
    description["rows_total"] = max(counts) if are_wide else sum(counts)
    if errors and len(errors) == len(parts):
        raise errors[0]
    description["duplicate_dates"] = sorted(duplicates)
    return description


def _describe_form(raw: RawFile, table: PriceTable) -> dict[str, Any]:
    """Return how a file is written, and which column is what."""
    reading = table.reading
    dialect, layout = reading.dialect, reading.layout
    group = next(iter(layout.groups.values()))
    return {
        "file": raw.name,
        "verdict": "read",
        "why": None,
        "container": reading.container,
        "encoding": None if reading.typed else reading.encoding,
        "delimiter": None if reading.typed else dialect.delimiter,
        "header": list(dialect.header) if dialect.has_header else None,
        "decimal": reading.marks.decimal,
        "thousands": reading.marks.thousands,
        "date_column": dialect.header[layout.date],
        "time_column": None if layout.time is None else dialect.header[layout.time],
        "date_format": reading.date_format,
        "date_rule": reading.date_rule,
        "timezone": reading.timezone,
        "interval": describe_interval(table.dates),
        "order_in_file": describe_order(table.dates),
        "ticker_column": None if layout.ticker is None else dialect.header[layout.ticker],
        **{
            role: dialect.header[group[key]] if key in group else None
            for key, role in _ROLES.items()
        },
        "undated_rows": len(reading.undated_lines),
    }


@dataclass(frozen=True)
class _Told:
    """What is told of one ticker.

    Attributes:
        entry: its figures.
        findings: a dict each.
        duplicates: dates that it has twice.
        error: why it cannot be used, or None.
    """

    entry: dict[str, Any]
    findings: list[dict[str, Any]]
    duplicates: set[str]
    error: PriceError | None = None


def _describe_ticker(part: Part, ticker: str | None, raw: RawFile, options: ReadOptions) -> _Told:
    """Return one ticker's figures and findings; as training would, settle what its price is."""
    table, rows = part
    days, counts = np.unique(table.dates[rows], return_counts=True)
    duplicates = {format_date(day) for day in days[counts > 1]}
    name = call_ticker(ticker, raw.stem, options)
    entry = {"ticker": ticker, **_describe_prices(part, _find_key(table))}
    try:
        history = assemble_history(name, [part], on_duplicate=options.on_duplicate or "first")
        history = replace(history, header=find_own_header(options))
        target = choose_target(history, find_price(options.column))
        if options.column is not None:
            entry = {"ticker": ticker, **_describe_prices(part, target)}
        require_values(history, target)
    except PriceError as error:
        finding = find_unpriced(name, [part]) or Finding(
            "unusable", len(rows), error.raw_message, name
        )
        return _Told(entry, [asdict(finding)], duplicates, error)
    findings = [asdict(found) for found in (*history.findings, *scan_history(history))]
    for found in findings:
        if found["kind"] == "conflicting-dates" and options.on_duplicate is None:
            asked = option("on_duplicate", shown="first|last")
            found["message"] += f"; prepare, train and predict ask for {asked}"
        if found["kind"] == "non-positive-prices" and (history.columns[target] <= 0).any():
            asked = option("target", "price")
            found["message"] += f"; prepare and train take them with {asked} alone"
    return _Told(entry, findings, duplicates)


def _find_key(table: PriceTable) -> str:
    """Return the column whose figures stand for a table's where its price is in question."""
    return "close" if "close" in table.columns else next(iter(table.columns))


def _describe_prices(part: Part, key: str) -> dict[str, Any]:
    """Return the figures by which a reading can be checked against the file.

    Args:
        part: a table and the rows that are one ticker's.
        key: the column that is the price.
    """
    table, rows = part
    order = rows[np.argsort(table.dates[rows], kind="stable")]
    prices = table.columns[key]
    priced = order[np.isfinite(prices[order])]
    description: dict[str, Any] = {
        "rows": len(priced),
        "dropped": len(order) - len(priced),
        "first_date": format_date(table.dates[priced[0]]) if len(priced) else None,
        "last_date": format_date(table.dates[priced[-1]]) if len(priced) else None,
        "first_close": float(prices[priced[0]]) if len(priced) else None,
        "last_close": float(prices[priced[-1]]) if len(priced) else None,
        "max_close": float(prices[priced].max()) if len(priced) else None,
        "sum_close": float(f"{prices[priced].sum():.6g}") if len(priced) else None,
    }
    for key in ("open", "volume"):
        last = table.columns[key][priced[-1]] if key in table.columns and len(priced) else np.nan
        description[f"last_{key}"] = float(last) if np.isfinite(last) else None
    return description


def describe_interval(dates: Dates) -> str | None:
    """Name the usual step between dates, such as `5min`, `hourly`, `daily` or `weekly`."""
    days = np.unique(dates)
    if len(days) < 2:
        return None
    step = float(np.median(np.diff(days) / np.timedelta64(1, "s")))
    if step < _DAY:
        minutes = round(step / 60)
        return "hourly" if minutes == 60 else f"{minutes}min" if minutes else f"{step:g}s"
    return next((name for longest, name in _INTERVALS if step <= longest), "yearly")


def describe_order(dates: Dates) -> str:
    """Say in which order a file's rows stand: `ascending`, `descending` or `mixed`."""
    steps = np.diff(dates)
    zero = np.timedelta64(0, "us")
    if (steps >= zero).all():
        return "ascending"
    return "descending" if (steps <= zero).all() else "mixed"
