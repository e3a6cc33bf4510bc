"""One step of each recurrent cell, forward and back, as its equations read; the registry of cells.

A step takes `projected`, x W + b of this step (batch, gates × units), the hidden state h and the
memory cell c before it (batch, units each), and the layer's weights. A GRU has no memory cell:
its hidden state is carried on in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:  # recipes and help name the cells; NumPy is loaded once one takes a step
    import numpy as np
    from numpy.typing import NDArray

    from stockcast.networks.trace import LayerTrace

Array: TypeAlias = "NDArray[np.floating]"
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
    i, f, g, o = sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)
    c = f * c + i * g
    return Step(o * tanh(c), c, (i, f, g, o))


def peephole_step(projected: Array, h: Array, c: Array, w: CellWeights) -> Step:
    """LSTM whose gates see the memory cell (Gers & Schmidhuber 2000); o sees the new one."""
    p_i, p_f, p_o = _peepholes(w)
    i, f, g, o = _split(projected + h @ w.recurrent_kernel, 4)
    i, f, g = sigmoid(i + p_i * c), sigmoid(f + p_f * c), tanh(g)
    c = f * c + i * g
    o = sigmoid(o + p_o * c)
    return Step(o * tanh(c), c, (i, f, g, o))


def cifg_step(projected: Array, h: Array, c: Array, w: CellWeights) -> Step:
    """Coupled input and forget gate, f = 1 − i (Greff et al. 2015)."""
    i, g, o = _split(projected + h @ w.recurrent_kernel, 3)
    i, g, o = sigmoid(i), tanh(g), sigmoid(o)
    c = (1 - i) * c + i * g
    return Step(o * tanh(c), c, (i, g, o))


def cifg_peephole_step(projected: Array, h: Array, c: Array, w: CellWeights) -> Step:
    """Coupled gates that see the memory cell: both of the above."""
    p_i, p_o = _peepholes(w)
    i, g, o = _split(projected + h @ w.recurrent_kernel, 3)
    i, g = sigmoid(i + p_i * c), tanh(g)
    c = (1 - i) * c + i * g
    o = sigmoid(o + p_o * c)
    return Step(o * tanh(c), c, (i, g, o))


def gru_step(projected: Array, h: Array, _: Array, w: CellWeights) -> Step:
    """GRU (Cho et al. 2014), the reset gate applied after the product, as cuDNN and Keras do."""
    units = w.units
    recurrent = h @ w.recurrent_kernel + w.bias[1]
    z, r = _split(sigmoid((projected + recurrent)[..., : 2 * units]), 2)
    g = tanh(projected[..., 2 * units :] + r * recurrent[..., 2 * units :])
    h = z * h + (1 - z) * g
    return Step(h, h, (z, r, g))


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(−x)), written so that no x overflows."""
    y: Array = 0.5 + 0.5 * tanh(0.5 * x)
    return y


def tanh(x: Array) -> Array:
    """NumPy's."""
    import numpy as np

    return np.tanh(x)


def _split(gates: Array, count: int) -> list[Array]:
    units = gates.shape[-1] // count  # np.split takes longer than the step's arithmetic
    return [gates[..., number * units : (number + 1) * units] for number in range(count)]


def _peepholes(w: CellWeights) -> Array:
    if w.peephole is None:
        raise ValueError("a peephole cell needs peephole weights")
    return w.peephole


def go_back_lstm(trace: LayerTrace, w: CellWeights, upstream: Array) -> Array:
    """Go back through an LSTM layer of any kind (backpropagation through time, Werbos 1990).

    Args:
        trace: of the layer.
        w: its weights.
        upstream: (window, batch, units), the gradient with respect to each hidden state.

    Returns:
        (window, batch, gates × units), the gradient with respect to x W + b of each step.
    """
    import numpy as np

    cell = CELLS[trace.name]
    named = dict(zip(cell.gates, trace.gates, strict=True))
    i, g, o, f = named["input"], named["candidate"], named["output"], trace.keeping
    peepholes = np.zeros((len(cell.peepholes), w.units)) if w.peephole is None else w.peephole
    p = dict(zip(cell.peepholes, peepholes, strict=True))
    back = transpose(w.recurrent_kernel)
    gradient = np.empty((*upstream.shape[:2], len(cell.gates) * w.units), upstream.dtype)
    d_h = d_c = np.zeros_like(upstream[0])
    for t in reversed(range(len(upstream))):
        before = trace.memory[t - 1] if t else np.zeros_like(d_c)
        shown = np.tanh(trace.memory[t])
        d_h = d_h + upstream[t]
        d_o = d_h * shown * o[t] * (1 - o[t])
        d_c = d_c + d_h * o[t] * (1 - shown**2) + d_o * p.get("output", 0)
        d_i = d_c * g[t] * i[t] * (1 - i[t])
        d_f = d_c * before * f[t] * (1 - f[t])
        d_g = d_c * i[t] * (1 - g[t] ** 2)
        if cell.is_coupled:  # f = 1 − i: what opens one gate closes the other
            d_i, d_f = d_i - d_f, np.zeros_like(d_f)
        of_gate = {"input": d_i, "forget": d_f, "candidate": d_g, "output": d_o}
        gradient[t] = np.concatenate([of_gate[gate] for gate in cell.gates], axis=-1)
        d_h = gradient[t] @ back
        d_c = d_c * f[t] + d_i * p.get("input", 0) + d_f * p.get("forget", 0)
    return gradient


