"""Histories, one after the other ─▶ Pool: what is read goes to files at once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import OutputError, TooShort, UnreadablePrices, option
from stockcast.networks.heads import HEADS
from stockcast.plurals import count_of
from stockcast.prices.covariates import Covariates
from stockcast.prices.history import Dates, Numbers, PriceHistory, Source
from stockcast.prices.market import FEWEST, Market, MarketBuilder
from stockcast.recipe import Recipe
from stockcast.windows.covariates import describe_covariates
from stockcast.windows.exogenous import compute_exogenous
from stockcast.windows.features import (
    Columns,
    CovariateColumn,
    FeatureTable,
    choose_columns,
    compute_features,
    count_warmup,
)
from stockcast.windows.har import HarPath, TrainingMoves, fit_har
from stockcast.windows.moves import MOVES, Moves, measure_moves
from stockcast.windows.per_window import make_per_window
from stockcast.windows.pool import Pool, PoolDates
from stockcast.windows.scaling import KINDS, kind_for
from stockcast.windows.signals import POOLED_SIGNALS, compute_signals
from stockcast.windows.split import split_rows
from stockcast.windows.volatility import estimate_volatility
from stockcast.windows.windowing import Array

_TYPES = {
    "dates": "datetime64[us]",
    "prices": "f8",
    "values": "f4",
    "volatility": "f8",
    "variances": "f8",
    "moves": "f8",
    "moved": "datetime64[us]",
    "alone": "f8",
}


class PoolBuilder:
    """Collects tickers in a folder's files, so that memory holds one at a time.

    Args:
        recipe: a pooled one.
        folder: an empty folder of the caller's, who removes it after the pool.
        until: bars on this date and later are left out; default: none.
    """

    def __init__(self, recipe: Recipe, folder: Path, *, until: np.datetime64 | None = None) -> None:
        self._recipe = recipe
        self._folder = folder
        self._has_path = recipe.target == "log-return"
        self._until = until
        self._columns: Columns | None = None
        self._covariates: Covariates | None = None
        self._tickers: dict[str, int] = {}  # ─▶ rows
        self._sources: dict[Source, None] = {}
        self._days: Dates = np.empty(0, dtype="datetime64[us]")
        self._digest = hashlib.sha256()

    def add(self, history: PriceHistory) -> int:
        """Add a ticker and return its rows that have features.

        Raises:
            TooShort: it has no window with an answer.
            UnreadablePrices: a column is missing, has gaps or is beyond single precision, or the
                ticker is there already.
            CovariateGap: a covariate of the history is not known at a bar, or too old.
            CovariateMismatch: it lacks one that the tickers before had.
            OutputError: the folder is full; the pool is then of no use.
        """
        recipe = self._recipe
        if history.ticker in self._tickers:
            raise UnreadablePrices(
                f"{history.name}: {history.ticker} is in the pool already",
                hint="join the two files into one, or name only one of them",
            )
        columns = self._settle_columns(history)
        warmup = count_warmup(columns.features, recipe.target)
        if self._until is not None:
            known = int(np.searchsorted(history.dates, self._until))
            history = history.select(np.arange(known))
        least = warmup + recipe.window + recipe.horizon
        if len(history) < least:
            raise TooShort(
                f"{history.name}: {count_of(len(history), 'row')}, at least {least:,} are needed "
                f"for one window of {recipe.window}",
                hint=f"leave the ticker out, or give a smaller {option('window')}",
            )
        columns = replace(columns, covariates=self._name_covariates(history))
        if self._has_path and HEADS[recipe.scored_by].sees_signals:
            columns = replace(columns, signals=POOLED_SIGNALS)
        table = compute_features(history, columns, recipe.target)
        values = self._collect_values(history, table, columns)
        moves = measure_moves(history, columns.target)
        self._append("dates", table.dates)
        self._append("prices", table.prices)
        self._append("variances", moves.variances[warmup:])
        if self._has_path:
            self._append("moves", moves.to_table())
            self._append("moved", history.dates)
        else:
            self._append("volatility", estimate_volatility(history, columns.target)[warmup:])
        self._append("values", values)
        if self._columns is None:
            self._columns, self._covariates = columns, history.covariates
        self._tickers[history.ticker] = len(table.dates)
        self._sources.update(dict.fromkeys(history.sources))
        self._days = np.union1d(self._days, table.dates)
        return len(table.dates)

    def finish(self) -> Pool:
        """Split all tickers at the same dates, as the recipe says of the distinct ones.

        Raises:
            TooShort: no ticker, or too few dates.
        """
        if self._columns is None:
            raise TooShort("no ticker can be pooled", hint="what is wrong with each stands above")
        columns = replace(self._columns, covariates=self._hash_covariates(self._columns))
        edges = np.append(0, np.cumsum(list(self._tickers.values())))
        spans = _split_days(self._days, self._recipe)
        ends = self._find_rows(edges, [spans.train_end, spans.validation_end])
        path = self._fit_path(edges, ends[0]) if self._has_path else None
        steps = 1 if path is None else path.horizon
        pool = Pool(
            recipe=self._recipe,
            columns=columns,
            scalers=make_per_window(columns, self._recipe.target),
            tickers=tuple(self._tickers),
            sources=tuple(self._sources),
            edges=edges,
            dates=self._map("dates", edges),
            prices=self._map("prices", edges),
            values=self._map("values", edges, len(columns.inputs)),
            volatility=self._map("volatility", edges, steps),
            variances=self._map("variances", edges),
            alone=self._map("alone", edges, steps) if path and path.by_market else None,
            spans=spans,
            ends=ends,
            sha256=self._digest.hexdigest(),
            path=path,
        )
        if not len(pool.list_windows()[0]):
            raise TooShort(
                f"{pool.name}: no ticker has a window before {pool.spans.train_end}",
                hint="give more history, or smaller "
                f"{option('validation')} or {option('test')} spans",
            )
        return pool

    def _settle_columns(self, history: PriceHistory) -> Columns:
        """Return a ticker's columns: its own where the recipe leaves them open, else all the same.

        With `auto` each is forecast by its adjusted close where it has one, else by its close.
        """
        is_open = self._recipe.column == "auto" and not self._recipe.seen_columns
        if self._columns is None or (is_open and history.header == self._columns.header):
            return choose_columns(history, self._recipe)
        history.require_columns(self._columns.features)
        return self._columns

    def _name_covariates(self, history: PriceHistory) -> tuple[CovariateColumn, ...]:
        """Return the covariates that every ticker is seen beside: those of the first."""
        if self._columns is not None:
            return self._columns.covariates
        return describe_covariates(history.covariates, history.dates[-1])

    def _hash_covariates(self, columns: Columns) -> tuple[CovariateColumn, ...]:
        """Return them with the SHA-256 of what was known of each on the last date of the pool."""
        if self._covariates is None:
            return ()
        known = self._covariates.remove_later(self._days[-1]).histories
        return tuple(
            replace(one, rows_sha256=bars.hash_rows())
            for one, bars in zip(columns.covariates, known, strict=True)
        )

    def _collect_values(
        self, history: PriceHistory, table: FeatureTable, columns: Columns
    ) -> Array:
        """(rows, inputs) what is seen of a ticker; signals are 0 until `finish` knows them."""
        rows = len(table.dates)
        others = compute_exogenous(
            history, columns, len(history) - rows, len(history), horizon=self._recipe.horizon
        )
        features = _shorten_values(table, columns, self._recipe, name=history.name)
        signals = np.zeros((rows, len(columns.signals)), np.float32)
        return np.concatenate([features, signals, others], axis=1)

    def _append(self, name: str, array: NDArray[Any]) -> None:
        content = array.astype(_TYPES[name], copy=False).tobytes()
        self._digest.update(content)
        try:
            with (self._folder / name).open("ab") as file:
                file.write(content)
        except OSError as error:
            raise OutputError(
                f"cannot write {self._folder / name}: {error.strerror or error}",
                hint="a pool's files go where temporary files do: name a larger place with TMPDIR",
            ) from error

    def _find_rows(self, edges: NDArray[np.int64], ends: list[np.datetime64]) -> NDArray[np.int64]:
        """(len(ends), tickers) each ticker's first row that is not older than a date."""
        rows = np.empty((len(ends), len(edges) - 1), dtype=np.int64)
        with (self._folder / "dates").open("rb") as file:
            for ticker, count in enumerate(self._tickers.values()):
                dates = np.fromfile(file, dtype=_TYPES["dates"], count=count)
                rows[:, ticker] = edges[ticker] + np.searchsorted(dates, np.array(ends))
        return rows

    def _fit_path(self, edges: NDArray[np.int64], ends: NDArray[np.int64]) -> HarPath:
        """Fit the path on all tickers, and write what it says at each bar."""
        warmup = self._count_warmup()
        before = warmup * np.arange(len(edges))  # rows that the other files lack
        tickers = _FiledMoves(
            self._map("moves", edges + before, MOVES),
            self._map("moved", edges + before),
            edges + before,
            ends + before[1:],
            market=None,
        )
        if len(self._tickers) >= FEWEST:
            tickers = replace(tickers, market=_add_up_market(tickers))
        path = fit_har(tickers, horizon=self._recipe.horizon)
        for number, moves in enumerate(tickers.read_moves()):
            rows = slice(int(edges[number]), int(edges[number + 1]))
            deviations = path.forecast(moves)
            self._append("volatility", deviations[warmup:])
            if path.by_market is not None:
                alone = path.forecast(moves.leave_market())
                self._append("alone", alone[warmup:])
            self._write_signals(edges, rows, moves, deviations[:, 0])
        return path

    def _count_warmup(self) -> int:
        """Return the bars that each ticker has before its first row."""
        return count_warmup(self._columns.features, self._recipe.target) if self._columns else 0

    def _write_signals(
        self, edges: NDArray[np.int64], rows: slice, moves: Moves, deviations: Numbers
    ) -> None:
        columns = self._columns
        if columns is None or not columns.signals:
            return
        values = self._map("values", edges, len(columns.inputs), mode="r+")
        signals = compute_signals(moves, deviations, columns.signals)
        signals = signals[self._count_warmup() :]
        first = len(columns.features)
        values[rows, first : first + len(columns.signals)] = signals
        self._digest.update(signals.tobytes())

    def _map(
        self, name: str, edges: NDArray[np.int64], width: int = 0, *, mode: Literal["r", "r+"] = "r"
    ) -> NDArray[Any]:
        """Map a file of all tickers' rows: (rows,), or with a width (rows, width)."""
        rows = int(edges[-1])
        shape = (rows, width) if width else (rows,)
        return np.memmap(self._folder / name, dtype=_TYPES[name], mode=mode, shape=shape)


