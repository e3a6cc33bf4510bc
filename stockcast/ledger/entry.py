"""One line of a ledger: a forecast, when it was made, by which model, from which bars."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache

from stockcast.files.spreadsheet import guard_text, unguard_text
from stockcast.forecast.forecaster import Forecast
from stockcast.plurals import count_of
from stockcast.prices.history import format_date

COLUMNS = ("made_at", "model", "ticker", "cutoff", "step", "date", "forecast", "last_price")
_SHARE = r"\d+(?:\.\d+)?"
_DATE = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?)?"

Levels = tuple[float, ...]  # in percent
Key = tuple[str, str, int, str]


@dataclass(frozen=True)
class LedgerColumns:
    """Which columns a ledger has beside `COLUMNS`.

    Attributes:
        levels: of the intervals, in percent; two columns each, such as `lower_80` and `upper_80`.
        quantiles: one-sided ones, in percent; two columns each: `quantile_5`, `shortfall_5`.
        has_volatility: whether it says how far prices were expected to move; those of earlier
            versions do not.
    """

    levels: Levels = ()
    quantiles: Levels = ()
    has_volatility: bool = False

    @property
    def pairs(self) -> tuple[str, ...]:
        """The columns of bounds, in their order."""
        return _name_pairs(self.levels, self.quantiles)

    @property
    def names(self) -> tuple[str, ...]:
        """The header."""
        return (*COLUMNS, *self.pairs, *(("volatility",) if self.has_volatility else ()))

    @property
    def description(self) -> str:
        """What forecasts in it have, for a sentence."""
        parts = [
            f"{what} {', '.join(f'{one:g}' for one in shares)} %"
            for what, shares in (("intervals of", self.levels), ("quantiles of", self.quantiles))
            if shares
        ]
        return f"with {' and '.join(parts)}" if parts else "without intervals"


@dataclass(frozen=True)
class Entry:
    """A forecast that was written down.

    Attributes:
        made_at: when, UTC, ISO 8601.
        model: SHA-256 of the model's file, hex digits.
        ticker: its name.
        cutoff: date of the newest bar that the forecast knew, ISO 8601.
        step: how many bars after it, from 1.
        date: the date forecast, ISO 8601.
        forecast: price units.
        last_price: the price on the cutoff.
        bounds: lower and upper bound of each of the ledger's levels, then price at and mean price
            beyond each of its quantiles, price units; NaN where the model could not say.
        volatility: standard deviation of the log return from the last price to the one forecast, in
            percent; NaN where the ledger does not say.
    """

    made_at: str
    model: str
    ticker: str
    cutoff: str
    step: int
    date: str
    forecast: float
    last_price: float
    bounds: tuple[tuple[float, float], ...] = ()
    volatility: float = math.nan

    @property
    def key(self) -> Key:
        """What makes it this forecast and no other: made again, it is the same one."""
        return self.ticker, self.cutoff, self.step, self.model


def make_entries(forecast: Forecast, *, model: str, made_at: datetime) -> list[Entry]:
    """Turn forecasts into entries.

    Args:
        forecast: n forecasts of one ticker.
        model: SHA-256 of the model's file, hex digits.
        made_at: when, with a time zone.
    """
    stamp = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        Entry(
            made_at=stamp,
            model=model,
            ticker=forecast.ticker,
            cutoff=format_date(forecast.last_dates[row]),
            step=int(forecast.steps[row]),
            date=format_date(forecast.dates[row]),
            forecast=float(forecast.forecast[row]),
            last_price=float(forecast.last_prices[row]),
            bounds=tuple(
                (float(lower[row]), float(upper[row]))
                for lower, upper in (*forecast.intervals.values(), *forecast.tails.values())
            ),
            volatility=100 * float(forecast.volatility[row]),
        )
        for row in range(len(forecast.dates))
    ]


def name_columns(forecast: Forecast) -> LedgerColumns:
    """Return the columns that a forecast's entries fill."""
    levels, quantiles = (
        tuple(round(100 * one, 10) for one in shares)
        for shares in (forecast.intervals, forecast.tails)
    )
    return LedgerColumns(levels, quantiles, has_volatility=True)


@cache
def _name_pairs(levels: Levels, quantiles: Levels) -> tuple[str, ...]:
    sides = (levels, ("lower", "upper")), (quantiles, ("quantile", "shortfall"))
    return tuple(f"{kind}_{one:g}" for shares, kinds in sides for one in shares for kind in kinds)


def parse_columns(header: Sequence[str]) -> LedgerColumns:
    """Return the columns of a ledger's header, in its order.

    Raises:
        ValueError: it is not a ledger's header.
    """
    found: dict[str, list[float]] = {"lower": [], "quantile": []}
    for name in header[len(COLUMNS) :]:
        if match := re.fullmatch(rf"(lower|quantile)_({_SHARE})", name):
            found[match[1]].append(float(match[2]))
    columns = LedgerColumns(
        tuple(found["lower"]), tuple(found["quantile"]), has_volatility="volatility" in header
    )
    if tuple(header) != columns.names or any(len(set(one)) < len(one) for one in found.values()):
        raise ValueError("not a ledger's header")
    return columns


def to_cells(entry: Entry, columns: LedgerColumns) -> list[str]:
    """Write an entry as a row: numbers with round-trip precision, text safe in a spreadsheet."""
    numbers = [entry.forecast, entry.last_price, *(one for pair in entry.bounds for one in pair)]
    if columns.has_volatility:
        numbers.append(entry.volatility)
    words = (entry.made_at, entry.model, entry.ticker, entry.cutoff)
    step = str(int(entry.step))
    texts = ("" if math.isnan(one) else repr(float(one)) for one in numbers)
    return [*map(guard_text, words), step, entry.date, *texts]


def from_cells(cells: Sequence[str], columns: LedgerColumns) -> Entry:
    """Read a row back.

    Raises:
        ValueError: a cell is missing, too many, or not what it must be; the message says which.
    """
    expected = columns.names
    if len(cells) != len(expected):
        raise ValueError(f"{count_of(len(cells), 'cell')}, expected {len(expected)}")
    row = dict(zip(expected, cells, strict=True))
    numbers = [_parse_number(name, row[name]) for name in COLUMNS[6:]]
    # A model that has too few residuals for a level leaves its bounds empty.
    bounds = [_parse_known(name, row[name]) for name in columns.pairs]
    if not row["step"].isdecimal() or int(row["step"]) < 1:
        raise ValueError(f"step is {row['step']!r}, expected a whole number from 1")
    return Entry(
        made_at=_parse_date("made_at", row["made_at"]),
        model=unguard_text(row["model"]),
        ticker=unguard_text(row["ticker"]),
        cutoff=_parse_date("cutoff", row["cutoff"]),
        step=int(row["step"]),
        date=_parse_date("date", row["date"]),
        forecast=numbers[0],
        last_price=numbers[1],
        bounds=tuple(zip(bounds[::2], bounds[1::2], strict=True)),
        volatility=_parse_known("volatility", row.get("volatility", "")),
    )


def _parse_known(name: str, text: str) -> float:
    return _parse_number(name, text) if text else math.nan


def _parse_number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name} is {text!r}, expected a number")
    return number


@lru_cache  # the same few dates stand in row after row
def _parse_date(name: str, text: str) -> str:
    zone, example = ("Z", "2013-02-28T22:15:00Z") if name == "made_at" else ("", "2013-02-28")
    try:
        if re.fullmatch(_DATE + zone, text):
            datetime.fromisoformat(text)
            return text
    except ValueError:  # such as the 30th of February
        pass
    raise ValueError(f"{name} is {text!r}, expected a date such as {example}")
