"""The next trading sessions, by the rhythm of the bars themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Dates

_DAY = np.timedelta64(1, "D")
_FEWEST = 5  # bars from which a rhythm other than daily is believed
_LENGTHS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True)
class Rhythm:
    """How bars follow each other.

    Attributes:
        kind: weekdays; days, weekends among them; months; or steps of another length.
        step: the usual time from one bar to the next.
    """

    kind: Literal["weekdays", "days", "months", "steps"]
    step: np.timedelta64

    @property
    def is_daily(self) -> bool:
        """Whether a bar is a day."""
        return self.kind in ("weekdays", "days")

    def describe(self) -> str:
        """Say it in words: `every weekday`, `every 5 minutes`."""
        if self.kind != "steps":
            return f"every {self.kind.removesuffix('s')}"
        seconds = self.step / np.timedelta64(1, "s")
        name, length = next(
            (one for one in _LENGTHS if seconds >= one[1] and seconds % one[1] == 0), _LENGTHS[-1]
        )
        count = seconds / length
        return f"every {name}" if count == 1 else f"every {count:g} {name}s"


def find_rhythm(dates: Dates) -> Rhythm:
    """Learn from a history how its bars follow each other.

    Args:
        dates: (rows,) datetime64, ascending, at least one.
    """
    step = measure_step(dates) if len(dates) >= _FEWEST else _DAY
    if 25 * _DAY < step < 32 * _DAY:
        return Rhythm("months", step)
    if step < _DAY or step > 5 * _DAY:
        return Rhythm("steps", step)
    weekdays = bool(np.is_busday(dates.astype("datetime64[D]")).all())
    return Rhythm("weekdays" if weekdays else "days", _DAY)


def measure_step(dates: Dates) -> np.timedelta64:
    """Return the median time between bars; a day if there is but one bar.

    `np.median` would load masked arrays, which takes as long as the forecast of a day.

    Args:
        dates: (rows,) datetime64, ascending, at least one.
    """
    steps = np.sort(np.diff(dates))
    middle = steps[(len(steps) - 1) // 2 : len(steps) // 2 + 1]
    step: np.timedelta64 = middle.mean() if len(steps) else _DAY
    return step


def next_session(dates: Dates) -> np.datetime64:
    """Return the date after the newest: the next weekday, or the next day if weekends trade.

    Bars that are not daily step by their usual length: minutes, a week, a month.

    Args:
        dates: (rows,) datetime64, ascending, at least one.
    """
    session: np.datetime64 = next_sessions(dates, 1)[0]
    return session


def next_sessions(dates: Dates, count: int) -> Dates:
    """Return the `count` sessions after the newest, (count,) datetime64[us]."""
    rhythm = find_rhythm(dates)
    ahead = np.arange(1, count + 1)
    last = dates[-1].astype("datetime64[us]")
    day = last.astype("datetime64[D]")
    sessions: Dates
    if rhythm.kind == "months":
        sessions = _next_months(last, ahead)
    elif rhythm.kind == "steps":
        sessions = last + rhythm.step * ahead
    elif rhythm.kind == "weekdays":
        sessions = np.busday_offset(day, ahead)
    else:
        sessions = day + ahead * _DAY
    return sessions.astype("datetime64[us]")


def _next_months(last: np.datetime64, ahead: NDArray[np.int64]) -> Dates:
    """Return the same day of the next months; month ends follow on a month's end."""
    month = last.astype("datetime64[M]")
    ends: Dates = (month + ahead + 1).astype("datetime64[us]") - _DAY
    if last + _DAY >= (month + 1).astype("datetime64[us]"):
        return ends
    same_day: Dates = (month + ahead).astype("datetime64[us]") + np.timedelta64(last - month, "us")
    return np.minimum(same_day, ends)
