"""One step of each recurrent cell, as its equations read, and the registry of cells.

A step takes `projected`, x W + b of this step (batch, gates × units), the hidden state h and the
memory cell c before it (batch, units each), and the layer's weights. A GRU has no memory cell:
its hidden state is carried on in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
CellName = Literal["lstm", "peephole", "cifg", "cifg-peephole", "gru"]


@dataclass(frozen=True)
class CellWeights:
    """One layer's weights, laid out as Keras has them: gates in the order of `Cell.gates`.

    Attributes:
        kernel: (inputs, gates × units), W, from the layer below.
        recurrent_kernel: (units, gates × units), R, from the step before.
        bias: (gates × units,); for a GRU (2, gates × units), that of W and that of R.
        peephole: (peepholes, units), from the memory cell to the gates of `Cell.peepholes`;
            None for a cell that has none.

    Of several networks that run side by side, kernels have a first axis more, the networks, and
    biases and peepholes have (…, networks, 1, width); see `stacked`.
    """

    kernel: Array
    recurrent_kernel: Array
    bias: Array
    peephole: Array | None = None

    @property
    def units(self) -> int:
        """Width of the hidden state."""
        return int(self.recurrent_kernel.shape[-2])

    def project(self, inputs: Array) -> Array:
        """(…, inputs) ─▶ (…, gates × units), the part of each gate that comes from below."""
        has_two = self.bias.ndim % 2 == 0  # (2, width), or (2, networks, 1, width)
        return inputs @ self.kernel + (self.bias[0] if has_two else self.bias)


class Step(NamedTuple):
    """What one step came to.

    Attributes:
        hidden: (batch, units), h.
        cell: (batch, units), c; for a GRU the hidden state again.
        gates: (batch, units) each, after their activation, in the order of `Cell.gates`.
    """

    hidden: Array
    cell: Array
    gates: tuple[Array, ...]


def lstm_step(projected: Array, h: Array, c: Array, w: CellWeights) -> Step:
    """LSTM (Hochreiter & Schmidhuber 1997; forget gate Gers, Schmidhuber & Cummins 2000)."""
    i, f, g, o = _split(projected + h @ w.recurrent_kernel, 4)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c + i * g
    return Step(o * np.tanh(c), c, (i, f, g, o))


def peephole_step(projected: Array, h: Array, c: Array, w: CellWeights) -> Step:
    """LSTM whose gates see the memory cell (Gers & Schmidhuber 2000); o sees the new one."""
    p_i, p_f, p_o = _peepholes(w)
    i, f, g, o = _split(projected + h @ w.recurrent_kernel, 4)
    i, f, g = sigmoid(i + p_i * c), sigmoid(f + p_f * c), np.tanh(g)
    c = f * c + i * g
    o = sigmoid(o + p_o * c)
    return Step(o * np.tanh(c), c, (i, f, g, o))


def cifg_step(projected: Array, h: Array, c: Array, w: CellWeights) -> Step:
    """Coupled input and forget gate, f = 1 − i (Greff et al. 2015)."""
    i, g, o = _split(projected + h @ w.recurrent_kernel, 3)
    i, g, o = sigmoid(i), np.tanh(g), sigmoid(o)
    c = (1 - i) * c + i * g
    return Step(o * np.tanh(c), c, (i, g, o))


def cifg_peephole_step(projected: Array, h: Array, c: Array, w: CellWeights) -> Step:
    """Coupled gates that see the memory cell: both of the above."""
    p_i, p_o = _peepholes(w)
    i, g, o = _split(projected + h @ w.recurrent_kernel, 3)
    i, g = sigmoid(i + p_i * c), np.tanh(g)
    c = (1 - i) * c + i * g
    o = sigmoid(o + p_o * c)
    return Step(o * np.tanh(c), c, (i, g, o))


def gru_step(projected: Array, h: Array, _: Array, w: CellWeights) -> Step:
    """GRU (Cho et al. 2014), the reset gate applied after the product, as cuDNN and Keras do."""
    units = w.units
    recurrent = h @ w.recurrent_kernel + w.bias[1]
    z, r = _split(sigmoid((projected + recurrent)[..., : 2 * units]), 2)
    g = np.tanh(projected[..., 2 * units :] + r * recurrent[..., 2 * units :])
    h = z * h + (1 - z) * g
    return Step(h, h, (z, r, g))


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(−x)), written so that no x overflows."""
    y: Array = 0.5 + 0.5 * np.tanh(0.5 * x)
    return y


def _split(gates: Array, count: int) -> list[Array]:
    units = gates.shape[-1] // count  # np.split takes longer than the step's arithmetic
    return [gates[..., number * units : (number + 1) * units] for number in range(count)]


def _peepholes(w: CellWeights) -> Array:
    if w.peephole is None:
        raise ValueError("a peephole cell needs peephole weights")
    return w.peephole


@dataclass(frozen=True)
class Cell:
    """A recurrent cell: its step, and how its weights are laid out.

    Attributes:
        step: one step forward.
        gates: what each block of the kernel's columns computes; `candidate` is what may be
            written into the memory.
        peepholes: the gates that see the memory cell, in the order of the peephole's rows.
        biases: rows of the bias; 1 stands for a bias without rows.
    """

    step: Callable[[Array, Array, Array, CellWeights], Step]
    gates: tuple[str, ...]
    peepholes: tuple[str, ...] = ()
    biases: int = 1

    @property
    def has_memory_cell(self) -> bool:
        """Whether there is a memory cell beside the hidden state."""
        return "output" in self.gates

    @property
    def is_coupled(self) -> bool:
        """Whether the forget gate is 1 − the input gate."""
        return self.has_memory_cell and "forget" not in self.gates

    def list_shapes(self, *, inputs: int, units: int) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of each array of one layer, named as in `CellWeights`."""
        width = len(self.gates) * units
        shapes: dict[str, tuple[int, ...]] = {
            "kernel": (inputs, width),
            "recurrent_kernel": (units, width),
            "bias": (width,) if self.biases == 1 else (self.biases, width),
        }
        if self.peepholes:
            shapes["peephole"] = (len(self.peepholes), units)
        return shapes


CELLS: dict[CellName, Cell] = {
    "lstm": Cell(lstm_step, ("input", "forget", "candidate", "output")),
    "peephole": Cell(
        peephole_step,
        ("input", "forget", "candidate", "output"),
        peepholes=("input", "forget", "output"),
    ),
    "cifg": Cell(cifg_step, ("input", "candidate", "output")),
    "cifg-peephole": Cell(
        cifg_peephole_step, ("input", "candidate", "output"), peepholes=("input", "output")
    ),
    "gru": Cell(gru_step, ("update", "reset", "candidate"), biases=2),
}
