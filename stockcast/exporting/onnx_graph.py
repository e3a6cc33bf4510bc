"""An ONNX graph under construction: nodes and constants, in the order they are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

DOUBLE: int = TensorProto.DOUBLE
FLOAT: int = TensorProto.FLOAT


class GraphBuilder:
    """Collects nodes; each is known by the name of what it gives."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._given: list[ValueInfoProto] = []
        self._wanted: list[ValueInfoProto] = []

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

    def take(self, name: str, elements: int, shape: Sequence[str | int]) -> str:
        """Add an input of the whole graph, and return its name."""
        self._given.append(helper.make_tensor_value_info(name, elements, shape))
        return name

    def give(self, name: str, to: str, elements: int, shape: Sequence[str | int]) -> None:
        """Make a value an output of the whole graph, with a name of its own."""
        self._nodes.append(helper.make_node("Identity", [name], [to], name=to))
        self._wanted.append(helper.make_tensor_value_info(to, elements, shape))

    def wrap(self, name: str) -> Value:
        """Return what has a name as a value that Python's operators work on."""
        return Value(self, name)

    def finish(self, name: str) -> GraphProto:
        """Return the graph from all that it takes to all that it gives."""
        return helper.make_graph(self._nodes, name, self._given, self._wanted, self._constants)


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
        return self.apply("Add", other)

    __radd__ = __add__  # addition and multiplication are the same from either side

    def __sub__(self, other: Value | float) -> Value:
        return self.apply("Sub", other)

    def __mul__(self, other: Value | float) -> Value:
        return self.apply("Mul", other)

    __rmul__ = __mul__

    def __truediv__(self, other: Value | float) -> Value:
        return self.apply("Div", other)

    def __gt__(self, other: Value | float) -> Value:
        return self.apply("Greater", other)

    def __lt__(self, other: Value | float) -> Value:
        return self.apply("Less", other)

    def __and__(self, other: Value) -> Value:
        return self.apply("And", other)

    def exp(self) -> Value:
        """Return e to the power of it."""
        return self.apply("Exp")

    def log(self) -> Value:
        """Return its natural logarithm: NaN below 0."""
        return self.apply("Log")

    def sqrt(self) -> Value:
        """Return its square root."""
        return self.apply("Sqrt")

    def size(self) -> Value:
        """Return its magnitude."""
        return self.apply("Abs")

    def at_least(self, other: Value | float) -> Value:
        """Return the greater of the two."""
        return self.apply("Max", other)

    def at_most(self, other: Value | float) -> Value:
        """Return the smaller of the two."""
        return self.apply("Min", other)

    def cast(self, elements: int) -> Value:
        """Return it as DOUBLE or FLOAT; of a condition 1 where it holds, else 0."""
        return self.graph.wrap(self.graph.add("Cast", self.name, to=elements))

    def is_known(self) -> Value:
        """Return where it is a finite number."""
        return self.size() < np.inf

    def fill(self, other: Value | float) -> Value:
        """Return it, and another where it is not known."""
        return self.is_known().choose(self, other)

    def choose(self, one: Value | float, other: Value | float) -> Value:
        """Return one where this condition holds, and the other elsewhere."""
        return self.apply("Where", one, other)

    def cut(self, start: int, end: int, *, axis: int = 1) -> Value:
        """Return what lies from `start` up to before `end` on an axis."""
        return self.graph.wrap(self.graph.slice_axis(self.name, axis, start, end))

    def pick(self, places: Value) -> Value:
        """(batch, rows), at (batch, n) whole places on axis 1 ─▶ (batch, n)."""
        return self.graph.wrap(self.graph.add("GatherElements", self.name, places.name, axis=1))

    def widen(self, axis: int) -> Value:
        """Return it with one more axis, of length 1."""
        return self.apply("Unsqueeze", self.graph.wrap(self.graph.add_constant([axis])))

    def narrow(self, axis: int) -> Value:
        """Return it without an axis of length 1."""
        return self.apply("Squeeze", self.graph.wrap(self.graph.add_constant([axis])))

    def add_up(self, *, axis: int = 1) -> Value:
        """Return the sums over an axis, which stays, of length 1."""
        return self.apply("ReduceSum", self.graph.wrap(self.graph.add_constant([axis])))

    def find_edge(self, operator: Literal["ReduceMin", "ReduceMax"]) -> Value:
        """Return the least or the greatest over axis 1, which stays, of length 1."""
        return self.graph.wrap(self.graph.add(operator, self.name, axes=[1]))

    def apply(self, operator: str, *others: Value | float) -> Value:
        """Return what an operator gives for it and others."""
        names = [
            other.name
            if isinstance(other, Value)
            else self.graph.add_constant(np.array(float(other)))
            for other in others
        ]
        return self.graph.wrap(self.graph.add(operator, self.name, *names))


def join(values: Sequence[Value]) -> Value:
    """(…) each ─▶ (…, values), the last axis new."""
    graph = values[0].graph
    return graph.wrap(graph.add("Concat", *(one.widen(-1).name for one in values), axis=-1))


class ValueFunctions:
    """The functions of an array namespace that formulas of `windows.scaling` need, on values."""

    @staticmethod
    def exp(value: Value) -> Value:
        """Return e to the power of it."""
        return value.exp()
