"""`stockcast prepare` of a million rows beside `pandas.read_csv` of the same file."""

from __future__ import annotations

import functools
import itertools
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.comparison import Comparison, take_turns
from benchmarks.prices import write_prices
from benchmarks.processes import PYTHON, STOCKCAST, Usage, read_output, run_process

_ROWS = 1_000_000
_FEW = 200  # rows of the file that tells what prepare holds before it has read anything
_ROUNDS = 7
_MB = 1e6  # bytes
_READ = "import sys, pandas; frame = pandas.read_csv(sys.argv[1], parse_dates=['Date'])"
_SIZE = f"{_READ}; print(frame.memory_usage(deep=True).sum())"


@dataclass(frozen=True)
class _Measured:
    """What the rounds gave.

    Attributes:
        ours: `prepare` of the large file, one a round.
        floor: `prepare` of a tiny file.
        rival: `read_csv` of the large file.
        frame: bytes of the DataFrame.
    """

    ours: list[Usage]
    floor: list[Usage]
    rival: list[Usage]
    frame: float


def compare_memory() -> list[Comparison]:
    """Peak memory: of the whole process, and without what is there before the first row."""
    measured = _measure()
    ours, floor, rival = (
        [usage.peak / _MB for usage in side]
        for side in (measured.ours, measured.floor, measured.rival)
    )
    title = f"`prepare-memory`: {_ROWS:,} rows"
    return [
        Comparison(
            f"{title}, peak of the process, against `read_csv`'s",
            tuple(ours),
            tuple(rival),
            "MB",
            "cost",
            2,
        ),
        Comparison(
            f"{title}, peak above a tiny file's, against the DataFrame's size",
            tuple(peak - start for peak, start in zip(ours, floor, strict=True)),
            (measured.frame / _MB,) * _ROUNDS,
            "MB",
            "cost",
            2,
        ),
    ]


def compare_time() -> list[Comparison]:
    """Seconds of the whole process."""
    measured = _measure()
    return [
        Comparison(
            f"`prepare-time`: {_ROWS:,} rows, the process, against `read_csv`'s",
            tuple(usage.seconds for usage in measured.ours),
            tuple(usage.seconds for usage in measured.rival),
            "s",
            "cost",
            3,
        )
    ]


@functools.cache
def _measure() -> _Measured:
    """Run the rounds, once for both benchmarks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large, tiny = folder / "large.csv", folder / "tiny.csv"
        print(f"prepare: writing {_ROWS:,} made-up rows", file=sys.stderr)
        write_prices(large, rows=_ROWS)
        write_prices(tiny, rows=_FEW)
        usages: dict[str, list[Usage]] = {"ours": [], "floor": [], "rival": []}
        numbers = itertools.count()

        def prepare(side: str, prices: Path) -> float:
            output = folder / f"prepared-{next(numbers)}"
            usages[side].append(run_process(STOCKCAST, "prepare", str(prices), "-o", str(output)))
            shutil.rmtree(output)
            return usages[side][-1].seconds

        def read() -> float:
            usages["rival"].append(run_process(PYTHON, "-c", _READ, str(large)))
            return usages["rival"][-1].seconds

        frame = float(read_output(PYTHON, "-c", _SIZE, str(large)))  # the rival's warm-up
        prepare("ours", large)
        usages["ours"].clear()
        take_turns(
            "prepare (s)",
            {
                "ours": lambda: prepare("ours", large),
                "rival": read,
                "tiny file": lambda: prepare("floor", tiny),
            },
            rounds=_ROUNDS,
        )
        return _Measured(**usages, frame=frame)