def go_back_gru(trace: LayerTrace, w: CellWeights, upstream: Array) -> Array:
    """Go back through a GRU layer; arguments and result as those of `go_back_lstm`."""
    import numpy as np

    z, r, g = trace.gates
    candidate = slice(2 * w.units, None)
    back = transpose(w.recurrent_kernel)
    gradient = np.empty((*upstream.shape[:2], 3 * w.units), upstream.dtype)
    d_h = np.zeros_like(upstream[0])
    for t in reversed(range(len(upstream))):
        before = trace.hidden[t - 1] if t else np.zeros_like(d_h)
        d_h = d_h + upstream[t]
        d_g = d_h * (1 - z[t]) * (1 - g[t] ** 2)
        d_z = d_h * (before - g[t]) * z[t] * (1 - z[t])
        recurrent = before @ w.recurrent_kernel[:, candidate] + w.bias[1, candidate]
        d_r = d_g * recurrent * r[t] * (1 - r[t])
        gradient[t] = np.concatenate([d_z, d_r, d_g], axis=-1)
        through_reset = np.concatenate([d_z, d_r, d_g * r[t]], axis=-1)
        d_h = d_h * z[t] + through_reset @ back
    return gradient


def transpose(kernel: Array) -> Array:
    """Turn a kernel round in memory: products with a transposed view are many times slower."""
    import numpy as np

    return np.ascontiguousarray(kernel.T)


@dataclass(frozen=True)
class Cell:
    """A recurrent cell: its step forward and back, how its weights are laid out, what it is called.

    Attributes:
        title: its name in text.
        step: one step forward.
        go_back: all steps of a layer back, as `go_back_lstm`.
        gates: what each block of the kernel's columns computes; `candidate` is what may be
            written into the memory.
        peepholes: the gates that see the memory cell, in the order of the peephole's rows.
        biases: rows of the bias; 1 stands for a bias without rows.
        keras_layer: Keras' layer of the same equations and layout; None if it has none.
        onnx_operator: the operator that can compute it; None if there is none.
    """

    title: str
    step: Callable[[Array, Array, Array, CellWeights], Step]
    go_back: Callable[[LayerTrace, CellWeights, Array], Array]
    gates: tuple[str, ...]
    peepholes: tuple[str, ...] = ()
    biases: int = 1
    keras_layer: Literal["LSTM", "GRU"] | None = None
    onnx_operator: Literal["LSTM", "GRU"] | None = "LSTM"

    @property
    def has_memory_cell(self) -> bool:
        """Whether there is a memory cell beside the hidden state."""
        return "output" in self.gates

    @property
    def is_coupled(self) -> bool:
        """Whether the forget gate is 1 − the input gate."""
        return self.has_memory_cell and "forget" not in self.gates

    @property
    def shown_gates(self) -> tuple[str, ...]:
        """The gates that open and close: input, forget and output, or update and reset."""
        gates = tuple(gate for gate in self.gates if gate != "candidate")
        return ("input", "forget", *gates[1:]) if self.is_coupled else gates

    @property
    def keeping_gate(self) -> str:
        """The gate that keeps the memory: where it is 1, all of it stays."""
        return "forget" if self.has_memory_cell else "update"

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
    "lstm": Cell(
        "LSTM",
        lstm_step,
        go_back_lstm,
        ("input", "forget", "candidate", "output"),
        keras_layer="LSTM",
    ),
    "peephole": Cell(
        "LSTM with peepholes",
        peephole_step,
        go_back_lstm,
        ("input", "forget", "candidate", "output"),
        peepholes=("input", "forget", "output"),
    ),
    "cifg": Cell(
        "LSTM with coupled gates", cifg_step, go_back_lstm, ("input", "candidate", "output")
    ),
    "cifg-peephole": Cell(
        "LSTM with coupled gates and peepholes",
        cifg_peephole_step,
        go_back_lstm,
        ("input", "candidate", "output"),
        peepholes=("input", "output"),
    ),
    "gru": Cell(
        "GRU",
        gru_step,
        go_back_gru,
        ("update", "reset", "candidate"),
        biases=2,
        keras_layer="GRU",
        onnx_operator="GRU",
    ),
}
