"""Many networks of one shape side by side, each on a window of its own.

One window through a deep network is a few thousand products too small to be worth a call of
NumPy each. Networks of one shape take the same steps, so each step is one call for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stockcast.networks.cells import Array, CellWeights
from stockcast.networks.network import Weights, run_sequence

_TOGETHER = 32  # networks: so many layers of 50 units stay within a core's own cache

Shape = tuple[object, ...]


def find_shape(weights: Weights) -> Shape:
    """Return what networks must have in common to run side by side: kind, arrays, precision."""
    arrays = weights.to_arrays().items()
    kind = (weights.cell, weights.loss)
    return (*kind, *((name, array.shape, array.dtype.str) for name, array in arrays))


def run_networks(windows: Array, networks: Sequence[Weights]) -> NDArray[np.float64]:
    """Answer each window with a network of its own, to the bit as `run_network` does alone.

    Args:
        windows: (n, window, features), scaled; a view is fine.
        networks: n of one shape; one that stands there several times over is not copied where
            it is the only one.

    Returns:
        (n, outputs) scaled answers.
    """
    answers = np.zeros((len(windows), len(networks[0].head_bias)))
    finite = np.all(np.isfinite(windows), axis=(1, 2)).tolist()
    heard = [at for at, one in enumerate(networks) if not (one.is_silent and finite[at])]
    for start in range(0, len(heard), _TOGETHER):
        part = heard[start : start + _TOGETHER]
        sequence = np.ascontiguousarray(np.swapaxes(windows[part], 0, 1))[:, :, None]
        together = _stack_networks([networks[at] for at in part])
        answers[part] = run_sequence(sequence, together)[:, 0]
    return answers


def _stack_networks(networks: Sequence[Weights]) -> Weights:
    """Lay networks side by side: kernels (networks, …, width), the rest (…, networks, 1, width)."""
    return Weights(
        cell=networks[0].cell,
        layers=tuple(
            _stack_layers(same)
            for same in zip(*(network.layers for network in networks), strict=True)
        ),
        head_kernel=_stack([network.head_kernel for network in networks]),
        head_bias=_stack_rows([network.head_bias for network in networks]),
        loss=networks[0].loss,
    )


def _stack_layers(layers: Sequence[CellWeights]) -> CellWeights:
    peepholes = [layer.peephole for layer in layers if layer.peephole is not None]
    return CellWeights(
        kernel=_stack([layer.kernel for layer in layers]),
        recurrent_kernel=_stack([layer.recurrent_kernel for layer in layers]),
        bias=_stack_rows([layer.bias for layer in layers]),
        peephole=_stack_rows(peepholes) if peepholes else None,
    )


def _stack(arrays: Sequence[Array]) -> Array:
    """(…) each ─▶ (networks, …); one array for all is a view."""
    first = arrays[0]
    if all(array is first for array in arrays):
        return np.broadcast_to(first, (len(arrays), *first.shape))
    return np.stack(arrays)


def _stack_rows(arrays: Sequence[Array]) -> Array:
    """(…, width) each ─▶ (…, networks, 1, width)."""
    return np.moveaxis(_stack(arrays), 0, -2)[..., None, :]
