"""One ticker's bars, looked over for what a careful reader would ask about; none is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.plurals import count_of
from stockcast.prices.calendar import measure_step
from stockcast.prices.findings import Finding
from stockcast.prices.history import Numbers, PriceHistory, format_date
from stockcast.recipe import PRICE_COLUMNS

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

_MINUTE = 60_000_000  # microseconds
_DAY = 1440 * _MINUTE
# Median step up to so many days, what such bars are called, days that are no gap yet.
_RHYTHMS = (
    (0.8, "intraday", 7),
    (4, "daily", 7),
    (10, "weekly", 21),
    (25, "irregular", 75),
    (35, "monthly", 95),
)
_SPLITS = ((2, 1), (3, 1), (3, 2), (4, 1), (5, 1), (7, 1), (10, 1), (20, 1))
# What a split, or a reverse one, multiplies the close by, and its name.
_SPLIT_RATIOS = tuple((b / a, f"{a}:{b}") for x, y in _SPLITS for a, b in ((x, y), (y, x)))
_SENTINELS = (-1, -9, -99, -999, -9999, 9999, 99_999, 999_999, 9_999_999)
_NEIGHBOURS = 10  # prices around a suspected placeholder that it is compared with
_AT_ONCE = 65_536  # bars whose ratios are in memory
_SAME = 10  # bars with one price that are worth a word
_ROUNDING = 1 + 1e-6
# In each pair, the first is never above the second.
_ORDER = (("low", "high"), ("open", "high"), ("close", "high"), ("low", "open"), ("low", "close"))


@dataclass(frozen=True)
class _Level:
    """The price in which jumps and runs are looked for.

    Attributes:
        column: its name.
        rows: (n,) the bars that have it, above 0 and no placeholder.
        prices: (n,) its values there, in price units.
        outliers: (n,) True at a leap of one bar only.
    """

    column: str
    rows: Rows
    prices: Numbers
    outliers: Mask


def scan_history(
    history: PriceHistory, *, today: np.datetime64 | None = None
) -> tuple[Finding, ...]:
    """Report gaps, jumps, impossible and doubtful prices, one finding a kind.

    Args:
        history: ascending, at least one bar.
        today: what the age of the last bar is counted to; default: now, in UTC.
    """
    today = np.datetime64("now") if today is None else today
    step = measure_step(history.dates) / np.timedelta64(1, "us")
    prices = {name: history.columns[name] for name in PRICE_COLUMNS if name in history.columns}
    below = {name: values <= 0 for name, values in prices.items()}
    sentinels = {name: _mark_sentinels(values) for name, values in prices.items()}
    level = _choose_level(history, sentinels)
    found = (
        _find_missing_sessions(history, step),
        _find_possible_splits(history, level),
        _find_outside_range(history),
        _find_marked(history, "non-positive-prices", below, "a price of zero or less"),
        _find_marked(history, "sentinel-values", sentinels, "a placeholder instead of a price"),
        _find_constant_runs(history, level),
        _find_old_last_bar(history, step, today),
        find_future_bars(history, today),
        _find_no_volume(history),
        _find_outliers(history, level),
    )
    return tuple(finding for finding in found if finding is not None)


def _find_missing_sessions(history: PriceHistory, step: float) -> Finding | None:
    bars, limit = next(
        ((name, days) for longest, name, days in _RHYTHMS if step <= longest * _DAY),
        (f"{step / _DAY:.0f}-day", round(3 * step / _DAY)),
    )
    if bars == "intraday" and step % _MINUTE == 0:
        bars = f"{step / _MINUTE:.0f}-minute"
    steps = np.diff(history.dates).view(np.int64)
    rows = np.flatnonzero(steps > limit * _DAY) + 1
    if not len(rows):
        return None
    end = int(steps.argmax()) + 1
    what = f"{_count(rows, 'gap')} of more than {count_of(limit, 'day')} between {bars} bars"
    longest = count_of(steps[end - 1] // _DAY, "day")
    more = f"; the longest is {longest}, {_span(history, end - 1, end)}"
    return _report(history, "missing-sessions", rows, what, more, at="before")


def _find_possible_splits(history: PriceHistory, level: _Level) -> Finding | None:
    """Find jumps that stay; an outlier's two, there and back, are reported as an outlier."""
    prices, outliers = level.prices, level.outliers
    starts = range(0, len(prices) - 1, _AT_ONCE)
    spans = [prices[start : start + _AT_ONCE + 1] for start in starts]
    jumps = [_mark_splits(_divide(span[1:], span[:-1])) for span in spans]
    steps = np.flatnonzero(np.concatenate([*jumps, np.zeros(0, dtype=bool)]))
    steps = steps[~outliers[steps] & ~outliers[steps + 1]]
    if not len(steps):
        return None
    rows = level.rows[steps + 1]
    first = float(prices[steps[0] + 1] / prices[steps[0]])
    near = [f", near {name}" for ratio, name in _SPLIT_RATIOS if abs(first / ratio - 1) <= 0.04]
    more = f", ×{first:.3g}{''.join(near[:1])}; a real crash or rally can look the same"
    adjusted = history.columns.get("adj_close")
    if level.column == "close" and adjusted is not None:
        # An adjusted close steps over a split, but falls with a crash.
        count = int(_mark_splits(_divide(adjusted[rows], adjusted[level.rows[steps]])).sum())
        also = f"jumps too in {count} of {len(rows)}" if count else "does not jump there"
        more += f", and adj_close {also}"
    what = f"{_count(rows, 'jump')} of the {level.column} like a split's"
    return _report(history, "possible-split", rows, what, more)


