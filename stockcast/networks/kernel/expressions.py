"""Arithmetic on vectors as a graph of expressions, and its derivatives.

A cell is written once, forward, with `+`, `-`, `*`, `sigmoid` and `tanh`. Reverse-mode automatic
differentiation (Linnainmaa 1976; Griewank & Walther 2008, chapter 3) turns it into the way back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

Operation = Literal["input", "constant", "add", "subtract", "multiply", "sigmoid", "tanh"]
Value = TypeVar("Value")


class Arithmetic(Protocol[Value]):
    """What computes expressions: a processor's vectors, or plain numbers in a test."""

    def constant(self, value: float) -> Value:
        """Return a number in every lane."""

    def add(self, x: Value, y: Value) -> Value:
        """Return x + y."""

    def subtract(self, x: Value, y: Value) -> Value:
        """Return x − y."""

    def multiply(self, x: Value, y: Value) -> Value:
        """Return x y."""

    def sigmoid(self, x: Value) -> Value:
        """Return 1 / (1 + exp(−x))."""

    def tanh(self, x: Value) -> Value:
        """Return the hyperbolic tangent."""


@dataclass(frozen=True, eq=False)
class Expression:
    """A vector that follows from others, a number a lane.

    Attributes:
        operation: what makes it.
        operands: what it is made from.
        name: of an input.
        value: of a constant.
    """

    operation: Operation
    operands: tuple[Expression, ...] = ()
    name: str = ""
    value: float = 0.0

    def __add__(self, other: Expression | float) -> Expression:
        return Expression("add", (self, _express(other)))

    def __sub__(self, other: Expression | float) -> Expression:
        return Expression("subtract", (self, _express(other)))

    def __rsub__(self, other: float) -> Expression:
        return _express(other) - self

    def __mul__(self, other: Expression | float) -> Expression:
        return Expression("multiply", (self, _express(other)))

    @property
    def is_activation(self) -> bool:
        """Whether it costs so much that the way back takes it from memory."""
        return self.operation in ("sigmoid", "tanh")


def name_input(name: str) -> Expression:
    """Return a vector that is given."""
    return Expression("input", name=name)


def sigmoid(x: Expression) -> Expression:
    """1 / (1 + exp(−x))."""
    return Expression("sigmoid", (x,))


def tanh(x: Expression) -> Expression:
    """The hyperbolic tangent."""
    return Expression("tanh", (x,))


def differentiate(
    outputs: Mapping[Expression, Expression], inputs: Iterable[Expression]
) -> dict[Expression, Expression]:
    """Write down the gradient of a sum of outputs, each times a weight of its own.

    Args:
        outputs: what was computed, and the gradient that reaches it from above.
        inputs: what to return the gradient of.

    Returns:
        the gradient by input; inputs that nothing follows from are left out.

    Example:
        >>> x, upstream = name_input("x"), name_input("upstream")
        >>> gradient = differentiate({x * x: upstream}, [x])[x]
        >>> [node.operation for node in walk([gradient])]
        ['input', 'input', 'multiply', 'multiply', 'add']
    """
    gradients = dict(outputs)
    for node in reversed(list(walk(outputs))):
        upstream = gradients.get(node)
        if upstream is None:
            continue
        for operand, slope in zip(node.operands, _list_slopes(node, upstream), strict=True):
            if operand.operation != "constant":
                known = gradients.get(operand)
                gradients[operand] = slope if known is None else known + slope
    return {one: gradients[one] for one in inputs if one in gradients}


def walk(
    roots: Iterable[Expression], *, known: Collection[Expression] = ()
) -> Iterator[Expression]:
    """Yield each expression that the roots are made from, and them, once, operands first.

    Args:
        roots: where to begin.
        known: expressions whose operands are of no interest.
    """
    seen: set[Expression] = set()

    def visit(node: Expression) -> Iterator[Expression]:
        if node not in seen:
            seen.add(node)
            for operand in () if node in known else node.operands:
                yield from visit(operand)
            yield node

    for root in roots:
        yield from visit(root)


def compute(
    roots: Iterable[Expression],
    known: Mapping[Expression, Value],
    arithmetic: Arithmetic[Value],
) -> list[Value]:
    """Compute expressions, what they have in common once.

    Args:
        roots: what to compute.
        known: the value of each input, and of whatever else need not be computed.
        arithmetic: what computes.
    """
    roots = list(roots)
    values = dict(known)
    for node in walk(roots, known=known):
        if node in values:
            continue
        if node.operation == "input":
            raise KeyError(f"the input {node.name!r} has no value")
        if node.operation == "constant":
            values[node] = arithmetic.constant(node.value)
        else:
            operands = (values[operand] for operand in node.operands)
            values[node] = getattr(arithmetic, node.operation)(*operands)
    return [values[root] for root in roots]


def _express(value: Expression | float) -> Expression:
    return value if isinstance(value, Expression) else Expression("constant", value=value)


def _list_slopes(node: Expression, upstream: Expression) -> tuple[Expression, ...]:
    """Return what reaches each operand, by the chain rule."""
    match node.operation:
        case "add":
            return upstream, upstream
        case "subtract":
            return upstream, upstream * -1.0
        case "multiply":
            x, y = node.operands
            return upstream * y, upstream * x
        case "sigmoid":
            return (upstream * (node * (1.0 - node)),)
        case "tanh":
            return (upstream * (1.0 - node * node),)
    return ()
