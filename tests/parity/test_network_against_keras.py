"""The NumPy forward pass against Keras' own layers, on the same weights."""

import numpy as np
import pytest

from stockcast.recipe import Recipe
from stockcast.recurrent.network import Weights, list_shapes, run_network

pytestmark = pytest.mark.slow

CASES = [
    # features, units, layers, window, batch
    (1, 50, 4, 60, 3),
    (5, 7, 1, 1, 4),
    (2, 1, 3, 11, 1),
    (3, 16, 2, 25, 9),
]


def draw_weights(features, units, layers, *, seed=0):
    random = np.random.default_rng(seed)
    shapes = list_shapes(cell="lstm", features=features, units=units, layers=layers)
    return Weights.from_arrays(
        {name: random.normal(0, 0.4, shape).astype(np.float32) for name, shape in shapes.items()},
        cell="lstm",
    )


def build_keras(weights, window):
    """The same network from plain Keras layers, as the tutorial writes it."""
    from stockcast.training.runtime import keras

    features = weights.layers[0].kernel.shape[0]
    model = keras.Sequential([keras.Input((window, features))])
    for number, layer in enumerate(weights.layers):
        last = number == len(weights.layers) - 1
        lstm = keras.layers.LSTM(layer.units, return_sequences=not last)
        model.add(lstm)
        lstm.set_weights([layer.kernel, layer.recurrent_kernel, layer.bias])
        model.add(keras.layers.Dropout(0.2))
    model.add(keras.layers.Dense(1))
    model.layers[-1].set_weights([weights.head_kernel, weights.head_bias])
    return model


@pytest.mark.parametrize(("features", "units", "layers", "window", "batch"), CASES)
def test_numpy_answers_as_keras_does(features, units, layers, window, batch):
    weights = draw_weights(features, units, layers)
    windows = np.random.default_rng(1).normal(size=(batch, window, features)).astype(np.float32)
    expected = build_keras(weights, window)(windows).numpy()[:, 0]
    np.testing.assert_allclose(run_network(windows, weights), expected, atol=1e-5)


def test_a_few_steps_of_training_and_numpy_still_answers_as_the_regressor_does():
    from stockcast.prices.reader import read_prices
    from stockcast.training.steps import Trainer
    from stockcast.windows.series import window_history
    from stockcast.windows.windowing import cut_windows
    from tests.support import SAMPLES

    series = window_history(
        read_prices([SAMPLES / "FB.csv"])[0], Recipe(window=23, units=9, layers=3)
    )
    trainer = Trainer(series)
    trainer.run_epoch(series.window_starts[:64], 1)
    windows = np.ascontiguousarray(cut_windows(np.asarray(series.values), window=23)[:50])
    expected = trainer._regressor(windows).numpy()
    answers = run_network(windows, trainer.to_weights())
    assert np.ptp(answers) > 1e-4
    np.testing.assert_allclose(answers, expected, atol=1e-5)


def test_keras_own_layers_start_from_the_same_weights_and_give_the_same_answers():
    """What a machine with a GPU runs, run here on the CPU."""
    from stockcast.training.regressor import Regressor

    recipe = Recipe(window=23, units=9, layers=3, seed=5)
    fused = Regressor(recipe, features=2, on_gpu=False)
    plain = Regressor(recipe, features=2, on_gpu=True)
    for name, array in fused.to_weights().to_arrays().items():
        np.testing.assert_array_equal(array, plain.to_weights().to_arrays()[name], err_msg=name)
    windows = np.random.default_rng(1).normal(size=(6, 23, 2)).astype(np.float32)
    np.testing.assert_allclose(fused(windows), plain(windows), atol=1e-5)
