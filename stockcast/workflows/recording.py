"""Forecasts on record: refused from old prices, appended to the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from stockcast.durations import format_duration
from stockcast.errors import StalePrices, option
from stockcast.forecast.forecaster import Forecast
from stockcast.prices.age import measure_age
from stockcast.prices.history import PriceHistory, format_date
from stockcast.prices.scan import find_future_bars
from stockcast.progress import Observer
from stockcast.workflows.events.forecasting import ForecastsRecorded
from stockcast.workflows.events.general import Waiting, Warned


def check_age(history: PriceHistory, max_age: float | None) -> None:
    """Refuse prices that are too old, or of a day that is yet to come.

    Args:
        history: the prices.
        max_age: seconds that the newest bar may be old; None: any age.

    Raises:
        StalePrices: they are older, or the newest bar is of a later day than today anywhere.
    """
    if max_age is None:
        return
    if early := find_future_bars(history, np.datetime64("now")):
        raise StalePrices(
            f"{early.message}: {option('max_age')} cannot tell how old the prices are",
            hint="see whether a date was mistyped, or read the wrong way round",
        )
    age = measure_age(history.dates, datetime.now(UTC))
    if age > max_age:
        raise StalePrices(
            f"{history.name}: the newest bar, {format_date(history.dates[-1])}, is "
            f"{format_duration(age)} old, and {option('max_age')} is {format_duration(max_age)}",
            hint="see why no newer prices have come",
        )


def record_forecasts(
    ledger: Path | None, made: Sequence[tuple[Forecast, str]], observer: Observer
) -> None:
    """Append forecasts of the same levels and quantiles to a ledger, each once.

    Args:
        ledger: the CSV; None: nothing is recorded.
        made: forecasts, each with the SHA-256 of its model's file.
        observer: receives events.

    Raises:
        LedgerError: the file is no ledger, or of other levels or quantiles.
        Locked: another run writes there.
        OutputError: it cannot be written.
    """
    if ledger is None or not made:
        return
    from stockcast.ledger.entry import make_entries, name_columns
    from stockcast.ledger.file import append_entries

    now = datetime.now(UTC)
    entries = [
        entry
        for forecast, digest in made
        for entry in make_entries(forecast, model=digest, made_at=now)
    ]
    done = append_entries(
        ledger,
        entries,
        columns=name_columns(made[0][0]),
        on_wait=lambda text: observer.notify(Waiting(text)),
    )
    if done.torn:
        observer.notify(Warned(f"{ledger} ended in a torn row, which is removed: {done.torn!r}"))
    observer.notify(ForecastsRecorded(ledger, len(made), done.count))
