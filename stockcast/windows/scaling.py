"""Scalers: what a feature's values are to the network, and what its answers mean in prices.

There are three kinds. `min-max` scales prices, `deviation` log returns, `relative` changes from a
window's last price. A kind is one class; its formulas take arrays of any namespace (`xp`), so that
NumPy, a TensorFlow graph and an ONNX graph follow the same lines. The numbers of such a scaler were
fitted on the training span; a `PerWindow` scaler measures them on every window anew.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stockcast.errors import ConstantPrices, UnreadablePrices, option
from stockcast.plurals import count_of
from stockcast.prices.history import Numbers
from stockcast.recipe import Recipe, Target
from stockcast.windows.features import VOLUME_SPAN, Columns
from stockcast.windows.windowing import Array

Kind = Literal["min-max", "deviation", "relative"]

LEAST_SPREAD = 1e-4  # of the price: a halted stock has no spread to divide by


@dataclass(frozen=True)
class Scale:
    """One feature's numbers at work on windows: (value − offset) / spread.

    Attributes:
        transform: the kind of scaler, whose formulas these numbers go into.
        offset: a number, or one a window, (n, 1); None where nothing is taken off.
        spread: a number above 0, or one a window, (n, 1).
        is_applied: whether the series was scaled before windows were cut from it, so that only
            answers are left to unscale.
    """

    transform: type[FittedScaler]
    offset: Any
    spread: Any
    is_applied: bool

    def inputs(self, values: Any, last: Any) -> Any:
        """Turn a feature's values into what the network sees.

        Args:
            values: (n, window).
            last: (n, 1) the target's newest value in each window.

        Returns:
            (n, window).
        """
        return values if self.is_applied else self.scale(self.transform.express(values, last))

    def targets(self, following: Any, last: Any, xp: Any = np) -> Any:
        """Turn what follows each window into what the network should answer.

        Args:
            following: (n, horizon) the target's values right after each window.
            last: (n, 1) its newest value in each window.
            xp: the namespace of both.

        Returns:
            (n, horizon): scaled prices, log returns since the window's last price, or relative
            changes since then.
        """
        expressed = self.transform.express_ahead(following, last, xp)
        return expressed if self.is_applied else self.scale(expressed)

    def to_prices(self, answers: NDArray[np.floating], last_prices: Numbers) -> Numbers:
        """Turn the network's answers into prices.

        Args:
            answers: (n, horizon), of the kind that `targets` returns.
            last_prices: (n,) the last price that each answer knew, in price units.

        Returns:
            (n, horizon) prices.
        """
        expressed = self.unscale(np.asarray(answers, dtype=np.float64))
        prices: Numbers = self.transform.to_prices(expressed, last_prices[:, None], np)
        return prices

    def scale(self, values: Any) -> Any:
        """Values in the kind's own unit ─▶ scaled."""
        return (values if self.offset is None else values - self.offset) / self.spread

    def unscale(self, values: Any) -> Any:
        """Scaled ─▶ the kind's own unit."""
        unscaled = values * self.spread
        return unscaled if self.offset is None else unscaled + self.offset


@dataclass(frozen=True)
class MeasuredScale(Scale):
    """Numbers that were measured on each window, at work in double precision."""

    def inputs(self, values: Array, last: Array) -> Array:
        """(n, window) float32 ─▶ the same."""
        scaled: Array = super().inputs(values.astype(np.float64), last).astype(np.float32)
        return scaled

    def targets(self, following: Array, last: Array, xp: Any = np) -> Array:
        """(n, horizon) float32 ─▶ the same."""
        wanted = super().targets(following.astype(np.float64), last, xp)
        return wanted.astype(np.float32)  # type: ignore[no-any-return]


class Scaler(ABC):
    """What maps one feature to what the network sees, and answers about it to prices.

    Attributes:
        kind: its name in model files.
        is_per_window: whether its numbers are measured on every window.
    """

    kind: str
    is_per_window: ClassVar[bool] = False

    @property
    @abstractmethod
    def scales_as(self) -> Kind:
        """The kind whose formulas it follows."""

    @property
    def context_rows(self) -> int:
        """Rows, up to a window's last, that its numbers are measured on; 0 for none."""
        return 0

    @property
    def numbers(self) -> dict[str, float]:
        """Its numbers by name, as model files have them."""
        return {name: one for name, one in vars(self).items() if not isinstance(one, str)}

    @abstractmethod
    def scale(self, values: Numbers) -> Numbers:
        """(rows,) a whole column ─▶ as windows are cut from it; what is left `Scale` does."""

    @abstractmethod
    def get_scale(self) -> Scale:
        """Return its numbers, ready to work on windows.

        Raises:
            ValueError: it has none of its own.
        """

    def measure(self, contexts: Array) -> Scale:  # noqa: ARG002 — for those that have none
        """Return the numbers that windows are scaled by.

        Args:
            contexts: (n, rows) of the feature: windows, with the rows before them that the
                numbers are measured on.
        """
        return self.get_scale()

    @abstractmethod
    def describe(self, feature: str, *, target: str) -> str:
        """Say in words what it does to a feature, for a forecast of the column `target`."""


