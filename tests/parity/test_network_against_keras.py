"""The NumPy forward pass against Keras' own layers, on the same weights."""

import numpy as np
import pytest

from stockcast.networks.network import Weights, list_shapes, run_network

pytestmark = pytest.mark.slow

CASES = [
    # features, units, layers, window, batch, horizon
    (1, 50, 4, 60, 3, 1),
    (5, 7, 1, 1, 4, 2),
    (2, 1, 3, 11, 1, 1),
    (3, 16, 2, 25, 9, 5),
]


def draw_weights(cell, features, units, layers, horizon, *, seed=0):
    random = np.random.default_rng(seed)
    shapes = list_shapes(cell=cell, features=features, units=units, layers=layers, horizon=horizon)
    return Weights.from_arrays(
        {name: random.normal(0, 0.4, shape).astype(np.float32) for name, shape in shapes.items()},
        cell=cell,
    )


def build_keras(weights, window):
    """The same network from plain Keras layers, as the tutorial writes it."""
    from stockcast.training.tensorflow.runtime import keras

    kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[weights.cell]
    features = weights.layers[0].kernel.shape[0]
    model = keras.Sequential([keras.Input((window, features))])
    for number, layer in enumerate(weights.layers):
        last = number == len(weights.layers) - 1
        recurrent = kind(layer.units, return_sequences=not last)
        model.add(recurrent)
        recurrent.set_weights([layer.kernel, layer.recurrent_kernel, layer.bias])
        model.add(keras.layers.Dropout(0.2))
    model.add(keras.layers.Dense(len(weights.head_bias)))
    model.layers[-1].set_weights([weights.head_kernel, weights.head_bias])
    return model


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize(("features", "units", "layers", "window", "batch", "horizon"), CASES)
def test_numpy_answers_as_keras_does(cell, features, units, layers, window, batch, horizon):
    weights = draw_weights(cell, features, units, layers, horizon)
    windows = np.random.default_rng(1).normal(size=(batch, window, features)).astype(np.float32)
    expected = build_keras(weights, window)(windows).numpy()
    assert expected.shape == (batch, horizon)
    np.testing.assert_allclose(run_network(windows, weights), expected, rtol=1e-5, atol=1e-5)