@dataclass(frozen=True)
class _FiledMoves(Collection[TrainingMoves]):
    """The moves of a pool's tickers, from a file, one at a time.

    Attributes:
        table: (rows, MOVES) of all tickers, with the bars before their first rows elsewhere.
        dates: (rows,) of these.
        edges: (tickers + 1,) each ticker's first row, and the count of rows.
        ends: (tickers,) each ticker's first row that is not trained on.
        market: what all of them did; None where it is not known.
    """

    table: NDArray[np.float64]
    dates: Dates
    edges: NDArray[np.int64]
    ends: NDArray[np.int64]
    market: Market | None

    def __len__(self) -> int:
        return len(self.ends)

    def __iter__(self) -> Iterator[TrainingMoves]:
        lengths = self.ends - self.edges[:-1]
        for moves, train_end in zip(self.read_moves(), lengths, strict=True):
            yield TrainingMoves(moves, int(train_end))

    def read_moves(self) -> Iterator[Moves]:
        """Yield the moves of each ticker."""
        for first, stop in zip(self.edges[:-1], self.edges[1:], strict=True):
            moves = Moves.from_table(np.array(self.table[first:stop]))
            yield moves.join_market(self.market, self.dates[first:stop])

    def __contains__(self, one: object) -> bool:
        return any(one is known for known in self)


