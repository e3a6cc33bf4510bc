"""Does a way of posing the question see what there is, and nothing where there is nothing?

`python -m benchmarks.studies.skill STUDY [WAY]…` runs one of `STUDIES`, of some ways alone.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from statistics import mean

from benchmarks.studies.fits import Figures, Ledger, measure_fit
from benchmarks.studies.simulate import simulate_history
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.history import PriceHistory
from stockcast.recipe import PRESETS, Recipe

Case = tuple[dict[str, object], PriceHistory, Recipe, int]
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
TARGETS = ("log-return", "relative", "price")
AS_IT_IS = "default"  # the recipe with its own epochs and patience
WAYS = (AS_IT_IS, *TARGETS)
FOLDER = Path("build/studies")
# As few epochs as give the answer: what there is to learn is found in about a dozen.
_POWER = {"epochs": 16, "patience": 6}
_PRICE_COUNT = 4  # a network that sees levels is so far off that more would say nothing new
_NULL = {"epochs": 6, "patience": 2}
_REAL = {"epochs": 25, "patience": 5}


def list_power(count: int) -> Iterator[Case]:
    """Yield AR(1) series of 3,500 days, the last 1,000 tested."""
    for way in WAYS:
        for seed in range(count if way != "price" else _PRICE_COUNT):
            history = simulate_history(seed, rows=3_500, autocorrelation=0.3)
            yield {"case": seed, "way": way}, history, _pose(way, seed, _POWER), 1_000


def list_null(count: int) -> Iterator[Case]:
    """Yield random walks of 1,200 days, the last 250 tested."""
    for way in (AS_IT_IS, *TARGETS[:2]):
        for seed in range(count):
            history = simulate_history(seed, rows=1_200, autocorrelation=0.0)
            yield {"case": seed, "way": way}, history, _pose(way, seed, _NULL), 250


def list_real(count: int) -> Iterator[Case]:
    """Yield every sample ticker, its newest 250 days tested; the short one's newest 40."""
    for seed in range(count):
        for path in sorted(SAMPLES.glob("*.csv")):
            (history,) = read_prices([path])
            test = 250 if len(history) > 1_000 else 40
            for target in TARGETS:
                recipe = _pose(target, seed, _REAL)
                yield {"case": f"{path.stem} {seed}", "way": target}, history, recipe, test


def _pose(way: str, seed: int, fields: dict[str, int]) -> Recipe:
    values = {**PRESETS["default"].to_dict(), "seed": seed}
    return Recipe.model_validate(values if way == AS_IT_IS else values | {"target": way} | fields)


STUDIES = {"power": (list_power, 20), "null": (list_null, 100), "real": (list_real, 5)}


def run_study(name: str, folder: Path, ways: Collection[str] = WAYS) -> list[Figures]:
    """Run what of a study is not yet in `folder`, and return all its figures."""
    cases, count = STUDIES[name]
    ledger = Ledger(folder / f"{name}.jsonl")
    for case, history, recipe, test in cases(count):
        if case["way"] in ways and not ledger.has(**case):
            ledger.add({**case, **measure_fit(history, recipe, test=test)})
            print(name, ledger.rows[-1], file=sys.stderr, flush=True)
    return ledger.rows


def print_simulated(rows: list[Figures]) -> None:
    """Print how often each way said better or worse, and how near it came."""
    print("| target | series | better | worse | mean RMSE ratio | lowest | highest |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for way in WAYS:
        if found := [row for row in rows if row["way"] == way]:
            ratios = [row["ratio"] for row in found]
            told = [row["statistic"] > 0 for row in found if row["p_value"] < 0.05]
            print(
                f"| `{way}` | {len(found)} | {sum(told)} | {len(told) - sum(told)} | "
                f"{mean(ratios):.4f} | {min(ratios):.4f} | {max(ratios):.4f} |"
            )


def print_real(rows: list[Figures]) -> None:
    """Print each ticker's mean over seeds, and in brackets the lowest and highest."""
    tickers = sorted({row["case"].split()[0] for row in rows})
    print(f"| target | {' | '.join(tickers)} | mean |")
    print("| --- |" + " --- |" * (len(tickers) + 1))
    for way in TARGETS:
        cells, means = [], []
        for ticker in tickers:
            ratios = [
                row["ratio"] for row in rows
                if row["way"] == way and row["case"].startswith(f"{ticker} ")
            ]  # fmt: skip
            means.append(mean(ratios))
            cells.append(f"{means[-1]:.4f} ({min(ratios):.4f}–{max(ratios):.4f})")
        print(f"| `{way}` | {' | '.join(cells)} | {mean(means):.4f} |")


if __name__ == "__main__":
    print_simulated(run_study(sys.argv[1], FOLDER, sys.argv[2:] or WAYS))
