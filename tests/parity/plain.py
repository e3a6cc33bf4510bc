"""A whole network by its plain equations in double precision, dropout's masks given.

The equations are those of `networks.cells`; derivatives are by the complex step (Squire & Trapp
1998), Im f(x + ih) / h, which is exact to rounding and knows nothing of backpropagation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stockcast.networks.cells import CELLS
from stockcast.networks.network import Weights, list_shapes

_SMALL = 1e-30


@dataclass(frozen=True)
class PlainCase:
    """A network, its windows, its masks and a loss: the top's last hidden state times `upstream`.

    Attributes:
        weights: of the network, float32.
        windows: (n, window, features) float32.
        masks: (layers, window, n, units) of 0 and 1.
        scale: of what the masks keep.
        states: (layers, 2, n, units), hidden state and memory cell before the first step.
        upstream: (n, units).
    """

    weights: Weights
    windows: np.ndarray
    masks: np.ndarray
    scale: float
    states: np.ndarray
    upstream: np.ndarray

    def measure_loss(self, arrays: dict[str, np.ndarray]) -> complex:
        """Return the loss of other weights, real or complex ones."""
        return complex((self.run(arrays) * self.upstream).sum())

    def run(self, arrays: dict[str, np.ndarray]) -> np.ndarray:
        """Return the top's last hidden state after its dropout, (n, units)."""
        weights = Weights.from_arrays(arrays, cell=self.weights.cell)
        sequence = np.swapaxes(self.windows, 0, 1).astype(np.float64)
        for number, layer in enumerate(weights.layers):
            h, c = self.states[number].astype(np.float64)
            if not CELLS[weights.cell].has_memory_cell:
                c = h
            outputs = []
            for projected, mask in zip(layer.project(sequence), self.masks[number], strict=True):
                h, c, _ = CELLS[weights.cell].step(projected, h, c, layer)
                outputs.append(h * mask * self.scale)
            sequence = np.stack(outputs)
        return sequence[-1]

    def differentiate(self, direction: dict[str, np.ndarray]) -> float:
        """Return how fast the loss grows as the weights move in a direction."""
        moved = {
            name: array.astype(np.float64) + 1j * _SMALL * direction[name]
            for name, array in self.weights.to_arrays().items()
        }
        return self.measure_loss(moved).imag / _SMALL


def draw_plain_case(
    cell, *, units, layers, features, window, count, dropout=0.0, masks=None, states=True, seed=0
) -> PlainCase:
    """Draw a network and what goes into it; without `masks` dropout keeps everything."""
    random = np.random.default_rng(seed)
    shapes = list_shapes(cell=cell, features=features, units=units, layers=layers)
    spread = 0.8 / np.sqrt(max(units, features))
    weights = {
        name: random.normal(0, spread, shape).astype(np.float32) for name, shape in shapes.items()
    }
    before = np.tanh(random.normal(size=(layers, 2, count, units))) if states else 0
    return PlainCase(
        weights=Weights.from_arrays(weights, cell=cell),
        windows=random.normal(size=(count, window, features)).astype(np.float32),
        masks=np.ones((layers, window, count, units)) if masks is None else masks,
        scale=1 / (1 - dropout),
        states=np.broadcast_to(before, (layers, 2, count, units)).astype(np.float32),
        upstream=random.normal(size=(count, units)).astype(np.float32),
    )
