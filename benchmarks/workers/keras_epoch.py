"""LSTM or GRU: epochs of plain Keras with such layers.

It is one long `fit`, held at the start of each epoch until it is our turn.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import keras

from benchmarks.workers.goog import load_arrays
from benchmarks.workers.keras_network import build_network
from benchmarks.workers.turns import WARM_UP, report, wait_for_turn

_EPOCHS = 100_000  # more than anyone waits for


class Turns(keras.callbacks.Callback):  # type: ignore[misc]  # Keras' classes are Any
    """Waits before an epoch and tells how long it took."""

    def on_epoch_begin(self, epoch: int, _logs: Any = None) -> None:
        """Keras counts from 0."""
        if epoch == WARM_UP:
            report("ready")
        self._began = wait_for_turn() if epoch >= WARM_UP else 0.0

    def on_epoch_end(self, epoch: int, _logs: Any = None) -> None:
        """Report, once warm."""
        if epoch >= WARM_UP:
            report(time.perf_counter() - self._began)


if __name__ == "__main__":
    inputs, targets = load_arrays()
    network = build_network({"LSTM": keras.layers.LSTM, "GRU": keras.layers.GRU}[sys.argv[1]])
    network.compile(optimizer="adam", loss="mean_squared_error")
    network.fit(inputs, targets, epochs=_EPOCHS, batch_size=32, verbose=0, callbacks=[Turns()])
