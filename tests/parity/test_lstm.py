"""The LSTM against Keras' own layer, forward and backward.

A kernel with a wrong gradient still trains, only badly: nothing else would catch it.
"""

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
from tests.parity.rivals import run_keras

pytestmark = pytest.mark.slow


def test_numpy_s_hidden_states_are_those_of_keras_lstm():
    case = draw_case("lstm").astype(np.float64)
    np.testing.assert_allclose(run_numpy(case), run_keras(case)[0], rtol=1e-11)


@pytest.mark.parametrize("runs", RUNS, ids=str)
def test_the_fused_layer_s_hidden_states_and_gradients_are_those_of_keras_lstm(runs):
    case = draw_case("lstm")
    hidden, gradients = run_training_layer(case, runs)
    expected_hidden, expected_gradients = run_keras(case.astype(np.float64))
    np.testing.assert_allclose(hidden, expected_hidden, atol=1e-6)
    assert_same_gradients(gradients, expected_gradients)


def test_the_weights_start_as_those_of_keras_lstm():
    from stockcast.training.tensorflow.runtime import keras

    assert_starts_as_in_keras("lstm", keras.layers.LSTM(8), gates=4)
