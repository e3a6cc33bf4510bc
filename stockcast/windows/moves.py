"""How far each bar moved, and what of it tells how far the next one will: no network, no fit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Dates, Numbers, PriceHistory
from stockcast.prices.market import Market

Measure = Literal["range", "return", "market"]
"""What a move is measured by: the bar's range or its return; market: by ranges of all tickers."""

YEAR = 250  # bars that a bar is compared with
SPANS = (1, 5, 22, 66, YEAR)
"""Bars of a day, week, month, quarter and year, over which moves are averaged (Corsi 2009)."""

REGRESSORS = len(SPANS) + 6
"""Columns that a path has of a bar's own moves."""

MARKET_REGRESSORS = len(SPANS) + 2
"""Columns that it has of what all tickers did."""

MOVES = 8
"""Columns of `Moves.to_table`."""

REACH = YEAR + 23
"""Bars before one that what is said of it may depend on."""

AT_ONCE = 16_384
"""Rows whose temporary arrays are in memory at once."""

MOST_RANGED = 0.9  # of the newest YEAR bars must have a range for ranges to be believed
LEAST_DEVIATION = 1e-4  # below a hundredth of a percent a still price would mean certainty
STILL = 1e-8  # added to a bar's variance, so that the logarithm of a still bar is no abyss
BARS = ("open", "high", "low", "close")
_WEEK, _MONTH, _QUARTER = SPANS[1:4]


@dataclass(frozen=True)
class Moves:
    """How far each bar moved, of two measures: its range, or its return alone.

    Attributes:
        returns: (rows,) log returns of the forecast column; NaN where unknown.
        over_night: (rows,) the part of it between two sessions; NaN where there are no ranges.
        variances: (rows,) variance of each bar, the best that is known of it; NaN where unknown.
        year: (rows,) standard deviation over the newest YEAR bars, at least 1e-4.
        has_range: (rows,) whether the bars up to here have ranges to believe.
        volume: (rows,) logarithm of 1 + volume; NaN where unknown.
        market_scales: (rows,) mean log scale of all tickers' bars on the date; NaN where unknown.
        market_returns: (rows,) their mean log return; NaN where unknown.
    """

    returns: Numbers
    over_night: Numbers
    variances: Numbers
    year: Numbers
    has_range: NDArray[np.bool_]
    volume: Numbers
    market_scales: Numbers
    market_returns: Numbers

    def __len__(self) -> int:
        return len(self.returns)

    @classmethod
    def from_table(cls, table: Numbers) -> Moves:
        """Build them from what `to_table` returned."""
        returns, over_night, variances, year, has_range, *others = table.T
        return cls(returns, over_night, variances, year, has_range > 0, *others)

    def to_table(self) -> Numbers:
        """Return (rows, MOVES) all of it, as a pool's files have it."""
        return np.column_stack([np.asarray(one, np.float64) for one in vars(self).values()])

    def cut(self, rows: slice) -> Moves:
        """Return those of some rows, nothing copied."""
        return Moves(*(one[rows] for one in vars(self).values()))

    def join_market(self, market: Market | None, dates: Dates) -> Moves:
        """Return the same moves beside a market's on (rows,) dates; None: beside none."""
        if market is None:
            return self.leave_market()
        scales, returns = market.look_up(dates)
        return replace(self, market_scales=scales, market_returns=returns)

    def leave_market(self) -> Moves:
        """Return the same moves where nothing is known of the others."""
        unknown = np.broadcast_to(np.nan, len(self))  # takes no memory
        return replace(self, market_scales=unknown, market_returns=unknown)

    @property
    def has_market(self) -> NDArray[np.bool_]:
        """(rows,) whether what all tickers did is known: on the bar, and most of the year."""
        known = np.isfinite(self.market_scales) & np.isfinite(self.market_returns)
        return known & (_share_newest(known, YEAR) > MOST_RANGED)

    @property
    def log_scales(self) -> Numbers:
        """(rows,) half the logarithm of each bar's variance; NaN where nothing was traded."""
        traded = self.variances > 0
        logs = 0.5 * np.log(np.where(traded, self.variances, 1.0) + STILL)
        return np.where(traded, logs, np.nan)


@dataclass(frozen=True)
class UnmeasuredMoves:
    """How far each bar of a long history moved: measured when it is asked for, and not kept.

    Attributes:
        history: of the bars.
        column: the forecast column.
    """

    history: PriceHistory
    column: str

    def __len__(self) -> int:
        return len(self.history)

    def cut(self, rows: slice) -> Moves:
        """Return those of some rows, as if no bar were before them."""
        return _measure_at_once(self.history.cut(rows), self.column)


