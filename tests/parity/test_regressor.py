"""The network that is trained against the one that forecasts, and against Keras' own layers."""

import numpy as np
import pytest

from stockcast.networks.cells import CELLS
from stockcast.networks.network import run_network
from stockcast.recipe import Recipe
from tests.parity.cases import assert_same_gradients, take_gradients

pytestmark = pytest.mark.slow

FEATURES = 2


def build_regressor(cell, *, on_gpu=False, draw=True):
    """Build three layers of nine units; if `draw`, with random weights, the same each time."""
    from stockcast.training.first_weights import draw_weights
    from stockcast.training.tensorflow.regressor import Regressor

    recipe = Recipe(cell=cell, window=23, units=9, layers=3, seed=5)
    regressor = Regressor(recipe, features=FEATURES, on_gpu=on_gpu)
    regressor.assign_weights(draw_weights(recipe, features=FEATURES))
    random = np.random.default_rng(0)
    if draw:  # biases and peepholes too: as they start, they do not tell one gate from another
        for variable in regressor.trainable_variables:
            variable.assign(random.normal(0, 0.5, variable.shape))
    return regressor


@pytest.fixture
def windows():
    return np.random.default_rng(1).normal(size=(6, 23, FEATURES)).astype(np.float32)


def differentiate(regressor, windows):
    """Return the gradients of the squared answers' sum, by the number of each weight array."""
    from stockcast.training.tensorflow.runtime import tf

    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(regressor(windows)))
    variables = regressor.trainable_variables
    sources = {number: variable.value for number, variable in enumerate(variables)}
    return take_gradients(tape, loss, sources)


@pytest.mark.parametrize("cell", CELLS)
def test_numpy_answers_as_the_regressor_does(cell, windows):
    regressor = build_regressor(cell)
    answers = run_network(windows, regressor.to_weights())
    assert np.ptp(answers) > 0.02
    np.testing.assert_allclose(answers, regressor(windows), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_a_few_steps_of_training_and_numpy_still_answers_as_the_regressor_does(cell):
    from stockcast.prices.csv.reader import read_prices
    from stockcast.training.trainer import Trainer
    from stockcast.windows.series import window_history
    from stockcast.windows.windowing import cut_windows
    from tests.support import SAMPLES

    series = window_history(
        read_prices([SAMPLES / "FB.csv"])[0],
        Recipe(cell=cell, window=11, units=9, layers=2, engine="tensorflow"),
    )
    trainer = Trainer(series)
    trainer.run_epoch(series.window_starts[:64], 1)
    windows = np.ascontiguousarray(cut_windows(np.asarray(series.values), window=11)[:50])
    expected = trainer._engine._graph.regressor(windows).numpy()
    answers = run_network(windows, trainer.to_weights())
    assert np.ptp(answers) > 1e-4
    np.testing.assert_allclose(answers, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_with_a_gpu_a_network_starts_from_the_same_weights(cell):
    ours = build_regressor(cell, draw=False).to_weights()
    theirs = build_regressor(cell, draw=False, on_gpu=True).to_weights()
    assert ours.cell == theirs.cell == cell
    assert ours.to_arrays().keys() == theirs.to_arrays().keys()
    for name, array in ours.to_arrays().items():
        np.testing.assert_array_equal(array, theirs.to_arrays()[name], err_msg=name)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_keras_own_layers_answer_and_learn_as_ours_do(cell, windows):
    """What a machine with a GPU runs, run here on the CPU."""
    from stockcast.training.tensorflow.runtime import keras

    ours, theirs = (build_regressor(cell, on_gpu=on_gpu) for on_gpu in (False, True))
    kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell]
    assert all(type(layer) is kind for layer in theirs.recurrent)
    np.testing.assert_allclose(ours(windows), theirs(windows), rtol=1e-5, atol=1e-5)
    assert_same_gradients(differentiate(ours, windows), differentiate(theirs, windows))


@pytest.mark.parametrize("cell", ["peephole", "cifg", "cifg-peephole"])
def test_what_cudnn_does_not_know_is_fused_with_a_gpu_too(cell, windows):
    ours, with_gpu = (build_regressor(cell, on_gpu=on_gpu) for on_gpu in (False, True))
    np.testing.assert_array_equal(ours(windows), with_gpu(windows))
