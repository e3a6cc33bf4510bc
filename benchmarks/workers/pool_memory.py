"""TICKERS ROWS: a pooled training of one short epoch; prints its peaks in bytes.

First the largest RssAnon, what the process had in memory of its own; then VmHWM, which also counts
the pages of mapped files that the system happened to keep in memory, and can drop at any time.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

from benchmarks.workers.made_up import make_pool
from stockcast.recipe import Recipe
from stockcast.training.checkpoint import identify_training
from stockcast.training.pooled import train_pool

_EVERY = 0.02  # seconds between two looks
_RECIPE = Recipe(pooled=True, batch_size=256, epochs=1, epoch_windows=2_048, validation=5, test=5)


class Deadline(threading.Thread):
    """Notes the largest RssAnon until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.largest = 0
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(_EVERY):
            self.largest = max(self.largest, read_status("RssAnon"))


def read_status(name: str) -> int:
    """Return a line of /proc/self/status in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def main(tickers: int, rows: int) -> None:
    """Do what `stockcast train --pooled` does once the files are read."""
    watch = Deadline()
    watch.start()
    with tempfile.TemporaryDirectory(prefix="stockcast-bench-") as folder:
        pool = make_pool(_RECIPE, Path(folder), tickers=tickers, rows=rows)
        identify_training(pool)
        train_pool(pool)
    watch.stopped.set()
    watch.join()
    print(watch.largest, read_status("VmHWM"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
