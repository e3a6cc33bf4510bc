"""What every side trains on: 1,258 days of GOOG's open, 1,198 windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.csv.reader import read_prices
from stockcast.recipe import load_recipe
from stockcast.windows.series import WindowedSeries, window_history
from stockcast.windows.windowing import cut_windows

_PRICES = Path(__file__).resolve().parents[2] / "sample_data" / "GOOG.csv"
_DAYS = 1258  # five years


def load_series(cell: str = "lstm") -> WindowedSeries:
    """Return the open as the recipe `classic` sees it, with such cells, every row for training."""
    (history,) = read_prices([_PRICES])
    recipe = load_recipe("classic", {"cell": cell, "column": "open", "test": 0})
    return window_history(history.select(np.arange(_DAYS)), recipe)


def load_arrays() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the same as X (1198, 60, 1) and y (1198, 1), contiguous."""
    series = load_series()
    starts = series.window_starts
    inputs = cut_windows(series.values, window=series.recipe.window)[starts]
    return np.ascontiguousarray(inputs), series.cut_targets(starts)
