"""What the network sees of each bar, before scaling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from stockcast.errors import InvalidRecipe, TooShort, UnreadablePrices, option
from stockcast.plurals import count_of
from stockcast.prices.history import Dates, Numbers, PriceHistory
from stockcast.prices.target import choose_target, count_others, require_values
from stockcast.recipe import CalendarFeature, Column, PriceColumn, Recipe, Target

VOLUME_SPAN = 20  # bars; about a month of trading, the usual "average volume"

Signal = Literal[
    "log-scale",
    "over-night",
    "path",
    "relative-volume",
    "market-scale",
    "market-return",
    "has-market",
]


CALENDAR_INPUTS: dict[CalendarFeature, tuple[str, ...]] = {
    "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    "turn-of-month": ("turn of month",),
}
"""Names of what a calendar feature lets a network see."""


@dataclass(frozen=True)
class CovariateColumn:
    """What a network sees of a covariate.

    Attributes:
        name: its ticker.
        column: canonical name of its price.
        header: the header that the user named to be read as the close, or None.
        rows_sha256: of the bars that were learnt from.
    """

    name: str
    column: PriceColumn
    header: str | None = None
    rows_sha256: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of what is seen of it."""
        return f"{self.name} return", f"{self.name} range"


@dataclass(frozen=True)
class Columns:
    """Which columns a network sees, and which of them it forecasts.

    Attributes:
        target: canonical name, one of `features`.
        features: canonical names, in the order of the network's inputs.
        header: the header that the user named to be read as the close, or None.
        signals: what else the network sees, of how far bars moved (`windows.signals`).
        covariates: what else it sees, of other prices (`windows.covariates`).
        calendar: what else it sees, of the dates ahead (`windows.calendar_features`).
    """

    target: PriceColumn
    features: tuple[Column, ...]
    header: str | None = None
    signals: tuple[Signal, ...] = ()
    covariates: tuple[CovariateColumn, ...] = ()
    calendar: tuple[CalendarFeature, ...] = ()

    def __post_init__(self) -> None:
        if self.target not in self.features:
            raise ValueError("the forecast column must be among the features")
        if len({one.name for one in self.covariates}) != len(self.covariates):
            raise ValueError("two covariates have one name")

    def fits(self, recipe: Recipe) -> bool:
        """Whether these can be the columns that a recipe settled on."""
        if recipe.column not in ("auto", self.target):
            return False
        features = recipe.seen_columns or (self.target,)
        return (self.features, self.calendar) == (features, recipe.seen_calendar)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of all that the network sees of a bar: features, signals, calendar, covariates."""
        beside = (name for one in self.covariates for name in one.inputs)
        return (*self.features, *self.signals, *self.calendar_inputs, *beside)

    @property
    def calendar_inputs(self) -> tuple[str, ...]:
        """Names of what is seen of the dates ahead."""
        return tuple(name for one in self.calendar for name in CALENDAR_INPUTS[one])

    @property
    def target_index(self) -> int:
        """Position of the target among the features."""
        return self.features.index(self.target)


@dataclass(frozen=True)
class FeatureTable:
    """Unscaled features of every bar that has them.

    Attributes:
        dates: (rows,) datetime64[us].
        prices: (rows,) the target column, in price units.
        values: (rows, features) in price units (targets `price` and `relative`) or log ratios
            (`log-return`); volume is in shares with `price`, else a log ratio.
    """

    dates: Dates
    prices: Numbers
    values: Numbers


def choose_columns(history: PriceHistory, recipe: Recipe) -> Columns:
    """Settle which columns a recipe means for this history.

    Raises:
        InvalidRecipe: the forecast column is not among the features.
        UnreadablePrices: the history lacks one of the columns.
        AmbiguousPrices: which column is the price is the user's to say; see `choose_target`.
    """
    seen = recipe.seen_columns
    history.require_columns(seen)
    wanted = ("adj_close", "close") if recipe.column == "auto" else (recipe.column,)
    if seen and not set(wanted) & set(seen):
        raise InvalidRecipe(
            f"the forecast column ({' or '.join(wanted)}) is not among the features "
            f"({', '.join(seen)})",
            hint=f"add it to {option('features')}, or name one of them with {option('column')}",
        )
    target = choose_target(history, recipe.column, among=seen or None)
    return Columns(target, seen or (target,), history.header, calendar=recipe.seen_calendar)


def count_warmup(features: tuple[str, ...], target: Target) -> int:
    """Return how many bars at the start have no features, for lack of bars before them."""
    if target == "price":
        return 0
    if "volume" in features:
        return VOLUME_SPAN - 1
    return 1 if target == "log-return" else 0


def compute_features(history: PriceHistory, columns: Columns, target: Target) -> FeatureTable:
    """Compute what the network sees of each bar.

    With target `price` these are the columns themselves. With `log-return`, prices are log
    ratios to the target price of the bar before, so that the target column itself becomes its
    log return. With `relative`, prices stay what they are until windows are cut. With both,
    volume is the log ratio of 1 + volume to 1 + its mean over VOLUME_SPAN bars.

    Raises:
        UnreadablePrices: a value is missing, or a price has no logarithm.
        TooShort: no bar is left after the warm-up.
    """
    for name in columns.features:
        _check_values(history, name, positive=target != "price")
    warmup = count_warmup(columns.features, target)
    if len(history) <= warmup:
        raise TooShort(
            f"{history.name}: {count_of(len(history), 'row')}, at least {warmup + 1:,} are "
            "needed before there is anything to see"
        )
    prices = history.columns[columns.target]
    values = np.empty((len(history) - warmup, len(columns.features)))
    for position, name in enumerate(columns.features):
        column = history.columns[name]
        if target == "price":
            values[:, position] = column
        elif name == "volume":
            values[:, position] = _compare_to_recent(column)
        elif target == "relative":
            values[:, position] = column[warmup:]
        else:
            ratios = values[:, position]
            np.divide(column[warmup:], prices[warmup - 1 : -1], out=ratios)
            np.log(ratios, out=ratios)
    return FeatureTable(history.dates[warmup:], prices[warmup:], values)


def _compare_to_recent(volume: Numbers) -> Numbers:
    """(rows,) ─▶ (rows − VOLUME_SPAN + 1,): log ratio to the mean of the newest VOLUME_SPAN."""
    recent = np.lib.stride_tricks.sliding_window_view(volume, VOLUME_SPAN).mean(axis=-1)
    ratio: Numbers = np.log1p(volume[VOLUME_SPAN - 1 :]) - np.log1p(recent)
    return ratio


def _check_values(history: PriceHistory, name: str, *, positive: bool) -> None:
    require_values(history, name)
    values = history.columns[name]
    low = values < 0 if name == "volume" else values <= 0
    if positive and low.any():
        value = values[int(low.argmax())]
        raise UnreadablePrices(
            f"{history.locate(int(low.argmax()))}: {name} is {value:g}"
            f"{count_others(int(low.sum()))}; "
            "a return needs prices above zero",
            hint=f"pass {option('target', 'price')}, or remove these rows",
        )
