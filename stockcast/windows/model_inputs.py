"""Windows as they were cut ─▶ what the network sees and should answer; its answers ─▶ prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Numbers
from stockcast.windows.scaling import Scale, Scalers
from stockcast.windows.windowing import Array


@dataclass(frozen=True)
class WindowScaling:
    """All features' scales at work on windows, in NumPy or in a TensorFlow graph.

    Attributes:
        scales: one a feature.
        target_index: position of the target among the features.
    """

    scales: tuple[Scale, ...]
    target_index: int

    @classmethod
    def from_scalers(cls, scalers: Scalers, target_index: int) -> WindowScaling:
        """Take the numbers of scalers that were fitted.

        Raises:
            ValueError: they are measured on windows (`measure_scales`).
        """
        return cls(tuple(scaler.get_scale() for scaler in scalers), target_index)

    def inputs(self, windows: Any, xp: Any = np) -> Any:
        """Turn windows into what the network sees.

        Args:
            windows: (n, window, inputs), features and then signals, which stay what they are; a
                view is fine.
            xp: their namespace.

        Returns:
            (n, window, inputs); the argument itself where nothing is left to do.
        """
        if all(scale.is_applied for scale in self.scales):
            return windows
        last = windows[:, -1:, self.target_index]
        columns = [
            scale.inputs(windows[..., position], last) for position, scale in enumerate(self.scales)
        ]
        count = len(columns)
        columns += [windows[..., number] for number in range(count, windows.shape[-1])]
        return xp.stack(columns, axis=-1)

    def targets(self, following: Any, last: Any, xp: Any = np) -> Any:
        """Turn what follows each window into what the network should answer.

        Args:
            following: (n, horizon) the target's values right after each window.
            last: (n, 1) its newest value in each window.
            xp: the namespace of both.

        Returns:
            (n, horizon).
        """
        return self.scales[self.target_index].targets(following, last, xp)

    def to_prices(self, answers: NDArray[np.floating], last_prices: Numbers) -> Numbers:
        """Turn the network's answers into prices.

        Args:
            answers: (n, horizon), scaled.
            last_prices: (n,) the last price that each answer knew, in price units.

        Returns:
            (n, horizon) prices.
        """
        return self.scales[self.target_index].to_prices(answers, last_prices)


@dataclass(frozen=True)
class ScaledWindows:
    """Windows as the network sees them, and what its answers to them mean.

    Attributes:
        windows: (n, window, features) float32.
        scaling: what they were scaled by.
    """

    windows: Array
    scaling: WindowScaling

    def to_prices(self, answers: NDArray[np.floating], last_prices: Numbers) -> Numbers:
        """(n, horizon) answers, (n,) last prices ─▶ (n, horizon) prices; see `WindowScaling`."""
        return self.scaling.to_prices(answers, last_prices)


def measure_scales(contexts: Array, scalers: Scalers, target_index: int) -> WindowScaling:
    """Return what contexts are scaled by, each from its own rows where it depends on them.

    Args:
        contexts: (n, rows, features).
        scalers: one a feature.
        target_index: position of the target among the features.
    """
    scales = [scaler.measure(contexts[..., position]) for position, scaler in enumerate(scalers)]
    return WindowScaling(tuple(scales), target_index)


def scale_windows(
    contexts: Array, scalers: Scalers, target_index: int, *, window: int
) -> ScaledWindows:
    """Turn what was cut from a series into what the network sees.

    Args:
        contexts: (n, rows, features), each a window with the rows before it that its scale is
            measured on, or a window alone; `per_window.count_context` says how many rows. A view
            is fine.
        scalers: one a feature.
        target_index: position of the target among the features.
        window: timesteps that the network sees, the newest ones.
    """
    scaling = measure_scales(contexts, scalers, target_index)
    windows = contexts if contexts.shape[1] == window else contexts[:, -window:]
    return ScaledWindows(scaling.inputs(windows), scaling)
