"""The NumPy gradient against automatic differentiation and against small differences."""

import numpy as np
import pytest

from stockcast.networks.cells import CELLS
from stockcast.networks.gradient import differentiate_answer
from stockcast.networks.network import Weights, list_shapes, run_network
from stockcast.networks.trace import trace_network


def draw_weights(cell, *, features=2, units=5, layers=3, horizon=1, dtype=np.float64):
    random = np.random.default_rng(4)
    shapes = list_shapes(cell=cell, features=features, units=units, layers=layers, horizon=horizon)
    return Weights.from_arrays(
        {name: random.normal(0, 0.6, shape).astype(dtype) for name, shape in shapes.items()},
        cell=cell,
    )


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_the_gradient_is_what_small_differences_of_the_first_answer_give(cell, horizon):
    weights = draw_weights(cell, horizon=horizon)
    windows = np.random.default_rng(5).normal(size=(3, 7, 2))
    found = differentiate_answer(trace_network(windows, weights), weights)
    small = 1e-6
    for step, feature in np.ndindex(7, 2):
        nudge = np.zeros_like(windows)
        nudge[:, step, feature] = small
        above, below = (run_network(windows + sign * nudge, weights)[:, 0] for sign in (1, -1))
        np.testing.assert_allclose(
            found[:, step, feature], (above - below) / (2 * small), rtol=1e-5, atol=1e-9
        )


@pytest.mark.parametrize("cell", CELLS)
def test_the_trace_ends_in_the_forecasts_own_answer(cell):
    weights = draw_weights(cell, horizon=2)
    windows = np.random.default_rng(6).normal(size=(4, 9, 2))
    last = trace_network(windows, weights)[-1].hidden[-1]
    answers = last @ weights.head_kernel + weights.head_bias
    np.testing.assert_allclose(answers, run_network(windows, weights), rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_gradient_is_that_of_keras_own_layers(cell):
    from stockcast.training.tensorflow.runtime import keras, tf

    weights = draw_weights(cell, dtype=np.float32)
    kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell]
    layers = [kind(5, return_sequences=True) for _ in weights.layers]
    windows = np.random.default_rng(7).normal(size=(3, 12, 2)).astype(np.float32)
    inputs = tf.constant(windows)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        sequence = inputs
        for layer, ours in zip(layers, weights.layers, strict=True):
            layer.build(sequence.shape)
            layer.set_weights([ours.kernel, ours.recurrent_kernel, ours.bias])
            sequence = layer(sequence)
        answers = sequence[:, -1] @ weights.head_kernel + weights.head_bias
    expected = tape.gradient(answers, inputs).numpy()
    double = weights.astype(np.float64)
    found = differentiate_answer(trace_network(windows.astype(np.float64), double), double)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(found, expected, atol=2e-6)
