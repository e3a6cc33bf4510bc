"""The stacked forward pass against the equations written out number by number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.networks.network import (
    Weights,
    list_shapes,
    run_layer,
    run_network,
    run_sequence,
)


def make_weights(*, features, units, layers, horizon=1, seed=0, dtype=np.float64):
    random = np.random.default_rng(seed)
    shapes = list_shapes(
        cell="lstm", features=features, units=units, layers=layers, horizon=horizon
    )
    return Weights.from_arrays(
        {name: random.normal(0, 0.7, shape).astype(dtype) for name, shape in shapes.items()},
        cell="lstm",
    )


def logistic(x):
    return 1 / (1 + math.exp(-x))


def run_layer_slowly(sequence, layer, units):
    """One layer over one window: a list of lists of numbers in, another out."""
    kernel, recurrent = layer.kernel.tolist(), layer.recurrent_kernel.tolist()
    bias = layer.bias.tolist()
    h, c = [0.0] * units, [0.0] * units
    answers = []
    for x in sequence:
        gates = []
        for column in range(4 * units):
            total = bias[column]
            for row, value in enumerate(x):
                total += value * kernel[row][column]
            for row, value in enumerate(h):
                total += value * recurrent[row][column]
            gates.append(total)
        new_h, new_c = [], []
        for unit in range(units):
            i = logistic(gates[unit])
            f = logistic(gates[units + unit])
            g = math.tanh(gates[2 * units + unit])
            o = logistic(gates[3 * units + unit])
            memory = f * c[unit] + i * g
            new_c.append(memory)
            new_h.append(o * math.tanh(memory))
        h, c = new_h, new_c
        answers.append(h)
    return answers


def run_network_slowly(window, weights, units):
    sequence = window.tolist()
    for layer in weights.layers:
        sequence = run_layer_slowly(sequence, layer, units)
    answers = weights.head_bias.tolist()
    for step in range(len(answers)):
        for unit in range(units):
            answers[step] += sequence[-1][unit] * float(weights.head_kernel[unit, step])
    return answers


@pytest.mark.parametrize(
    ("features", "units", "layers", "window", "horizon"),
    [(1, 1, 1, 1, 1), (1, 3, 1, 5, 2), (2, 3, 4, 7, 1), (5, 4, 2, 12, 6)],
)
def test_the_network_equals_the_equations_written_out_number_by_number(
    features, units, layers, window, horizon
):
    weights = make_weights(features=features, units=units, layers=layers, horizon=horizon)
    windows = np.random.default_rng(1).normal(size=(6, window, features))
    expected = [run_network_slowly(one, weights, units) for one in windows]
    np.testing.assert_allclose(run_network(windows, weights), expected, rtol=1e-11, atol=1e-13)


def test_in_single_precision_the_network_is_right_to_single_precision():
    weights = make_weights(features=2, units=5, layers=4, dtype=np.float32)
    windows = np.random.default_rng(1).normal(size=(4, 9, 2)).astype(np.float32)
    expected = [run_network_slowly(one, weights, 5) for one in windows]
    np.testing.assert_allclose(run_network(windows, weights), expected, rtol=1e-4, atol=1e-5)


def test_a_layer_gives_the_hidden_state_of_every_step():
    weights = make_weights(features=2, units=3, layers=1)
    inputs = np.random.default_rng(1).normal(size=(8, 2, 2))
    hidden = run_layer(inputs, weights.layers[0], cell="lstm")
    assert hidden.shape == (8, 2, 3)
    for number in range(2):
        expected = run_layer_slowly(inputs[:, number].tolist(), weights.layers[0], 3)
        np.testing.assert_allclose(hidden[:, number], expected, rtol=1e-12)


def test_windows_beyond_one_batch_are_answered_as_each_alone():
    weights = make_weights(features=1, units=2, layers=2)
    windows = np.random.default_rng(1).normal(size=(1100, 3, 1))
    answers = run_network(windows, weights)
    for number in (0, 511, 512, 1023, 1024, 1099):
        alone = run_network(windows[number : number + 1], weights)[0]
        assert answers[number] == pytest.approx(alone, rel=1e-12)


def test_windows_that_are_views_are_answered_and_left_as_they_were():
    weights = make_weights(features=1, units=2, layers=1)
    series = np.random.default_rng(1).normal(size=(20, 1))
    before = series.copy()
    views = np.moveaxis(np.lib.stride_tricks.sliding_window_view(series, 4, axis=0), -1, 1)
    answers = run_network(views, weights)
    np.testing.assert_allclose(answers, run_network(views.copy(), weights), rtol=1e-12)
    assert np.array_equal(series, before)


def test_no_windows_have_no_answers():
    weights = make_weights(features=1, units=2, layers=1, horizon=3)
    assert run_network(np.empty((0, 4, 1)), weights).shape == (0, 3)


def test_weights_survive_their_arrays():
    weights = make_weights(features=2, units=3, layers=3)
    again = Weights.from_arrays(weights.to_arrays(), cell="lstm")
    assert len(again.layers) == 3
    for name, array in weights.to_arrays().items():
        assert again.to_arrays()[name] is array


def test_the_shapes_are_those_of_the_weights():
    shapes = list_shapes(cell="lstm", features=2, units=3, layers=2, horizon=5)
    arrays = make_weights(features=2, units=3, layers=2, horizon=5).to_arrays()
    assert {name: array.shape for name, array in arrays.items()} == shapes
    assert shapes == {
        "layers.0.kernel": (2, 12),
        "layers.0.recurrent_kernel": (3, 12),
        "layers.0.bias": (12,),
        "layers.1.kernel": (3, 12),
        "layers.1.recurrent_kernel": (3, 12),
        "layers.1.bias": (12,),
        "head.kernel": (3, 5),
        "head.bias": (5,),
    }


def test_the_tutorial_s_network_has_71051_weights():
    shapes = list_shapes(cell="lstm", features=1, units=50, layers=4)
    assert sum(math.prod(shape) for shape in shapes.values()) == 71_051


def test_more_than_ten_layers_stay_in_order():
    weights = make_weights(features=1, units=2, layers=12)
    again = Weights.from_arrays(dict(sorted(weights.to_arrays().items())), cell="lstm")
    for ours, theirs in zip(again.layers, weights.layers, strict=True):
        assert ours.kernel is theirs.kernel


def test_a_network_whose_answers_are_not_believed_answers_0_as_all_its_layers_would():
    heard = make_weights(features=2, units=3, layers=2)
    silent = heard.shrink(np.zeros(1), np.zeros(1))
    windows = np.random.default_rng(3).normal(size=(4, 6, 2))
    assert silent.is_silent
    assert not heard.is_silent
    through_all_layers = run_sequence(np.swapaxes(windows, 0, 1), silent)
    assert np.array_equal(run_network(windows, silent), through_all_layers)


def test_a_window_that_is_no_number_is_answered_by_none_even_so():
    silent = make_weights(features=2, units=3, layers=2).shrink(np.zeros(1), np.zeros(1))
    windows = np.zeros((2, 6, 2))
    windows[1, 3, 0] = np.nan
    assert np.isnan(run_network(windows, silent)[1]).all()
