"""The network as ONNX nodes: one LSTM or GRU operator a layer, and the dense head."""

from __future__ import annotations

import numpy as np

from stockcast.exporting.onnx_graph import GraphBuilder
from stockcast.networks.cells import CELLS, Array, Cell, CellWeights
from stockcast.networks.network import Weights

# The order in which the operators want their gates.
_LSTM_GATES = ("input", "output", "forget", "candidate")
_LSTM_PEEPHOLES = ("input", "output", "forget")
_GRU_GATES = ("update", "reset", "candidate")


def add_network(graph: GraphBuilder, windows: str, weights: Weights) -> str:
    """Add the whole network: (batch, window, features) float32 ─▶ (batch, outputs) answers."""
    hidden = add_layers(graph, windows, weights)
    return add_head(graph, hidden, weights.head_kernel, weights.head_bias)


def add_layers(graph: GraphBuilder, windows: str, weights: Weights) -> str:
    """Add the recurrent layers: (batch, window, features) ─▶ (batch, units), the last state."""
    cell = CELLS[weights.cell]
    # Time first: not every runtime has the operators' other layout.
    sequence = graph.add("Transpose", windows, perm=[1, 0, 2])
    last = len(weights.layers) - 1
    for number, layer in enumerate(weights.layers):
        sequence = _add_layer(graph, sequence, layer, cell, is_last=number == last)
    return sequence


def add_head(graph: GraphBuilder, hidden: str, kernel: Array, bias: Array) -> str:
    """Add a dense layer: (batch, units) ─▶ (batch, outputs)."""
    product = graph.add("MatMul", hidden, graph.add_constant(kernel, "head_kernel"))
    return graph.add("Add", product, graph.add_constant(bias, "head_bias"))


def _add_layer(
    graph: GraphBuilder, sequence: str, layer: CellWeights, cell: Cell, *, is_last: bool
) -> str:
    """Add one layer: (window, batch, inputs) ─▶ (window, batch, units), or the last (batch, units).

    The operators' outputs have one more axis, that of directions: of the sequence the second,
    of the last hidden state the first.
    """
    operator = cell.onnx_operator or ""
    inputs = [
        sequence,
        graph.add_constant(_order_gates(layer.kernel, cell).T[np.newaxis], "kernel"),
        graph.add_constant(
            _order_gates(layer.recurrent_kernel, cell).T[np.newaxis], "recurrent_kernel"
        ),
        graph.add_constant(_join_biases(layer.bias, cell)[np.newaxis], "bias"),
    ]
    attributes = {"hidden_size": layer.units}
    if not cell.has_memory_cell:
        attributes["linear_before_reset"] = 1
    if cell.is_coupled:
        attributes["input_forget"] = 1
    if layer.peephole is not None:
        peephole = graph.add_constant(
            _order_peepholes(layer.peephole, cell)[np.newaxis], "peephole"
        )
        inputs += ["", "", "", peephole]  # no lengths and no state before the first step
    output = graph.add(operator, *inputs, output=int(is_last), **attributes)
    return graph.add("Squeeze", output, graph.add_constant([0 if is_last else 1]))


def _order_gates(blocks: Array, cell: Cell) -> Array:
    """Reorder the gates on the last axis as the operator wants them."""
    of_gate = dict(zip(cell.gates, np.split(blocks, len(cell.gates), axis=-1), strict=True))
    if cell.is_coupled:
        # 1 − σ(a) = σ(−a): right too where a runtime does not know `input_forget`.
        of_gate["forget"] = -of_gate["input"]
    order = _LSTM_GATES if cell.has_memory_cell else _GRU_GATES
    return np.concatenate([of_gate[gate] for gate in order], axis=-1)


def _join_biases(bias: Array, cell: Cell) -> Array:
    """(gates × units,) or (2, gates × units) ─▶ that of W, then that of R."""
    rows = np.stack([bias, np.zeros_like(bias)]) if bias.ndim == 1 else bias
    return _order_gates(rows, cell).reshape(-1)


def _order_peepholes(peephole: Array, cell: Cell) -> Array:
    """(peepholes, units) ─▶ (3 × units,) as the operator wants them."""
    of_gate = dict(zip(cell.peepholes, peephole, strict=True))
    if cell.is_coupled:
        of_gate["forget"] = -of_gate["input"]
    return np.concatenate([of_gate[gate] for gate in _LSTM_PEEPHOLES])
