"""Forecasts made elsewhere as a caller names them ─▶ candidates of a backtest, and what is odd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.backtesting.candidates import Candidate
from stockcast.backtesting.recorded import RecordedForecasts, RecordedRows
from stockcast.backtesting.recorded_file import TextTable, make_recorded, read_text_table
from stockcast.errors import StockcastError, UnusableForecasts, UsageError, option
from stockcast.evaluation.conformal import format_level
from stockcast.evaluation.skill import format_percent
from stockcast.ledger.entry import COLUMNS, Entry
from stockcast.ledger.file import Ledger, read_ledger
from stockcast.plurals import count_of
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.reader import STDIN, open_raw
from stockcast.prices.frames import FRAME, SupportsArrow, is_frame, write_cells
from stockcast.progress import Observer
from stockcast.workflows.events.general import Warned

RecordedSource = str | Path | SupportsArrow
RecordedSources = RecordedSource | Sequence[RecordedSource] | Mapping[str, RecordedSource]
"""A CSV of forecasts made elsewhere, or a frame; several, or by the names of their models."""

_DAY = np.timedelta64(1, "D")
_WONDER = 0.3  # skill that nobody has on prices of liquid markets, by far


def read_recorded(named: RecordedSources, observer: Observer) -> tuple[RecordedForecasts, ...]:
    """Read forecasts made elsewhere; several files of one model are joined.

    Args:
        named: see `RecordedSources`; a path may be a ledger, or `-` for stdin.
        observer: receives what is odd in a ledger.

    Raises:
        UnusableForecasts: one cannot be read; the message has file and line.
    """
    found: dict[str, RecordedForecasts] = {}
    for stem, source in _list_named(named):
        for one in _read_one(source, stem, observer):
            known = found.get(one.name)
            found[one.name] = one if known is None else _join(known, one)
    return tuple(found.values())


def has_stdin(named: RecordedSources) -> bool:
    """Whether stdin is among what is named."""
    return any(isinstance(one, str | Path) and str(one) == STDIN for _, one in _list_named(named))


def list_common_levels(recorded: Sequence[RecordedForecasts]) -> tuple[float, ...] | None:
    """Return the levels that all recorded forecasts with intervals have.

    Those of any of them where they have none in common; None where none has intervals.
    """
    levels = [set(one.levels) for one in recorded if one.levels]
    if not levels:
        return None
    return tuple(sorted(set.intersection(*levels) or set.union(*levels)))


def describe_recorded(
    recorded: Sequence[RecordedForecasts],
    levels: Sequence[float],
    quantiles: Sequence[float],
    *,
    check_leakage: bool,
) -> list[str]:
    """Say what of recorded forecasts can be judged, and what cannot: a sentence each."""
    said = []
    if undated := [one.name for one in recorded if not one.says_when]:
        said.append(
            f"{', '.join(undated)}: nothing says what was known then, so each forecast is taken as "
            "made from the bar before its date; a column last_date or step says otherwise"
        )
    for one in recorded:
        for what, asked, own in (
            ("intervals", levels, one.levels),
            ("quantiles", quantiles, one.quantiles),
        ):
            lacking = [format_level(share) for share in asked if share not in own]
            if not lacking:
                continue
            lack = f"{one.name} has no {' and '.join(lacking)} % {what}"
            if one.has_volatility:
                said.append(f"{lack}: made of its volatility, by how far off it was before")
            else:
                said.append(f"{lack}, so nothing is said of those")
    if recorded and check_leakage:
        names = ", ".join(one.name for one in recorded)
        said.append(
            f"{names}: made elsewhere and not to be made again, so that a look ahead can hide in "
            "them; only what the rows say of dates and prices is checked"
        )
    return said


def warn_of_unmatched(
    recorded: Sequence[RecordedForecasts], tickers: set[str], observer: Observer
) -> None:
    """Tell which tickers have forecasts and no prices, where others have both."""
    left = {
        name: one.tickers[name].locate(0)
        for one in reversed(recorded)
        for name in one.tickers
        if name and name not in tickers
    }
    if left and any(name in tickers for one in recorded for name in one.tickers):
        name, where = next(iter(left.items()))
        more = f" and {count_of(len(left) - 1, 'more ticker')}" if len(left) > 1 else ""
        observer.notify(Warned(f"{where}: no prices of {name}{more}: left out"))


def warn_of_wonders(judged: Iterable[tuple[Candidate, float | None]], observer: Observer) -> None:
    """Tell which recorded forecasts are better than any that was made in time can be hoped to be.

    Args:
        judged: candidates with their skill, see `Skill.skill`.
        observer: receives a warning for each.
    """
    for one, skill in judged:
        if one.is_recorded and skill is not None and skill > _WONDER:
            observer.notify(
                Warned(
                    f"{one.name}: its error is {format_percent(skill)} below the last price's, "
                    "which is too good to be true: look whether it saw prices of the dates forecast"
                )
            )


def _list_named(named: RecordedSources) -> Iterator[tuple[str, RecordedSource]]:
    """Yield what to call a model that a source does not name, and the source."""
    if isinstance(named, Mapping):
        yield from named.items()
        return
    is_one = isinstance(named, str | Path) or is_frame(named)
    listed: Sequence[Any] = [named] if is_one else list(named)  # type: ignore[arg-type]
    paths = [str(one) for one in listed if isinstance(one, str | Path)]
    if paths.count(STDIN) > 1:
        raise UsageError(f"{option('forecasts')} has - twice", hint="stdin can be read once")
    stems = [Path(path).stem for path in paths]
    frames = 0
    for one in listed:
        if isinstance(one, str | Path):
            stem = "stdin" if str(one) == STDIN else Path(one).stem
            yield (stem if stems.count(stem) < 2 else str(one)), one
        else:
            frames += 1
            yield ("forecasts" if frames == 1 else f"forecasts ({frames})"), one


def _read_one(source: RecordedSource, stem: str, observer: Observer) -> list[RecordedForecasts]:
    if not isinstance(source, str | Path):
        return make_recorded(_read_frame(source), stem=stem)
    try:
        raw = open_raw(source)
    except StockcastError as error:
        raise UnusableForecasts(error.raw_message, hint=error.raw_hint) from None
    with closing(raw):
        if raw.path is not None and _is_ledger(raw):
            return [_from_ledger(read_ledger(source), str(source), stem, observer)]
        return make_recorded(read_text_table(raw), stem=stem)


def _read_frame(frame: Any) -> TextTable:
    cells = write_cells(frame)
    if not cells.num_rows:
        raise UnusableForecasts(f"{FRAME}: no rows in it")
    columns = tuple(column.combine_chunks().fill_null("") for column in cells.columns)
    lines = np.arange(2, 2 + cells.num_rows, dtype=np.int64)
    return TextTable(FRAME, tuple(cells.column_names), columns, lines)


def _is_ledger(raw: RawFile) -> bool:
    """Whether a file begins as those do that `predict` records forecasts in."""
    first = ",".join(COLUMNS).encode()
    try:
        with raw.open() as stream:
            return stream.read(len(first)) == first
    except StockcastError as error:
        raise UnusableForecasts(
            error.raw_message, hint="name a CSV of forecasts, or - for stdin"
        ) from None


def _from_ledger(ledger: Ledger, name: str, stem: str, observer: Observer) -> RecordedForecasts:
    """Return what a ledger recorded: one candidate, whichever models made the forecasts."""
    entries = ledger.entries
    if not entries:
        raise UnusableForecasts(f"{name}: a ledger without forecasts")
    if ledger.torn:
        observer.notify(Warned(f"{name} ends in a torn row, which is left out"))
    dates, last_dates, made = (
        np.array(texts, dtype="datetime64[us]")
        for texts in (
            [one.date for one in entries],
            [one.cutoff for one in entries],
            [one.made_at.removesuffix("Z") for one in entries],
        )
    )
    over = np.where(dates == dates.astype("datetime64[D]"), dates + _DAY, dates)
    if late := int((made >= over).sum()):
        observer.notify(
            Warned(f"{name}: {count_of(late, 'forecast')} recorded when what came true was known")
        )
    # One-sided quantiles stand behind the intervals.
    shares = [*ledger.levels, *ledger.columns.quantiles]
    pairs = np.array([one.bounds for one in entries]).reshape(len(entries), len(shares), 2)
    named = [
        (round(share / 100, 10), (pairs[:, at, 0], pairs[:, at, 1]))
        for at, share in enumerate(shares)
    ]
    rows = RecordedRows(
        sources=(name,),
        files=np.zeros(len(entries), dtype=np.int16),
        lines=np.arange(2, 2 + len(entries), dtype=np.int64),
        dates=dates,
        last_dates=last_dates,
        steps=np.array([one.step for one in entries], dtype=np.int64),
        forecast=np.array([one.forecast for one in entries]),
        last_prices=np.array([one.last_price for one in entries]),
        volatility=np.array([one.volatility for one in entries]) / 100,
        bounds=dict(named[: len(ledger.levels)]),
        tails=dict(named[len(ledger.levels) :]),
    )
    return RecordedForecasts(stem, _split_tickers(rows, entries), takes_last=True)


def _split_tickers(rows: RecordedRows, entries: Sequence[Entry]) -> dict[str, RecordedRows]:
    places: dict[str, list[int]] = {}
    for row, one in enumerate(entries):
        places.setdefault(one.ticker, []).append(row)
    return {ticker: rows.select(np.array(own)) for ticker, own in places.items()}


def _join(one: RecordedForecasts, other: RecordedForecasts) -> RecordedForecasts:
    """Return the forecasts of one model in two files."""
    tickers = dict(one.tickers)
    for ticker, rows in other.tickers.items():
        tickers[ticker] = tickers[ticker].join(rows) if ticker in tickers else rows
    return RecordedForecasts(one.name, tickers, one.takes_last and other.takes_last)
