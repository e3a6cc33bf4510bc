"""The stacked forward pass and the dense head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.recurrent.cells import Array, CellWeights, lstm_step

_BATCH = 512  # windows at a time, so that a long backtest stays within the processor's cache


@dataclass(frozen=True)
class Weights:
    """A whole network's weights.

    Attributes:
        layers: bottom to top.
        head_kernel: (units, 1).
        head_bias: (1,).
    """

    layers: tuple[CellWeights, ...]
    head_kernel: Array
    head_bias: Array

    def to_arrays(self) -> dict[str, Array]:
        """Return the weights by name, such as `layers.0.kernel`."""
        arrays = {
            f"layers.{number}.{name}": getattr(layer, name)
            for number, layer in enumerate(self.layers)
            for name in ("kernel", "recurrent_kernel", "bias")
        }
        return {**arrays, "head.kernel": self.head_kernel, "head.bias": self.head_bias}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Weights:
        """Build the weights from what `to_arrays` returned."""
        count = sum(name.endswith(".recurrent_kernel") for name in arrays)
        layers = tuple(
            CellWeights(
                **{
                    name: arrays[f"layers.{number}.{name}"]
                    for name in ("kernel", "recurrent_kernel", "bias")
                }
            )
            for number in range(count)
        )
        return cls(layers, arrays["head.kernel"], arrays["head.bias"])


def list_shapes(*, features: int, units: int, layers: int) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every array of a network, as `Weights.to_arrays` names them."""
    shapes: dict[str, tuple[int, ...]] = {}
    for number in range(layers):
        inputs = features if number == 0 else units
        shapes[f"layers.{number}.kernel"] = (inputs, 4 * units)
        shapes[f"layers.{number}.recurrent_kernel"] = (units, 4 * units)
        shapes[f"layers.{number}.bias"] = (4 * units,)
    return {**shapes, "head.kernel": (units, 1), "head.bias": (1,)}


def run_network(windows: Array, weights: Weights) -> NDArray[np.float64]:
    """Answer each window.

    Args:
        windows: (n, window, features), scaled; a view is fine.
        weights: computation is in their precision.

    Returns:
        (n,) scaled answers.
    """
    answers = np.empty(len(windows))
    for start in range(0, len(windows), _BATCH):
        batch = windows[start : start + _BATCH]
        answers[start : start + _BATCH] = _run_batch(batch, weights)
    return answers


def _run_batch(windows: Array, weights: Weights) -> Array:
    """(batch, window, features) ─▶ (batch,) answers; dropout is for training only."""
    sequence = np.ascontiguousarray(np.swapaxes(windows, 0, 1))
    for layer in weights.layers:
        sequence = run_layer(sequence, layer)
    answers: Array = (sequence[-1] @ weights.head_kernel + weights.head_bias)[:, 0]
    return answers


def run_layer(inputs: Array, layer: CellWeights) -> Array:
    """Run one layer over a sequence, from a state of zeros.

    Args:
        inputs: (window, batch, inputs).
        layer: its weights.

    Returns:
        (window, batch, units), the hidden state after each step.
    """
    projected = inputs @ layer.kernel + layer.bias  # every step's at once: one large product
    hidden = np.empty((*inputs.shape[:2], layer.units), dtype=projected.dtype)
    h = c = np.zeros(hidden.shape[1:], dtype=projected.dtype)
    for step, projection in enumerate(projected):
        h, c = lstm_step(projection, h, c, layer.recurrent_kernel)
        hidden[step] = h
    return hidden
