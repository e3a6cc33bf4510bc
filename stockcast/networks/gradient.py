"""Exact backpropagation through time (Werbos 1990), in NumPy: the answer's gradient by input."""

from __future__ import annotations

import numpy as np

from stockcast.networks.cells import CELLS, Array, CellWeights
from stockcast.networks.network import Weights
from stockcast.networks.trace import LayerTrace


def differentiate_answer(traces: tuple[LayerTrace, ...], weights: Weights) -> Array:
    """Return the gradient of each window's first forecast with respect to each of its inputs.

    Args:
        traces: of `trace_network` over the windows.
        weights: the same network's.

    Returns:
        (batch, window, features), scaled units of the forecast by scaled unit of the input.
    """
    upstream = np.zeros_like(traces[-1].hidden)
    upstream[-1] = weights.head.locate(weights.head_kernel)[:, 0]
    for trace, layer in zip(reversed(traces), reversed(weights.layers), strict=True):
        back = _go_back if CELLS[trace.name].has_memory_cell else _go_back_gru
        upstream = back(trace, layer, upstream) @ _transpose(layer.kernel)
    return np.swapaxes(upstream, 0, 1)


def _go_back(trace: LayerTrace, w: CellWeights, upstream: Array) -> Array:
    """Go back through an LSTM layer of any kind.

    Args:
        trace: of the layer.
        w: its weights.
        upstream: (window, batch, units), the gradient with respect to each hidden state.

    Returns:
        (window, batch, gates × units), the gradient with respect to x W + b of each step.
    """
    cell = CELLS[trace.name]
    named = dict(zip(cell.gates, trace.gates, strict=True))
    i, g, o, f = named["input"], named["candidate"], named["output"], trace.keeping
    peepholes = np.zeros((len(cell.peepholes), w.units)) if w.peephole is None else w.peephole
    p = dict(zip(cell.peepholes, peepholes, strict=True))
    back = _transpose(w.recurrent_kernel)
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


def _go_back_gru(trace: LayerTrace, w: CellWeights, upstream: Array) -> Array:
    """Go back through a GRU layer; arguments and result as those of `_go_back`."""
    z, r, g = trace.gates
    candidate = slice(2 * w.units, None)
    back = _transpose(w.recurrent_kernel)
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


def _transpose(kernel: Array) -> Array:
    """Turn a kernel round in memory: products with a transposed view are many times slower."""
    return np.ascontiguousarray(kernel.T)