def _shorten_values(table: FeatureTable, columns: Columns, recipe: Recipe, *, name: str) -> Array:
    """(rows, features) float64 ─▶ float32.

    Raises:
        UnreadablePrices: one is infinite then, or is 0 and would be divided by.
    """
    with np.errstate(over="ignore"):
        values: Array = table.values.astype(np.float32)
    for position, feature in enumerate(columns.features):
        short = values[:, position]
        is_divisor = KINDS[kind_for(recipe.target, feature)].waits_for_window
        if not np.isfinite(short).all() or (is_divisor and not short.all()):
            raise UnreadablePrices(
                f"{name}: {feature} is beyond what single precision holds",
                hint="leave the ticker out, or check the file",
            )
    return values


def _split_days(days: Dates, recipe: Recipe) -> PoolDates:
    spans = split_rows(
        len(days), recipe, warmup=0, name=f"the pool's {count_of(len(days), 'date')}"
    )
    after = days[-1] + np.timedelta64(1, "us")
    ends = np.append(days, after)
    return PoolDates(
        first=days[0],
        last=days[-1],
        train_end=ends[spans.train_end],
        validation_end=ends[spans.validation_end],
        trained_to=days[spans.train_end - 1],
        known_to=days[spans.validation_end - 1],
        days=(
            spans.train_end,
            spans.validation_end - spans.train_end,
            spans.rows - spans.validation_end,
        ),
    )


def _add_up_market(tickers: _FiledMoves) -> Market:
    """Return what all tickers of a pool did on each date."""
    builder = MarketBuilder()
    for number, moves in enumerate(tickers.read_moves()):
        rows = slice(int(tickers.edges[number]), int(tickers.edges[number + 1]))
        builder.add(np.asarray(tickers.dates[rows]), moves.log_scales, moves.returns)
    return builder.finish()
