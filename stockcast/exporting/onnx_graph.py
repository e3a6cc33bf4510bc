"""An ONNX graph under construction: nodes and constants, in the order they are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

DOUBLE, FLOAT = TensorProto.DOUBLE, TensorProto.FLOAT


class GraphBuilder:
    """Collects nodes; each is known by the name of what it gives."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def add(self, operator: str, *inputs: str, output: int = 0, **attributes: Any) -> str:
        """Add a node.

        Args:
            operator: its ONNX name.
            inputs: names of what it takes; an empty name stands for an input left out.
            output: which of the operator's outputs is wanted.
            attributes: as the operator has them.

        Returns:
            the name of that output.
        """
        name = f"{operator}_{len(self._nodes)}"
        outputs = [""] * output + [name]
        self._nodes.append(helper.make_node(operator, inputs, outputs, name=name, **attributes))
        return name

    def add_constant(self, values: NDArray[Any] | Sequence[int], label: str = "constant") -> str:
        """Add an array, whole numbers as int64, and return its name."""
        name = f"{label}_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def slice_axis(self, name: str, axis: int, start: int, end: int) -> str:
        """Add what of `name` lies from `start` up to before `end` on an axis."""
        bounds = [self.add_constant([number]) for number in (start, end, axis)]
        return self.add("Slice", name, *bounds)

    def rename(self, name: str, to: str) -> None:
        """Give an output of the whole graph its own name."""
        self._nodes.append(helper.make_node("Identity", [name], [to], name=to))

    def wrap(self, name: str) -> Value:
        """Return what has a name as a value that Python's operators work on."""
        return Value(self, name)

    def finish(self, name: str, given: ValueInfoProto, wanted: ValueInfoProto) -> GraphProto:
        """Return the graph from one input to one output."""
        return helper.make_graph(self._nodes, name, [given], [wanted], self._constants)


@dataclass(frozen=True)
class Value:
    """A value in the graph: each of Python's operators on it adds a node.

    So formulas that are written for arrays (`windows.scaling`) build the graph too. Plain numbers
    become float64 constants.

    Attributes:
        graph: where the nodes go.
        name: of the value.
    """

    graph: GraphBuilder
    name: str

    def __add__(self, other: Value | float) -> Value:
        return self._apply("Add", other)

    __radd__ = __add__  # addition is the same from either side

    def __sub__(self, other: Value | float) -> Value:
        return self._apply("Sub", other)

    def __mul__(self, other: Value | float) -> Value:
        return self._apply("Mul", other)

    def __truediv__(self, other: Value | float) -> Value:
        return self._apply("Div", other)

    def exp(self) -> Value:
        """Return e to the power of it."""
        return self.graph.wrap(self.graph.add("Exp", self.name))

    def _apply(self, operator: str, other: Value | float) -> Value:
        if not isinstance(other, Value):
            other = self.graph.wrap(self.graph.add_constant(np.array(float(other))))
        return self.graph.wrap(self.graph.add(operator, self.name, other.name))


class ValueFunctions:
    """The functions of an array namespace that formulas of `windows.scaling` need, on values."""

    @staticmethod
    def exp(value: Value) -> Value:
        """Return e to the power of it."""
        return value.exp()
