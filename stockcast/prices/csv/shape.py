"""Columns by what their numbers show: found so without a header, only proposed with one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import AmbiguousPrices, UnreadablePrices
from stockcast.prices.csv.dialect import Dialect

Group = dict[str, int]

_ROUNDING = 1 + 1e-9
_WIDEST = 3.0  # times the low that a high usually is at most: a volume is no high
_MOST_COLUMNS = 10  # that are tried in each other's place
_MOST_OF_A_KIND = 10  # of so many bars at least one rises and one falls
_FAR = 100.0  # times: no bar is as high as that, but one of which a cell was read as 1/1000
# In each pair, the first is never above the second.
_ORDER = (("low", "high"), ("open", "high"), ("close", "high"), ("low", "open"), ("low", "close"))
_FEWEST_DATES = 5
_UNITS = (1e9, 1e6, 1e3, 1.0)  # of an epoch, in parts of a second
_EPOCHS = (1e8, 4.1e9)  # seconds: 1973 to 2099
_SERIAL_DAYS = (20_000, 80_000)  # a spreadsheet's: 1954 to 2119


def find_by_shape(
    dialect: Dialect, free: Sequence[int], where: str
) -> tuple[Group, tuple[str, ...]]:
    """Without a header: the four columns in which one is always the highest, one the lowest."""
    if not free:
        raise UnreadablePrices(
            f"{where}: no price column, the first row is {', '.join(map(repr, dialect.sample[0]))}"
        )
    if len(free) < 4 and _may_be_volume(dialect, free):
        raise AmbiguousPrices(
            f"{where}: no header, and the first column of numbers is whole numbers, as volumes are",
            hint="add a first line that names the columns: Date,Close,Volume",
        )
    if len(free) < 4:
        return {"close": free[0]}, (f"no header: read column {free[0] + 1} as the close",)
    four = list(free[:4])
    cells = [
        [cell.replace(",", ".").replace("$", "") for cell in dialect.column(at)] for at in four
    ]
    try:
        values = np.array(cells, dtype=float)
    except ValueError:
        values = np.zeros((4, 1))
    highest = [at for at in range(4) if (values[at] >= values.max(axis=0)).all()]
    lowest = [at for at in range(4) if (values[at] <= values.min(axis=0)).all()]
    high = 1 if 1 in highest else highest[0] if highest else None
    low = 2 if 2 in lowest else lowest[0] if lowest else None
    if high is None or low is None or (high == low and len(highest) < 4):
        raise AmbiguousPrices(
            f"{where}: no header, and no four columns in which one is always the highest and one "
            "always the lowest",
            hint="add a first line that names the columns: Date,Open,High,Low,Close,Volume",
        )
    first, last = [at for at in range(4) if at not in (high, low)]
    group = {"open": four[first], "high": four[high], "low": four[low], "close": four[last]}
    if len(free) > 4:
        group["volume"] = free[4]
    columns = ", ".join(f"column {at + 1} as {key}" for key, at in group.items())
    return group, (
        f"no header: read {columns}, by the order in which low ≤ open, close ≤ high holds",
    )


def _may_be_volume(dialect: Dialect, free: Sequence[int]) -> bool:
    """Whether the first column holds whole numbers beside one of fractions, which prices are."""
    whole = [
        all(cell.isdecimal() for cell in dialect.column(position) if cell) for position in free
    ]
    return whole[0] and not all(whole)


def runs_as_dates(cells: Sequence[str]) -> bool:
    """Whether plain numbers run as dates do: whole minutes since 1970, or a spreadsheet's days.

    Args:
        cells: of one column, trimmed, in the file's order.

    Example:
        >>> runs_as_dates(["1615420800", "1615507200", "1615593600", "1615680000", "1615766400"])
        True
        >>> runs_as_dates(["250000000", "310000000", "280000000", "300000000", "290000000"])
        False
    """
    try:
        values = np.array([float(cell) for cell in cells if cell])
    except ValueError:
        return False
    if len(values) < _FEWEST_DATES or not np.isfinite(values).all():
        return False
    steps = np.diff(values)
    if not ((steps >= 0).all() or (steps <= 0).all()) or not steps.any():
        return False
    low, high = _SERIAL_DAYS
    if low <= values.min() and values.max() < high:
        return bool((np.abs(steps) <= 7).all() and (values == np.floor(values)).all())
    unit = next((unit for unit in _UNITS if values.max() / unit >= _EPOCHS[0]), math.inf)
    seconds = values / unit
    is_minute = np.abs(seconds / 60 - np.round(seconds / 60)) < 1e-6
    return bool(seconds.min() >= _EPOCHS[0] and seconds.max() < _EPOCHS[1] and is_minute.all())


def propose_close(
    columns: Mapping[int, NDArray[np.float64]], known: Mapping[str, int], free: Sequence[int]
) -> tuple[int, str] | None:
    """Find the only column that can be the close, as low ≤ open, close ≤ high in every row.

    Args:
        columns: position to (rows,) values, NaN where there is none.
        known: canonical name to the position of what is known by its name.
        free: positions that may be the close.

    Returns:
        its position and what makes it so, as the end of a sentence; None if several can be it.
    """
    found: set[tuple[int, int, int]] = set()
    if {"high", "low"} <= known.keys():
        high, low = known["high"], known["low"]
        found = {(high, low, at) for at in free if _lies_within(columns, high, low, at)}
        if len(found) == 1:
            (_, _, close), reason = found.pop(), "the only one from low to high in every row"
            return close, reason
    if known.keys() & {"open", "high", "low"} or not 4 <= len(free) <= _MOST_COLUMNS:
        return None
    bars = {
        (high, low, inner)
        for high, low in permutations(free, 2)
        if _spans_bars(columns, high, low)
        for inner in combinations([at for at in free if at not in (high, low)], 2)
        if all(_lies_within(columns, high, low, at) for at in inner)
        and _cross(columns[inner[0]], columns[inner[1]])
    }
    if len(bars) != 1:
        return None
    _, _, (_, close) = bars.pop()
    return close, "the only one that fits four columns of which one is highest and one lowest"


def _lies_within(columns: Mapping[int, NDArray[np.float64]], high: int, low: int, at: int) -> bool:
    values = columns[at]
    outside = (values * _ROUNDING < columns[low]) | (values > columns[high] * _ROUNDING)
    return bool(np.isfinite(values).any() and not outside.any())


def _cross(opens: NDArray[np.float64], closes: NDArray[np.float64]) -> bool:
    """Whether some bars rise and some fall; prices of four companies are each of a level."""
    rises, falls = np.count_nonzero(closes > opens), np.count_nonzero(closes < opens)
    return bool(min(rises, falls) * _MOST_OF_A_KIND >= rises + falls > 0)


def _spans_bars(columns: Mapping[int, NDArray[np.float64]], high: int, low: int) -> bool:
    """Whether one column is never below another, sometimes above, and never far."""
    above, below = columns[high], columns[low]
    known = np.isfinite(above) & np.isfinite(below)
    above, below = above[known], below[known]
    return bool(
        len(above)
        and (below > 0).all()
        and (above >= below).all()
        and (above > below).any()
        and np.median(above / below) < _WIDEST
    )


def contradicts(group: Group, columns: Mapping[int, NDArray[np.float64]]) -> bool:
    """Whether columns speak against how their numbers were read.

    Args:
        group: canonical name to position.
        columns: position to (rows,) values.

    Returns:
        True where a volume is no whole number, where open or close is outside of low and high in
        most rows, or where they are so by far in one.
    """
    values = {key: columns[at] for key, at in group.items()}
    volume = values.get("volume")
    if volume is not None and (np.isfinite(volume) & (volume != np.floor(volume))).any():
        return True
    pairs = [(values[a], values[b]) for a, b in _ORDER if a in values and b in values]
    return any(
        2 * np.count_nonzero(lower > higher * _ROUNDING) > len(lower)
        or bool((lower > _FAR * np.abs(higher)).any())
        for lower, higher in pairs
    )
