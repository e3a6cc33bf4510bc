"""Scaling numbers, fitted on the training span alone; the result is plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stockcast.errors import ConstantPrices, UnreadablePrices, option
from stockcast.prices.history import Numbers
from stockcast.recipe import Target


@dataclass(frozen=True)
class MinMax:
    """Maps the training span's lowest and highest value to 0 and 1."""

    low: float  # price units
    high: float  # price units, > low
    kind: Literal["min-max"] = "min-max"

    def __post_init__(self) -> None:
        if not math.isfinite(self.high - self.low) or not self.high > self.low:
            raise ValueError("high must be above low")

    def scale(self, values: Numbers) -> Numbers:
        """Price units ─▶ scaled; values outside the training span leave 0…1."""
        return (values - self.low) / (self.high - self.low)

    def unscale(self, values: Numbers) -> Numbers:
        """Scaled ─▶ price units."""
        return values * (self.high - self.low) + self.low


@dataclass(frozen=True)
class Deviation:
    """Divides by the training span's standard deviation; zero stays zero."""

    deviation: float  # log-ratio units, > 0
    kind: Literal["deviation"] = "deviation"

    def __post_init__(self) -> None:
        if not math.isfinite(self.deviation) or not self.deviation > 0:
            raise ValueError("a deviation must be above 0")

    def scale(self, values: Numbers) -> Numbers:
        """Log ratios ─▶ scaled."""
        return values / self.deviation

    def unscale(self, values: Numbers) -> Numbers:
        """Scaled ─▶ log ratios."""
        return values * self.deviation


@dataclass(frozen=True)
class Relative:
    """Leaves prices as they are until a window is cut, and then divides by its last price.

    What the network sees is (price / last price − 1) / deviation, where the deviation is that of
    the column's relative change from bar to bar on the training span.
    """

    deviation: float  # share of the price, > 0
    kind: Literal["relative"] = "relative"

    def __post_init__(self) -> None:
        if not math.isfinite(self.deviation) or not self.deviation > 0:
            raise ValueError("a deviation must be above 0")

    def scale(self, values: Numbers) -> Numbers:
        """Price units ─▶ the same; `scale_relative` does the rest."""
        return values

    def unscale(self, values: Numbers) -> Numbers:
        """Scaled ─▶ relative changes."""
        return values * self.deviation


@dataclass(frozen=True)
class PerWindow:
    """Leaves values as they are until a window is cut, and then scales by its newest rows.

    So a pooled model scales each ticker by what that ticker did lately, whether it was trained on
    it or not, and in training as in forecasting. `windows.recent` does the rest.
    """

    by: Literal["min-max", "deviation", "relative"]  # as that scaler would, fitted on those rows
    rows: Annotated[int, Field(ge=2, le=100_000)] = 250  # about a year of days
    kind: Literal["recent"] = "recent"

    def scale(self, values: Numbers) -> Numbers:
        """Price units or log ratios ─▶ the same."""
        return values


Scaler = Annotated[MinMax | Deviation | Relative | PerWindow, Field(discriminator="kind")]
Scalers = tuple[Scaler, ...]


def kind_for(target: Target, column: str) -> Literal["min-max", "deviation", "relative"]:
    """Return the kind of scaler that a column takes with a recipe's target."""
    if target == "relative" and column != "volume":
        return "relative"
    return "min-max" if target == "price" else "deviation"


def fit_scaler(values: Numbers, *, kind: str, name: str) -> Scaler:
    """Fit one column's scaler.

    Args:
        values: (training rows,) one feature on the training span.
        kind: of the scaler.
        name: the data and the column, for the message.

    Raises:
        ConstantPrices: the column never changes there, or always by the same share.
        UnreadablePrices: its range is beyond what a double holds.
    """
    low, high = float(values.min()), float(values.max())
    if not math.isfinite(high - low):
        raise UnreadablePrices(f"{name} is too large to scale ({high:g})")
    # Equal to within rounding is constant: dividing by it would blow noise up to any size.
    with np.errstate(over="ignore"):
        spread = float(values.std())
    if high - low <= 1e-12 * max(abs(low), abs(high)) or spread < 1e-12:
        raise ConstantPrices(
            f"{name} never changes on the training span ({len(values)} rows)",
            hint=f"leave the column out with {option('features')}, or check the file",
        )
    if kind == "relative":
        return Relative(_measure_changes(values, name))
    return MinMax(low, high) if kind == "min-max" else Deviation(spread)


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


def scale_features(values: Numbers, scalers: Scalers) -> NDArray[np.float32]:
    """Scale each feature with its own scaler: (rows, features) ─▶ the same, float32."""
    scaled = np.empty(values.shape, dtype=np.float32)
    for position, scaler in enumerate(scalers):
        scaled[:, position] = scaler.scale(values[:, position])
    return scaled
