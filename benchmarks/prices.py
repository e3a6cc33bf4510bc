"""Made-up price CSVs of any length, in Yahoo's layout and in a German one."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

_OPENING = datetime(2010, 1, 4, 9, 30)  # a Monday
_SESSION = 390  # minutes
_DEVIATION = 0.0005  # of a minute's log return
_FIRST_DAY = datetime(1985, 1, 1)
_DAYS = 10_000  # a ticker of the German file
_DAILY_DEVIATION = 0.01  # of a day's log return


def write_prices(path: Path, *, rows: int) -> None:
    """Write a geometric random walk, a bar a minute of each session; the same every time."""
    draw = random.Random(0)
    price = 100.0
    with path.open("w", encoding="ascii", newline="") as file:
        file.write("Date,Open,High,Low,Close,Adj Close,Volume\n")
        for stamp in itertools.islice(_list_minutes(), rows):
            start, price = price, price * math.exp(draw.gauss(0, _DEVIATION))
            high = max(start, price) * (1 + _DEVIATION * draw.random())
            low = min(start, price) * (1 - _DEVIATION * draw.random())
            file.write(
                f"{stamp},{start:.6f},{high:.6f},{low:.6f},{price:.6f},{price / 2:.6f},"
                f"{draw.randrange(1_000, 1_000_000)}\n"
            )


def write_german_prices(path: Path, *, rows: int) -> None:
    """Write daily bars with semicolons, decimal commas and dd.mm.yyyy, one ticker after the other.

    Each ticker is a geometric random walk over the same working days.
    """
    draw = random.Random(0)
    days = [f"{day:%d.%m.%Y}" for day in itertools.islice(_list_working_days(), _DAYS)]
    price = 100.0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("Datum;Symbol;Eröffnung;Hoch;Tief;Schluss;Volumen\n")
        for row in range(rows):
            ticker, at = divmod(row, _DAYS)
            start = price if at else 100.0
            price = start * math.exp(draw.gauss(0, _DAILY_DEVIATION))
            high = max(start, price) * (1 + _DAILY_DEVIATION * draw.random())
            low = min(start, price) * (1 - _DAILY_DEVIATION * draw.random())
            prices = f"{start:.4f};{high:.4f};{low:.4f};{price:.4f}".replace(".", ",")
            volume = draw.randrange(1_000, 1_000_000)
            file.write(f"{days[at]};T{ticker:03};{prices};{volume}\n")


def _list_working_days() -> Iterator[datetime]:
    days = (_FIRST_DAY + timedelta(days=number) for number in itertools.count())
    return (day for day in days if day.weekday() < 5)


def _list_minutes() -> Iterator[datetime]:
    """Yield the minutes of one session after the other, without weekends."""
    for days in itertools.count():
        day = _OPENING + timedelta(days=days)
        if day.weekday() < 5:
            for minute in range(_SESSION):
                yield day + timedelta(minutes=minute)
