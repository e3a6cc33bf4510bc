"""EPOCHS: trainings of `train`'s on the same windows, of so many epochs each, and no verdict."""

from __future__ import annotations

import sys
from dataclasses import replace

from benchmarks.workers.goog import load_series
from benchmarks.workers.turns import serve
from stockcast.progress import Silent
from stockcast.training.loop import fit_weights
from stockcast.training.trainer import Trainer


def main(epochs: int) -> None:
    """Window the prices, then train whenever it is our turn."""
    series = load_series()
    series = replace(series, recipe=series.recipe.model_copy(update={"epochs": epochs}))
    serve(lambda _turn: fit_weights(Trainer(series), progress=Silent()))


if __name__ == "__main__":
    main(int(sys.argv[1]))
