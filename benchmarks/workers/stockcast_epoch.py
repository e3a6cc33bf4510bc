"""CELL ENGINE [processor]: epochs of stockcast with such cells, as `stockcast.training.fit` does.

With `processor` it is the processor's time that is told, of all threads.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np

from benchmarks.workers.goog import load_series
from benchmarks.workers.turns import serve
from stockcast.training.trainer import Trainer


def main(cell: str, engine: str, *clock: str) -> None:
    """Build, then train an epoch whenever it is our turn."""
    series = load_series(cell)
    series = replace(series, recipe=series.recipe.model_copy(update={"engine": engine}))
    trainer = Trainer(series)

    def run_epoch(epoch: int) -> float:
        shuffled = np.random.default_rng([series.recipe.seed, epoch])
        return trainer.run_epoch(shuffled.permutation(trainer.training), epoch)

    serve(run_epoch, clock=time.process_time if clock else time.perf_counter)


if __name__ == "__main__":
    main(*sys.argv[1:])
