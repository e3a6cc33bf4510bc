"""Day before month, or month before day: settled over the whole column, or asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Dates
from stockcast.prices.options import Order

Integers = NDArray[np.int64]

_HOUR_US = 3_600_000_000
_ONE_WAY = 0.98  # share of steps in one direction from which dates count as running in order
_FEWEST = 5  # rows from which working days in a row say something


@dataclass(frozen=True)
class Verdict:
    """Which order a column is in.

    Attributes:
        order: None if it cannot be told.
        rule: `unique`: only this order parses every row; `monotonic`: of those that do, only
            this one runs in order with plausible steps; `ambiguous`.
        dates: (rows,) read so; NaT all over if it cannot be told.
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
        parts: a, b, c: (rows,) numbers, −1 where a cell has none, c a full year; t: time of day.
        given: what the user says.
        codes: (rows,) ticker of each row, or None for one.
    """
    readings: dict[Order, Dates] = {order: _read(parts, order) for order in ("dmy", "mdy")}
    if given is not None:
        dates = readings[given] if given != "ymd" else _read(parts, "ymd")
        return Verdict(given, "unique", dates, (given,))
    known = parts["a"] >= 0
    misses = {order: int((known & np.isnat(dates)).sum()) for order, dates in readings.items()}
    fitting = [order for order, count in misses.items() if not count]
    if not fitting:
        # Neither parses every row: a bad cell or two must not turn the order round. The reading
        # with next to no misses is the one, and its misses are reported by their lines.
        best = min(misses, key=lambda order: misses[order])
        other = max(misses, key=lambda order: misses[order])
        if misses[best] * 20 <= misses[other]:
            return Verdict(best, "unique", readings[best], (best,))
        year_first = _read(parts, "ymd")
        if not (known & np.isnat(year_first)).any():
            return Verdict("ymd", "unique", year_first, ("ymd",))
        return Verdict(None, "ambiguous", _nothing(known), ("dmy", "mdy"))
    if len(fitting) == 1:
        return Verdict(fitting[0], "unique", readings[fitting[0]], (fitting[0],))
    if (readings["dmy"] == readings["mdy"])[known].all():
        return Verdict("dmy", "unique", readings["dmy"], ("dmy", "mdy"))
    return _judge_by_steps(readings, known, codes)


def _judge_by_steps(
    readings: dict[Order, Dates], known: NDArray[np.bool_], codes: NDArray[np.int32] | None
) -> Verdict:
    """Choose the reading that runs in order; if both do, the one of working days in a row."""
    order = np.arange(len(known)) if codes is None else np.argsort(codes, kind="stable")
    order = order[known[order]]
    same = np.ones(max(0, len(order) - 1), dtype=bool)
    if codes is not None:
        same = codes[order][1:] == codes[order][:-1]
    steps = {name: np.diff(dates[order])[same] for name, dates in readings.items()}
    running = [name for name in readings if _runs_one_way(steps[name])]
    if len(running) == 1:
        return Verdict(running[0], "monotonic", readings[running[0]], (running[0],))
    working = [name for name in running if _is_daily(readings[name][order], same)]
    if len(working) == 1:
        return Verdict(working[0], "monotonic", readings[working[0]], (working[0],))
    return Verdict(None, "ambiguous", _nothing(known), ("dmy", "mdy"))


def _runs_one_way(steps: NDArray[np.timedelta64]) -> bool:
    zero = np.timedelta64(0, "us")
    forward, backward = int((steps > zero).sum()), int((steps < zero).sum())
    return max(forward, backward) >= _ONE_WAY * max(1, forward + backward)


def _is_daily(dates: Dates, same: NDArray[np.bool_]) -> bool:
    """Whether dates are one day after the other, but for weekends and single holidays."""
    days = dates.astype("datetime64[D]")
    if len(days) < _FEWEST:
        return False
    early, late = np.minimum(days[1:], days[:-1]), np.maximum(days[1:], days[:-1])
    gaps = np.busday_count(early, late)[same]
    return bool(np.is_busday(days).all() and (gaps <= 2).mean() >= 0.9) or bool(
        ((late - early)[same] == np.timedelta64(1, "D")).mean() >= 0.95
    )


def _read(parts: dict[str, Integers], order: Order) -> Dates:
    names = {letter: parts[part] for letter, part in zip(order, "abc", strict=True)}
    if order == "ymd":  # c was taken for the year and widened; a is the year here
        names["y"], names["d"] = 2000 + parts["a"], parts["c"] % 100
        names["y"] = np.where(parts["a"] < 0, -1, names["y"])
    return build_dates(names["y"], names["m"], names["d"], parts["t"])


def _nothing(known: NDArray[np.bool_]) -> Dates:
    return np.full(len(known), np.datetime64("NaT", "us"))


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
