"""What a network's gates and memory cells did, and how far back it remembers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stockcast.networks.cells import Array, CellName
from stockcast.prices.history import Dates, Numbers
from stockcast.recipe import Target


@dataclass(frozen=True)
class LayerStates:
    """One layer along a row of steps.

    Attributes:
        gates: name (input, forget, output; of a GRU update, reset) to (steps, units), 0 closed
            to 1 open.
        memory: (steps, units), the memory cell; None for a GRU, which has none.
        hidden: (steps, units), the hidden state.
        fade: (window,) how much of what a step of the window wrote is there at its end, 0 to 1.
        half_life: steps in which the memory fades to half; infinite if it never does.
    """

    gates: dict[str, Array]
    memory: Array | None
    hidden: Array
    fade: Numbers
    half_life: float


@dataclass(frozen=True)
class Inspection:
    """What a network did over one window, or on each date of a span.

    Attributes:
        ticker: its name.
        cell: the kind of the network's cells.
        target: what it sees, besides what it answers with: prices, or log returns.
        features: the columns that it sees.
        kind: `window`: steps are one window's; `span`: each step is the last of its own window.
        is_daily: whether bars are a day apart, by their median.
        dates: (steps,) datetime64[us].
        timesteps: (steps,) position in the window, from 1.
        prices: (steps,) of the forecast column, price units.
        forecast_date: what a window's forecast is for; None for a span.
        layers: bottom to top.
        sensitivity: (window,) mean over windows of |∂ answer / ∂ input|, summed over features,
            scaled unit by scaled unit; oldest step first.
    """

    ticker: str
    cell: CellName
    target: Target
    features: tuple[str, ...]
    kind: Literal["window", "span"]
    is_daily: bool
    dates: Dates
    timesteps: np.ndarray[tuple[int], np.dtype[np.int64]]
    prices: Numbers
    forecast_date: np.datetime64 | None
    layers: tuple[LayerStates, ...]
    sensitivity: Numbers

    @property
    def peak(self) -> int:
        """The steps back, from 1, at which the sensitivity is greatest."""
        return int(np.argmax(self.sensitivity[::-1])) + 1

    @property
    def gradient_half_life(self) -> float | None:
        """Steps in which the sensitivity halves from its peak back, by least squares on its log.

        A layer's step may pass on what it wrote before, so that the peak is often not the newest
        step. The fit is to the most that a step or any before it counts: one window's gradient
        changes sign as it fades, and its zeros say nothing.

        None where it does not fall within the window: then nothing vanishes.
        """
        older = self.sensitivity[: len(self.sensitivity) + 1 - self.peak]
        envelope = np.maximum.accumulate(older)
        known = np.flatnonzero(envelope)
        if not len(known) or envelope[known[0]] == envelope[-1]:
            return None
        slope = np.polyfit(known, np.log(envelope[known]), 1)[0]
        return float(math.log(2) / slope) if slope > 0 else None  # as rounding may have it

    @property
    def half_within(self) -> int:
        """The newest steps of the window that carry half of all sensitivity."""
        share = np.cumsum(self.sensitivity[::-1])
        return int(np.searchsorted(share, share[-1] / 2)) + 1