class FittedScaler(Scaler):
    """A scaler whose numbers were fitted on the training span.

    A kind is a class below this one: what is scaled (`express`, `express_ahead`), how prices come
    back (`to_prices`), and where its numbers come from (`fit`, and for `PerWindow` `measure_rows`).

    Attributes:
        waits_for_window: whether values are scaled only once a window is cut; if not, the whole
            series is scaled before.
        is_change: whether an answer is a change from the last price.
        summary: what a `PerWindow` scaler of this kind does, in words.
    """

    waits_for_window: ClassVar[bool] = False
    is_change: ClassVar[bool] = True
    summary: ClassVar[str]

    @property
    def scales_as(self) -> Kind:
        """Its own kind."""
        return self.kind  # type: ignore[return-value]

    @property
    def offset(self) -> float | None:
        """What is taken off; None for nothing."""
        return None

    @property
    @abstractmethod
    def spread(self) -> float:
        """What is divided by, above 0."""

    @classmethod
    @abstractmethod
    def fit(cls, values: Numbers, *, name: str) -> Self:
        """Fit its numbers to (training rows,) that do change; `name` is for messages."""

    @staticmethod
    @abstractmethod
    def measure_rows(rows: Numbers) -> tuple[Numbers | None, Numbers]:
        """Measure what `fit` would on each context's own rows.

        Args:
            rows: (n, rows) float64; NaN before a history begins.

        Returns:
            offset, None for nothing, and spread, (n,) each.
        """

    @staticmethod
    def express(values: Any, last: Any) -> Any:  # noqa: ARG004 — of one kind alone
        """(n, window) values, (n, 1) the target's newest ─▶ (n, window) what is scaled."""
        return values

    @staticmethod
    @abstractmethod
    def express_ahead(following: Any, last: Any, xp: Any) -> Any:
        """(n, horizon) the target after a window, (n, 1) its newest ─▶ what is scaled of it."""

    @staticmethod
    @abstractmethod
    def to_prices(expressed: Any, last_prices: Any, xp: Any) -> Any:
        """(n, horizon) what `express_ahead` returns, (n, 1) last prices ─▶ (n, horizon) prices."""

    def scale(self, values: Numbers) -> Numbers:
        """(rows,) a whole column ─▶ scaled; the same where a window must be cut first."""
        scaled: Numbers = values if self.waits_for_window else self.get_scale().scale(values)
        return scaled

    def unscale(self, values: Numbers) -> Numbers:
        """Scaled ─▶ prices, log ratios or relative changes, whatever the kind scales."""
        unscaled: Numbers = self.get_scale().unscale(values)
        return unscaled

    def get_scale(self) -> Scale:
        """Return its numbers, which are the same for all windows."""
        return self.make_scale(self.spread, self.offset)

    @classmethod
    def make_scale(cls, spread: Any, offset: Any = None) -> Scale:
        """Return a scale of this kind with numbers of any namespace."""
        return Scale(cls, offset, spread, is_applied=not cls.waits_for_window)


@dataclass(frozen=True)
class MinMax(FittedScaler):
    """Maps the training span's lowest and highest value to 0 and 1; later ones may leave them."""

    low: float  # price units
    high: float  # price units, > low
    kind: Literal["min-max"] = "min-max"

    is_change = False
    summary = "from lowest to highest becomes 0 to 1"

    def __post_init__(self) -> None:
        if not math.isfinite(self.high - self.low) or not self.high > self.low:
            raise ValueError("high must be above low")

    @property
    def offset(self) -> float:
        """The lowest value."""
        return self.low

    @property
    def spread(self) -> float:
        """From the lowest value to the highest."""
        return self.high - self.low

    @classmethod
    def fit(cls, values: Numbers, *, name: str) -> MinMax:  # noqa: ARG003
        """Take the lowest and the highest value."""
        return cls(float(values.min()), float(values.max()))

    @staticmethod
    def measure_rows(rows: Numbers) -> tuple[Numbers, Numbers]:
        """Take the lowest value, and how far the highest is above it."""
        lowest, highest = np.nanmin(rows, axis=1), np.nanmax(rows, axis=1)
        least = LEAST_SPREAD * np.maximum(np.abs(highest), 1e-300)
        return lowest, np.maximum(highest - lowest, least)

    @staticmethod
    def express_ahead(following: Any, last: Any, xp: Any) -> Any:  # noqa: ARG004
        """Prices are scaled as they are."""
        return following

    @staticmethod
    def to_prices(expressed: Any, last_prices: Any, xp: Any) -> Any:  # noqa: ARG004
        """An answer is the price itself."""
        return expressed

    def describe(self, feature: str, *, target: str) -> str:  # noqa: ARG002
        """Name both numbers."""
        return f"{feature} from {self.low:.6g} to {self.high:.6g} becomes 0 to 1"


