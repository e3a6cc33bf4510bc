"""Scaling by a window's own newest rows: what a pooled model does with every ticker.

A context is a window with the rows right before it, as many as its scale is measured on; where a
history begins inside it, it begins with NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Numbers
from stockcast.recipe import Target
from stockcast.windows.features import Columns
from stockcast.windows.scaling import PerWindow, Scalers, kind_for
from stockcast.windows.windowing import Array, cut_windows

_LEAST = 1e-4  # of the price: a halted stock has no spread to divide by


@dataclass(frozen=True)
class Scale:
    """What contexts are scaled by: (value − low) / spread.

    Attributes:
        by: one a feature: min-max, deviation or relative, as the scalers of those kinds.
        low: (n, features) 0 but for min-max; features' own units.
        spread: (n, features) above 0: high − low, or the standard deviation of log ratios or of
            relative changes.
    """

    by: tuple[str, ...]
    low: Numbers
    spread: Numbers


def make_per_window(columns: Columns, target: Target) -> Scalers:
    """Return the scalers of a pooled model."""
    return tuple(PerWindow(kind_for(target, name)) for name in columns.features)


def count_context(scalers: Scalers, window: int) -> int:
    """Return the rows of a context: those of a window alone, unless its scale needs more."""
    first = scalers[0]
    return max(window, first.rows) if isinstance(first, PerWindow) else window


def cut_contexts(values: Array, *, rows: int, count: int) -> Array:
    """Cut the contexts that end with each of the newest rows.

    Args:
        values: (time, features), up to the last of these; missing rows before them are unknown.
        rows: of a context.
        count: of contexts.

    Returns:
        (count, rows, features), a view; NaN where rows are unknown.
    """
    if missing := max(0, rows + count - 1 - len(values)):
        unknown = np.full((missing, values.shape[1]), np.nan, values.dtype)
        values = np.concatenate([unknown, values])
    return cut_windows(values, window=rows)[-count:]


def measure_scale(contexts: Array, scalers: Scalers) -> Scale:
    """Measure what each context is scaled by, each from its own rows alone.

    Args:
        contexts: (n, rows, features).
        scalers: `PerWindow`, one a feature.
    """
    by = tuple(scaler.by for scaler in scalers if isinstance(scaler, PerWindow))
    low = np.zeros((len(contexts), len(by)))
    spread = np.empty_like(low)
    for position, kind in enumerate(by):
        rows = contexts[..., position].astype(np.float64)
        if kind == "min-max":
            low[:, position] = np.nanmin(rows, axis=1)
            highest = np.nanmax(rows, axis=1)
            least = _LEAST * np.maximum(np.abs(highest), 1e-300)
            spread[:, position] = np.maximum(highest - low[:, position], least)
            continue
        if kind == "relative":
            rows = np.diff(rows, axis=1) / rows[:, :-1]
            rows[np.isnan(rows[:, -1])] = 0.0  # one row is known, and so no change
        has_gaps = bool(np.isnan(rows[:, :1]).any())  # they are at the beginning
        deviation = (np.nanstd if has_gaps else np.std)(rows, axis=1)
        spread[:, position] = np.maximum(deviation, _LEAST)
    return Scale(by, low, spread)


def scale_contexts(contexts: Array, scale: Scale, *, window: int, target_index: int) -> Array:
    """Turn contexts into what the network sees.

    Args:
        contexts: (n, rows, features).
        scale: of these contexts.
        window: timesteps that the network sees, the newest ones.
        target_index: position of the target among the features.

    Returns:
        (n, window, features) float32.
    """
    seen = contexts[:, -window:].astype(np.float64)
    last = seen[:, -1:, target_index].copy()
    for position, kind in enumerate(scale.by):
        if kind == "relative":
            seen[..., position] = seen[..., position] / last - 1
    posed: Array = ((seen - scale.low[:, None]) / scale.spread[:, None]).astype(np.float32)
    return posed


def scale_answers(following: Array, last: Array, scale: Scale, *, target_index: int) -> Array:
    """Return what the network should answer.

    Args:
        following: (n, horizon) the target's values right after each context.
        last: (n,) the target's newest value in it.
        scale: of those contexts.
        target_index: position of the target among the features.

    Returns:
        (n, horizon) float32, as `cut_targets` has them.
    """
    answers = following.astype(np.float64)
    kind = scale.by[target_index]
    if kind == "deviation":
        answers = np.cumsum(answers, axis=1)
    elif kind == "relative":
        answers = answers / last[:, None] - 1
    low, spread = scale.low[:, target_index, None], scale.spread[:, target_index, None]
    return ((answers - low) / spread).astype(np.float32)


def prices_from_scaled(
    answers: NDArray[np.floating], last_prices: Numbers, scale: Scale, *, target_index: int
) -> Numbers:
    """Turn the network's answers into prices.

    Args:
        answers: (n, horizon), of the kind that `scale_answers` returns.
        last_prices: (n,) the last price that each answer knew, in price units.
        scale: of the contexts that were answered.
        target_index: position of the target among the features.

    Returns:
        (n, horizon) prices.
    """
    low, spread = scale.low[:, target_index, None], scale.spread[:, target_index, None]
    unscaled: Numbers = answers.astype(np.float64) * spread + low
    kind = scale.by[target_index]
    if kind == "min-max":
        return unscaled
    if kind == "relative":
        return last_prices[:, None] * (1 + unscaled)
    prices: Numbers = last_prices[:, None] * np.exp(unscaled)
    return prices
