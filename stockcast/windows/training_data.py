"""TrainingData: what a series and a pool have in common when a model is trained on them.

What moves the weights needs less than a model does: windows and their answers, `TrainingWindows`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Dates, Source
from stockcast.recipe import Recipe
from stockcast.windows.features import Columns
from stockcast.windows.har import HarPath
from stockcast.windows.scaling import Scalers
from stockcast.windows.windowing import Array

SpanName = Literal["training", "validation", "test"]
SPAN_NAMES: tuple[SpanName, ...] = get_args(SpanName)


@dataclass(frozen=True)
class TrainingSpan:
    """Which bars a training learns from.

    Attributes:
        rows: bars of the training span.
        first_date: of the first of them.
        last_date: of the last of them.
        known_to: date of the last bar of the validation span; of the training span without one.
        tickers: whose bars they are; empty where the data are one ticker's.
    """

    rows: int
    first_date: np.datetime64
    last_date: np.datetime64
    known_to: np.datetime64
    tickers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Identity:
    """All of the data that a training's result follows from.

    Attributes:
        arrays: whose bytes count.
        facts: plain JSON values.
    """

    arrays: tuple[NDArray[Any], ...]
    facts: tuple[Any, ...]


class TrainingWindows(Protocol):
    """Windows in three spans, and what should be answered to each: all that weights learn from."""

    @property
    def recipe(self) -> Recipe:
        """Every choice that defines the network and how it learns."""

    @property
    def name(self) -> str:
        """What to call the data in a message."""

    def count_inputs(self) -> int:
        """Return how many inputs the network has at each timestep."""

    def count_windows(self) -> tuple[int, ...]:
        """Return the number of training, validation and test windows."""

    def draw(self, span: SpanName, numbers: NDArray[np.int64]) -> tuple[Array, Array]:
        """Draw windows as the network sees them, and what it should answer.

        Args:
            span: that they are of.
            numbers: (n,) of its windows, in the order wanted.

        Returns:
            (n, window, inputs) and (n, horizon · targets a step), float32 each.
        """


class TrainingData(TrainingWindows, Protocol):
    """One ticker's series, or a pool of many: windows in three spans, with a recipe."""

    @property
    def columns(self) -> Columns:
        """What the features are and which is the target."""

    @property
    def scalers(self) -> Scalers:
        """One a feature."""

    @property
    def path(self) -> HarPath | None:
        """How far the price will move, which the network may add to."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """The files behind the data."""

    @property
    def rows_sha256(self) -> str:
        """SHA-256 of its own bars, whatever else is in those files; empty if it is not known."""

    @property
    def ticker(self) -> str:
        """Whose model it will be; empty for a pooled one."""

    def date_targets(self, span: SpanName, numbers: NDArray[np.int64]) -> Dates:
        """Return the date of each window's first target, (n,); arguments as `draw`."""

    def describe_training(self) -> TrainingSpan:
        """Return which bars are learnt from."""

    def identify(self) -> Identity:
        """Return all that a training's result follows from, beside the recipe."""
