"""Forecasts that were made elsewhere: as a file has them, and on the bars of one ticker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import UnusableForecasts, option
from stockcast.forecast.intervals import Intervals, Tails
from stockcast.forecast.outlook import Outlook
from stockcast.prices.history import Dates, Numbers, PriceHistory, format_date
from stockcast.prices.matching import match_column
from stockcast.recipe import PriceColumn

Pairs = dict[float, tuple[Numbers, Numbers]]
"""Level or one-sided quantile, 0 to 1, to (rows,) prices each."""

_ADJUSTED = 1e-6  # relative: what a last price differs by more than was adjusted since


@dataclass(frozen=True)
class RecordedRows:
    """One ticker's forecasts of one model, in the order of their files.

    Attributes:
        sources: names of the files.
        files: (rows,) index into `sources`.
        lines: (rows,) line number in that file.
        dates: (rows,) datetime64[us], the date forecast.
        last_dates: (rows,) the newest date that the forecast knew; NaT where it is not said.
        steps: (rows,) bars ahead of the last one known; 0 where it is not said.
        forecast: (rows,) price units, above 0.
        last_prices: (rows,) the price on the last date known; NaN where it is not said.
        volatility: (rows,) standard deviation of the log return up to the date, a share; NaN where
            it is not said.
        bounds: level, 0 to 1, to lower and upper, (rows,) each; NaN where there is none.
        tails: one-sided quantile, 0 to 1, to the price at it and the mean price beyond it,
            likewise.
    """

    sources: tuple[str, ...]
    files: NDArray[np.int16]
    lines: NDArray[np.int64]
    dates: Dates
    last_dates: Dates
    steps: NDArray[np.int64]
    forecast: Numbers
    last_prices: Numbers
    volatility: Numbers
    bounds: Pairs
    tails: Pairs = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.dates)

    def locate(self, row: int) -> str:
        """Return `file:line` of a forecast, for messages."""
        return f"{self.sources[self.files[row]]}:{self.lines[row]}"

    def select(self, rows: NDArray[np.int64]) -> RecordedRows:
        """Return some of the forecasts, in an order."""
        return RecordedRows(
            self.sources,
            self.files[rows],
            self.lines[rows],
            self.dates[rows],
            self.last_dates[rows],
            self.steps[rows],
            self.forecast[rows],
            self.last_prices[rows],
            self.volatility[rows],
            {level: (lower[rows], upper[rows]) for level, (lower, upper) in self.bounds.items()},
            {share: (at[rows], beyond[rows]) for share, (at, beyond) in self.tails.items()},
        )

    def join(self, other: RecordedRows) -> RecordedRows:
        """Return these forecasts and those of another file; what one lacks is NaN there."""
        both = len(self), len(other)
        return RecordedRows(
            self.sources + other.sources,
            np.concatenate([self.files, other.files + len(self.sources)]).astype(np.int16),
            np.concatenate([self.lines, other.lines]),
            np.concatenate([self.dates, other.dates]),
            np.concatenate([self.last_dates, other.last_dates]),
            np.concatenate([self.steps, other.steps]),
            np.concatenate([self.forecast, other.forecast]),
            np.concatenate([self.last_prices, other.last_prices]),
            np.concatenate([self.volatility, other.volatility]),
            _join_pairs((self.bounds, other.bounds), both),
            _join_pairs((self.tails, other.tails), both),
        )


def _join_pairs(parts: tuple[Pairs, Pairs], counts: tuple[int, int]) -> Pairs:
    """Put the pairs of two files one after the other; NaN where one has none."""
    none = [(np.full(count, np.nan),) * 2 for count in counts]
    found: Pairs = {}
    for key in sorted({*parts[0], *parts[1]}):
        one, other = (part.get(key, lacking) for part, lacking in zip(parts, none, strict=True))
        found[key] = np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])
    return found


@dataclass(frozen=True)
class RecordedForecasts:
    """What one model forecast elsewhere, of any number of tickers.

    Attributes:
        name: of the model, or of the file where that names none.
        tickers: name of each ticker to its forecasts; the only name is empty where the file names
            none.
        takes_last: of forecasts that were made twice the later one counts, as in a ledger;
            otherwise that is refused.
    """

    name: str
    tickers: Mapping[str, RecordedRows]
    takes_last: bool = False

    @property
    def source(self) -> str:
        """Name of the file, or of the first of them."""
        return next(iter(self.tickers.values())).sources[0]

    @property
    def levels(self) -> tuple[float, ...]:
        """Of the intervals that it has, 0 to 1, ascending."""
        bounds = [pair for one in self.tickers.values() for pair in one.bounds.items()]
        return tuple(sorted({level for level, (_, upper) in bounds if np.isfinite(upper).any()}))

    @property
    def quantiles(self) -> tuple[float, ...]:
        """Its one-sided quantiles, 0 to 1, ascending."""
        tails = [pair for one in self.tickers.values() for pair in one.tails.items()]
        return tuple(sorted({share for share, (at, _) in tails if np.isfinite(at).any()}))

    @property
    def has_volatility(self) -> bool:
        """Whether it says how far the price will move."""
        return any(np.isfinite(one.volatility).any() for one in self.tickers.values())

    @property
    def says_when(self) -> bool:
        """Whether each forecast says how far ahead it is, or what it knew last."""
        return all(
            ((one.steps > 0) | ~np.isnat(one.last_dates)).all() for one in self.tickers.values()
        )

    @property
    def horizon(self) -> int:
        """The farthest step ahead, as far as the file alone tells."""
        return max(_find_farthest(one) for one in self.tickers.values())

    def covers(self, ticker: str) -> bool:
        """Whether it has forecasts of a ticker."""
        return ticker in self.tickers or "" in self.tickers

    def place(self, history: PriceHistory) -> PlacedForecasts:
        """Find the bars that its forecasts of one ticker belong to.

        Raises:
            UnusableForecasts: it has none of that ticker; a date is no bar; a forecast stands
                there twice.
        """
        rows = self.tickers.get(history.ticker, self.tickers.get(""))
        if rows is None:
            name, first = next(iter(self.tickers.items()))
            named = ", ".join(list(self.tickers)[:8])
            raise UnusableForecasts(
                f"{first.locate(0)}: no forecasts of {history.ticker}, only of {named}",
                hint=f"call the prices as the forecasts do: {option('ticker', name)}",
            )
        return _place(self.name, rows, history, takes_last=self.takes_last)

    def narrow(self, ticker: str) -> RecordedForecasts:
        """Return its forecasts of one ticker alone."""
        name = ticker if ticker in self.tickers else ""
        return RecordedForecasts(self.name, {name: self.tickers[name]}, self.takes_last)


@dataclass(frozen=True)
class PlacedForecasts:
    """One model's recorded forecasts on the bars of one ticker.

    Attributes:
        name: of the model.
        cutoffs: (m,) row number of the bar after the last one known, ascending.
        forecast: (m, steps) price units; NaN where there is none, or it has not come true.
        volatility: (m, steps) standard deviation of the log return; NaN where it is not said.
        bounds: level to lower and upper, (m, steps) each.
        tails: one-sided quantile to the price at it and the mean price beyond it, likewise.
        target: the column that its last prices stand in; None where it has none.
        pending: forecasts whose bar is yet to come.
        outside: forecasts from before the first bar.
        adjusted: forecasts that were scaled, as the prices have been adjusted since.
    """

    name: str
    cutoffs: NDArray[np.int64]
    forecast: Numbers
    volatility: Numbers
    bounds: Intervals
    target: PriceColumn | None
    pending: int = 0
    outside: int = 0
    adjusted: int = 0
    tails: Tails = field(default_factory=dict)

    @property
    def steps(self) -> list[int]:
        """The steps ahead that it has forecasts of."""
        return [int(step) + 1 for step in np.flatnonzero(np.isfinite(self.forecast).any(axis=0))]

    def list_cutoffs(self, horizon: int) -> NDArray[np.int64]:
        """Return the cutoffs from which it forecast so many steps ahead."""
        if horizon > self.forecast.shape[1]:
            return self.cutoffs[:0]
        return self.cutoffs[np.isfinite(self.forecast[:, horizon - 1])]

    def look(self, prices: Numbers, cutoffs: NDArray[np.int64], horizon: int) -> Outlook:
        """Return what it forecast after some of its cutoffs, as models answer.

        Args:
            prices: (rows,) the forecast column.
            cutoffs: (n,) among its own.
            horizon: steps ahead.
        """
        at, ahead = np.searchsorted(self.cutoffs, cutoffs), slice(0, horizon)
        padded = np.concatenate([prices, np.full(horizon, np.nan)])
        return Outlook(
            cutoffs=cutoffs,
            forecast=self.forecast[at, ahead],
            last_prices=prices[cutoffs - 1],
            volatility=self.volatility[at, ahead],
            actual=padded[cutoffs[:, None] + np.arange(horizon)],
        )

    def take_intervals(
        self, cutoffs: NDArray[np.int64], horizon: int, levels: Sequence[float]
    ) -> Intervals:
        """Return those of its own intervals that are of the levels, (n, horizon) each.

        A level whose cells are all empty, as where another model of the file has it, it has not.
        """
        at, ahead = np.searchsorted(self.cutoffs, cutoffs), slice(0, horizon)
        return {
            level: (lower[at, ahead], upper[at, ahead])
            for level, (lower, upper) in self.bounds.items()
            if level in levels and np.isfinite(upper[at, ahead]).any()
        }

    def take_tails(
        self, cutoffs: NDArray[np.int64], horizon: int, quantiles: Sequence[float]
    ) -> Tails:
        """Return its own quantiles of those asked for, and beyond, (n, horizon) each."""
        rows, ahead = np.searchsorted(self.cutoffs, cutoffs), slice(0, horizon)
        return {
            share: (at[rows, ahead], beyond[rows, ahead])
            for share, (at, beyond) in self.tails.items()
            if share in quantiles and np.isfinite(at[rows, ahead]).any()
        }


def _find_farthest(rows: RecordedRows) -> int:
    """Return the farthest step: as it is said, or how many dates follow one last date."""
    if (rows.steps > 0).any():
        return int(rows.steps.max())
    if np.isnat(rows.last_dates).any():
        return 1
    pairs = np.unique(np.column_stack([rows.last_dates, rows.dates]).astype(np.int64), axis=0)
    return int(np.unique(pairs[:, 0], return_counts=True)[1].max())


def _place(
    name: str, rows: RecordedRows, history: PriceHistory, *, takes_last: bool
) -> PlacedForecasts:
    cutoffs, steps, pending, outside = _find_bars(rows, history)
    kept: NDArray[np.int64] = np.flatnonzero(~(pending | outside))
    kept = kept[_keep_once(rows, kept, cutoffs, steps, takes_last=takes_last)]
    came, cutoffs, steps = rows.select(kept), cutoffs[kept], steps[kept]
    target, scale = _find_scale(came, history, cutoffs)
    own, at = np.unique(cutoffs, return_inverse=True)
    shape = len(own), int(steps.max(initial=1))

    def spread(values: Numbers) -> Numbers:
        table = np.full(shape, np.nan)
        table[at, steps - 1] = values
        return table

    return PlacedForecasts(
        name=name,
        cutoffs=own,
        forecast=spread(came.forecast * scale),
        volatility=spread(came.volatility),
        bounds={
            level: (spread(lower * scale), spread(upper * scale))
            for level, (lower, upper) in came.bounds.items()
        },
        target=target,
        pending=int(pending.sum()),
        outside=int(outside.sum()),
        adjusted=int((np.abs(scale - 1) > _ADJUSTED).sum()),
        tails={
            share: (spread(price * scale), spread(beyond * scale))
            for share, (price, beyond) in came.tails.items()
        },
    )


def _find_bars(
    rows: RecordedRows, history: PriceHistory
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return each forecast's cutoff and step, and whether its bar is yet to come or not there.

    A forecast is from the bar on its last date, or from as many bars before its own as it has
    steps, or from the bar right before. Where a file has steps, last dates and last prices, as what
    `predict` writes, a date that is no bar was thought to be one: the step counts.

    Raises:
        UnusableForecasts: a date within the bars' span is none of them, or a step is another one.
    """
    first, last = history.dates[0], history.dates[-1]
    at, is_bar = _find_rows(history, rows.dates)
    before, has_last = _find_rows(history, rows.last_dates)
    said = ~np.isnat(rows.last_dates)
    by_step = said & (rows.steps > 0) & np.isfinite(rows.last_prices)
    outside = (rows.dates < first) | (said & (rows.last_dates < first))
    pending = ~outside & ((rows.dates > last) | (said & (rows.last_dates > last)))
    within = ~(outside | pending)
    _refuse(rows, within & said & ~has_last, "last_date", rows.last_dates, history)
    _refuse(rows, within & ~by_step & ~is_bar, "date", rows.dates, history)
    steps = np.where(said, at - before, np.maximum(rows.steps, 1))
    steps = np.where(by_step, rows.steps, steps)
    cutoffs = np.where(said, before + 1, at - steps + 1)
    odd = np.flatnonzero(within & said & (rows.steps > 0) & (rows.steps != steps))
    if len(odd):
        row = int(odd[0])
        raise UnusableForecasts(
            f"{rows.locate(row)}: step is {rows.steps[row]}, and {format_date(rows.dates[row])} is "
            f"{steps[row]} after {format_date(rows.last_dates[row])} in the bars of {history.name}",
            hint="count bars, not days, or leave the steps out: dates and last dates say them",
        )
    outside |= within & (cutoffs < 1)
    pending |= within & (cutoffs + steps > len(history))
    return cutoffs, steps, pending, outside


