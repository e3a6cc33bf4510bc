"""`python -m benchmarks.studies.tuning_null [MINUTES]`: what a search says of made-up prices.

100 random walks, 30 trials on each: nothing is to be found, so "better" is wrong each time that it
is said. Then walks with an autocorrelation that can be found. The recipes are small, and have no
validation span, so that what they forecast is taken at its word: with one, most would repeat the
last price, and there would be nothing to tell from luck.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

import numpy as np

from benchmarks.studies.simulate import simulate_history
from stockcast.evaluation.significance import diebold_mariano_of_gains
from stockcast.evaluation.skill import CHANCE
from stockcast.fleet.executor import Executor
from stockcast.recipe import Recipe
from stockcast.workflows.tuning import TuneResult, tune

_SPACE = {
    "cell": ["lstm", "gru"],
    "window": [5, 10, 20],
    "dropout": {"from": 0.0, "to": 0.5, "step": 0.1},
    "learning_rate": {"from": 0.001, "to": 0.03, "log": True},
    "epochs": {"from": 1, "to": 6},
    "batch_size": [16, 32, 64],
}
_TRIALS = 30


def main() -> None:
    """Print how often a search claims to have found something, of both kinds of walks."""
    deadline = time.monotonic() + 60 * float(sys.argv[1] if len(sys.argv) > 1 else 240)
    for name, walks, rows, autocorrelation in (("null", 100, 800, 0.0), ("power", 10, 2000, 0.3)):
        counts: Counter[str] = Counter()
        for seed in range(walks):
            if time.monotonic() > deadline:
                break
            counts["walks"] += 1
            counts.update(_judge(_search(seed, rows, autocorrelation)))
            print(name, dict(counts), file=sys.stderr, flush=True)
        print(name, dict(counts), flush=True)


def _search(seed: int, rows: int, autocorrelation: float) -> TuneResult:
    base = Recipe(layers=1, units=4, validation=0, patience=0, test=0.15, seed=seed)
    return tune(
        simulate_history(seed, rows=rows, autocorrelation=autocorrelation),
        base,
        trials=_TRIALS,
        folds=2,
        seeds=0,
        space=_SPACE,
        executor=Executor(jobs=1),
    )


def _judge(found: TuneResult) -> list[str]:
    """Return which of several claims a search would make."""
    verdict, best = found.verdict, found.best
    gains = best.reference - best.losses
    alone = diebold_mariano_of_gains(gains)[1] < CHANCE and float(np.mean(gains)) > 0
    folds = verdict.fold_p_value < CHANCE and verdict.fold_gain > 0
    test = verdict.test_p_value < CHANCE and verdict.test_gain > 0
    claims = {
        "best alone on the folds": alone,
        "all trials on the folds": folds,
        "test span": test,
        "better": verdict.is_better,
    }
    return [name for name, said in claims.items() if said]


if __name__ == "__main__":
    main()
