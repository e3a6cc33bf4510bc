"""Networks whose forget gates are held where somebody wants them."""

from __future__ import annotations

from dataclasses import replace

from stockcast.networks.network import Weights

_FAR = 30.0  # σ(30) is 1 to thirteen digits


def hold_forget_gates(weights: Weights, kept: float) -> Weights:
    """Return an LSTM's weights whose forget gates stay open or shut, whatever is seen.

    Args:
        weights: of LSTM layers without peepholes.
        kept: 1 holds them open, 0 shut.
    """
    layers = []
    for layer in weights.layers:
        forget = slice(layer.units, 2 * layer.units)
        kernel, recurrent = layer.kernel.copy(), layer.recurrent_kernel.copy()
        bias = layer.bias.copy()
        kernel[:, forget], recurrent[:, forget] = 0.0, 0.0
        bias[forget] = _FAR if kept else -_FAR
        layers.append(replace(layer, kernel=kernel, recurrent_kernel=recurrent, bias=bias))
    return replace(weights, layers=tuple(layers))
