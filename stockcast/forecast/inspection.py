"""What a network's gates and memory cells did, and how far back it remembers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from stockcast.networks.cells import Array, CellName
from stockcast.plurals import count_of
from stockcast.prices.history import Dates, Numbers, format_date
from stockcast.recipe import CalendarFeature, Target
from stockcast.windows.features import Signal

if TYPE_CHECKING:
    import pandas as pd


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
        sensitivity: (window,) mean over windows of |∂ answer / ∂ input|, summed over inputs,
            scaled unit by scaled unit; oldest step first.
        signals: what else it sees, of how far bars moved.
        calendar: what else it sees, of the dates ahead.
        covariates: names of the other prices that it sees.
        answer: which answer the sensitivity is of: the forecast, or of a network that says how
            far the price will move what it adds to its path.
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
    signals: tuple[Signal, ...] = ()
    calendar: tuple[CalendarFeature, ...] = ()
    covariates: tuple[str, ...] = ()
    answer: Literal["forecast", "volatility"] = "forecast"

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

    def __repr__(self) -> str:
        return (
            f"<Inspection of {self.ticker}: {count_of(len(self.layers), f'{self.cell} layer')}, "
            f"{count_of(len(self.dates), 'step')}>"
        )

    def list_rows(
        self, kind: Literal["states", "summary", "memory"] = "states"
    ) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table.

        Args:
            kind: `states`: a row a layer, unit and step, with every gate; `summary`: a row a
                layer; `memory`: a row a step back, with the forecast's sensitivity to it.
        """
        return _ROWS[kind](self)

    def to_frame(self, kind: Literal["states", "summary", "memory"] = "states") -> pd.DataFrame:
        """Return the rows of a table as a frame; see `list_rows`."""
        import pandas as pd

        return pd.DataFrame(self.list_rows(kind))


def _describe_states(seen: Inspection) -> Iterator[dict[str, Any]]:
    """Yield a row a layer, unit and step: every gate, the memory cell, the hidden state."""
    dates = [format_date(date) for date in seen.dates]
    for number, layer in enumerate(seen.layers, start=1):
        states = {f"{name}_gate": gate for name, gate in layer.gates.items()}
        if layer.memory is not None:
            states["cell"] = layer.memory
        states["hidden"] = layer.hidden
        for unit in range(layer.hidden.shape[1]):
            columns = [state[:, unit].tolist() for state in states.values()]
            for step, values in enumerate(zip(*columns, strict=True)):
                yield {
                    "layer": number,
                    "unit": unit + 1,
                    "timestep": int(seen.timesteps[step]),
                    "date": dates[step],
                    **dict(zip(states, values, strict=True)),
                }


def _summarize(seen: Inspection) -> Iterator[dict[str, Any]]:
    """Yield a row a layer: mean openness of each gate, and how fast its memory fades."""
    for number, layer in enumerate(seen.layers, start=1):
        cell = {} if layer.memory is None else {"mean_abs_cell": float(abs(layer.memory).mean())}
        yield {
            "layer": number,
            **{f"{name}_gate": float(gate.mean()) for name, gate in layer.gates.items()},
            **cell,
            "mean_abs_hidden": float(abs(layer.hidden).mean()),
            "memory_half_life": layer.half_life,
            "gradient_half_life": seen.gradient_half_life,
            "half_within": seen.half_within,
        }


def _describe_memory(seen: Inspection) -> Iterator[dict[str, Any]]:
    """Yield a row a step back: the forecast's sensitivity to it, and what each layer has kept."""
    window = len(seen.sensitivity)
    for step in reversed(range(window)):
        yield {
            "steps_back": window - step,
            "timestep": step + 1,
            "sensitivity": float(seen.sensitivity[step]),
            **{
                f"kept_layer_{number}": float(layer.fade[step])
                for number, layer in enumerate(seen.layers, start=1)
            },
        }


_ROWS = {"states": _describe_states, "summary": _summarize, "memory": _describe_memory}
