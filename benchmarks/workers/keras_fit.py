"""EPOCHS: fits of Keras' wrapper for scikit-learn with the tutorial's network.

It goes on from fit to fit, so that the graph is traced once, before the first that counts.
"""

from __future__ import annotations

import sys

import keras
from keras.wrappers import SKLearnRegressor

from benchmarks.workers.goog import load_arrays
from benchmarks.workers.keras_network import build_network
from benchmarks.workers.turns import serve


def main(epochs: int) -> None:
    """Build the network, then fit whenever it is our turn."""
    inputs, targets = load_arrays()
    # The wrapper takes no three dimensions, so the network makes the third.
    shaping = [keras.Input((60,)), keras.layers.Reshape((60, 1))]
    network = keras.Sequential([*shaping, build_network(keras.layers.LSTM)])
    network.compile(optimizer="adam", loss="mean_squared_error")
    wrapped = SKLearnRegressor(network, warm_start=True)

    def fit(_turn: int) -> object:
        return wrapped.fit(inputs[:, :, 0], targets[:, 0], epochs=epochs, batch_size=32, verbose=0)

    serve(fit)


if __name__ == "__main__":
    main(int(sys.argv[1]))
