"""`python -m benchmarks.studies.default_recipe FOLDER`: is there a better recipe than `default`?

FOLDER has daily prices of many tickers, a `.csv` or `.csv.gz` each. A search around the default
recipe is made on every thirtieth of them, before 2012; what it finds is held beside the default on
other tickers, from 2012 on. The same search is made on the sample data, whose newest dates it keeps
for its own test. Once for which way prices go, and once for how far.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.fleet.executor import Executor
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.history import PriceHistory
from stockcast.recipe import PRESETS, Recipe
from stockcast.workflows.backtesting import BacktestResult, backtest
from stockcast.workflows.tuning import TuneResult, tune

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
CUT = np.datetime64("2012-01-01", "us")
_ROWS = 1_500  # the newest before the cut; a ticker's volatility takes 250 of them
_CHECKED_ROWS = 500
_TRIALS, _FOLDS = 20, 2
_LOSSES = ("squared-error", "qlike")


def main() -> None:
    """Search on one half of the tickers, and check on the other."""
    folder = Path(sys.argv[1])
    files = sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")])
    searched = [cut_before(read_one(file)) for file in files[::30]]
    checked = [cut_around(read_one(file)) for file in files[1::10]]
    samples = [read_one(SAMPLES / f"{name}.csv") for name in ("AAPL", "GOOG", "IBM", "MSFT")]
    for loss in _LOSSES:
        base = PRESETS["default"].model_copy(update={"loss": loss})
        found = search(searched, base)
        print_search(f"{loss}, panel", score_alone(searched, base), found)
        if found.recipe != base:
            print_check(loss, check(checked, {"default": base, "found": found.recipe}))
        print_search(f"{loss}, sample data", score_alone(samples, base), search(samples, base))


def read_one(file: Path) -> PriceHistory:
    """Read a file of one ticker."""
    (history,) = read_prices([str(file)])
    return history


def cut_before(history: PriceHistory) -> PriceHistory:
    """Return its newest rows before 2012."""
    end = int(np.searchsorted(history.dates, CUT))
    return history.cut(slice(max(0, end - _ROWS), end))


def cut_around(history: PriceHistory) -> PriceHistory:
    """Return as many rows before 2012, and those after it that are forecast."""
    end = int(np.searchsorted(history.dates, CUT))
    return history.cut(slice(max(0, end - _ROWS), end + _CHECKED_ROWS))


def search(histories: Sequence[PriceHistory], base: Recipe) -> TuneResult:
    """Search as `stockcast tune` does, with its own space."""
    return tune(histories, base, trials=_TRIALS, folds=_FOLDS, executor=Executor(jobs=2), seeds=3)


def score_alone(histories: Sequence[PriceHistory], base: Recipe) -> float:
    """Return what a recipe scores on the folds of the search."""
    same = {"layers": [base.layers]}
    alone = tune(histories, base, trials=1, folds=_FOLDS, seeds=0, space=same)
    assert alone.best.score is not None  # a search without a score has no best
    return alone.best.score


def print_search(name: str, default: float, found: TuneResult) -> None:
    """Print what was found, and what the search says of it."""
    states = [one.state for one in found.trials]
    counts = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    seeds = ", ".join(f"{score:.4f}" for score in found.seed_scores)
    print(f"\n{name}: {', '.join(found.tickers)}; {counts}")
    print(f"default {default:.4f}; best, trial {found.best.number}, {found.best.score:.4f}")
    print(f"with other seeds: {seeds}")
    print(f"{found.best.labels}\n{found.verdict.sentence}", flush=True)


def check(histories: Sequence[PriceHistory], models: Mapping[str, Recipe]) -> BacktestResult:
    """Train each recipe once before 2012 on tickers that the search has not seen."""
    return backtest(
        histories,
        models,
        cutoffs=CutoffOptions(folds=_CHECKED_ROWS),
        executor=Executor(jobs=2),
        overall=True,
    )


def print_check(loss: str, result: BacktestResult) -> None:
    """Print a row a recipe, over all tickers."""
    print(f"\n{loss}, checked on {result.panel.tickers} other tickers: {result.conclusion}")
    rows: list[dict[str, Any]] = result.list_overall()
    for row in rows:
        print({key: value for key, value in row.items() if value not in (None, "")})
    sys.stdout.flush()


if __name__ == "__main__":
    main()
