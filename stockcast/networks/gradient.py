"""Exact backpropagation through time (Werbos 1990), in NumPy: the answer's gradient by input."""

from __future__ import annotations

import numpy as np

from stockcast.networks.cells import CELLS, Array, transpose
from stockcast.networks.network import Weights
from stockcast.networks.trace import LayerTrace


def differentiate_answer(
    traces: tuple[LayerTrace, ...], weights: Weights, *, how_far: bool = False
) -> Array:
    """Return the gradient of each window's first answer with respect to each of its inputs.

    Args:
        traces: of `trace_network` over the windows.
        weights: the same network's.
        how_far: of the log of the scale over its path's, where the network says that; else of
            the forecast.

    Returns:
        (batch, window, inputs), scaled units of the answer by scaled unit of the input.
    """
    head, kernel = weights.head, weights.head_kernel
    ratios = head.widen(kernel) if how_far else None
    upstream = np.zeros_like(traces[-1].hidden)
    upstream[-1] = (head.locate(kernel) if ratios is None else ratios)[:, 0]
    for trace, layer in zip(reversed(traces), reversed(weights.layers), strict=True):
        gradient = CELLS[trace.name].go_back(trace, layer, upstream)
        upstream = gradient @ transpose(layer.kernel)
    return np.swapaxes(upstream, 0, 1)
