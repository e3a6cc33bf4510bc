"""WindowedSeries: the scaled series and where each window starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import InvalidRecipe, Option, command
from stockcast.prices.history import Dates, Numbers, PriceHistory, Source
from stockcast.recipe import Recipe
from stockcast.windows.features import Columns, choose_columns, compute_features, count_warmup
from stockcast.windows.model_inputs import WindowScaling
from stockcast.windows.scaling import (
    Scalers,
    check_scalers,
    fit_scaler,
    kind_for,
    scale_features,
)
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
        values: (rows, features) scaled, float32.
        volatility: (rows,) the standard deviation of the next log return, known at each bar.
        spans: where training, validation and test end.
        scalers: one a feature, fitted on the training span.
        sources: the files behind it.
        rows_sha256: of its own bars, whatever else is in those files; empty if it is not known.
    """

    ticker: str
    recipe: Recipe
    columns: Columns
    dates: Dates
    prices: Numbers
    values: NDArray[np.float32]
    volatility: Numbers
    spans: Spans
    scalers: Scalers
    sources: tuple[Source, ...]
    rows_sha256: str = ""

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
        return Identity((self.values, self.prices), facts)

    def draw(self, span: SpanName, numbers: NDArray[np.int64]) -> tuple[Array, Array]:
        """Draw windows as the network sees them, and what it should answer.

        Args:
            span: that they are of.
            numbers: (n,) of its windows, in the order wanted.

        Returns:
            (n, window, features) and (n, horizon), float32 each.
        """
        starts = self.list_starts()[SPAN_NAMES.index(span)][numbers]
        windows = self.values[starts[:, None] + np.arange(self.recipe.window)]
        inputs: Array = self.scaling.inputs(windows)
        return inputs, self.cut_targets(starts)

    def cut_targets(self, starts: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n,) first rows of windows ─▶ (n, horizon) what the network should answer, scaled."""
        column = self.values[:, self.columns.target_index]
        first = starts[:, None] + self.recipe.window
        following = column[first + np.arange(self.recipe.horizon)]
        targets: NDArray[np.float32] = self.scaling.targets(following, column[first - 1])
        return targets


def check_parts(recipe: Recipe, columns: Columns, scalers: Scalers) -> None:
    """Check that what a file says of a series fits together.

    Raises:
        ValueError: it does not.
    """
    if not columns.fits(recipe):
        raise ValueError("the columns are not those of the recipe")
    check_scalers(scalers, columns, recipe)


def window_history(history: PriceHistory, recipe: Recipe) -> WindowedSeries:
    """Split a history in time order and scale it on its training span.

    Raises:
        TooShort: some span would have no window.
        ConstantPrices: a column cannot be scaled.
        UnreadablePrices: a column is missing or has gaps.
        InvalidRecipe: a pooled one.
    """
    if recipe.pooled:
        raise InvalidRecipe(
            "a pooled recipe has no scaler that fits one ticker",
            hint="pooled models are trained from price files: "
            + command("train", Option("pooled", value=True), "PRICES…"),
        )
    columns = choose_columns(history, recipe)
    warmup = count_warmup(columns.features, recipe.target)
    spans = split_rows(len(history) - warmup, recipe, warmup=warmup, name=history.name)
    table = compute_features(history, columns, recipe.target)
    scalers = tuple(
        fit_scaler(
            table.values[: spans.train_end, position],
            kind=kind_for(recipe.target, name),
            name=f"{history.name}: {name}",
        )
        for position, name in enumerate(columns.features)
    )
    return WindowedSeries(
        ticker=history.ticker,
        recipe=recipe,
        columns=columns,
        dates=table.dates,
        prices=table.prices,
        values=scale_features(table.values, scalers),
        volatility=estimate_volatility(history, columns.target)[warmup:],
        spans=spans,
        scalers=scalers,
        sources=history.sources,
        rows_sha256=history.hash_rows(),
    )