@dataclass(frozen=True)
class MovesSpan:
    """The moves of a span of bars, and of those that what is said of these depends on.

    Attributes:
        first: the row of its first bar.
        last: the row after its last.
        moves: of its bars, of up to REACH before them, and perhaps of some after them.
    """

    first: int
    last: int
    moves: Moves

    @property
    def rows(self) -> slice:
        """Its rows in what has a row for each of `moves`."""
        lead = min(self.first, REACH)
        return slice(lead, lead + self.last - self.first)


def iterate_spans(
    moves: Moves | UnmeasuredMoves, end: int, *, after: int = 0
) -> Iterator[MovesSpan]:
    """Yield the moves of the rows before `end`, at most AT_ONCE of them at a time.

    What is said of a row is the same to the bit however they are cut.

    Args:
        moves: of all bars.
        end: the row after the last.
        after: bars after a span whose moves are wanted too; there are none from `end` on.
    """
    for first in range(0, end, AT_ONCE):
        last = min(first + AT_ONCE, end)
        part = moves.cut(slice(max(0, first - REACH), min(last + after, end)))
        yield MovesSpan(first, last, part)


def hold_moves(history: PriceHistory, column: str) -> Moves | UnmeasuredMoves:
    """Measure the moves of a history; those of a long one only when they are asked for."""
    if len(history) > AT_ONCE:
        return UnmeasuredMoves(history, column)
    return measure_moves(history, column)


def measure_moves(history: PriceHistory, column: str) -> Moves:
    """Measure how far each bar of a history moved.

    A bar's variance is its squared return over night plus Parkinson's (1980) estimate from its
    range, which know more than two closes; where there is no range, its squared return.

    Args:
        history: its columns; NaN or prices that are not above zero count as unknown.
        column: the forecast column.
    """
    if len(history) <= AT_ONCE:
        return _measure_at_once(history, column)
    spans = iterate_spans(UnmeasuredMoves(history, column), len(history))
    first = next(spans)
    columns = {name: np.empty(len(history), one.dtype) for name, one in vars(first.moves).items()}
    for span in (first, *spans):
        for name, values in vars(span.moves).items():
            columns[name][span.first : span.last] = values[span.rows]
    return Moves(**columns)


def _measure_at_once(history: PriceHistory, column: str) -> Moves:
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = take_returns(history, column)
        variances, over_night = returns**2, np.full(len(returns), np.nan)
        has_range = np.zeros(len(returns), dtype=np.bool_)
        if all(name in history.columns for name in BARS):
            whole = take_returns(history, column if column == "adj_close" else "close")
            over_night, of_day = measure_ranges(history, whole)
            of_range = over_night**2 + of_day
            # Bars without a range are those of funds and fixings: their close says more.
            ranged = np.isfinite(of_range) & (history.columns["high"] > history.columns["low"])
            has_range = _share_newest(ranged, YEAR) > MOST_RANGED
            variances = np.where(np.isfinite(of_range), of_range, variances)
    mean = average_newest(variances, YEAR)
    year = np.maximum(np.sqrt(np.where(np.isfinite(mean), mean, 0.0)), LEAST_DEVIATION)
    shares = history.columns.get("volume", np.full(len(returns), np.nan))
    volume = np.log1p(np.where(shares > 0, shares, np.nan))
    unknown = np.broadcast_to(np.nan, len(returns))
    moves = Moves(returns, over_night, variances, year, has_range, volume, unknown, unknown)
    return moves.join_market(history.market, history.dates)


class Regressors:
    """What the logarithm of the next bar's scale is regressed on, a column at a time.

    The mean log scale over each of SPANS; the fall of the newest bar in the year's deviations, and
    its means over a week and a month (the leverage of Black 1976, as Corsi & Reno 2012 have it);
    how much more than lately was traded, in the bar and in the week; and 1. Means are over as
    many bars as are known. Without ranges, whose logarithms a single return does not give,
    the logs of mean absolute returns take the place of the mean logs.

    Beside these, what all tickers did: the market's mean log scale over each of SPANS, and its fall
    in the bar and over a week in its own year's deviations; 0 where the market is not known.

    Args:
        moves: of the bars; what several regressions share is computed once.
    """

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    def list_columns(self, measure: Measure) -> list[Numbers]:
        """Return the columns, the constant last; (rows,) each, finite.

        REGRESSORS of them, of which `return` and `range` have other mean logs than each other;
        `market` has MARKET_REGRESSORS more than `range`.
        """
        own = self._by_return if measure == "return" else self._by_range
        market = self._of_market if measure == "market" else []
        return [*own, *self._shared, *market, np.ones(len(self._moves))]

    @cached_property
    def _by_return(self) -> list[Numbers]:
        return _log_averages(self._moves)

    @cached_property
    def _by_range(self) -> list[Numbers]:
        return _average_logs(self._moves)

    @cached_property
    def _shared(self) -> list[Numbers]:
        moves = self._moves
        falls = np.where(moves.returns < 0, moves.returns, 0.0) / moves.year
        means = [average_newest(falls, span) for span in (_WEEK, _MONTH)]
        return [falls, *means, *_compare_volumes(moves.volume)]

    @cached_property
    def _of_market(self) -> list[Numbers]:
        moves = self._moves
        falls = compare_market_returns(moves)
        falls = np.where(falls < 0, falls, 0.0)
        columns = [average_newest(moves.market_scales, span) for span in SPANS]
        columns += [falls, average_newest(falls, _WEEK)]
        return [np.where(np.isfinite(column), column, 0.0) for column in columns]