def _find_outside_range(history: PriceHistory) -> Finding | None:
    """Find bars whose prices contradict each other; a price of 0 or less is reported elsewhere."""
    outside = np.zeros(len(history), dtype=bool)
    kinds = []
    for lower, higher in _ORDER:
        if lower in history.columns and higher in history.columns:
            low, high = history.columns[lower], history.columns[higher]
            broken = (low > high * _ROUNDING) & (high > 0)
            if broken.any():
                kinds.append(f"{lower} above {higher} in {int(broken.sum())}")
                outside |= broken
    rows = np.flatnonzero(outside)
    if not len(rows):
        return None
    last = f", last on {_where(history, int(rows[-1]))}" if len(rows) > 1 else ""
    what = f"{_count(rows, 'row')} with prices that contradict each other"
    return _report(history, "outside-range", rows, what, f"{last}: {', '.join(kinds)}")


def _find_marked(
    history: PriceHistory, kind: str, marks: Mapping[str, Mask], what: str
) -> Finding | None:
    rows = np.flatnonzero(np.logical_or.reduce(list(marks.values())))
    if not len(rows):
        return None
    column = next(name for name, mask in marks.items() if mask[rows[0]])
    example = f": {column} is {float(history.columns[column][rows[0]]):.12g}"
    return _report(history, kind, rows, f"{_count(rows, 'row')} with {what}", example)


def _find_constant_runs(history: PriceHistory, level: _Level) -> Finding | None:
    same = np.flatnonzero(level.prices[1:] == level.prices[:-1])  # as the price before
    if not len(same):
        return None
    ends = np.flatnonzero(np.diff(same) > 1)
    starts = same[np.append(0, ends + 1)]
    lengths = same[np.append(ends, len(same) - 1)] - starts + 2
    longest = int(lengths.argmax())
    length = int(lengths[longest])
    if length < _SAME:
        return None
    runs = zip(starts[lengths >= _SAME], lengths[lengths >= _SAME], strict=True)
    rows = np.concatenate([level.rows[at : at + count] for at, count in runs])
    start, end = level.rows[[starts[longest], starts[longest] + length - 1]]
    what = f"{_count(rows, 'row')} in runs of {_SAME} or more with one and the same {level.column}"
    more = f"; the longest is {length} rows, {_span(history, int(start), int(end))}"
    return _report(history, "constant-run", rows, what, more)


def _find_old_last_bar(history: PriceHistory, step: float, today: np.datetime64) -> Finding | None:
    age = int((today.astype("datetime64[us]") - history.dates[-1]).astype(np.int64))
    if age <= 10 * step + 7 * _DAY:
        return None
    row = np.array([len(history) - 1])
    return _report(history, "old-last-bar", row, f"the last bar was {age // _DAY} days ago,")


def find_future_bars(history: PriceHistory, today: np.datetime64) -> Finding | None:
    """Report bars that are yet to come: a date that was mistyped, or read the wrong way round.

    Args:
        history: ascending, at least one bar.
        today: a moment in UTC; where a bar's day has begun already is at most a day ahead of it.
    """
    rows = np.flatnonzero(history.dates > today.astype("datetime64[us]") + 2 * _DAY)
    if not len(rows):
        return None
    return _report(history, "future-dates", rows, f"{_count(rows, 'bar')} dated in the future,")