def _find_rows(history: PriceHistory, dates: Dates) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return each date's row, and whether the history has it."""
    rows = np.minimum(np.searchsorted(history.dates, dates), len(history) - 1)
    return rows, history.dates[rows] == dates


def _refuse(
    rows: RecordedRows, wrong: NDArray[np.bool_], what: str, dates: Dates, history: PriceHistory
) -> None:
    """Raise if a date is no bar.

    Raises:
        UnusableForecasts: the first of those that are wrong, and how many more there are.
    """
    odd = np.flatnonzero(wrong)
    if not len(odd):
        return
    more = f" (and {len(odd) - 1:,} more)" if len(odd) > 1 else ""
    raise UnusableForecasts(
        f"{rows.locate(int(odd[0]))}: {what} is {format_date(dates[odd[0]])}, on which "
        f"{history.name} has no bar{more}",
        hint="forecast the dates of the price file, and leave out rows of days without trade",
    )


def _keep_once(
    rows: RecordedRows,
    kept: NDArray[np.int64],
    cutoffs: NDArray[np.int64],
    steps: NDArray[np.int64],
    *,
    takes_last: bool,
) -> NDArray[np.int64]:
    """Return the places in `kept` of forecasts that stand there once, or as the last of their kind.

    Raises:
        UnusableForecasts: two are of one ticker, cutoff and step, and the last one is not to count.
    """
    order = np.lexsort((kept, steps[kept], cutoffs[kept]))
    pairs = np.column_stack([cutoffs[kept], steps[kept]])[order]
    same = (pairs[1:] == pairs[:-1]).all(axis=1)
    if same.any() and not takes_last:
        one, other = (int(kept[order[int(same.argmax()) + more]]) for more in (0, 1))
        raise UnusableForecasts(
            f"{rows.locate(other)}: {format_date(rows.dates[other])} is forecast in "
            f"{rows.locate(one)} already, from the same bar",
            hint="leave one of them out, or tell them apart in a column: model, last_date or step",
        )
    kept_last: NDArray[np.int64] = order[np.append(~same, [True] * bool(len(order)))]
    return kept_last


def _find_scale(
    rows: RecordedRows, history: PriceHistory, cutoffs: NDArray[np.int64]
) -> tuple[PriceColumn | None, Numbers]:
    """Return the column in which most last prices stand, and what scales each forecast to it.

    Prices that were adjusted since (a split, a dividend) are others than they were: what counts is
    the change since the cutoff.
    """
    scale, said = np.ones(len(rows)), np.isfinite(rows.last_prices) & (rows.last_prices > 0)
    if not said.any():
        return None, scale
    known = cutoffs[said] - 1
    target = match_column(history, known, rows.last_prices[said])
    now = history.columns[target][known]
    is_same = np.isclose(now, rows.last_prices[said], rtol=1e-9)
    scale[said] = np.where(is_same, 1.0, now / rows.last_prices[said])
    return target, scale
