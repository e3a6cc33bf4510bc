"""Views of `window` steps, and the targets right after them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def cut_windows(values: Array, *, window: int) -> Array:
    """Cut a series into overlapping windows.

    Args:
        values: (rows, features), scaled.
        window: timesteps a window, at most `rows`.

    Returns:
        (rows − window + 1, window, features), a view of `values`; window k holds the rows
        k … k + window − 1, so that the row right after it is k + window. The last window has
        no row after it: its answer is the forecast.
    """
    views = np.lib.stride_tricks.sliding_window_view(values, window, axis=0)
    return np.moveaxis(views, -1, 1)
