"""EPOCHS: fits of the estimator with the tutorial's network, of so many epochs each."""

from __future__ import annotations

import sys

from benchmarks.workers.goog import load_arrays
from benchmarks.workers.turns import serve
from stockcast.sklearn import LSTMRegressor


def main(epochs: int) -> None:
    """Load the windows, then fit whenever it is our turn."""
    inputs, targets = load_arrays()

    def fit(_turn: int) -> object:
        return LSTMRegressor(epochs=epochs, random_state=0).fit(inputs, targets)

    serve(fit)


if __name__ == "__main__":
    main(int(sys.argv[1]))