@dataclass(frozen=True)
class _DeviationScaler(FittedScaler):
    """Divides by a standard deviation, and takes nothing off."""

    deviation: float  # > 0

    def __post_init__(self) -> None:
        if not math.isfinite(self.deviation) or not self.deviation > 0:
            raise ValueError("a deviation must be above 0")

    @property
    def spread(self) -> float:
        """The deviation."""
        return self.deviation


@dataclass(frozen=True)
class Deviation(_DeviationScaler):
    """Divides log ratios by the training span's standard deviation; zero stays zero."""

    kind: Literal["deviation"] = "deviation"

    summary = "log ratios divided by their standard deviation"

    @classmethod
    def fit(cls, values: Numbers, *, name: str) -> Deviation:  # noqa: ARG003
        """Measure the standard deviation."""
        return cls(_measure_spread(values))

    @staticmethod
    def measure_rows(rows: Numbers) -> tuple[None, Numbers]:
        """Measure the standard deviation."""
        return None, _measure_deviations(rows)

    @staticmethod
    def express_ahead(following: Any, last: Any, xp: Any) -> Any:  # noqa: ARG004
        """Daily log returns add up to those since the last price."""
        return xp.cumsum(following, axis=1)

    @staticmethod
    def to_prices(expressed: Any, last_prices: Any, xp: Any) -> Any:
        """An answer is the log return since the last price."""
        return last_prices * xp.exp(expressed)

    def describe(self, feature: str, *, target: str) -> str:
        """Say what the ratios are to, and the number."""
        what = f"log ratios to the previous {target},"
        if feature == target:
            what = "log returns"
        elif feature == "volume":
            what = f"log ratios to the mean of {VOLUME_SPAN} bars,"
        return f"{feature}: {what} divided by {self.deviation:.6g}"


@dataclass(frozen=True)
class Relative(_DeviationScaler):
    """Leaves prices as they are until a window is cut, and then divides by its last price.

    What the network sees is (price / last price − 1) / deviation, where the deviation is that of
    the column's relative change from bar to bar on the training span.
    """

    kind: Literal["relative"] = "relative"

    waits_for_window = True
    summary = "relative to the window's last price, less 1, divided by its deviation"

    @classmethod
    def fit(cls, values: Numbers, *, name: str) -> Relative:
        """Measure the standard deviation of the change from bar to bar."""
        return cls(_measure_changes(values, name))

    @staticmethod
    def measure_rows(rows: Numbers) -> tuple[None, Numbers]:
        """Measure the standard deviation of the change from bar to bar."""
        changes = np.diff(rows, axis=1) / rows[:, :-1]
        changes[np.isnan(changes[:, -1])] = 0.0  # one row is known, and so no change
        return None, _measure_deviations(changes)

    @staticmethod
    def express(values: Any, last: Any) -> Any:
        """Relative changes to the window's last price."""
        return values / last - 1

    @staticmethod
    def express_ahead(following: Any, last: Any, xp: Any) -> Any:  # noqa: ARG004
        """Relative changes since the window's last price."""
        return following / last - 1

    @staticmethod
    def to_prices(expressed: Any, last_prices: Any, xp: Any) -> Any:  # noqa: ARG004
        """An answer is the relative change since the last price."""
        return last_prices * (1 + expressed)

    def describe(self, feature: str, *, target: str) -> str:
        """Say what prices are relative to, and the number."""
        what = f"relative to the window's last {target}, less 1,"
        return f"{feature}: {what} divided by {self.deviation:.6g}"


AnyFitted = MinMax | Deviation | Relative
KINDS: dict[Kind, type[MinMax] | type[Deviation] | type[Relative]] = {
    "min-max": MinMax,
    "deviation": Deviation,
    "relative": Relative,
}


