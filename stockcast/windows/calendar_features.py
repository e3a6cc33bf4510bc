"""Calendar features: what the calendar says of the sessions ahead of a bar, from dates alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import UnreadablePrices, option
from stockcast.prices.calendar import find_rhythm
from stockcast.prices.history import Dates, PriceHistory
from stockcast.recipe import CalendarFeature
from stockcast.windows.windowing import Array

NEWEST = 30
"""Bars, six weeks of trading, that say on which days of the week there are sessions."""
_FEWEST = 2  # of them; one session on a Saturday makes no trading day of it
_AFTER_TURN = 3  # sessions of a month that are in its turn, beside the last one before it
_WEEK, _WORKING, _LONGEST_MONTH = 7, 5, 31  # days
_THURSDAY = 3  # days after Monday: 1970-01-01 was one


def compute_calendar(
    history: PriceHistory,
    features: tuple[CalendarFeature, ...],
    first: int,
    last: int,
    *,
    horizon: int,
) -> Array:
    """Return what the calendar says at bars first … last − 1 of the sessions ahead of each.

    `weekday`: five inputs, 1 where the next session is on that day, Monday to Friday; at a weekend
    all are 0. `turn-of-month`: the share of the steps ahead that are the last session of a month
    or one of the first three (Lakonishok & Smidt 1988, "Are seasonal anomalies real?").

    A session ahead is on the next day of the week on which at least two of the newest 30 bars
    fell; with fewer bars Monday to Friday count as well. So a bar is told of a day that is known
    on it: an exchange's holidays play no part, neither those to come nor those that were.

    Args:
        history: of which dates alone count, and none after a bar's own.
        features: in this order.
        first: row of the first bar.
        last: row after the last bar.
        horizon: steps ahead that are forecast.

    Returns:
        (last − first, inputs) float32, 0 to 1.

    Raises:
        UnreadablePrices: bars are not of a day.
    """
    if not features:
        return np.empty((last - first, 0), np.float32)
    _require_days(history, features, last)
    oldest = max(0, first - NEWEST + 1)
    week = TradingWeek.from_dates(history.dates[oldest:last]).cut(first - oldest)
    sessions = week.list_sessions(horizon)
    parts = [_FEATURES[name](week, sessions) for name in features]
    seen: Array = np.concatenate(parts, axis=1).astype(np.float32)
    return seen


def _require_days(history: PriceHistory, features: tuple[CalendarFeature, ...], last: int) -> None:
    rhythm = find_rhythm(history.dates[:last])
    if not rhythm.is_daily:
        raise UnreadablePrices(
            f"{history.name} has a bar {rhythm.describe()}, and {' and '.join(features)} "
            f"{'are' if len(features) > 1 else 'is'} of bars of a day",
            hint=f"leave {' and '.join(features)} out of {option('features')}",
        )


@dataclass(frozen=True)
class TradingWeek:
    """On which days of the week there are sessions, as each bar knows.

    Attributes:
        days: (n,) the bars' own dates, in days since 1970-01-01.
        trading: (n, 7) whether there are sessions, Monday to Sunday.
    """

    days: NDArray[np.int64]
    trading: NDArray[np.bool_]

    @classmethod
    def from_dates(cls, dates: Dates) -> TradingWeek:
        """(n,) dates, ascending: each bar goes by the newest 30 up to itself."""
        days = dates.astype("datetime64[D]").astype(np.int64)
        counts = np.zeros((len(days) + 1, _WEEK), np.int64)
        counts[1:] = np.cumsum(number_weekdays(days)[:, None] == np.arange(_WEEK), axis=0)
        end = np.arange(1, len(days) + 1)
        trading = counts[end] - counts[np.maximum(0, end - NEWEST)] >= _FEWEST
        trading[: NEWEST - 1, :_WORKING] = True
        return cls(days, trading)

    def cut(self, first: int) -> TradingWeek:
        """Return it from one bar on."""
        return TradingWeek(self.days[first:], self.trading[first:])

    def list_sessions(self, steps: int) -> NDArray[np.int64]:
        """Return the sessions ahead of each bar, (n, steps) days since 1970-01-01.

        Example:
            >>> dates = np.array(["2024-05-30", "2024-05-31"], "datetime64[us]")
            >>> TradingWeek.from_dates(dates).list_sessions(2).astype("datetime64[D]")
            array([['2024-05-31', '2024-06-03'],
                   ['2024-06-03', '2024-06-04']], dtype='datetime64[D]')
        """
        ahead = np.empty((len(self.days), steps), np.int64)
        days = self.days
        for step in range(steps):
            ahead[:, step] = days = self.find_next(days[:, None])[:, 0]
        return ahead

    def find_next(self, days: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n, steps) days ─▶ (n, steps) the first session after each."""
        following = np.zeros_like(days)
        for ahead in range(_WEEK, 0, -1):
            following[self.has_session(days + ahead)] = ahead
        found: NDArray[np.int64] = days + following
        return found

    def has_session(self, days: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(n, steps) days ─▶ (n, steps) whether there are sessions on that day of the week."""
        found: NDArray[np.bool_] = np.take_along_axis(self.trading, number_weekdays(days), axis=1)
        return found


def number_weekdays(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days since 1970-01-01 ─▶ days of the week, 0 for Monday."""
    weekdays: NDArray[np.int64] = (days + _THURSDAY) % _WEEK
    return weekdays


def _see_weekday(_: TradingWeek, sessions: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n, steps) ─▶ (n, 5) of the first step; the others' follow by counting on."""
    weekdays: NDArray[np.bool_] = number_weekdays(sessions[:, :1]) == np.arange(_WORKING)
    return weekdays


def _see_turn_of_month(week: TradingWeek, sessions: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, steps) ─▶ (n, 1) the share of them."""
    months = _number_months(sessions)
    is_last = _number_months(week.find_next(sessions)) != months
    number = np.zeros(sessions.shape, np.int64)  # of the session within its month
    for before in range(_LONGEST_MONTH):
        day = sessions - before
        number += week.has_session(day) & (_number_months(day) == months)
    share: NDArray[np.float64] = (is_last | (number <= _AFTER_TURN)).mean(axis=1, keepdims=True)
    return share


def _number_months(days: NDArray[np.int64]) -> NDArray[np.int64]:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


_FEATURES: dict[CalendarFeature, Callable[[TradingWeek, NDArray[np.int64]], NDArray[Any]]] = {
    "weekday": _see_weekday,
    "turn-of-month": _see_turn_of_month,
}
