"""Train 40 made-up tickers on worker processes; print seconds from the first model to the last.

With a second argument, print each process's resident megabytes over that many tickers instead;
with `nothing` as a third, the work is none and what is printed is the seconds of all.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np

from stockcast.fleet.cluster import open_local
from stockcast.fleet.fleet import run_on
from stockcast.fleet.work import Outcome, Task, train_task
from stockcast.prices.history import PriceHistory, Source
from stockcast.recipe import load_recipe
from stockcast.windows.series import window_history


def do_nothing(task: Task) -> Outcome:
    return Outcome(task.name)


def make_tasks(count: int) -> Iterator[Task]:
    """Make up tickers of five years of days, all different."""
    recipe = load_recipe("configs/fast.toml", {"epochs": 10, "patience": 0})
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
        yield Task(history.ticker, window_history(history, recipe))


def measure_memory() -> float:
    """Return this process's resident megabytes."""
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * 4096 / 1e6


def train_and_weigh(task: Task) -> Outcome:
    outcome = train_task(task)
    return Outcome(outcome.name, seconds=measure_memory())


def main() -> None:
    workers, more = int(sys.argv[1]), sys.argv[2:]
    if more[1:] == ["nothing"]:
        began = time.monotonic()
        done = sum(1 for _ in run_on(open_local(workers), make_tasks(int(more[0])), do_nothing))
        print(done, time.monotonic() - began)
        return
    if more:
        outcomes = run_on(open_local(workers), make_tasks(int(more[0])), train_and_weigh)
        for number, outcome in enumerate(outcomes, start=1):
            print(number, round(measure_memory(), 1), round(outcome.seconds, 1), flush=True)
        return
    tasks = list(make_tasks(40 + 2 * workers))
    ends = [time.monotonic() for _ in run_on(open_local(workers), iter(tasks), train_task)]
    # The first tasks of each worker import TensorFlow and trace the graph.
    print(ends[-1] - ends[2 * workers - 1])


if __name__ == "__main__":
    main()
