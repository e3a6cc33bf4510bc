"""One step of each recurrent cell, as its equation reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True)
class CellWeights:
    """One layer's weights, laid out as Keras has them: gates in the order i, f, g, o.

    Attributes:
        kernel: (inputs, 4 × units), from the layer below.
        recurrent_kernel: (units, 4 × units), from the step before.
        bias: (4 × units,).
    """

    kernel: Array
    recurrent_kernel: Array
    bias: Array

    @property
    def units(self) -> int:
        """Width of the hidden state."""
        return int(self.recurrent_kernel.shape[0])


def lstm_step(projected: Array, h: Array, c: Array, recurrent_kernel: Array) -> tuple[Array, Array]:
    """One step (Hochreiter & Schmidhuber 1997; forget gate Gers, Schmidhuber & Cummins 2000).

    Args:
        projected: (batch, 4 × units), x W + b of this step, gates in the order i, f, g, o.
        h: (batch, units), the hidden state before.
        c: (batch, units), the memory cell before.
        recurrent_kernel: (units, 4 × units), R.

    Returns:
        the hidden state and the memory cell after.
    """
    i, f, g, o = np.split(projected + h @ recurrent_kernel, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(−x)), written so that no x overflows."""
    y: Array = 0.5 + 0.5 * np.tanh(0.5 * x)
    return y
