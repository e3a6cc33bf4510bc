"""What the network is asked: how windows are posed to it, and what its answers mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Numbers
from stockcast.windows.scaling import MinMax, PerWindow, Relative, Scaler, Scalers
from stockcast.windows.windowing import Array


def scale_relative(windows: Array, scalers: Scalers, target_index: int) -> Array:
    """Turn windows of a series into what the network sees.

    Columns with a `Relative` scaler are divided by the window's last target price; all others
    are scaled already.

    Args:
        windows: (batch, window, features), a view is fine.
        scalers: one a feature.
        target_index: position of the target among the features.

    Returns:
        (batch, window, features); the argument itself where nothing is left to do.
    """
    relative = [isinstance(scaler, Relative) for scaler in scalers]
    if not any(relative):
        return windows
    posed = np.array(windows)
    last = windows[:, -1:, target_index]
    for position, scaler in enumerate(scalers):
        if isinstance(scaler, Relative):
            posed[..., position] = (windows[..., position] / last - 1) / scaler.deviation
    return posed


def cut_targets(
    series: Array, starts: NDArray[np.int64], scaler: Scaler, *, window: int, horizon: int
) -> Array:
    """Return what the network should answer for each window.

    Args:
        series: (rows,) the target column as the windows are cut from it.
        starts: (n,) first row of each window.
        scaler: the target's.
        window: timesteps a window.
        horizon: steps ahead.

    Returns:
        (n, horizon): scaled prices, log returns since the window's last price, or relative
        changes since then.
    """
    following: Array = series[starts[:, None] + window + np.arange(horizon)]
    if isinstance(scaler, MinMax):
        return following
    if isinstance(scaler, Relative):
        last = series[starts + window - 1, None]
        changes: Array = ((following / last - 1) / scaler.deviation).astype(np.float32)
        return changes
    sums: Array = np.cumsum(following, axis=1)
    return sums


def prices_from_answers(
    answers: NDArray[np.floating], last_prices: Numbers, scaler: Scaler
) -> Numbers:
    """Turn the network's answers into prices.

    Args:
        answers: (n, horizon), of the kind that `cut_targets` returns.
        last_prices: (n,) the last price that each answer knew, in price units.
        scaler: the target's own; its kind says what an answer is.

    Returns:
        (n, horizon) prices.

    Raises:
        ValueError: a `PerWindow` scaler, whose numbers come from the windows (`windows.recent`).
    """
    if isinstance(scaler, PerWindow):
        raise ValueError("a PerWindow scaler has no numbers of its own")
    unscaled = scaler.unscale(np.asarray(answers, dtype=np.float64))
    if isinstance(scaler, MinMax):
        return unscaled
    if isinstance(scaler, Relative):
        return last_prices[:, None] * (1 + unscaled)
    prices: Numbers = last_prices[:, None] * np.exp(unscaled)
    return prices
