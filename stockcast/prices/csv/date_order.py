"""Day before month, or month before day: settled over the whole column, or asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.csv.options import Order
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
        rule: `unique`: only this order parses every row; `monotonic`: of those that do, only
            this one runs in order with plausible steps; `ambiguous`.
        dates: (rows,) read so; NaT all over if they do not settle it.
        choices: the orders that fit.
    """

    order: Order | None
    rule: Literal["unique", "monotonic", "ambiguous"]
    dates: Dates
    choices: tuple[Order, ...]


def judge_order(
    parts: dict[str, Integers], given: Order | None, codes: NDArray[np.int32] | None
) -> Verdict:
    """Settle what a, b and c of `a/b/c` are, over every row.

    Args:
        parts: a, b, c: (rows,) numbers, −1 where a cell has none; k: digits of c; t: time of day.
        given: what the user says.
        codes: (rows,) ticker of each row, or None for one.
    """
    readings = {order: _read(parts, order) for order in _ORDERS}
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
    if len(fitting) == 1:
        return Verdict(fitting[0], "unique", readings[fitting[0]], (fitting[0],))
    verdict = _judge_by_steps({order: readings[order] for order in fitting}, steps)
    if len(day_and_month) == 1 and verdict.order == day_and_month[0]:
        return replace(verdict, rule="unique")  # of day and month, only this order fits
    return verdict


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


def _read(parts: dict[str, Integers], order: Order) -> Dates:
    names = {letter: parts[part] for letter, part in zip(order, "abc", strict=True)}
    short = parts["k"] == 2
    if order == "ymd":  # of two digits each, or the year would have been seen to come first
        return build_dates(
            np.where(short, expand_years(names["y"]), -1), names["m"], names["d"], parts["t"]
        )
    years = np.where(short & (names["y"] >= 0), expand_years(names["y"]), names["y"])
    return build_dates(years, names["m"], names["d"], parts["t"])


def _nothing(like: NDArray[Any]) -> Dates:
    return np.full(len(like), np.datetime64("NaT", "us"))


def expand_years(years: Integers) -> Integers:
    """Two digits are 20xx up to 20 years from now, else 19xx."""
    newest = datetime.now(UTC).year + 20
    expanded: Integers = np.where(2000 + years <= newest, 2000 + years, 1900 + years)
    return expanded


def build_dates(years: Integers, months: Integers, days: Integers, time: Integers) -> Dates:
    """Build dates from their parts; NaT where there is no such day.

    Args:
        years: (rows,); −1 where unknown.
        months: likewise.
        days: likewise.
        time: (rows,) microseconds since midnight; −1 for none.
    """
    valid = (years >= 1000) & (years < 3000) & (months >= 1) & (months <= 12)
    valid &= (days >= 1) & (days <= 31) & (time < 24 * _HOUR_US)
    first = ((years - 1970) * 12 + months - 1).astype("datetime64[M]")
    date = first.astype("datetime64[D]") + (days - 1).astype("timedelta64[D]")
    valid &= date.astype("datetime64[M]") == first  # no 31st of April
    stamps = date.astype("datetime64[us]") + np.maximum(time, 0).astype("timedelta64[us]")
    return np.where(valid, stamps, np.datetime64("NaT", "us"))
