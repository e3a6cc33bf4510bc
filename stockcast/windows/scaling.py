"""Scaling numbers, fitted on the training span alone; the result is plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stockcast.errors import ConstantPrices, UnreadablePrices
from stockcast.prices.history import Numbers


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


Scaler = Annotated[MinMax | Deviation, Field(discriminator="kind")]
Scalers = tuple[Scaler, ...]


def kind_for(target: str) -> str:
    """Return the kind of scaler that a recipe's target takes."""
    return "min-max" if target == "price" else "deviation"


def fit_scaler(values: Numbers, *, target: str, name: str) -> Scaler:
    """Fit one column's scaler.

    Args:
        values: (training rows,) one feature on the training span.
        target: `price` for MinMax, `log-return` for Deviation.
        name: the data and the column, for the message.

    Raises:
        ConstantPrices: the column never changes there.
        UnreadablePrices: its range is beyond what a double holds.
    """
    low, high = float(values.min()), float(values.max())
    if not math.isfinite(high - low):
        raise UnreadablePrices(f"{name} is too large to scale ({high:g})")
    # Equal to within rounding is constant: dividing by it would blow noise up to any size.
    spread = float(values.std())
    if high - low <= 1e-12 * max(abs(low), abs(high)) or spread < 1e-12:
        raise ConstantPrices(
            f"{name} never changes on the training span ({len(values)} rows)",
            hint="leave the column out with --features, or check the file",
        )
    return MinMax(low, high) if kind_for(target) == "min-max" else Deviation(spread)


def scale_features(values: Numbers, scalers: Scalers) -> NDArray[np.float32]:
    """Scale each feature with its own scaler: (rows, features) ─▶ the same, float32."""
    scaled = np.empty(values.shape, dtype=np.float32)
    for position, scaler in enumerate(scalers):
        scaled[:, position] = scaler.scale(values[:, position])
    return scaled


def prices_from_answers(
    answers: NDArray[np.floating], last_prices: Numbers, scaler: Scaler
) -> Numbers:
    """Turn the network's answers into prices.

    Args:
        answers: (n,) scaled prices, or scaled log returns.
        last_prices: (n,) the last price that each answer knew, in price units.
        scaler: the target's own; its kind says what an answer is.

    Returns:
        (n,) prices.
    """
    unscaled = scaler.unscale(np.asarray(answers, dtype=np.float64))
    if isinstance(scaler, MinMax):
        return unscaled
    prices: Numbers = last_prices * np.exp(unscaled)
    return prices
