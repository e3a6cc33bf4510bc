"""WindowedSeries: the scaled series and where each window starts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import InvalidRecipe, Option, command
from stockcast.networks.heads import HEADS
from stockcast.prices.history import Dates, Numbers, PriceHistory, Source
from stockcast.recipe import Recipe
from stockcast.windows.covariates import describe_covariates
from stockcast.windows.exogenous import compute_exogenous
from stockcast.windows.features import Columns, choose_columns, compute_features, count_warmup
from stockcast.windows.har import HarPath, TrainingMoves, fit_har, pair_targets
from stockcast.windows.model_inputs import WindowScaling
from stockcast.windows.moves import Moves, UnmeasuredMoves, hold_moves, iterate_spans
from stockcast.windows.scaling import (
    Scalers,
    check_scalers,
    fit_scaler,
    kind_for,
    scale_features,
)
from stockcast.windows.signals import SIGNALS, compute_signals
from stockcast.windows.split import Spans, split_rows
from stockcast.windows.training_data import SPAN_NAMES, Identity, SpanName, TrainingSpan
from stockcast.windows.volatility import estimate_volatility
from stockcast.windows.windowing import Array


@dataclass(frozen=True)
class WindowedSeries:
    """What a network is trained on: one scaled series, and spans of windows into it.

    Attributes:
        ticker: its name.
        recipe: what the series was made for.
        columns: what the features are and which is the target.
        dates: (rows,) datetime64[us].
        prices: (rows,) the target column in price units.
        values: (rows, inputs) scaled features, then signals, calendar and covariates; float32.
        volatility: (rows, horizon) the standard deviation of the log return up to each step as the
            path has it, known at each bar; without a path (rows, 1), of the next one.
        variances: (rows,) how far each bar moved, squared; NaN where it is not known.
        spans: where training, validation and test end.
        scalers: one a feature, fitted on the training span.
        sources: the files behind it.
        rows_sha256: of its own bars, whatever else is in those files; empty if it is not known.
        path: how far the price will move, fitted on the training span.
    """

    ticker: str
    recipe: Recipe
    columns: Columns
    dates: Dates
    prices: Numbers
    values: NDArray[np.float32]
    volatility: Numbers
    variances: Numbers
    spans: Spans
    scalers: Scalers
    sources: tuple[Source, ...]
    rows_sha256: str = ""
    path: HarPath | None = None

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return self.ticker

    @property
    def scaling(self) -> WindowScaling:
        """What is left to do to windows of `values`, and what answers to them mean."""
        return WindowScaling.from_scalers(self.scalers, self.columns.target_index)

    @property
    def window_starts(self) -> NDArray[np.int64]:
        """(windows,) first row of each window of all spans, as `Spans.list_starts` has them.

        What a window's answer is about is the `horizon` rows from `window` rows later on.
        """
        return np.concatenate(self.list_starts())

    def list_starts(self) -> tuple[NDArray[np.int64], ...]:
        """Return the first row of each training, validation and test window, (windows,) each."""
        return self.spans.list_starts(self.recipe.window, self.recipe.horizon)

    def count_inputs(self) -> int:
        """Return how many inputs the network has at each timestep."""
        return len(self.columns.inputs)

    def count_windows(self) -> tuple[int, ...]:
        """Return the number of training, validation and test windows."""
        return self.spans.count_windows(self.recipe.window, self.recipe.horizon)

    def describe_training(self) -> TrainingSpan:
        """Return which bars are learnt from."""
        return TrainingSpan(
            rows=self.spans.train_end,
            first_date=self.dates[0],
            last_date=self.dates[self.spans.train_end - 1],
            known_to=self.dates[self.spans.validation_end - 1],
        )

    def identify(self) -> Identity:
        """Return all that a training's result follows from, beside the recipe."""
        spans = self.spans
        facts = (self.ticker, spans.train_end, spans.validation_end, spans.rows)
        return Identity((self.values, self.prices, self.volatility, self.variances), facts)

    def draw(self, span: SpanName, numbers: NDArray[np.int64]) -> tuple[Array, Array]:
        """Draw windows as the network sees them, and what it should answer.

        Args:
            span: that they are of.
            numbers: (n,) of its windows, in the order wanted.

        Returns:
            (n, window, inputs) and (n, horizon · targets a step), float32 each.
        """
        starts = self.list_starts()[SPAN_NAMES.index(span)][numbers]
        windows = self.values[starts[:, None] + np.arange(self.recipe.window)]
        inputs: Array = self.scaling.inputs(windows)
        return inputs, self.cut_targets(starts)

    def date_targets(self, span: SpanName, numbers: NDArray[np.int64]) -> Dates:
        """Return the date of each window's first target, (n,); arguments as `draw`."""
        starts = self.list_starts()[SPAN_NAMES.index(span)][numbers]
        return np.asarray(self.dates[starts + self.recipe.window])

    def cut_targets(self, starts: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n,) first rows of windows ─▶ (n, horizon · targets a step) what it should answer."""
        column = self.values[:, self.columns.target_index]
        first = starts[:, None] + self.recipe.window
        following = column[first + np.arange(self.recipe.horizon)]
        targets: NDArray[np.float32] = self.scaling.targets(following, column[first - 1])
        if HEADS[self.recipe.scored_by].targets_per_step == 1:
            return targets
        following = self.variances[first + np.arange(self.recipe.horizon)]
        return pair_targets(targets, following, self.volatility[first[:, 0] - 1])


def check_parts(recipe: Recipe, columns: Columns, scalers: Scalers, path: HarPath | None) -> None:
    """Check that what a file says of a series fits together.

    Raises:
        ValueError: it does not.
    """
    if not columns.fits(recipe):
        raise ValueError("the columns are not those of the recipe")
    check_scalers(scalers, columns, recipe)
    if path is not None and (path.horizon != recipe.horizon or recipe.target != "log-return"):
        raise ValueError("the path is not that of the recipe")
    if path is None and (columns.signals or HEADS[recipe.scored_by].targets_per_step > 1):
        raise ValueError("the recipe needs a path")


def window_history(history: PriceHistory, recipe: Recipe) -> WindowedSeries:
    """Split a history in time order and scale it on its training span.

    Raises:
        TooShort: some span would have no window.
        ConstantPrices: a column cannot be scaled.
        UnreadablePrices: a column is missing or has gaps.
        CovariateGap: a covariate of the history is not known at a bar, or too old.
        InvalidRecipe: a pooled one.
    """
    _refuse_pooled(recipe)
    columns = choose_columns(history, recipe)
    warmup = count_warmup(columns.features, recipe.target)
    spans = split_rows(len(history) - warmup, recipe, warmup=warmup, name=history.name)
    table = compute_features(history, columns, recipe.target)
    path, moves = None, hold_moves(history, columns.target)
    if recipe.target == "log-return":
        known = TrainingMoves(moves, warmup + spans.train_end)
        path = fit_har([known], horizon=recipe.horizon)
    scalers = _fit_scalers(table.values[: spans.train_end], columns, recipe, name=history.name)
    values = scale_features(table.values, scalers)
    if path is not None and HEADS[recipe.scored_by].sees_signals:
        columns = replace(columns, signals=SIGNALS)
    volatility, variances, signals = _describe_moves(moves, path, columns)
    if path is None:
        volatility = estimate_volatility(history, columns.target)[:, None]
    if columns.signals:
        values = np.concatenate([values, signals[warmup:]], axis=1)
    beside = describe_covariates(history.covariates, history.dates[-1])
    columns = replace(columns, covariates=beside)
    others = compute_exogenous(history, columns, warmup, len(history), horizon=recipe.horizon)
    return WindowedSeries(
        ticker=history.ticker,
        recipe=recipe,
        columns=columns,
        dates=table.dates,
        prices=table.prices,
        values=np.concatenate([values, others], axis=1),
        volatility=volatility[warmup:],
        variances=variances[warmup:],
        spans=spans,
        scalers=scalers,
        sources=history.sources,
        rows_sha256=history.hash_rows(),
        path=path,
    )


def _refuse_pooled(recipe: Recipe) -> None:
    if recipe.pooled:
        raise InvalidRecipe(
            "a pooled recipe has no scaler that fits one ticker",
            hint="pooled models are trained from price files: "
            + command("train", Option("pooled", value=True), "PRICES…"),
        )


def _fit_scalers(values: Numbers, columns: Columns, recipe: Recipe, *, name: str) -> Scalers:
    """(training rows, features) ─▶ a scaler a feature."""
    return tuple(
        fit_scaler(
            values[:, position], kind=kind_for(recipe.target, feature), name=f"{name}: {feature}"
        )
        for position, feature in enumerate(columns.features)
    )


def _describe_moves(
    moves: Moves | UnmeasuredMoves, path: HarPath | None, columns: Columns
) -> tuple[Numbers, Numbers, Array]:
    """Say how far each bar moved and, with a path, how far the next ones will.

    Returns:
        (rows, steps) volatility, (rows,) variances, (rows, signals) float32.
    """
    rows = len(moves)
    volatility = np.empty((rows, path.horizon if path is not None else 0))
    variances, signals = np.empty(rows), np.empty((rows, len(columns.signals)), np.float32)
    for span in iterate_spans(moves, rows):
        here = slice(span.first, span.last)
        variances[here] = span.moves.variances[span.rows]
        if path is not None:
            deviations = path.forecast(span.moves)
            volatility[here] = deviations[span.rows]
            seen = compute_signals(span.moves, deviations[:, 0], columns.signals)
            signals[here] = seen[span.rows]
    return volatility, variances, signals
