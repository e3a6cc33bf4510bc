"""What was cut ─▶ what the network sees, and its answers ─▶ prices, whatever the scalers are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Numbers
from stockcast.windows.per_window import Scale, measure_scale, prices_from_scaled, scale_contexts
from stockcast.windows.scaling import PerWindow, Scaler, Scalers
from stockcast.windows.targets import prices_from_answers, scale_relative
from stockcast.windows.windowing import Array


@dataclass(frozen=True)
class ScaledWindows:
    """Windows as the network sees them, and what its answers to them mean.

    Attributes:
        windows: (n, window, features) float32.
        scaler: the target's.
        scale: of the contexts, where the scaler is `PerWindow`; else None.
        target_index: position of the target among the features.
    """

    windows: Array
    scaler: Scaler
    scale: Scale | None
    target_index: int

    def to_prices(self, answers: NDArray[np.floating], last_prices: Numbers) -> Numbers:
        """Turn the network's answers into prices.

        Args:
            answers: (n, horizon), scaled.
            last_prices: (n,) the last price that each answer knew, in price units.

        Returns:
            (n, horizon) prices.
        """
        if self.scale is None:
            return prices_from_answers(answers, last_prices, self.scaler)
        return prices_from_scaled(answers, last_prices, self.scale, target_index=self.target_index)


def pose(seen: Array, scalers: Scalers, target_index: int, *, window: int) -> ScaledWindows:
    """Turn what was cut into what the network sees.

    Args:
        seen: (n, window, features) windows of the scaled series; with `PerWindow` scalers their
            contexts, (n, rows, features). A view is fine.
        scalers: one a feature.
        target_index: position of the target among the features.
        window: timesteps that the network sees.
    """
    scaler = scalers[target_index]
    if not isinstance(scaler, PerWindow):
        return ScaledWindows(
            scale_relative(seen, scalers, target_index), scaler, None, target_index
        )
    scale = measure_scale(seen, scalers)
    windows = scale_contexts(seen, scale, window=window, target_index=target_index)
    return ScaledWindows(windows, scaler, scale, target_index)
