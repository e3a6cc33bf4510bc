"""The stacked forward pass and the dense head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stockcast.networks.cells import CELLS, Array, CellName, CellWeights
from stockcast.networks.heads import DEFAULT_LOSS, HEADS, Head, LossName

_BATCH = 512  # windows at a time, so that a long backtest stays within the processor's cache


@dataclass(frozen=True)
class Weights:
    """A whole network's weights.

    Attributes:
        cell: the kind of its recurrent cells.
        layers: bottom to top.
        head_kernel: (units, outputs).
        head_bias: (outputs,).
        loss: what the head was trained with.
    """

    cell: CellName
    layers: tuple[CellWeights, ...]
    head_kernel: Array
    head_bias: Array
    loss: LossName = DEFAULT_LOSS

    @property
    def head(self) -> Head:
        """What its outputs mean."""
        return HEADS[self.loss]

    @property
    def horizon(self) -> int:
        """How many steps ahead it looks."""
        return self.head.count_steps(self.head_bias.shape[-1])

    @property
    def is_silent(self) -> bool:
        """Whether it answers 0 to whatever it sees, as where no answer was borne out."""
        return not (self.head_kernel.any() or self.head_bias.any())

    def to_arrays(self) -> dict[str, Array]:
        """Return the weights by name, such as `layers.0.kernel`."""
        arrays = {
            f"layers.{number}.{name}": array
            for number, layer in enumerate(self.layers)
            for name, array in vars(layer).items()
            if array is not None
        }
        return {**arrays, "head.kernel": self.head_kernel, "head.bias": self.head_bias}

    @classmethod
    def from_arrays(
        cls, arrays: dict[str, Array], *, cell: CellName, loss: LossName = DEFAULT_LOSS
    ) -> Weights:
        """Build the weights from what `to_arrays` returned."""
        count = sum(name.endswith(".recurrent_kernel") for name in arrays)
        names = CELLS[cell].list_shapes(inputs=1, units=1)
        layers = tuple(
            CellWeights(**{name: arrays[f"layers.{number}.{name}"] for name in names})
            for number in range(count)
        )
        return cls(cell, layers, arrays["head.kernel"], arrays["head.bias"], loss)

    def select_inputs(self, numbers: Sequence[int]) -> Weights:
        """Return a network that sees some of the inputs, as this one does where the others are 0.

        Args:
            numbers: of the inputs, in the order in which they are then seen.
        """
        first = replace(self.layers[0], kernel=self.layers[0].kernel[list(numbers)])
        return replace(self, layers=(first, *self.layers[1:]))

    def shrink(self, location: Array, scale: Array) -> Weights:
        """Return a network whose answers are these, multiplied; see `Head.scale_outputs`."""
        factors = self.head.scale_outputs(location, scale).astype(self.head_kernel.dtype)
        return replace(
            self, head_kernel=self.head_kernel * factors, head_bias=self.head_bias * factors
        )

    def astype(self, dtype: type[np.floating]) -> Weights:
        """Return the weights in another precision."""
        arrays = {name: array.astype(dtype) for name, array in self.to_arrays().items()}
        return Weights.from_arrays(arrays, cell=self.cell, loss=self.loss)


def list_shapes(
    *,
    cell: CellName,
    features: int,
    units: int,
    layers: int,
    horizon: int = 1,
    loss: LossName = DEFAULT_LOSS,
) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every array of a network, as `Weights.to_arrays` names them."""
    shapes: dict[str, tuple[int, ...]] = {}
    for number in range(layers):
        inputs = features if number == 0 else units
        for name, shape in CELLS[cell].list_shapes(inputs=inputs, units=units).items():
            shapes[f"layers.{number}.{name}"] = shape
    return {**shapes, **HEADS[loss].list_shapes(units=units, horizon=horizon)}


def run_network(windows: Array, weights: Weights) -> NDArray[np.float64]:
    """Answer each window.

    Args:
        windows: (n, window, features), scaled; a view is fine.
        weights: computation is in their precision.

    Returns:
        (n, outputs) scaled answers; `Head.locate` says what they forecast.
    """
    answers = np.zeros((len(windows), len(weights.head_bias)))
    if weights.is_silent and np.isfinite(windows).all():
        return answers
    for start in range(0, len(windows), _BATCH):
        batch = windows[start : start + _BATCH]
        answers[start : start + _BATCH] = _run_batch(batch, weights)
    return answers


def _run_batch(windows: Array, weights: Weights) -> Array:
    """(batch, window, features) ─▶ (batch, outputs) answers."""
    return run_sequence(np.ascontiguousarray(np.swapaxes(windows, 0, 1)), weights)


def run_sequence(sequence: Array, weights: Weights) -> Array:
    """(window, …, features) ─▶ (…, outputs) answers; dropout is for training only."""
    for layer in weights.layers:
        sequence = run_layer(sequence, layer, cell=weights.cell)
    answers: Array = sequence[-1] @ weights.head_kernel + weights.head_bias
    return answers


def run_layer(
    inputs: Array,
    layer: CellWeights,
    *,
    cell: CellName,
    state: tuple[Array, Array] | None = None,
) -> Array:
    """Run one layer over a sequence.

    Args:
        inputs: (window, batch, inputs); of several networks (window, networks, batch, inputs).
        layer: its weights, or those of the networks.
        cell: the kind of its cells.
        state: hidden state and memory cell before it, (…, batch, units) each; default: zeros.

    Returns:
        (window, …, batch, units), the hidden state after each step.
    """
    projected = layer.project(inputs)  # every step's at once: one large product
    hidden = np.empty((*inputs.shape[:-1], layer.units), dtype=projected.dtype)
    zeros = np.zeros(hidden.shape[1:], dtype=projected.dtype)
    h, c = state or (zeros, zeros)
    take_step = CELLS[cell].step
    for number, projection in enumerate(projected):
        h, c, _ = take_step(projection, h, c, layer)
        hidden[number] = h
    return hidden
