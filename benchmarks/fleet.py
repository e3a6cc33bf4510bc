"""Many tickers: training in more processes, and forecasts of all of them in one."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks.comparison import Comparison, take_turns
from benchmarks.processes import PYTHON, STOCKCAST, Usage, read_output, run_process

_TICKERS = 1_000
_FEW, _MOST = 2, 10_000
_BARS = 1_250  # five years of days
_PREDICT_ROUNDS = 5
_GROWTH_ROUNDS = 2
_FLEET_ROUNDS = 3
_HANDED = 10_000


def compare_predict_many() -> list[Comparison]:
    """`stockcast predict` of 1,000 tickers against `pandas.read_csv` of the same files.

    Processor time: what the machine does besides lengthens it less than the time on the wall.
    Less what the same process takes for a few tickers, it is what the tickers take alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        few, many, most = (Path(folder) / name for name in ("few", "many", "most"))
        _write_tickers(many, _TICKERS)
        _link_tickers(many, few, _FEW)
        _link_tickers(many, most, _MOST)
        sides = {
            "ours": lambda: _predict(many),
            "rival": lambda: _read(many),
            "our few": lambda: _predict(few),
            "rival's few": lambda: _read(few),
        }
        usages = _measure_in_turn("predict-many", sides, rounds=_PREDICT_ROUNDS)
        grown = _measure_in_turn(
            f"predict-many, {_MOST:,} tickers",
            {"few": lambda: _predict(many), "many": lambda: _predict(most)},
            rounds=_GROWTH_ROUNDS,
        )
    processor = {side: tuple(one.processor for one in all_) for side, all_ in usages.items()}
    alone = [
        tuple(whole - start for whole, start in zip(processor[all_], processor[few_], strict=True))
        for all_, few_ in (("ours", "our few"), ("rival", "rival's few"))
    ]
    times = _MOST // _TICKERS
    what = f"`predict-many`: {_TICKERS:,} tickers, processor time"
    return [
        Comparison(
            f"{what} of the process, against `read_csv`'s",
            processor["ours"],
            processor["rival"],
            "s",
            "cost",
            3,
        ),
        Comparison(f"{what} of the tickers, start not counted", *alone, "s", "cost", 4),
        Comparison(
            f"`predict-many`: {_MOST:,} tickers, processor time, against {times} × {_TICKERS:,}",
            tuple(one.processor for one in grown["many"]),
            tuple(times * one.processor for one in grown["few"]),
            "s",
            "cost",
            1.1,
        ),
        Comparison(
            f"`predict-many`: {_MOST:,} tickers, peak of the process, against that of {_TICKERS:,}",
            tuple(one.peak / 1e6 for one in grown["many"]),
            tuple(one.peak / 1e6 for one in grown["few"]),
            "MB",
            "cost",
            1.2,
        ),
    ]


def _predict(folder: Path) -> Usage:
    output = str(folder / "forecasts.csv")
    prices, models = str(folder / "prices" / "*.csv"), str(folder / "models")
    return run_process(STOCKCAST, "predict", prices, "-m", models, "-o", output, "-q")


def _read(folder: Path) -> Usage:
    return run_process(PYTHON, "-m", "benchmarks.workers.read_many", str(folder / "prices"))


def _measure_in_turn(
    name: str, sides: Mapping[str, Callable[[], Usage]], *, rounds: int
) -> dict[str, list[Usage]]:
    """Take turns as `take_turns` does, and return all that each turn took."""
    usages: dict[str, list[Usage]] = {side: [] for side in sides}

    def keep(side: str) -> float:
        usages[side].append(sides[side]())
        return usages[side][-1].processor

    take_turns(name, {side: partial(keep, side) for side in sides}, rounds=rounds)
    return usages


def compare_fleet() -> list[Comparison]:
    """Two worker processes against one, in the steady state: from the first model to the last."""
    figures = _measure_fleet("fleet")
    cores = "two workers, 40 tickers from the first model to the last, against one worker"
    handing = _measure_handing_out("handing out")
    tasks = f"{_HANDED:,} tasks that do nothing, each, against Dask's `submit` and `as_completed`"
    return [
        Comparison(f"`fleet`: {cores}", figures["two"], figures["one"], "s", "speed", 1.7),
        Comparison(f"`fleet`: {tasks}", handing["ours"], handing["dask"], "ms", "cost", 1.25),
    ]


def compare_fleet_engines() -> list[Comparison]:
    """Tickers an hour on the native engine against those on TensorFlow."""

    def run(engine: str, workers: int) -> float:
        command = (PYTHON, "-m", "benchmarks.workers.fleet", str(workers), engine)
        return float(read_output(*command))

    rows = []
    for workers, what in ((1, "one worker"), (2, "two workers")):
        sides = {
            "ours": partial(run, "native", workers),
            "rival": partial(run, "tensorflow", workers),
        }
        figures = take_turns(f"fleet-engine, {what}", sides, rounds=_FLEET_ROUNDS)
        title = f"`fleet-engine`: {what}, 40 tickers, against `--engine tensorflow`"
        rows.append(Comparison(title, figures["ours"], figures["rival"], "s", "speed", 2.2))
    return rows


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


def _write_tickers(folder: Path, count: int) -> None:
    print(f"predict-many: writing {count:,} price files and models", file=sys.stderr)
    (folder / "prices").mkdir(parents=True)
    read_output(PYTHON, "-m", "benchmarks.workers.write_many", str(folder), str(count), str(_BARS))


def _link_tickers(source: Path, folder: Path, count: int) -> None:
    """Give the same files more names, or a few of them the same: other tickers, no more disk."""
    for kind in ("prices", "models"):
        (folder / kind).mkdir(parents=True)
        files = sorted((source / kind).iterdir())
        for number in range(count):
            file = files[number % len(files)]
            name = f"{file.stem}-{number // len(files)}{file.suffix}"
            (folder / kind / name).hardlink_to(file)
