"""CELL: epochs of stockcast with such cells, as `stockcast.training.fit` runs them."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.workers.goog import load_series
from benchmarks.workers.turns import serve
from stockcast.training.trainer import Trainer


def main(cell: str) -> None:
    """Build, then train an epoch whenever it is our turn."""
    series = load_series(cell)
    trainer = Trainer(series)

    def run_epoch(epoch: int) -> float:
        shuffled = np.random.default_rng([series.recipe.seed, epoch])
        return trainer.run_epoch(shuffled.permutation(series.window_starts), epoch)

    serve(run_epoch)


if __name__ == "__main__":
    main(sys.argv[1])
