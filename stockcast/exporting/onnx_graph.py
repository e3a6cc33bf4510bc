"""An ONNX graph under construction: nodes and constants, in the order they are added."""

from __future__ import annotations

from collections.abc import Sequence
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

    def finish(self, name: str, given: ValueInfoProto, wanted: ValueInfoProto) -> GraphProto:
        """Return the graph from one input to one output."""
        return helper.make_graph(self._nodes, name, [given], [wanted], self._constants)
