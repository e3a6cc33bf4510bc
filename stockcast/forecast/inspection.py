"""What a model's gates and memory cells did on real prices, and how far back it remembers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from stockcast.forecast.forecaster import count_needed, find_span, require_before, scale_bars
from stockcast.model.model import Model
from stockcast.prices.calendar import next_session
from stockcast.prices.history import Dates, Numbers, PriceHistory
from stockcast.recurrent.cells import Array, CellName
from stockcast.recurrent.gradient import differentiate_answer
from stockcast.recurrent.trace import LayerTrace, trace_network
from stockcast.windows.windowing import cut_windows

_BATCH = 64  # windows at a time: a trace keeps a dozen arrays of (window, batch, units) a layer


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
        kind: `window`: steps are one window's; `span`: each step is the last of its own window.
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
    kind: Literal["window", "span"]
    dates: Dates
    timesteps: np.ndarray[tuple[int], np.dtype[np.int64]]
    prices: Numbers
    forecast_date: np.datetime64 | None
    layers: tuple[LayerStates, ...]
    sensitivity: Numbers

    @property
    def gradient_half_life(self) -> float | None:
        """Steps back in which the sensitivity falls to half, by least squares on its logarithm.

        None where it does not fall within the window: then nothing vanishes.
        """
        lags = np.arange(len(self.sensitivity))[::-1]
        known = self.sensitivity > 0
        if known.sum() < 2:
            return None
        slope = np.polyfit(lags[known], np.log(self.sensitivity[known]), 1)[0]
        return float(-math.log(2) / slope) if slope < 0 else None

    @property
    def half_within(self) -> int:
        """The newest steps of the window that carry half of all sensitivity."""
        share = np.cumsum(self.sensitivity[::-1])
        return int(np.searchsorted(share, share[-1] / 2)) + 1


def inspect_window(
    model: Model, history: PriceHistory, *, date: np.datetime64 | None = None
) -> Inspection:
    """Look at the window before a date; default: the newest window.

    Raises:
        ModelMismatch: the history lacks a column of the model.
        TooShort: too few bars before the date.
    """
    end = len(history) if date is None else int(np.searchsorted(history.dates, date))
    require_before(model, history, end)
    table, values = scale_bars(model, history, end - count_needed(model), end)
    window = model.recipe.window
    traces, sensitivity = _look(cut_windows(values, window=window), model)
    return Inspection(
        ticker=history.ticker,
        cell=model.recipe.cell,
        kind="window",
        dates=table.dates,
        timesteps=np.arange(1, window + 1),
        prices=table.prices,
        forecast_date=history.dates[end] if end < len(history) else next_session(history.dates),
        layers=tuple(_describe(trace, trace) for trace in traces),
        sensitivity=sensitivity,
    )


def inspect_span(
    model: Model, history: PriceHistory, *, start: np.datetime64, end: np.datetime64 | None = None
) -> Inspection:
    """Look at each date of a span: at the last step of the window that ends on it.

    Fade, half-lives and sensitivity are those of all these windows together.

    Raises:
        UsageError: no bar lies in the span.
        ModelMismatch: the history lacks a column of the model.
        TooShort: too few bars before `start`.
    """
    first, last = find_span(history, start, end)
    require_before(model, history, first + 1)
    table, values = scale_bars(model, history, first + 1 - count_needed(model), last)
    window = model.recipe.window
    windows = cut_windows(values, window=window)
    parts = [
        _look(windows[begin : begin + _BATCH], model) for begin in range(0, len(windows), _BATCH)
    ]
    sizes = [traces[0].hidden.shape[1] for traces, _ in parts]
    layers = [
        _join([_describe(trace, _take_last(trace)) for trace in of_layer], sizes)
        for of_layer in zip(*(traces for traces, _ in parts), strict=True)
    ]
    return Inspection(
        ticker=history.ticker,
        cell=model.recipe.cell,
        kind="span",
        dates=table.dates[window - 1 :],
        timesteps=np.full(len(windows), window),
        prices=table.prices[window - 1 :],
        forecast_date=None,
        layers=tuple(layers),
        sensitivity=np.average([found for _, found in parts], axis=0, weights=sizes),
    )


def _look(windows: Array, model: Model) -> tuple[tuple[LayerTrace, ...], Numbers]:
    """(batch, window, features) ─▶ traces, and the mean sensitivity (window,)."""
    weights = model.weights.astype(np.float64)
    traces = trace_network(windows.astype(np.float64), weights)
    gradient = np.abs(differentiate_answer(traces, weights)).sum(axis=-1)
    return traces, gradient.mean(axis=0)


def _take_last(trace: LayerTrace) -> LayerTrace:
    """Turn a batch's last steps into a row of steps: (1 window of `batch` steps)."""
    return replace(
        trace,
        gates=tuple(gate[-1][:, None] for gate in trace.gates),
        memory=trace.memory[-1][:, None],
        hidden=trace.hidden[-1][:, None],
    )


def _describe(trace: LayerTrace, shown: LayerTrace) -> LayerStates:
    """Take the states out of `shown`, whose batch is 1, and the rates out of the whole trace."""
    gates = shown.name_gates()
    return LayerStates(
        gates={name: gate[:, 0] for name, gate in gates.items()},
        memory=shown.memory[:, 0] if "forget" in gates else None,
        hidden=shown.hidden[:, 0],
        fade=trace.measure_fade().mean(axis=1),
        half_life=trace.measure_half_life(),
    )


def _join(parts: list[LayerStates], sizes: list[int]) -> LayerStates:
    """Put batches of a span one after the other; rates are the mean over all windows."""
    rates = np.average([1 / part.half_life for part in parts], weights=sizes)
    first = parts[0]
    return LayerStates(
        gates={name: np.concatenate([part.gates[name] for part in parts]) for name in first.gates},
        memory=None
        if first.memory is None
        else np.concatenate([part.memory for part in parts if part.memory is not None]),
        hidden=np.concatenate([part.hidden for part in parts]),
        fade=np.average([part.fade for part in parts], axis=0, weights=sizes),
        half_life=float(1 / rates) if rates else math.inf,
    )
