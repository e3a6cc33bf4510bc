"""What the gates and the memory cell did, step by step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stockcast.networks.cells import CELLS, Array, CellName, CellWeights
from stockcast.networks.network import Weights


@dataclass(frozen=True)
class LayerTrace:
    """One layer over a batch of windows; every array is (window, batch, units).

    Attributes:
        name: the kind of its cells.
        gates: after their activation, in the order of `Cell.gates`.
        memory: the memory cell after each step; for a GRU the hidden state.
        hidden: the hidden state after each step.
    """

    name: CellName
    gates: tuple[Array, ...]
    memory: Array
    hidden: Array

    @property
    def keeping(self) -> Array:
        """Share of the memory kept at each step: the forget gate, or a GRU's update gate."""
        cell = CELLS[self.name]
        of_gate = dict(zip(cell.gates, self.gates, strict=True))
        if cell.is_coupled:
            kept: Array = 1 - of_gate["input"]
            return kept
        return of_gate[cell.keeping_gate]

    def name_gates(self) -> dict[str, Array]:
        """Return the gates by name, input, forget, output or update, reset: 0 closed, 1 open."""
        cell = CELLS[self.name]
        of_gate = dict(zip(cell.gates, self.gates, strict=True))
        of_gate[cell.keeping_gate] = self.keeping  # a coupled one has no block of its own
        return {name: of_gate[name] for name in cell.shown_gates}

    def measure_fade(self) -> Array:
        """Return how much of what each step wrote is still there at the end, (window, batch).

        The product of the forget gates after it (a GRU's update gates), mean over units; 1 for
        the last step.
        """
        keeping = self.keeping
        after = np.cumprod(keeping[:0:-1], axis=0)[::-1]
        fade: Array = np.concatenate([after, np.ones_like(keeping[:1])]).mean(axis=-1)
        return fade

    def measure_half_life(self) -> float:
        """Return the steps in which half of the memory fades, at the mean rate over all gates."""
        rate = float(-np.log(np.maximum(self.keeping, np.finfo(np.float64).tiny)).mean())
        return float(np.log(2) / rate) if rate else float("inf")


def trace_network(windows: Array, weights: Weights) -> tuple[LayerTrace, ...]:
    """Run the network as forecasting does, and keep everything.

    Args:
        windows: (batch, window, features), scaled.
        weights: computation is in their precision.

    Returns:
        one trace a layer, bottom to top.
    """
    sequence = np.ascontiguousarray(np.swapaxes(windows, 0, 1))
    traces = []
    for layer in weights.layers:
        traces.append(_trace_layer(sequence, layer, weights.cell))
        sequence = traces[-1].hidden
    return tuple(traces)


def _trace_layer(inputs: Array, layer: CellWeights, name: CellName) -> LayerTrace:
    projected = layer.project(inputs)
    h = c = np.zeros((inputs.shape[1], layer.units), dtype=projected.dtype)
    steps = []
    for projection in projected:
        steps.append(CELLS[name].step(projection, h, c, layer))
        h, c, _ = steps[-1]
    gates = tuple(np.stack(gate) for gate in zip(*(step.gates for step in steps), strict=True))
    return LayerTrace(
        name,
        gates,
        memory=np.stack([step.cell for step in steps]),
        hidden=np.stack([step.hidden for step in steps]),
    )
