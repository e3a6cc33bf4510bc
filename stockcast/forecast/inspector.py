"""Look inside a model while it sees real prices: over one window, or along a span of dates."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np

from stockcast.errors import TooShort
from stockcast.forecast.inspection import Inspection, LayerStates
from stockcast.forecast.outlook import (
    count_needed,
    count_used,
    find_span,
    require_before,
    scale_bars,
)
from stockcast.model.model import Model
from stockcast.networks.cells import CELLS, Array
from stockcast.networks.gradient import differentiate_answer
from stockcast.networks.trace import LayerTrace, trace_network
from stockcast.plurals import count_of
from stockcast.prices.calendar import measure_step, next_session
from stockcast.prices.history import Dates, Numbers, PriceHistory, format_date
from stockcast.windows.model_inputs import scale_windows
from stockcast.windows.per_window import count_context, cut_contexts

_BATCH = 64  # windows at a time: a trace keeps a dozen arrays of (window, batch, units) a layer


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
    window = model.recipe.window
    table, values = scale_bars(model, history, max(0, end - count_used(model)), end)
    rows = count_context(model.scalers, window)
    traces, sensitivity = _look(cut_contexts(values, rows=rows, count=1), model)
    return Inspection(
        ticker=history.ticker,
        cell=model.recipe.cell,
        target=model.recipe.target,
        features=model.columns.features,
        is_daily=_is_daily(history.dates),
        kind="window",
        dates=table.dates[-window:],
        timesteps=np.arange(1, window + 1),
        prices=table.prices[-window:],
        forecast_date=history.dates[end] if end < len(history) else next_session(history.dates),
        layers=tuple(_describe(trace, trace) for trace in traces),
        sensitivity=sensitivity,
        signals=model.columns.signals,
        calendar=model.columns.calendar,
        covariates=tuple(one.name for one in model.columns.covariates),
        answer=_name_answer(model),
    )


def inspect_span(
    model: Model, history: PriceHistory, *, start: np.datetime64, end: np.datetime64 | None = None
) -> Inspection:
    """Look at each date of a span: at the last step of the window that ends on it.

    Fade, half-lives and sensitivity are those of all these windows together.

    Raises:
        UsageError: no bar lies in the span.
        ModelMismatch: the history lacks a column of the model.
        TooShort: too few bars up to `start`.
    """
    first, last = find_span(history, start, end)
    _require_up_to(model, history, first)
    window, count = model.recipe.window, last - first
    table, values = scale_bars(model, history, max(0, first + 1 - count_used(model)), last)
    rows = count_context(model.scalers, window)
    windows = cut_contexts(values, rows=rows, count=count)
    sizes, states, sensitivities = [], [], []
    for begin in range(0, len(windows), _BATCH):  # and let go of each batch's trace
        traces, sensitivity = _look(windows[begin : begin + _BATCH], model)
        sizes.append(traces[0].hidden.shape[1])
        states.append([_describe(trace, _take_last(trace)) for trace in traces])
        sensitivities.append(sensitivity)
    return Inspection(
        ticker=history.ticker,
        cell=model.recipe.cell,
        target=model.recipe.target,
        features=model.columns.features,
        is_daily=_is_daily(history.dates),
        kind="span",
        dates=table.dates[-count:],
        timesteps=np.full(count, window),
        prices=table.prices[-count:],
        forecast_date=None,
        layers=tuple(_join(list(parts), sizes) for parts in zip(*states, strict=True)),
        sensitivity=np.average(sensitivities, axis=0, weights=sizes),
        signals=model.columns.signals,
        calendar=model.columns.calendar,
        covariates=tuple(one.name for one in model.columns.covariates),
        answer=_name_answer(model),
    )


def _is_daily(dates: Dates) -> bool:
    """Return whether bars are a day apart, by their median."""
    return bool(measure_step(dates) == np.timedelta64(1, "D"))


def _require_up_to(model: Model, history: PriceHistory, row: int) -> None:
    """Raise unless a window can end on a row."""
    needed = count_needed(model)
    if row + 1 >= needed:
        return
    earliest = format_date(history.dates[needed - 1]) if needed <= len(history) else None
    raise TooShort(
        f"{history.name}: {count_of(row + 1, 'row')} up to {format_date(history.dates[row])}, "
        f"this model needs {needed:,}",
        hint=f"start at {earliest} or later" if earliest else "give it more history",
    )


def _look(windows: Array, model: Model) -> tuple[tuple[LayerTrace, ...], Numbers]:
    """Windows, or their contexts ─▶ traces, and the mean sensitivity (window,)."""
    weights = model.weights.astype(np.float64)
    target, window = model.columns.target_index, model.recipe.window
    scaled = scale_windows(windows, model.scalers, target, window=window).windows
    traces = trace_network(scaled.astype(np.float64), weights)
    how_far = _name_answer(model) == "volatility"
    gradient = np.abs(differentiate_answer(traces, weights, how_far=how_far)).sum(axis=-1)
    return traces, gradient.mean(axis=0)


def _name_answer(model: Model) -> Literal["forecast", "volatility"]:
    """Say which answer of a network is looked at: which way is hardly ever borne out."""
    weights = model.weights
    return "forecast" if weights.head.widen(weights.head_bias) is None else "volatility"


def _take_last(trace: LayerTrace) -> LayerTrace:
    """Turn a batch's last steps into a row of steps: (1 window of `batch` steps).

    They are copies, as a view would hold on to all the steps before.
    """
    return replace(
        trace,
        gates=tuple(gate[-1, :, None].copy() for gate in trace.gates),
        memory=trace.memory[-1, :, None].copy(),
        hidden=trace.hidden[-1, :, None].copy(),
    )


def _describe(trace: LayerTrace, shown: LayerTrace) -> LayerStates:
    """Take the states out of `shown`, whose batch is 1, and the rates out of the whole trace."""
    return LayerStates(
        gates={name: gate[:, 0] for name, gate in shown.name_gates().items()},
        memory=shown.memory[:, 0] if CELLS[trace.name].has_memory_cell else None,
        hidden=shown.hidden[:, 0],
        fade=trace.measure_fade().mean(axis=1),
        half_life=trace.measure_half_life(),
    )


def _join(parts: list[LayerStates], sizes: list[int]) -> LayerStates:
    """Put batches of a span one after the other; rates are the mean over all windows."""
    rate = np.average([1 / part.half_life for part in parts], weights=sizes)
    memories = [part.memory for part in parts if part.memory is not None]
    return LayerStates(
        gates={
            name: np.concatenate([part.gates[name] for part in parts]) for name in parts[0].gates
        },
        memory=np.concatenate(memories) if memories else None,
        hidden=np.concatenate([part.hidden for part in parts]),
        fade=np.average([part.fade for part in parts], axis=0, weights=sizes),
        half_life=float(1 / rate) if rate else math.inf,
    )
