"""BATCH: epochs of pooled training on 8,192 windows out of 500 tickers, drawn from their files."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.workers.made_up import POOLED, make_pool
from benchmarks.workers.turns import serve
from stockcast.training.trainer import Trainer


def main(batch: int) -> None:
    """Build, then train an epoch whenever it is our turn."""
    recipe = POOLED.model_copy(update={"batch_size": batch})
    with tempfile.TemporaryDirectory(prefix="stockcast-bench-") as folder:
        trainer = Trainer(make_pool(recipe, Path(folder), tickers=500, rows=1_250))

        def run_epoch(epoch: int) -> float:
            drawn = np.random.default_rng([recipe.seed, epoch])
            numbers = drawn.integers(trainer.training, size=recipe.epoch_windows)
            return trainer.run_epoch(numbers, epoch)

        serve(run_epoch)


if __name__ == "__main__":
    main(int(sys.argv[1]))
