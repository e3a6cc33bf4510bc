"""Train 40 made-up tickers on worker processes; print seconds from the first model to the last.

A second argument `native` or `tensorflow` says on which engine. With a number there, print each
process's resident megabytes over that many tickers instead; with `nothing` or `dask` as a third,
the work is none, the series always the same, and what is printed is the milliseconds of one: handed
out by stockcast, or by Dask's `submit` alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import islice

import numpy as np
from distributed import as_completed

from stockcast.fleet.cluster import open_local
from stockcast.fleet.fleet import run_on
from stockcast.fleet.work import Outcome
from stockcast.prices.history import PriceHistory, Source
from stockcast.recipe import load_recipe
from stockcast.windows.series import window_history
from stockcast.workflows.tasks import TrainTask, train_task


def do_nothing(task: TrainTask) -> Outcome:
    return Outcome(task.name)


def make_tasks(count: int, *, engine: str = "auto") -> Iterator[TrainTask]:
    """Make up tickers of five years of days, all different."""
    recipe = load_recipe("fast", {"epochs": 10, "patience": 0, "engine": engine})
    dates = np.busday_offset("2015-01-02", np.arange(1_250), roll="forward")
    for number in range(count):
        walk = np.cumsum(np.random.default_rng(number).normal(0, 0.02, len(dates)))
        history = PriceHistory(
            ticker=f"T{number}",
            dates=dates.astype("datetime64[us]"),
            columns={"close": 100 * np.exp(walk)},
            findings=(),
            sources=(Source(f"T{number}.csv", f"{number:064}"),),
            lines=np.arange(2, len(dates) + 2, dtype=np.int32),
            files=np.zeros(len(dates), dtype=np.int16),
        )
        yield TrainTask(history.ticker, window_history(history, recipe))


def measure_memory() -> float:
    """Return this process's resident megabytes."""
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * 4096 / 1e6


def train_and_weigh(task: TrainTask) -> Outcome:
    outcome = train_task(task)
    return Outcome(outcome.name, seconds=measure_memory())


def run_bare(opened, tasks: Iterator[TrainTask], work) -> Iterator[Outcome]:
    """Do tasks on a client's workers, one a worker, and look after nothing."""
    with opened as client:
        places = sum(client.nthreads().values())
        first = [client.submit(work, task, pure=False) for task in islice(tasks, places)]
        completed = as_completed(first, with_results=True)
        for _, outcome in completed:
            for task in islice(tasks, 1):
                completed.add(client.submit(work, task, pure=False))
            yield outcome


def measure_handing_out(workers: int, count: int, run) -> float:
    """Return the milliseconds that a task takes from the first answer to the last."""
    series = next(make_tasks(1)).series
    tasks = (TrainTask(f"T{number}", series) for number in range(count))
    ends = [time.monotonic() for _ in run(open_local(workers), tasks, do_nothing)]
    return 1_000 * (ends[-1] - ends[0]) / (len(ends) - 1)


def main() -> None:
    workers, more = int(sys.argv[1]), sys.argv[2:]
    if more[1:]:
        run = {"nothing": run_on, "dask": run_bare}[more[1]]
        print(measure_handing_out(workers, int(more[0]), run))
        return
    if more and more[0].isdigit():
        outcomes = run_on(open_local(workers), make_tasks(int(more[0])), train_and_weigh)
        for number, outcome in enumerate(outcomes, start=1):
            print(number, round(measure_memory(), 1), round(outcome.seconds, 1), flush=True)
        return
    engine = more[0] if more else "auto"
    tasks = list(make_tasks(40 + 2 * workers, engine=engine))
    ends = [time.monotonic() for _ in run_on(open_local(workers), iter(tasks), train_task)]
    # The first tasks of each worker load the engine.
    print(ends[-1] - ends[2 * workers - 1])


if __name__ == "__main__":
    main()
