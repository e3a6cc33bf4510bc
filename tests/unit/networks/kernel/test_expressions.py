"""Expressions: computed once each, differentiated by the chain rule."""

import math

import pytest

from stockcast.networks.kernel.equations import KERNEL_CELLS
from stockcast.networks.kernel.expressions import (
    compute,
    differentiate,
    name_input,
    sigmoid,
    tanh,
    walk,
)
from stockcast.networks.kernel.layout import plan_step


class Complex:
    """Arithmetic on complex numbers, which counts its multiplications."""

    def __init__(self):
        self.multiplied = 0

    def constant(self, value):
        return complex(value)

    def add(self, x, y):
        return x + y

    def subtract(self, x, y):
        return x - y

    def multiply(self, x, y):
        self.multiplied += 1
        return x * y

    def sigmoid(self, x):
        return 0.5 + 0.5 * self.tanh(0.5 * x)

    def tanh(self, x):
        import cmath

        return cmath.tanh(x)


X, Y, UPSTREAM = map(name_input, ("x", "y", "upstream"))


@pytest.mark.parametrize(
    ("expression", "slope"),
    [
        (X + Y, 1),
        (X - Y, 1),
        (Y - X, -1),
        (1.0 - X, -1),
        (X * 3.0, 3),
        (X * Y, -0.7),
        (X * X * X, 3 * 0.4**2),
        (tanh(X), 1 - math.tanh(0.4) ** 2),
        (sigmoid(X * 2.0), 2 * 0.25 / math.cosh(0.4) ** 2),
    ],
)
def test_derivatives_are_those_of_the_textbook(expression, slope):
    gradient = differentiate({expression: UPSTREAM}, [X])[X]
    (found,) = compute([gradient], {X: 0.4, Y: -0.7, UPSTREAM: 1.0}, Complex())
    assert found == pytest.approx(slope)


def test_what_nothing_follows_from_has_no_gradient():
    assert differentiate({X * 2.0: UPSTREAM}, [X, Y]).keys() == {X}


def test_what_two_expressions_have_in_common_is_computed_once():
    arithmetic = Complex()
    square = X * X
    assert compute([square + square, square * 2.0], {X: 3.0}, arithmetic) == [18, 18]
    assert arithmetic.multiplied == 2


def test_what_is_known_is_not_computed():
    arithmetic = Complex()
    square = X * X
    assert compute([square + 1.0], {square: 9.0}, arithmetic) == [10]
    assert arithmetic.multiplied == 0


def test_an_input_without_a_value_is_named():
    with pytest.raises(KeyError, match="'y'"):
        compute([X + Y], {X: 1.0}, Complex())


@pytest.mark.parametrize("name", KERNEL_CELLS)
def test_the_way_back_computes_no_activation_again(name):
    plan = plan_step(KERNEL_CELLS[name])
    gradients = [*plan.d_blocks, plan.d_state, *plan.d_peepholes]
    again = [node for node in walk(gradients, known=set(plan.saved)) if node.is_activation]
    assert again
    assert set(again) <= set(plan.saved)


@pytest.mark.parametrize("name", KERNEL_CELLS)
def test_a_step_s_gradients_are_its_derivatives(name):
    """By the complex step, Im f(x + ih) / h."""
    plan = plan_step(KERNEL_CELLS[name])
    inputs = [*plan.blocks, plan.state, *plan.peepholes]
    values = {node: 0.3 * number - 0.5 for number, node in enumerate(inputs)}
    upstream = {plan.d_hidden: 1.3, plan.d_next_state: -0.4}
    found = compute(
        [*plan.d_blocks, plan.d_state, *plan.d_peepholes], {**values, **upstream}, Complex()
    )
    for node, gradient in zip(inputs, found, strict=True):
        moved = {**values, node: values[node] + 1e-30j}
        h, c = compute([plan.hidden, plan.next_state], moved, Complex())
        assert gradient == pytest.approx((1.3 * h - 0.4 * c).imag / 1e-30), node.name
