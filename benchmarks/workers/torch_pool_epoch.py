"""BATCH THREADS: the same epochs in PyTorch, out of one array of all returns held in memory.

Windows are gathered by index and scaled by the deviation of the 250 rows that end with them, which
is computed for all rows before the clock runs: less to do than on our side.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.workers.made_up import POOLED, make_pool
from benchmarks.workers.torch_epoch import Network
from benchmarks.workers.turns import serve
from stockcast.windows.pool import Pool


def main(batch: int, threads: int) -> None:
    """Build, then train an epoch whenever it is our turn."""
    # As TensorFlow does; before there are threads, which inherit it.
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory(prefix="stockcast-bench-") as folder:
        pool = make_pool(POOLED, Path(folder), tickers=500, rows=1_250)
        training = pool.list_windows()[0]
        returns = torch.from_numpy(np.array(pool.values[:, 0]))
        deviations = torch.from_numpy(_measure_deviations(pool))
    network = Network()
    optimizer = torch.optim.Adam(network.parameters())
    measure_loss = nn.MSELoss()
    steps = torch.arange(POOLED.window + 1)

    def run_epoch(epoch: int) -> float:
        drawn = np.random.default_rng([POOLED.seed, epoch])
        numbers = drawn.integers(len(training), size=POOLED.epoch_windows)
        starts = torch.from_numpy(training.locate(numbers)[1])
        total = 0.0
        for first in range(0, len(starts), batch):
            part = starts[first : first + batch]
            scaled = returns[part[:, None] + steps] / deviations[part + POOLED.window - 1, None]
            optimizer.zero_grad()
            loss = measure_loss(network(scaled[:, :-1, None]), scaled[:, -1:])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(part)
        return total / len(starts)

    serve(run_epoch)


def _measure_deviations(pool: Pool) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """(rows,) deviation of the newest 250 rows of the same ticker; 1 before there are two."""
    deviations = np.ones(len(pool.values), dtype=np.float32)
    for first, end in zip(pool.edges[:-1], pool.edges[1:], strict=True):
        series = pool.values[first:end, 0].astype(np.float64)
        for row in range(1, len(series)):
            deviations[first + row] = series[max(0, row - 249) : row + 1].std()
    return deviations


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
