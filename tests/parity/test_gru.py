"""The GRU against Keras' own layer, forward and backward, and against onnxruntime."""

import numpy as np
import pytest

from tests.parity.cases import (
    RUNS,
    assert_same_gradients,
    assert_starts_as_in_keras,
    draw_case,
    run_numpy,
    run_training_layer,
)
from tests.parity.rivals import run_keras, run_onnx


def run_onnx_gru(case):
    """Run onnxruntime's GRU, whose gates z, r, h are in our order and whose biases are ours."""
    inputs = {
        "X": case.inputs,
        "W": case.weights.kernel.T[None],
        "R": case.weights.recurrent_kernel.T[None],
        "B": case.weights.bias.reshape(1, -1),
        "initial_h": case.h[None],
    }
    return run_onnx("GRU", inputs, hidden_size=case.weights.units, linear_before_reset=1)


def test_numpy_s_hidden_states_are_those_of_onnxruntime():
    case = draw_case("gru")
    np.testing.assert_allclose(run_numpy(case), run_onnx_gru(case), atol=1e-6)


@pytest.mark.slow
def test_numpy_s_hidden_states_are_those_of_keras_gru():
    case = draw_case("gru").astype(np.float64)
    np.testing.assert_allclose(run_numpy(case), run_keras(case)[0], rtol=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("runs", RUNS, ids=str)
def test_the_unrolled_layer_s_hidden_states_are_those_of_onnxruntime(runs):
    case = draw_case("gru")
    np.testing.assert_allclose(run_training_layer(case, runs)[0], run_onnx_gru(case), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("runs", RUNS, ids=str)
def test_the_unrolled_layer_s_hidden_states_and_gradients_are_those_of_keras_gru(runs):
    case = draw_case("gru")
    hidden, gradients = run_training_layer(case, runs)
    expected_hidden, expected_gradients = run_keras(case.astype(np.float64))
    np.testing.assert_allclose(hidden, expected_hidden, atol=1e-6)
    assert_same_gradients(gradients, expected_gradients)


@pytest.mark.slow
def test_the_weights_start_as_those_of_keras_gru():
    from stockcast.training.tensorflow.runtime import keras

    assert_starts_as_in_keras("gru", keras.layers.GRU(8), gates=3)