def _find_no_volume(history: PriceHistory) -> Finding | None:
    if "volume" not in history.columns:
        return None
    volume = history.columns["volume"]
    rows = np.flatnonzero(~(volume > 0))
    if not len(rows):
        return None
    what, more = f"{_count(rows, 'row')} without volume", ""
    if len(rows) == len(history):
        what = f"the volume column is {'empty' if np.isnan(volume).all() else 'all zero'}: {what}"
    elif len(rows) > 1:
        more = f", in {_count(rows[np.diff(rows, prepend=-2) > 1], 'span')}"
    return _report(history, "no-volume", rows, what, more)


def _find_outliers(history: PriceHistory, level: _Level) -> Finding | None:
    at = np.flatnonzero(level.outliers)
    if not len(at):
        return None
    before, price, after = level.prices[at[0] - 1 : at[0] + 2]
    what = f"{_count(at, 'bar')} with a leap of the {level.column} that the next one takes back"
    more = f": {price:.12g} between {before:.12g} and {after:.12g}"
    return _report(history, "single-row-outlier", level.rows[at], what, more)


def _choose_level(history: PriceHistory, sentinels: Mapping[str, Mask]) -> _Level:
    """Choose the close, else the adjusted close, else the first price column with a value."""
    for column in ("close", "adj_close", *PRICE_COLUMNS):
        if column in history.columns:
            values = history.columns[column]
            rows = np.flatnonzero((values > 0) & ~sentinels[column])
            if len(rows):
                return _Level(column, rows, values[rows], _mark_outliers(values[rows]))
    return _Level("price", np.arange(0), np.zeros(0), np.zeros(0, dtype=bool))


def _mark_outliers(prices: Numbers) -> Mask:
    """(n,) True where a price leaps by over 40 %, there or back, and the next is within 10 %."""
    marks = np.zeros(len(prices), dtype=bool)
    for start in range(0, len(prices) - 2, _AT_ONCE):
        span = prices[start : start + _AT_ONCE + 2]
        there, whole = _divide(span[1:-1], span[:-2]), _divide(span[2:], span[:-2])
        leaps = ((there > 1.4) | (there < 1 / 1.4)) & (np.abs(whole - 1) <= 0.1)
        marks[start + 1 : start + 1 + len(leaps)] = leaps
    return marks


def _mark_splits(ratios: Numbers) -> Mask:
    """True where a one-bar ratio of prices is a split's, give or take 4 %, or far from 1."""
    marks: Mask = (ratios < 0.6) | (ratios > 1.7)
    for ratio, _ in _SPLIT_RATIOS:
        marks |= np.abs(ratios / ratio - 1) <= 0.04
    return marks


def _mark_sentinels(values: Numbers) -> Mask:
    """True at a usual placeholder that is a factor of 5 or more off the prices around it."""
    marks = np.isin(values, _SENTINELS)
    rows = np.flatnonzero(marks)
    others = np.flatnonzero(np.isfinite(values) & ~marks)
    if not len(rows) or not len(others):
        return np.zeros(len(values), dtype=bool)
    width = min(_NEIGHBOURS, len(others))
    starts = np.searchsorted(others, rows) - width // 2
    starts = np.clip(starts, 0, len(others) - width)
    around = np.median(values[others[starts[:, None] + np.arange(width)]], axis=1)
    ratios = _divide(values[rows], around)
    marks[rows] = (around > 0) & ((ratios > 5) | (ratios < 0.2))
    return marks


def _divide(prices: Numbers, others: Numbers) -> Numbers:
    with np.errstate(all="ignore"):
        return prices / others


def _count(rows: Rows, noun: str) -> str:
    return f"{len(rows)} {noun}" if len(rows) == 1 else f"{len(rows)} {noun}s"


def _where(history: PriceHistory, row: int) -> str:
    """Return a bar's date and line, and its file if there are several."""
    line = f"line {history.lines[row]}" if len(history.sources) == 1 else history.locate(row)
    return f"{format_date(history.dates[row])} ({line})"


def _span(history: PriceHistory, first: int, last: int) -> str:
    return f"from {_where(history, first)} to {_where(history, last)}"


def _report(
    history: PriceHistory, kind: str, rows: Rows, what: str, more: str = "", *, at: str = "on"
) -> Finding:
    first = f"{'' if len(rows) == 1 else ', first'} {at} {_where(history, int(rows[0]))}"
    lines = tuple(int(line) for line in history.lines[rows[:10]])
    return Finding(kind, len(rows), f"{history.name}: {what}{first}{more}", history.ticker, lines)
