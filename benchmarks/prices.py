"""A made-up price CSV of any length, in Yahoo's layout."""

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


def _list_minutes() -> Iterator[datetime]:
    """Yield the minutes of one session after the other, without weekends."""
    for days in itertools.count():
        day = _OPENING + timedelta(days=days)
        if day.weekday() < 5:
            for minute in range(_SESSION):
                yield day + timedelta(minutes=minute)
