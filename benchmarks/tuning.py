"""`python -m benchmarks.tuning`: what a search costs beside its trainings, and what two jobs gain.

The seconds of a trial are CPU seconds, the smallest of several, so that a machine that does other
work too can tell them; those of the jobs are on the clock, and want a quiet machine with two cores.
One job and two take turns, each job with one thread, so that two can be twice as fast and no more.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from stockcast.backtesting.date_folds import place_folds
from stockcast.fleet.executor import Executor
from stockcast.prices.csv.reader import read_prices
from stockcast.recipe import load_recipe
from stockcast.training.cutoff import fit_at_cutoff
from stockcast.tuning.space import DEFAULT_SPACE, make_space
from stockcast.tuning.study import Study, TrialRecord
from stockcast.workflows.trials import TrialTask, trial_task
from stockcast.workflows.tuning import tune

_PRICES = "sample_data/GOOG.csv"
_TIMES = 12
_ROUNDS, _TRIALS = 3, 20
_EPOCHS = {"fast": 10, "default": 3}  # of each fit; a trial is three


def main() -> None:
    """Print the overhead of a trial, and the seconds of a search with one job and with two."""
    (history,) = read_prices(_PRICES)
    recipe = load_recipe("fast")
    folds, _ = place_folds([history], folds=3, test=0.1, horizon=1)
    known, parts = folds.cut(history, 1)
    task = TrialTask("trial", (history,), recipe, folds, "which-way")
    plain = measure(lambda: [fit_at_cutoff(known, recipe, part.fitted_at) for part in parts])
    trial = measure(lambda: trial_task(task))
    print(f"three trainings {plain:.3f} s, a trial {trial:.3f} s ({trial / plain - 1:+.1%})")
    tried = trial_task(task).content
    assert tried is not None
    assert tried.losses is not None
    with tempfile.TemporaryDirectory() as folder:
        for storage in (None, Path(folder) / "study.db"):
            study = Study(make_space(None, {"fast": "fast"}, {}), {}, seed=0, storage=storage)

            def step(study: Study = study) -> None:
                number, labels = study.ask()
                losses, reference = tried.losses.losses, tried.losses.reference
                score = 1 + number / 1000
                study.tell(
                    TrialRecord(
                        number, labels, "complete", score, "", losses, reference, tried.curves
                    )
                )

            name = "memory" if storage is None else "a database"
            spent = measure(step)
            print(f"to ask and to tell, in {name}: {spent:.3f} s ({spent / plain:+.1%})")
    for name in _EPOCHS:
        ratios = []
        for number in range(1, _ROUNDS + 1):
            alone, together = (search(name, jobs) for jobs in (1, 2))
            ratios.append(alone / together)
            print(
                f"{name}, round {number}: {_TRIALS} trials, one job {alone:.1f} s, two jobs "
                f"{together:.1f} s on the clock: {ratios[-1]:.2f} times as fast",
                flush=True,
            )
        print(f"{name}, median of {_ROUNDS}: {statistics.median(ratios):.2f} times as fast")


def search(name: str, jobs: int) -> float:
    """Return the seconds on the clock of a search with so many jobs of one thread each.

    The workers' start is in it, and what is done when all trials are. Neither layers nor units are
    searched and no training ends early, so that every trial costs the same, whatever it tries.
    """
    os.environ["STOCKCAST_THREADS"] = "1"
    space = {name: DEFAULT_SPACE[name] for name in ("learning_rate", "dropout")}
    settled = {"validation": 0, "epochs": _EPOCHS[name]}
    began = time.monotonic()
    tune(
        _PRICES,
        name,
        space=space,
        overrides=settled,
        trials=_TRIALS,
        seeds=0,
        executor=Executor(jobs=jobs),
    )
    return time.monotonic() - began


def measure(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a piece of work, the smallest of several."""
    found = []
    for _ in range(_TIMES):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found[1:])


if __name__ == "__main__":
    main()
