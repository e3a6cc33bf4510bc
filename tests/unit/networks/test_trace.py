"""What is kept, how fast it fades: by hand-made gates."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.networks.cells import CELLS
from stockcast.networks.network import Weights, list_shapes, run_layer
from stockcast.networks.trace import LayerTrace, trace_network


def make_trace(keeping, *, name="lstm"):
    """A layer whose forget gates are given, (window, batch, units)."""
    keeping = np.asarray(keeping, dtype=np.float64)
    other = np.full_like(keeping, 0.5)
    named = {"forget": keeping, "update": keeping}
    if CELLS[name].is_coupled:
        named["input"] = 1 - keeping
    gates = tuple(named.get(gate, other) for gate in CELLS[name].gates)
    return LayerTrace(name, gates, memory=other, hidden=other)


def of_one_unit(*keeping):
    return make_trace(np.reshape(keeping, (-1, 1, 1)))


@pytest.mark.parametrize("name", CELLS)
def test_what_is_kept_is_the_forget_gate_or_a_gru_s_update_gate(name):
    keeping = np.array([[[0.9, 0.2]], [[0.5, 0.7]]])
    assert make_trace(keeping, name=name).keeping == pytest.approx(keeping)


@pytest.mark.parametrize("name", CELLS)
def test_every_kind_of_lstm_has_three_gates_by_name_and_a_gru_two(name):
    keeping = np.array([[[0.9]], [[0.5]]])
    gates = make_trace(keeping, name=name).name_gates()
    if name == "gru":
        assert list(gates) == ["update", "reset"]
        assert gates["update"] == pytest.approx(keeping)
    else:
        assert list(gates) == ["input", "forget", "output"]
        assert gates["forget"] == pytest.approx(keeping)
    if CELLS[name].is_coupled:
        assert gates["input"] + gates["forget"] == pytest.approx(np.ones_like(keeping))


def test_what_a_step_wrote_fades_with_the_gates_after_it():
    fade = of_one_unit(0.1, 0.5, 0.25).measure_fade()
    assert fade.tolist() == [[0.125], [0.25], [1.0]]


def test_fade_is_the_mean_over_units_of_each_window():
    keeping = [[[0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [0.5, 0.5]]]
    assert make_trace(keeping).measure_fade().tolist() == [[0.5, 0.5], [1.0, 1.0]]


def test_a_window_of_one_step_has_kept_all_of_it():
    assert of_one_unit(0.3).measure_fade().tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("keeping", "steps"),
    [((0.5, 0.5), 1.0), ((0.25, 0.25), 0.5), ((0.5, 0.125), 0.5), ((1.0, 0.25), 1.0)],
)
def test_the_half_life_is_that_of_the_mean_rate(keeping, steps):
    assert of_one_unit(*keeping).measure_half_life() == pytest.approx(steps)


def test_a_memory_that_keeps_all_never_fades():
    assert of_one_unit(1.0, 1.0, 1.0).measure_half_life() == math.inf


def test_a_memory_that_keeps_nothing_fades_at_once_and_is_no_error():
    half_life = of_one_unit(0.0, 0.0).measure_half_life()
    assert 0 < half_life < 0.01


@pytest.mark.parametrize("cell", CELLS)
def test_each_layer_of_a_trace_is_the_layer_that_forecasting_runs(cell):
    random = np.random.default_rng(3)
    shapes = list_shapes(cell=cell, features=2, units=3, layers=2)
    weights = Weights.from_arrays(
        {name: random.normal(0, 0.7, shape) for name, shape in shapes.items()}, cell=cell
    )
    windows = random.normal(size=(4, 6, 2))
    traces = trace_network(windows, weights)
    sequence = np.swapaxes(windows, 0, 1)
    for trace, layer in zip(traces, weights.layers, strict=True):
        sequence = run_layer(sequence, layer, cell=cell)
        assert trace.hidden.shape == trace.memory.shape == (6, 4, 3)
        np.testing.assert_array_equal(trace.hidden, sequence)
        for gate in trace.name_gates().values():
            assert gate.shape == (6, 4, 3)
            assert 0 < gate.min() < gate.max() < 1


def test_the_memory_is_what_was_kept_and_what_was_written():
    random = np.random.default_rng(8)
    shapes = list_shapes(cell="lstm", features=1, units=4, layers=1)
    weights = Weights.from_arrays(
        {name: random.normal(0, 0.7, shape) for name, shape in shapes.items()}, cell="lstm"
    )
    (trace,) = trace_network(random.normal(size=(2, 5, 1)), weights)
    written, forget, candidate, output = trace.gates
    before = np.concatenate([np.zeros_like(trace.memory[:1]), trace.memory[:-1]])
    np.testing.assert_allclose(trace.memory, forget * before + written * candidate)
    np.testing.assert_allclose(trace.hidden, output * np.tanh(trace.memory))
