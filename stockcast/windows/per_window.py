"""Contexts: windows with the rows right before them that their scale is measured on.

Where a history begins inside a context, the context begins with NaN.
"""

from __future__ import annotations

import numpy as np

from stockcast.recipe import Target
from stockcast.windows.features import Columns
from stockcast.windows.scaling import PerWindow, Scalers, kind_for
from stockcast.windows.windowing import Array, cut_windows


def make_per_window(columns: Columns, target: Target) -> Scalers:
    """Return the scalers of a pooled model."""
    return tuple(PerWindow(kind_for(target, name)) for name in columns.features)


def count_context(scalers: Scalers, window: int) -> int:
    """Return the rows of a context: those of a window alone, unless its scale needs more."""
    return max(window, scalers[0].context_rows)


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
