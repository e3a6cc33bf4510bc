"""Many tickers: training in more processes, and forecasts of all of them in one."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.comparison import Comparison, take_turns
from benchmarks.processes import PYTHON, STOCKCAST, read_output, run_process

_TICKERS = 1_000
_BARS = 1_250  # five years of days
_PREDICT_ROUNDS = 3
_FLEET_ROUNDS = 3
_HANDED = 10_000


def compare_predict_many() -> list[Comparison]:
    """`stockcast predict` of 1,000 tickers against `pandas.read_csv` of the same files."""
    with tempfile.TemporaryDirectory() as folder:
        _write_tickers(folder, _TICKERS)
        ours = (STOCKCAST, "predict", f"{folder}/prices", "-m", f"{folder}/models", "-q")
        rival = (PYTHON, "-m", "benchmarks.workers.read_many", f"{folder}/prices")
        figures = take_turns(
            "predict-many",
            {
                "ours": lambda: run_process(*ours).seconds,
                "rival": lambda: run_process(*rival).seconds,
            },
            rounds=_PREDICT_ROUNDS,
        )
    what = f"`predict-many`: {_TICKERS:,} tickers, the process, against `read_csv`'s"
    return [Comparison(what, figures["ours"], figures["rival"], "s", "cost", 3)]


def compare_fleet() -> list[Comparison]:
    """Two worker processes against one, in the steady state: from the first model to the last."""
    figures = _measure_fleet("fleet")
    cores = "two workers, 40 tickers from the first model to the last, against one worker"
    handing = _measure_handing_out("handing out")
    tasks = f"{_HANDED:,} tasks that do nothing, each, against Dask's `submit` and `as_completed`"
    return [
        Comparison(f"`fleet`: {cores}", figures["two"], figures["one"], "s", "speed", 1.8),
        Comparison(f"`fleet`: {tasks}", handing["ours"], handing["dask"], "ms", "cost", 1.25),
    ]


def _measure_fleet(name: str) -> dict[str, tuple[float, ...]]:
    def run(workers: int) -> float:
        return float(read_output(PYTHON, "-m", "benchmarks.workers.fleet", str(workers)))

    return take_turns(name, {"two": lambda: run(2), "one": lambda: run(1)}, rounds=_FLEET_ROUNDS)


def _measure_handing_out(name: str) -> dict[str, tuple[float, ...]]:
    def run(how: str) -> float:
        command = (PYTHON, "-m", "benchmarks.workers.fleet", "2", str(_HANDED), how)
        return float(read_output(*command))

    rivals = {"ours": lambda: run("nothing"), "dask": lambda: run("dask")}
    return take_turns(name, rivals, rounds=_FLEET_ROUNDS)


def _write_tickers(folder: str, count: int) -> None:
    print(f"predict-many: writing {count:,} price files and models", file=sys.stderr)
    (Path(folder) / "prices").mkdir()
    read_output(PYTHON, "-m", "benchmarks.workers.write_many", folder, str(count), str(_BARS))
