"""A network's weights as one vector in the kernel's order, and as `Weights`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stockcast.networks.cells import CELLS, CellName, CellWeights
from stockcast.networks.heads import LossName
from stockcast.networks.kernel.layout import LayerLayout, PlacedMatrix
from stockcast.networks.network import Weights

Floats = NDArray[np.float32]

_ALIGNED = 16  # floats: a processor's widest register, and the vectors that Adam takes


@dataclass(frozen=True)
class Shape:
    """All that a network's code and memory follow from.

    Attributes:
        cell: the kind of its recurrent cells.
        features: inputs of its lowest layer.
        units: in each layer.
        layers: how many.
        outputs: of its head.
        loss: what the head is trained with.
    """

    cell: CellName
    features: int
    units: int
    layers: int
    outputs: int
    loss: LossName

    def list_layouts(self) -> tuple[LayerLayout, ...]:
        """Return each layer's layout, bottom to top; those of equal layers are one object."""
        first = LayerLayout(self.cell, self.features, self.units)
        above = LayerLayout(self.cell, self.units, self.units)
        return (first, *[above] * (self.layers - 1))


@dataclass(frozen=True)
class LayerParameters:
    """A layer's part of the vector, as views.

    Attributes:
        matrices: (rows, columns) each, as `LayerLayout.matrices`.
        peepholes: (peepholes, units); None for a cell that has none.
    """

    matrices: tuple[Floats, ...]
    peepholes: Floats | None

    @cached_property
    def places(self) -> tuple[int, ...]:
        """The address of each."""
        arrays = [*self.matrices, *([] if self.peepholes is None else [self.peepholes])]
        return tuple(int(array.ctypes.data) for array in arrays)


@dataclass(frozen=True)
class Parameters:
    """A vector of a network's weights, or of their gradients, and its parts as views.

    Attributes:
        shape: of the network.
        vector: (size,), a multiple of 16; the rest is 0.
        layers: bottom to top.
        head_kernel: (units, outputs).
        head_bias: (outputs,).
    """

    shape: Shape
    vector: Floats
    layers: tuple[LayerParameters, ...]
    head_kernel: Floats
    head_bias: Floats

    @classmethod
    def allocate(cls, shape: Shape) -> Parameters:
        """Return a network's weights, all 0."""
        return cls.view(shape, make_array(count_parameters(shape)))

    @classmethod
    def view(cls, shape: Shape, vector: Floats) -> Parameters:
        """Return the parts of a vector of `count_parameters` numbers."""
        parts = _Parts(vector)
        layers = tuple(
            LayerParameters(
                tuple(parts.take(one.rows, one.columns) for one in layout.matrices),
                parts.take(layout.peepholes, layout.units) if layout.peepholes else None,
            )
            for layout in shape.list_layouts()
        )
        head = parts.take(shape.units, shape.outputs), parts.take(shape.outputs)
        return cls(shape, vector, layers, *head)

    def assign_weights(self, weights: Weights) -> None:
        """Set the vector to a network's weights of this shape."""
        for views, layout, layer in zip(
            self.layers, self.shape.list_layouts(), weights.layers, strict=True
        ):
            for placed, part, name, gate in _list_blocks(layout, views):
                part[...] = _find_block(layout, placed, layer, name, gate)
            if views.peepholes is not None:
                views.peepholes[...] = layer.peephole
        self.head_kernel[...] = weights.head_kernel
        self.head_bias[...] = weights.head_bias

    def to_weights(self) -> Weights:
        """Return a copy as `Weights`."""
        return Weights(
            cell=self.shape.cell,
            layers=tuple(
                _copy_layer(layout, views)
                for layout, views in zip(self.shape.list_layouts(), self.layers, strict=True)
            ),
            head_kernel=self.head_kernel.copy(),
            head_bias=self.head_bias.copy(),
            loss=self.shape.loss,
        )


def count_parameters(shape: Shape) -> int:
    """Return the length of a network's vector."""
    count = shape.units * shape.outputs + shape.outputs
    for layout in shape.list_layouts():
        count += sum(one.rows * one.columns for one in layout.matrices)
        count += layout.peepholes * layout.units
    return -(-count // _ALIGNED) * _ALIGNED


def make_array(*shape: int) -> Floats:
    """Return zeros whose first number begins a line of the processor's cache."""
    count = int(np.prod(shape))
    spare = np.zeros(count + _ALIGNED, np.float32)
    first = -spare.ctypes.data // 4 % _ALIGNED
    return spare[first : first + count].reshape(shape)


class _Parts:
    """Cuts a vector into arrays, one after the other."""

    def __init__(self, vector: Floats) -> None:
        self._vector = vector
        self._next = 0

    def take(self, *shape: int) -> Floats:
        start = self._next
        self._next += int(np.prod(shape))
        if self._next > len(self._vector):
            raise ValueError(f"a vector of {len(self._vector)} is too short for the network")
        return self._vector[start : self._next].reshape(shape)


def _list_blocks(
    layout: LayerLayout, views: LayerParameters
) -> Iterator[tuple[PlacedMatrix, Floats, str, str]]:
    """Yield each matrix's parts by the array of `CellWeights` that they are, and by gate."""
    for placed, matrix in zip(layout.matrices, views.matrices, strict=True):
        rows = {"bias": slice(placed.rows - 1, placed.rows)}
        first = 0
        if placed.matrix.from_below:
            rows["kernel"] = slice(0, layout.inputs)
            first = layout.inputs
        if placed.matrix.from_before:
            rows["recurrent_kernel"] = slice(first, first + layout.units)
        for number, gate in enumerate(placed.matrix.gates):
            columns = slice(number * layout.units, (number + 1) * layout.units)
            for name, part in rows.items():
                yield placed, matrix[part, columns], name, gate


def _find_block(
    layout: LayerLayout, placed: PlacedMatrix, layer: CellWeights, name: str, gate: str
) -> Floats:
    """Return the part of one of a layer's arrays that is a gate's, as a view of it."""
    number = CELLS[layout.name].gates.index(gate)
    array = np.atleast_2d(getattr(layer, name))
    columns = slice(number * layout.units, (number + 1) * layout.units)
    if name == "bias":
        return array[placed.matrix.bias : placed.matrix.bias + 1, columns]
    return array[:, columns]


def _copy_layer(layout: LayerLayout, views: LayerParameters) -> CellWeights:
    shapes = CELLS[layout.name].list_shapes(inputs=layout.inputs, units=layout.units)
    layer = CellWeights(**{name: np.zeros(shape, np.float32) for name, shape in shapes.items()})
    for placed, part, name, gate in _list_blocks(layout, views):
        _find_block(layout, placed, layer, name, gate)[...] = part
    if views.peepholes is not None and layer.peephole is not None:
        layer.peephole[...] = views.peepholes
    return layer
