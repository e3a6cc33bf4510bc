"""Pool: many tickers' series end to end, and spans of windows into all of them."""

from __future__ import annotations

import mmap
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.networks.heads import HEADS
from stockcast.plurals import count_of
from stockcast.prices.history import Dates, Numbers, Source
from stockcast.recipe import Recipe
from stockcast.windows.features import Columns
from stockcast.windows.har import HarPath, pair_targets
from stockcast.windows.model_inputs import scale_windows
from stockcast.windows.per_window import count_context
from stockcast.windows.scaling import Scalers
from stockcast.windows.signals import MARKET_SIGNALS
from stockcast.windows.training_data import SPAN_NAMES, Identity, SpanName, TrainingSpan
from stockcast.windows.windowing import Array

_MIX, _PARTS = 2_654_435_761, 2**32  # Knuth's multiplicative hash


@dataclass(frozen=True)
class PoolWindows:
    """The windows of one span, numbered through all tickers; no list of them is kept.

    Attributes:
        starts: (tickers,) first row of each ticker's first window.
        edges: (tickers + 1,) number of each ticker's first window, and their count.
    """

    starts: NDArray[np.int64]
    edges: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.edges[-1])

    def locate(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the ticker of each window and its first row, (n,) each."""
        tickers = np.searchsorted(self.edges, numbers, side="right") - 1
        return tickers, self.starts[tickers] + numbers - self.edges[tickers]

    def list_of(self, ticker: int) -> NDArray[np.int64]:
        """Return the numbers of one ticker's windows, ascending."""
        return np.arange(self.edges[ticker], self.edges[ticker + 1])


@dataclass(frozen=True)
class PoolDates:
    """Where the spans end, the same for all tickers: whatever moved one moved the others too.

    Attributes:
        first: of all bars.
        last: of all bars.
        train_end: the first date that is not trained on.
        validation_end: the first date of the test span; after `last` if there is none.
        trained_to: the last date of the training span.
        known_to: the last date of the validation span; of the training span if there is none.
        days: distinct dates in the training, validation and test span.
    """

    first: np.datetime64
    last: np.datetime64
    train_end: np.datetime64
    validation_end: np.datetime64
    trained_to: np.datetime64
    known_to: np.datetime64
    days: tuple[int, int, int]


@dataclass(frozen=True)
class Pool:
    """What a pooled model is trained on; the arrays are mapped from files.

    Attributes:
        recipe: what it is for.
        columns: what the features are and which is the target.
        scalers: `PerWindow`, one a feature.
        tickers: their names, each once.
        sources: the files behind them.
        edges: (tickers + 1,) each ticker's first row, and the count of rows.
        dates: (rows,) datetime64[us], ascending within a ticker.
        prices: (rows,) the target column in price units.
        values: (rows, inputs) float32, features as `compute_features` has them, then signals.
        volatility: (rows, horizon) the standard deviation of the log return up to each step as the
            path has it, known at each bar; without a path (rows, 1), of the next one.
        variances: (rows,) how far each bar moved, squared; NaN where it is not known.
        spans: where training, validation and test end.
        ends: (2, tickers) each ticker's first row that is not trained on, and its first of the test
            span.
        sha256: of the arrays' bytes.
        path: how far prices will move, fitted on the training spans of all tickers.
        alone: (rows, horizon) as `volatility`, where what all tickers did is not known; None where
            it never is.
    """

    recipe: Recipe
    columns: Columns
    scalers: Scalers
    tickers: tuple[str, ...]
    sources: tuple[Source, ...]
    edges: NDArray[np.int64]
    dates: Dates
    prices: Numbers
    values: Array
    volatility: Numbers
    variances: Numbers
    spans: PoolDates
    ends: NDArray[np.int64]
    sha256: str
    path: HarPath | None = None
    alone: Numbers | None = None

    @property
    def rows_sha256(self) -> str:
        """Empty: a pool is of all that its files hold."""
        return ""

    @property
    def ticker(self) -> str:
        """Empty, as that of a pooled model."""
        return ""

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return f"a pool of {count_of(len(self.tickers), 'ticker')}"

    def list_windows(self) -> tuple[PoolWindows, PoolWindows, PoolWindows]:
        """Return the training, validation and test windows.

        A window belongs to the span that all its targets lie in, as in `Spans`.
        """
        window, horizon = self.recipe.window, self.recipe.horizon
        rows = np.array(
            [
                self.first_rows + window,
                *self.ends,
                self.edges[1:],
            ]
        )
        firsts = np.maximum(rows[:-1], rows[0])  # of the targets; none before a whole window
        counts = np.maximum(0, rows[1:] - horizon + 1 - firsts)
        parts = [
            PoolWindows(first - window, np.append(0, np.cumsum(count)))
            for first, count in zip(firsts, counts, strict=True)
        ]
        return parts[0], parts[1], parts[2]

    @property
    def first_rows(self) -> NDArray[np.int64]:
        """(tickers,) each ticker's first row."""
        return self.edges[:-1]

    def count_inputs(self) -> int:
        """Return how many inputs the network has at each timestep."""
        return len(self.columns.inputs)

    def count_windows(self) -> tuple[int, ...]:
        """Return the number of training, validation and test windows."""
        return tuple(len(windows) for windows in self.list_windows())

    def describe_training(self) -> TrainingSpan:
        """Return which bars are learnt from, of all tickers."""
        return TrainingSpan(
            rows=int((self.ends[0] - self.first_rows).sum()),
            first_date=self.spans.first,
            last_date=self.spans.trained_to,
            known_to=self.spans.known_to,
            tickers=self.tickers,
        )

    def identify(self) -> Identity:
        """Return all that a training's result follows from, beside the recipe."""
        ends = str(self.spans.train_end), str(self.spans.validation_end)
        return Identity((), (self.sha256, *self.tickers, *ends, self.edges.tolist()))

    def release(self) -> None:
        """Let the system forget the pages of the files that were looked at.

        They count as this process's memory otherwise, all of them in the end.
        """
        arrays = (self.dates, self.prices, self.values, self.volatility, self.variances, self.alone)
        for array in arrays:
            pages: object = None if array is None else array.base
            if isinstance(pages, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
                pages.madvise(mmap.MADV_DONTNEED)

    def draw(self, span: SpanName, numbers: NDArray[np.int64]) -> tuple[Array, Array]:
        """Draw windows as the network sees them, and what it should answer.

        No answer counts as further off than a window's own values can be, √rows spreads: one
        halted stock that starts again is not to outweigh all others.

        Args:
            span: that they are of.
            numbers: (n,) of its windows, in the order wanted.

        Returns:
            (n, window, inputs) and (n, horizon · targets a step), float32 each.
        """
        window, target = self.recipe.window, self.columns.target_index
        farthest = np.float32(np.sqrt(count_context(self.scalers, window)))
        windows = self.list_windows()[SPAN_NAMES.index(span)]
        tickers, starts = windows.locate(numbers)
        contexts = self.cut(starts, self.first_rows[tickers])
        scaled = scale_windows(contexts, self.scalers, target, window=window)
        first = starts[:, None] + window
        following = self.values[first + np.arange(self.recipe.horizon), target]
        targets = scaled.scaling.targets(following, self.values[first - 1, target])
        targets = np.clip(targets, -farthest, farthest)
        if HEADS[self.recipe.scored_by].targets_per_step > 1:
            variances = self.variances[first + np.arange(self.recipe.horizon)]
            deviations = self._hide_market(numbers, starts, scaled.windows)
            targets = pair_targets(targets, variances, deviations)
        return scaled.windows, targets

    def _hide_market(
        self, numbers: NDArray[np.int64], starts: NDArray[np.int64], windows: Array
    ) -> Numbers:
        """Take the market out of a quarter of windows, so that a model does without it too.

        Args:
            numbers: (n,) of the windows, which say which quarter.
            starts: (n,) their first rows.
            windows: (n, window, inputs), changed in place.

        Returns:
            (n, horizon) what the path says after each.
        """
        deviations = self.volatility[starts + self.recipe.window - 1]
        if self.alone is None:
            return deviations
        hidden = (numbers * _MIX) % _PARTS < _PARTS // 4
        rows = starts[hidden, None] + np.arange(self.recipe.window)
        for name in MARKET_SIGNALS:
            windows[hidden, :, self.columns.inputs.index(name)] = 0.0
        lost = np.log(self.alone[rows, 0] / self.volatility[rows, 0])
        windows[hidden, :, self.columns.inputs.index("path")] += lost.astype(np.float32)
        deviations[hidden] = self.alone[rows[:, -1]]
        return deviations

    def date_targets(self, span: SpanName, numbers: NDArray[np.int64]) -> Dates:
        """Return the date of each window's first target, (n,); arguments as `draw`."""
        _, starts = self.list_windows()[SPAN_NAMES.index(span)].locate(numbers)
        return np.asarray(self.dates[starts + self.recipe.window])

    def cut(self, starts: NDArray[np.int64], floors: NDArray[np.int64]) -> Array:
        """Cut the contexts of windows.

        Args:
            starts: (n,) first row of each window.
            floors: (n,) first row of each window's ticker.

        Returns:
            (n, rows, inputs), NaN where a ticker has not begun.
        """
        window = self.recipe.window
        context = count_context(self.scalers, window)
        rows = (starts + window - context)[:, None] + np.arange(context)
        contexts: Array = self.values[np.maximum(rows, 0)]
        contexts[rows < floors[:, None]] = np.nan
        return contexts
