"""Day before month, or month before day: settled over the whole column, or asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.csv.calendars import expand_years, to_days
from stockcast.prices.csv.options import Calendar, Order
from stockcast.prices.history import Dates

Integers = NDArray[np.int64]

_HOUR_US = 3_600_000_000
_ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")
_ONE_WAY = 0.98  # share of steps in one direction from which dates count as running in order
_FEWEST = 5  # rows from which working days in a row say something


@dataclass(frozen=True)
class Verdict:
    """Which order a column is in.

    Attributes:
        order: None if the rows do not settle it.
        rule: `unique`: only this order parses every row, or gives each the weekday that it names;
            `monotonic`: of those that do, only this one runs in order with plausible steps;
            `ambiguous`.
        dates: (rows,) read so; NaT all over if they do not settle it.
        choices: the orders that fit.
        years: (rows,) as written, two digits expanded; −1 where unknown.
        calendar: whose years they are if the column or the user says it; else each year tells it.
        has_short_years: whether years have two digits.
    """

    order: Order | None
    rule: Literal["unique", "monotonic", "ambiguous"]
    dates: Dates
    choices: tuple[Order, ...]
    years: Integers = field(default_factory=lambda: np.array([], dtype=np.int64))
    calendar: Calendar | None = None
    has_short_years: bool = False


def judge_order(
    parts: dict[str, Integers],
    given: Order | None,
    codes: NDArray[np.int32] | None,
    calendar: Calendar | None = None,
) -> Verdict:
    """Settle what a, b and c of `a/b/c` are, over every row.

    Args:
        parts: a, b, c: (rows,) numbers, −1 where a cell has none; k: digits of c; t: time of day;
            w: the weekday that a cell names, Monday 0, −1 for none.
        given: what the user says.
        codes: (rows,) ticker of each row, or None for one.
        calendar: whose years they are, if the user says so.
    """
    if calendar is None and _are_years_of_roc(parts):
        calendar = "roc"
    if calendar != "roc":
        strange = (parts["a"] >= 100) | (parts["k"] == 1)
        parts = {**parts, "a": np.where(strange, -1, parts["a"])}
    years, readings = {}, {}
    for order in _ORDERS:
        readings[order], years[order] = _read(parts, order, calendar)
    verdict = _judge(parts, "ymd" if calendar == "roc" else given, codes, readings)
    if verdict.order is None:
        return replace(verdict, years=np.full(len(parts["a"]), -1), calendar=calendar)
    short = parts["k"] == 2 if verdict.order != "ymd" else parts["a"] < 100
    return replace(
        verdict,
        years=years[verdict.order],
        calendar=calendar,
        has_short_years=bool((short & (parts["a"] >= 0)).any()),
    )


def _are_years_of_roc(parts: dict[str, Integers]) -> bool:
    """Whether years of two and then three digits stand in front, which no other calendar has."""
    three = (parts["a"] >= 100) & (parts["k"] <= 2)
    if not three.any():
        return False
    known = parts["a"] >= 0
    misses = known & np.isnat(_read(parts, "ymd", "roc")[0])
    return int(misses.sum()) * 20 <= int(known.sum())


def _judge(
    parts: dict[str, Integers],
    given: Order | None,
    codes: NDArray[np.int32] | None,
    readings: dict[Order, Dates],
) -> Verdict:
    """Choose one of the readings."""
    if given is not None:
        return Verdict(given, "unique", readings[given], (given,))
    known = parts["a"] >= 0
    misses = {order: int((known & np.isnat(dates)).sum()) for order, dates in readings.items()}
    fitting = [order for order, count in misses.items() if not count]
    if not fitting:
        # No order reads every row: a bad cell or two must not turn the order round. The reading
        # with next to no misses is the one, and its misses are reported by their lines.
        best, second = sorted(_ORDERS[:2], key=lambda order: misses[order])
        if misses[best] * 20 <= misses[second]:
            return Verdict(best, "unique", readings[best], (best,))
        return Verdict(None, "ambiguous", _nothing(known), ("dmy", "mdy"))
    day_and_month = [order for order in fitting if order != "ymd"]
    if len(day_and_month) == 2 and (readings["dmy"] == readings["mdy"])[known].all():
        return Verdict("dmy", "unique", readings["dmy"], ("dmy", "mdy"))
    steps = _Steps(known, codes)
    if "ymd" in fitting and len(fitting) > 1 and readings["ymd"][known].max() > _tomorrow():
        fitting.remove("ymd")  # prices that are still to come
    agreeing = [order for order in fitting if _agree(readings[order], parts["w"])]
    if len(agreeing) == 1:
        fitting = agreeing
    if len(fitting) == 1:
        return Verdict(fitting[0], "unique", readings[fitting[0]], (fitting[0],))
    verdict = _judge_by_steps({order: readings[order] for order in fitting}, steps)
    if len(day_and_month) == 1 and verdict.order == day_and_month[0]:
        return replace(verdict, rule="unique")  # of day and month, only this order fits
    return verdict


def _agree(dates: Dates, named: Integers) -> bool:
    """Whether rows name weekdays, and each that does names that of its date."""
    rows = named >= 0
    return bool(rows.any() and (find_weekdays(dates[rows]) == named[rows]).all())


def find_weekdays(dates: Dates) -> Integers:
    """(rows,) the weekday of each date, Monday 0.

    Example:
        >>> find_weekdays(np.array(["2013-03-01"], "datetime64[us]")).tolist()
        [4]
    """
    days = dates.astype("datetime64[D]").astype(np.int64)
    weekdays: Integers = (days + 3) % 7  # 1970 began on a Thursday
    return weekdays


def _tomorrow() -> np.datetime64:
    return np.datetime64("now", "us") + np.timedelta64(1, "D")


class _Steps:
    """The steps from row to row of one ticker.

    Args:
        known: (rows,) whether a row has a date.
        codes: (rows,) ticker of each row, or None for one.
    """

    def __init__(self, known: NDArray[np.bool_], codes: NDArray[np.int32] | None) -> None:
        order = np.arange(len(known)) if codes is None else np.argsort(codes, kind="stable")
        self._order = order[known[order]]
        self._same = np.ones(max(0, len(self._order) - 1), dtype=bool)
        if codes is not None:
            self._same = codes[self._order][1:] == codes[self._order][:-1]

    def run_one_way(self, dates: Dates) -> bool:
        """Whether nearly all steps go forward, or nearly all backward."""
        steps = np.diff(dates[self._order])[self._same]
        zero = np.timedelta64(0, "us")
        forward, backward = int((steps > zero).sum()), int((steps < zero).sum())
        return max(forward, backward) >= _ONE_WAY * max(1, forward + backward)

    def are_daily(self, dates: Dates) -> bool:
        """Whether dates are one day after the other, but for weekends and single holidays."""
        days = dates[self._order].astype("datetime64[D]")
        if len(days) < _FEWEST:
            return False
        early, late = np.minimum(days[1:], days[:-1]), np.maximum(days[1:], days[:-1])
        gaps = np.busday_count(early, late)[self._same]
        one_day = (late - early)[self._same] == np.timedelta64(1, "D")
        working = bool(np.is_busday(days).all()) and (gaps <= 2).mean() >= 0.9
        return bool(working or one_day.mean() >= 0.95)

    def are_monthly(self, dates: Dates) -> bool:
        """Whether dates are the same day of one month after the other."""
        days = dates[self._order].astype("datetime64[D]")
        if len(days) < _FEWEST:
            return False
        months = days.astype("datetime64[M]")
        steps = np.abs(np.diff(months.astype(np.int64)))[self._same]
        return bool((np.ptp((days - months).astype(np.int64)) == 0) and (steps == 1).mean() >= 0.9)


def _judge_by_steps(readings: dict[Order, Dates], steps: _Steps) -> Verdict:
    """Choose the reading that runs in order; if several do, the only one of a regular rhythm."""
    running = [order for order, dates in readings.items() if steps.run_one_way(dates)]
    if len(running) != 1:
        regular = (steps.are_daily, steps.are_monthly)
        running = [order for order in running if any(test(readings[order]) for test in regular)]
    if len(running) == 1:
        return Verdict(running[0], "monotonic", readings[running[0]], (running[0],))
    return Verdict(None, "ambiguous", _nothing(next(iter(readings.values()))), tuple(readings))


def _read(
    parts: dict[str, Integers], order: Order, calendar: Calendar | None
) -> tuple[Dates, Integers]:
    """Return (rows,) dates and (rows,) full years of the parts in one order."""
    names = {letter: parts[part] for letter, part in zip(order, "abc", strict=True)}
    digits = parts["k"]
    if order == "ymd":  # of two digits, or three: of four it would have been seen to come first
        short, fitting = np.ones(len(digits), dtype=bool), digits == 2
        if calendar == "roc":
            fitting = (digits == 1) | (digits == 2)
    else:
        short, fitting = digits == 2, (digits == 2) | (digits == 4)
    years = np.where(short & (names["y"] >= 0), expand_years(names["y"], calendar), names["y"])
    years = np.where(fitting, years, -1)
    return build_dates(years, names["m"], names["d"], parts["t"], calendar), years


def _nothing(like: NDArray[Any]) -> Dates:
    return np.full(len(like), np.datetime64("NaT", "us"))


def build_dates(
    years: Integers,
    months: Integers,
    days: Integers,
    time: Integers,
    calendar: Calendar | None = None,
) -> Dates:
    """Build dates from their parts; NaT where there is no such day.

    Args:
        years: (rows,); −1 where unknown.
        months: likewise.
        days: likewise.
        time: (rows,) microseconds since midnight; −1 for none.
        calendar: whose years they are, if that is known; else each year tells it.
    """
    date = to_days(years, months, days, calendar)
    stamps = date.astype("datetime64[us]") + np.maximum(time, 0).astype("timedelta64[us]")
    return np.where(time < 24 * _HOUR_US, stamps, np.datetime64("NaT", "us"))