@dataclass(frozen=True)
class PerWindow(Scaler):
    """Leaves values as they are until a window is cut, and then scales by its newest rows.

    So a pooled model scales each ticker by what that ticker did lately, whether it was trained on
    it or not, and in training as in forecasting.
    """

    by: Kind  # as that scaler would, fitted on those rows
    rows: Annotated[int, Field(ge=2, le=100_000)] = 250  # about a year of days
    kind: Literal["recent"] = "recent"

    is_per_window = True

    @property
    def scales_as(self) -> Kind:
        """The kind that it measures the numbers of."""
        return self.by

    @property
    def context_rows(self) -> int:
        """Its newest rows."""
        return self.rows

    def scale(self, values: Numbers) -> Numbers:
        """Price units or log ratios ─▶ the same."""
        return values

    def get_scale(self) -> Scale:
        """Raise, as only windows have numbers."""
        raise ValueError("a PerWindow scaler has no numbers of its own")

    def measure(self, contexts: Array) -> Scale:
        """Measure each context's numbers, from its own rows alone; see `Scaler`."""
        transform = KINDS[self.by]
        offset, spread = transform.measure_rows(contexts.astype(np.float64))
        return MeasuredScale(
            transform,
            None if offset is None else offset[:, None],
            spread[:, None],
            is_applied=False,
        )

    def describe(self, feature: str, *, target: str) -> str:  # noqa: ARG002
        """Say how it scales, and by how many rows."""
        rows = count_of(self.rows, "row")
        return f"{feature}: {KINDS[self.by].summary}, of a ticker's newest {rows}"


AnyScaler = Annotated[AnyFitted | PerWindow, Field(discriminator="kind")]
Scalers = tuple[AnyScaler, ...]


def kind_for(target: Target, column: str) -> Kind:
    """Return the kind of scaler that a column takes with a recipe's target."""
    if target == "relative" and column != "volume":
        return "relative"
    return "min-max" if target == "price" else "deviation"


def fit_scaler(values: Numbers, *, kind: Kind, name: str) -> AnyFitted:
    """Fit one column's scaler.

    Args:
        values: (training rows,) one feature on the training span.
        kind: of the scaler.
        name: the data and the column, for the message.

    Raises:
        ConstantPrices: the column never changes there, or always by the same share.
        UnreadablePrices: its range is beyond what a double holds.

    Example:
        >>> fit_scaler(np.array([12.0, 10.0, 18.0]), kind="min-max", name="close")
        MinMax(low=10.0, high=18.0, kind='min-max')
    """
    low, high = float(values.min()), float(values.max())
    if not math.isfinite(high - low):
        raise UnreadablePrices(f"{name} is too large to scale ({high:g})")
    # Equal to within rounding is constant: dividing by it would blow noise up to any size.
    if high - low <= 1e-12 * max(abs(low), abs(high)) or _measure_spread(values) < 1e-12:
        raise ConstantPrices(
            f"{name} never changes on the training span ({len(values)} rows)",
            hint=f"leave the column out with {option('features')}, or check the file",
        )
    return KINDS[kind].fit(values, name=name)


def scale_features(values: Numbers, scalers: Scalers) -> NDArray[np.float32]:
    """Scale each feature with its own scaler: (rows, features) ─▶ the same, float32."""
    scaled = np.empty(values.shape, dtype=np.float32)
    for position, scaler in enumerate(scalers):
        scaled[:, position] = scaler.scale(values[:, position])
    return scaled


def check_scalers(scalers: Scalers, columns: Columns, recipe: Recipe) -> None:
    """Check that scalers are those that a recipe implies.

    Raises:
        ValueError: they are not.
    """
    if len(scalers) != len(columns.features):
        raise ValueError("there must be one scaler a feature")
    for name, scaler in zip(columns.features, scalers, strict=True):
        if scaler.scales_as != (kind := kind_for(recipe.target, name)):
            raise ValueError(f"target {recipe.target} needs a {kind} scaler for {name}")
        if scaler.is_per_window != recipe.pooled:
            raise ValueError(f"the scaler for {name} is not what pooled {recipe.pooled} needs")
    if len({scaler.context_rows for scaler in scalers}) > 1:
        raise ValueError("all scalers must look back on as many rows")


def _measure_spread(values: Numbers) -> float:
    """(rows,) ─▶ the standard deviation."""
    with np.errstate(over="ignore"):
        return float(values.std())


def _measure_changes(values: Numbers, name: str) -> float:
    """(rows,) above zero ─▶ the standard deviation of the relative change from bar to bar."""
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(np.std(np.diff(values) / values[:-1]))
    if not math.isfinite(deviation):
        raise UnreadablePrices(f"{name} changes by too much from bar to bar to scale")
    if deviation < 1e-12:
        raise ConstantPrices(
            f"{name} changes by the same share at every bar of the training span "
            f"({len(values)} rows)",
            hint=f"leave the column out with {option('features')}, or check the file",
        )
    return deviation


def _measure_deviations(rows: Numbers) -> Numbers:
    """(n, rows), NaN at the beginning ─▶ (n,) the standard deviation of each."""
    has_gaps = bool(np.isnan(rows[:, :1]).any())
    deviations: Numbers = (np.nanstd if has_gaps else np.std)(rows, axis=1)
    return np.maximum(deviations, LEAST_SPREAD)
