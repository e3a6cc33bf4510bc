"""The tutorial's network out of plain Keras layers."""

from __future__ import annotations

from typing import Any

import keras


def build_network(kind: Any = keras.layers.LSTM) -> Any:
    """Return it as the tutorial writes it, before `compile`; its layers may be another kind."""
    network = keras.Sequential()
    network.add(keras.Input((60, 1)))
    for number in range(4):
        network.add(kind(50, return_sequences=number < 3))
        network.add(keras.layers.Dropout(0.2))
    network.add(keras.layers.Dense(1))
    return network
