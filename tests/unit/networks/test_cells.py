"""One step of each cell, by hand, and how its weights are laid out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.networks.cells import (
    CELLS,
    CellWeights,
    cifg_peephole_step,
    cifg_step,
    gru_step,
    lstm_step,
    peephole_step,
    sigmoid,
)
from stockcast.recipe import Recipe

WEIGHTS_OF_50_UNITS = {
    "lstm": 10_400,
    "peephole": 10_550,
    "cifg": 7_800,
    "cifg-peephole": 7_900,
    "gru": 7_950,
}


def logistic(x):
    return 1 / (1 + math.exp(-x))


def weigh(recurrent_kernel, *, peephole=None):
    """A layer whose recurrent kernel and peepholes alone count."""
    return CellWeights(np.zeros((1, 1)), recurrent_kernel, np.zeros(1), peephole)


def step_once(step, projected, *, h=0.0, c=0.0, weights):
    """Take a step of one unit; return h, c and the gates as plain numbers."""
    h, c, gates = step(np.array([projected]), np.array([[h]]), np.array([[c]]), weights)
    return h.item(), c.item(), [gate.item() for gate in gates]


def draw_layer(cell, *, inputs, units, seed=0):
    random = np.random.default_rng(seed)
    shapes = CELLS[cell].list_shapes(inputs=inputs, units=units)
    return CellWeights(**{name: random.normal(size=shape) for name, shape in shapes.items()})


def test_one_step_of_an_lstm_by_hand():
    # gates i, f, g, o: each with its own projection and recurrent weight
    weights = weigh(np.array([[0.5, -0.6, 0.7, -0.8]]))
    h, c, gates = step_once(lstm_step, [0.1, 0.2, 0.3, 0.4], h=0.9, c=2.0, weights=weights)
    i, f = logistic(0.1 + 0.9 * 0.5), logistic(0.2 - 0.9 * 0.6)
    g, o = math.tanh(0.3 + 0.9 * 0.7), logistic(0.4 - 0.9 * 0.8)
    assert gates == pytest.approx([i, f, g, o], rel=1e-14)
    assert c == pytest.approx(f * 2.0 + i * g, rel=1e-14)
    assert h == pytest.approx(o * math.tanh(f * 2.0 + i * g), rel=1e-14)


def test_one_step_with_peepholes_by_hand():
    # peepholes of i, f, o; that of o is multiplied by the new c
    weights = weigh(np.array([[0.5, -0.6, 0.7, -0.8]]), peephole=np.array([[1.1], [-1.2], [1.3]]))
    h, c, gates = step_once(peephole_step, [0.1, 0.2, 0.3, 0.4], h=0.9, c=2.0, weights=weights)
    i, f = logistic(0.1 + 0.9 * 0.5 + 2.0 * 1.1), logistic(0.2 - 0.9 * 0.6 - 2.0 * 1.2)
    g = math.tanh(0.3 + 0.9 * 0.7)
    new = f * 2.0 + i * g
    o = logistic(0.4 - 0.9 * 0.8 + new * 1.3)
    assert gates == pytest.approx([i, f, g, o], rel=1e-14)
    assert c == pytest.approx(new, rel=1e-14)
    assert h == pytest.approx(o * math.tanh(new), rel=1e-14)


def test_one_step_with_coupled_gates_by_hand():
    # gates i, g, o
    weights = weigh(np.array([[0.5, 0.7, -0.8]]))
    h, c, gates = step_once(cifg_step, [0.1, 0.3, 0.4], h=0.9, c=2.0, weights=weights)
    i, g = logistic(0.1 + 0.9 * 0.5), math.tanh(0.3 + 0.9 * 0.7)
    o = logistic(0.4 - 0.9 * 0.8)
    new = (1 - i) * 2.0 + i * g
    assert gates == pytest.approx([i, g, o], rel=1e-14)
    assert c == pytest.approx(new, rel=1e-14)
    assert h == pytest.approx(o * math.tanh(new), rel=1e-14)


def test_one_step_with_coupled_gates_and_peepholes_by_hand():
    # peepholes of i, o
    weights = weigh(np.array([[0.5, 0.7, -0.8]]), peephole=np.array([[1.1], [1.3]]))
    h, c, gates = step_once(cifg_peephole_step, [0.1, 0.3, 0.4], h=0.9, c=2.0, weights=weights)
    i, g = logistic(0.1 + 0.9 * 0.5 + 2.0 * 1.1), math.tanh(0.3 + 0.9 * 0.7)
    new = (1 - i) * 2.0 + i * g
    o = logistic(0.4 - 0.9 * 0.8 + new * 1.3)
    assert gates == pytest.approx([i, g, o], rel=1e-14)
    assert c == pytest.approx(new, rel=1e-14)
    assert h == pytest.approx(o * math.tanh(new), rel=1e-14)


def test_one_step_of_a_gru_by_hand():
    # gates z, r, g; the recurrent kernel has a bias of its own, and r takes in that of g
    weights = CellWeights(
        np.zeros((1, 3)),
        np.array([[0.5, -0.6, 0.7]]),
        np.array([[9.0, 9.0, 9.0], [0.01, -0.02, 0.03]]),  # row 0 is in `projected` already
    )
    h, c, gates = step_once(gru_step, [0.1, 0.2, 0.3], h=0.9, weights=weights)
    z, r = logistic(0.1 + 0.9 * 0.5 + 0.01), logistic(0.2 - 0.9 * 0.6 - 0.02)
    g = math.tanh(0.3 + r * (0.9 * 0.7 + 0.03))
    assert gates == pytest.approx([z, r, g], rel=1e-14)
    assert h == pytest.approx(z * 0.9 + (1 - z) * g, rel=1e-14)
    assert c == h


def test_a_closed_input_gate_and_an_open_forget_gate_carry_the_memory_on():
    _, c, _ = step_once(
        lstm_step, [-100.0, 100.0, 3.0, 0.0], c=2.5, weights=weigh(np.zeros((1, 4)))
    )
    assert c == 2.5


def test_a_closed_forget_gate_and_an_open_input_gate_write_the_memory_anew():
    _, c, _ = step_once(
        lstm_step, [100.0, -100.0, 0.5, 0.0], c=2.5, weights=weigh(np.zeros((1, 4)))
    )
    assert c == pytest.approx(math.tanh(0.5), rel=1e-14)


def test_a_closed_output_gate_shows_nothing_of_the_memory():
    h, c, _ = step_once(
        lstm_step, [0.0, 100.0, 0.0, -100.0], c=2.5, weights=weigh(np.zeros((1, 4)))
    )
    assert c == 2.5
    assert h == pytest.approx(0.0, abs=1e-15)


def test_a_peephole_closes_the_gates_of_a_full_memory():
    weights = weigh(np.zeros((1, 4)), peephole=np.full((3, 1), -100.0))
    _, c, _ = step_once(peephole_step, [0.0, 0.0, 1.0, 0.0], c=2.5, weights=weights)
    assert c == pytest.approx(0.0, abs=1e-15)  # neither kept nor written
    _, c, gates = step_once(peephole_step, [0.0, 0.0, 1.0, 0.0], c=0.0, weights=weights)
    assert c == pytest.approx(0.5 * math.tanh(1.0), rel=1e-14)  # an empty one lets be written …
    assert gates[3] < 1e-15  # … and the output gate sees what was


@pytest.mark.parametrize("step", [cifg_step, cifg_peephole_step])
@pytest.mark.parametrize(
    ("gate", "kept"),
    [
        pytest.param(-100.0, 2.5, id="closed: all of the memory, nothing new"),
        pytest.param(100.0, math.tanh(0.5), id="open: nothing of it, the candidate"),
        pytest.param(0.0, (2.5 + math.tanh(0.5)) / 2, id="half open: half of each"),
    ],
)
def test_a_coupled_gate_forgets_as_much_as_it_writes(step, gate, kept):
    weights = weigh(np.zeros((1, 3)), peephole=np.zeros((2, 1)))
    _, c, _ = step_once(step, [gate, 0.5, 0.0], c=2.5, weights=weights)
    assert c == pytest.approx(kept, rel=1e-14)


@pytest.mark.parametrize(
    ("gate", "kept"),
    [
        pytest.param(100.0, 0.9, id="open: all of the state"),
        pytest.param(-100.0, math.tanh(0.5), id="closed: the candidate"),
        pytest.param(0.0, (0.9 + math.tanh(0.5)) / 2, id="half open: half of each"),
    ],
)
def test_an_update_gate_keeps_the_state_and_lets_in_the_rest(gate, kept):
    weights = CellWeights(np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((2, 3)))
    h, _, _ = step_once(gru_step, [gate, 0.0, 0.5], h=0.9, weights=weights)
    assert h == pytest.approx(kept, rel=1e-14)


def test_a_closed_reset_gate_leaves_the_candidate_to_the_input_alone():
    weights = CellWeights(np.zeros((1, 3)), np.array([[0.0, 0.0, 5.0]]), np.ones((2, 3)))
    _, _, gates = step_once(gru_step, [0.0, -100.0, 0.5], h=0.9, weights=weights)
    assert gates[2] == pytest.approx(math.tanh(0.5), rel=1e-14)


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_leaves_the_state_before_it_alone(cell):
    random = np.random.default_rng(0)
    layer = draw_layer(cell, inputs=2, units=4)
    h, c = random.normal(size=(2, 3, 4))
    before = h.copy(), c.copy()
    CELLS[cell].step(layer.project(random.normal(size=(3, 2))), h, c, layer)
    assert np.array_equal(h, before[0])
    assert np.array_equal(c, before[1])


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_s_gates_are_those_that_the_cell_names(cell):
    names = CELLS[cell].gates
    layer = draw_layer(cell, inputs=2, units=4)
    state = np.zeros((3, 4))
    for name in names:  # shut one after the other
        projected = np.concatenate(
            [np.full((3, 4), -1000.0 if other == name else 0.5) for other in names], axis=1
        )
        gates = dict(
            zip(names, CELLS[cell].step(projected, state, state, layer).gates, strict=True)
        )
        assert {gate.shape for gate in gates.values()} == {(3, 4)}
        shut = {other for other in names if (gates[other] == (other == "candidate") * -1.0).all()}
        assert shut == {name}


@pytest.mark.parametrize("cell", ["peephole", "cifg-peephole"])
def test_a_peephole_cell_without_its_weights_is_an_error(cell):
    width = len(CELLS[cell].gates)
    with pytest.raises(ValueError, match="peephole weights"):
        step_once(CELLS[cell].step, [0.0] * width, weights=weigh(np.zeros((1, width))))


def test_every_cell_of_a_recipe_is_registered_and_no_other():
    assert set(CELLS) == set(Recipe.model_fields["cell"].annotation.__args__)


@pytest.mark.parametrize(("cell", "count"), WEIGHTS_OF_50_UNITS.items())
def test_a_layer_of_50_units_on_one_input_has_this_many_weights(cell, count):
    shapes = CELLS[cell].list_shapes(inputs=1, units=50)
    assert sum(math.prod(shape) for shape in shapes.values()) == count


def test_a_gru_has_no_memory_cell_and_two_cells_couple_their_gates():
    assert [cell for cell in CELLS if not CELLS[cell].has_memory_cell] == ["gru"]
    assert [cell for cell in CELLS if CELLS[cell].is_coupled] == ["cifg", "cifg-peephole"]


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


def test_a_projection_adds_the_bias_of_the_kernel_alone():
    kernel, recurrent = np.array([[1.0, 2.0, 3.0]]), np.zeros((1, 3))
    one = CellWeights(kernel, recurrent, np.array([0.1, 0.2, 0.3]))
    two = CellWeights(kernel, recurrent, np.array([[0.1, 0.2, 0.3], [9.0, 9.0, 9.0]]))
    for weights in (one, two):
        np.testing.assert_allclose(weights.project(np.array([[2.0]])), [[2.1, 4.2, 6.3]])