def compare_market_returns(moves: Moves) -> Numbers:
    """(rows,) the market's return in the deviations of its year; NaN where it is not known."""
    year = np.sqrt(average_newest(moves.market_returns**2, YEAR))
    returns: Numbers = moves.market_returns / np.maximum(year, LEAST_DEVIATION)
    return returns


def _compare_volumes(volume: Numbers) -> list[Numbers]:
    """Return the log of a bar's volume beside the month's, of the week's beside the quarter's."""
    ratios = (
        volume - average_newest(volume, _MONTH),
        average_newest(volume, _WEEK) - average_newest(volume, _QUARTER),
    )
    return [np.where(np.isfinite(ratio), ratio, 0.0) for ratio in ratios]


def _average_logs(moves: Moves) -> list[Numbers]:
    """Return the mean log scale over each span; the next longer one's where nothing was traded."""
    logs = moves.log_scales
    means = [average_newest(logs, span) for span in SPANS]
    longer = np.log(moves.year)
    for number in reversed(range(len(means))):
        longer = means[number] = np.where(np.isfinite(means[number]), means[number], longer)
    return means


def _log_averages(moves: Moves) -> list[Numbers]:
    """Return the log of the mean absolute return over each span."""
    sizes = np.abs(moves.returns)
    means = [average_newest(sizes, span) for span in SPANS]
    year = np.where(means[-1] > 0, means[-1], LEAST_DEVIATION)
    # A tenth of the year's is added, more of it the fewer bars there are: one return may be 0.
    return [
        np.log(np.where(np.isfinite(mean), mean, year) + 0.3 * year / math.sqrt(span))
        for mean, span in zip(means, SPANS, strict=True)
    ]


def take_returns(history: PriceHistory, column: str) -> Numbers:
    """(rows,) the log return of each bar; NaN where it is unknown."""
    returns: Numbers = np.diff(np.log(history.columns[column]), prepend=np.nan)
    return np.where(np.isfinite(returns), returns, np.nan)


def measure_ranges(history: PriceHistory, returns: Numbers) -> tuple[Numbers, Numbers]:
    """(rows,) ─▶ (rows,) return over night, and Parkinson's variance of the day.

    The return over night is the whole return less that of the day, so that splits and dividends
    that the forecast column is adjusted for do not count as moves.
    """
    day_open, high, low, close = (np.log(history.columns[name]) for name in BARS)
    over_night = returns - (close - day_open)
    of_day: Numbers = (high - low) ** 2 / (4 * math.log(2))
    return over_night, of_day


def average_newest(values: Numbers, span: int) -> Numbers:
    """(rows,) ─▶ (rows,) mean of the newest `span` known values up to each; NaN if there is none.

    Each mean comes from its own rows, in one order, so that it is the same to the bit whatever is
    before or after.
    """
    known = np.isfinite(values)
    total = _count_newest(known, span)
    sums = _add_newest(np.where(known, values, 0.0), span)
    means: Numbers = np.divide(sums, total, out=np.full(len(values), np.nan), where=total > 0)
    return means


def _share_newest(marks: NDArray[np.bool_], span: int) -> Numbers:
    """(rows,) ─▶ (rows,) share of True among the newest `span`, or as many as there are."""
    shares: Numbers = _count_newest(marks, span) / np.minimum(np.arange(len(marks)) + 1, span)
    return shares


def _count_newest(marks: NDArray[np.bool_], span: int) -> NDArray[np.int64]:
    """(rows,) ─▶ (rows,) how many of the newest `span` are True."""
    counts: NDArray[np.int64] = np.cumsum(marks, dtype=np.int64)
    counts[span:] -= counts[:-span].copy()
    return counts


def _add_newest(values: Numbers, span: int) -> Numbers:
    """(rows,) ─▶ (rows,) sums; of zeros too, as NumPy adds up fewer in another order."""
    padded = np.concatenate([np.zeros(span - 1), values])
    return np.convolve(padded, np.ones(span), "valid")[: len(values)]
