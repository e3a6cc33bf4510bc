"""One step of the cell, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.recurrent.cells import CellWeights, lstm_step, sigmoid


def logistic(x):
    return 1 / (1 + math.exp(-x))


def weigh(recurrent_kernel):
    """A layer whose recurrent kernel alone counts."""
    return CellWeights(np.zeros((1, 1)), recurrent_kernel, np.zeros(1))


def test_one_step_of_one_unit_by_hand():
    # gates i, f, g, o: each with its own projection and recurrent weight
    projected = np.array([[0.1, 0.2, 0.3, 0.4]])
    recurrent = np.array([[0.5, -0.6, 0.7, -0.8]])
    h, c, _ = lstm_step(projected, np.array([[0.9]]), np.array([[2.0]]), weigh(recurrent))
    i, f = logistic(0.1 + 0.9 * 0.5), logistic(0.2 - 0.9 * 0.6)
    g, o = math.tanh(0.3 + 0.9 * 0.7), logistic(0.4 - 0.9 * 0.8)
    assert c[0, 0] == pytest.approx(f * 2.0 + i * g, rel=1e-14)
    assert h[0, 0] == pytest.approx(o * math.tanh(f * 2.0 + i * g), rel=1e-14)


def test_a_closed_input_gate_and_an_open_forget_gate_carry_the_memory_on():
    projected = np.array([[-100.0, 100.0, 3.0, 0.0]])
    _, c, _ = lstm_step(projected, np.zeros((1, 1)), np.array([[2.5]]), weigh(np.zeros((1, 4))))
    assert c[0, 0] == 2.5


def test_a_closed_forget_gate_and_an_open_input_gate_write_the_memory_anew():
    projected = np.array([[100.0, -100.0, 0.5, 0.0]])
    _, c, _ = lstm_step(projected, np.zeros((1, 1)), np.array([[2.5]]), weigh(np.zeros((1, 4))))
    assert c[0, 0] == pytest.approx(math.tanh(0.5), rel=1e-14)


def test_a_closed_output_gate_shows_nothing_of_the_memory():
    projected = np.array([[0.0, 100.0, 0.0, -100.0]])
    h, c, _ = lstm_step(projected, np.zeros((1, 1)), np.array([[2.5]]), weigh(np.zeros((1, 4))))
    assert c[0, 0] == 2.5
    assert h[0, 0] == pytest.approx(0.0, abs=1e-15)


def test_a_step_leaves_the_state_before_it_alone():
    random = np.random.default_rng(0)
    h, c = random.normal(size=(2, 3, 4))
    before = h.copy(), c.copy()
    lstm_step(random.normal(size=(3, 16)), h, c, weigh(random.normal(size=(4, 16))))
    assert np.array_equal(h, before[0])
    assert np.array_equal(c, before[1])


@pytest.mark.parametrize("x", [-5.0, -1.0, 0.0, 0.3, 2.0, 5.0])
def test_sigmoid_is_the_logistic_function(x):
    assert sigmoid(np.array(x)) == pytest.approx(logistic(x), rel=1e-13)


def test_sigmoid_of_any_number_neither_overflows_nor_leaves_0_to_1():
    with np.errstate(all="raise", under="ignore"):
        values = sigmoid(np.array([-1e30, -1000.0, 1000.0, 1e30], dtype=np.float32))
    assert values.tolist() == [0.0, 0.0, 1.0, 1.0]


def test_the_width_of_a_layer_is_read_off_its_recurrent_kernel():
    weights = CellWeights(np.zeros((2, 12)), np.zeros((3, 12)), np.zeros(12))
    assert weights.units == 3
