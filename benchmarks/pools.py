"""Pooled training: an epoch beside PyTorch's, and what ten thousand tickers take in memory."""

from __future__ import annotations

import sys

from benchmarks.comparison import Comparison, take_turns
from benchmarks.processes import PYTHON, read_output, start_worker

_ROUNDS = 9
_BATCHES = (32, 256, 1_024)
_MANY, _FEW, _ROWS = 10_000, 10, 5_000
_MB = 1e6  # bytes


def compare_epoch() -> list[Comparison]:
    """Steady training on windows out of 500 tickers, at each size of batch."""
    return [_compare_batch(size) for size in _BATCHES]


def compare_memory() -> list[Comparison]:
    """Peaks of a training on many tickers above those of the same on a few.

    It needs 1.4 GB of disk for temporary files, which go where TMPDIR says.
    """
    print(f"pool-memory: pooling {_MANY:,} tickers, 1.4 GB on disk", file=sys.stderr)
    few, many = (
        [
            float(figure) / _MB
            for figure in read_output(
                PYTHON, "-m", "benchmarks.workers.pool_memory", str(tickers), str(_ROWS)
            ).split()
        ]
        for tickers in (_FEW, _MANY)
    )
    values = _MANY * _ROWS * 4 / _MB
    title = f"`pool-memory`: {_MANY:,} tickers of {_ROWS:,} rows"
    return [
        Comparison(
            f"{title}, {what} above that of {_FEW} tickers, against their values' size",
            (above - floor,),
            (values,),
            "MB",
            "cost",
            1,
        )
        for what, floor, above in zip(
            ("peak memory of its own", "peak with mapped files"), few, many, strict=True
        )
    ]


def _compare_batch(size: int) -> Comparison:
    """An epoch of the same windows, drawn afresh in a random order by either side."""
    best = _choose_threads(size)
    with (
        start_worker("pool_epoch", str(size)) as ours,
        start_worker("torch_pool_epoch", str(size), best) as theirs,
    ):
        figures = take_turns(
            f"pool-epoch {size}",
            {"ours": ours.run_epoch, "rival": theirs.run_epoch},
            rounds=_ROUNDS,
        )
    return Comparison(
        what=f"`pool-epoch`: 8,192 windows out of 500 tickers, batches of {size:,}, "
        f"against PyTorch nn.LSTM ({best} threads)",
        ours=figures["ours"],
        rival=figures["rival"],
        unit="s",
        meaning="speed",
        reach=1.8,
    )


def _choose_threads(size: int) -> str:
    """Return how many threads PyTorch is fastest with, by a round of each."""
    with (
        start_worker("torch_pool_epoch", str(size), "1") as one,
        start_worker("torch_pool_epoch", str(size), "2") as two,
    ):
        figures = take_turns(
            f"pool-epoch {size}, threads", {"1": one.run_epoch, "2": two.run_epoch}, rounds=2
        )
    return min(figures, key=lambda threads: min(figures[threads]))
