"""`python -m benchmarks.studies.ensembles FOLDER`: do weight decay and averaged seeds help?

FOLDER has daily prices of many tickers, a `.csv` or `.csv.gz` each, with open, high, low and close.
Nothing from 2012 on is looked at: networks are trained before 2011, and the QLIKE of that year is
held beside the path's alone. Once on one ticker each, once pooled over other tickers.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.pretrained import RECIPE, unpack
from stockcast.evaluation.panel import average_ratios, panel_diebold_mariano
from stockcast.evaluation.shrinkage import Shrinkage
from stockcast.evaluation.volatility_metrics import qlike_losses
from stockcast.forecast.outlook import forecast_at_cutoffs
from stockcast.model.model import Model
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.history import Dates, Numbers, PriceHistory
from stockcast.recipe import PRESETS
from stockcast.training import engine
from stockcast.training.engine import Floats
from stockcast.training.fit import train
from stockcast.training.native import NativeEngine
from stockcast.training.pooled import train_pool
from stockcast.windows.moves import measure_moves
from stockcast.windows.pooling import PoolBuilder

JUDGED, END = np.datetime64("2011-01-01", "us"), np.datetime64("2012-01-01", "us")
DECAYS = (0.0, 1.0)
SEEDS = range(5)
_ROWS = 1_250  # that one ticker's networks are trained on
Cutoffs = NDArray[np.int64]
_ALONE = PRESETS["default"].model_copy(update={"loss": "qlike", "test": 0})
_POOLED = RECIPE.model_copy(update={"epochs": 20, "patience": 5, "epoch_windows": 10_000})


class DecayingEngine(NativeEngine):
    """The native engine with decoupled weight decay (Loshchilov and Hutter 2019).

    After each of Adam's steps every weight is made smaller by the learning rate times the decay.
    """

    decay = 0.0

    def run_steps(self, windows: Floats, targets: Floats, *, seed: int, position: int) -> float:
        """Take a step, and let the weights decay."""
        loss = super().run_steps(windows, targets, seed=seed, position=position)
        self._parameters.vector[...] *= np.float32(1 - self._recipe.learning_rate * self.decay)
        return loss


def main() -> None:
    """Print a row a way of training."""
    engine.ENGINES["native"] = engine.ENGINES["native"]._replace(
        module="benchmarks.studies.ensembles", name="DecayingEngine"
    )
    print("| trained on | weight decay | networks | QLIKE beside the path | t | better on |")
    print("| --- | --: | --- | --: | --: | --: |")
    with tempfile.TemporaryDirectory() as folder:
        files = unpack(Path(sys.argv[1]), Path(folder))
        judged = [read_before(file) for file in files[1::15]]
        others = [read_before(file) for file in files[::6]]
        for decay in DECAYS:
            set_decay(decay)
            alone = [[train_alone(one, seed) for seed in SEEDS] for one in judged]
            print_rows("one ticker", decay, judged, alone)
            pooled = [train_on(others, seed, Path(folder)) for seed in SEEDS]
            print_rows(f"{len(others)} other tickers", decay, judged, [pooled] * len(judged))


def set_decay(decay: float) -> None:
    """Let engines that are made from now on decay their weights so fast."""
    loaded = engine.load_engine("native")
    assert issubclass(loaded, NativeEngine)
    loaded.decay = decay  # type: ignore[attr-defined]


def read_before(file: Path) -> PriceHistory:
    """Read a file of one ticker, without what came after the year that is judged."""
    (history,) = read_prices([file])
    return history.cut(slice(0, int(np.searchsorted(history.dates, END))))


def train_alone(history: PriceHistory, seed: int) -> Model:
    """Train on one ticker's newest rows before the year that is judged."""
    end = int(np.searchsorted(history.dates, JUDGED))
    recipe = _ALONE.model_copy(update={"seed": seed})
    return train(history.cut(slice(max(0, end - _ROWS), end)), recipe)


def train_on(histories: list[PriceHistory], seed: int, folder: Path) -> Model:
    """Train one model on many tickers, before the year that is judged."""
    with tempfile.TemporaryDirectory(dir=folder) as files:
        recipe = _POOLED.model_copy(update={"seed": seed})
        builder = PoolBuilder(recipe, Path(files), until=JUDGED)
        for history in histories:
            builder.add(history)
        return train_pool(builder.finish()).model


def print_rows(
    name: str, decay: float, histories: list[PriceHistory], models: list[list[Model]]
) -> None:
    """Print how the mean of single networks does beside the path, and how their average does."""
    found = [_measure(*each) for each in zip(histories, models, strict=True)]
    dates = np.concatenate([one.dates for one in found])
    path = [one.path for one in found]
    for words, ours in (
        (f"one of {len(SEEDS)}", [one.single for one in found]),
        (f"{len(SEEDS)} averaged", [one.averaged for one in found]),
    ):
        ratios = np.array([a.mean() / b.mean() for a, b in zip(ours, path, strict=True)])
        gains = np.concatenate(path) - np.concatenate(ours)
        statistic = panel_diebold_mariano(dates, gains)[0] if gains.any() else 0.0
        better = 100 * (ratios < 1).mean()
        print(
            f"| {name} | {decay:g} | {words} | {average_ratios(ratios):.4f} | {statistic:.1f} | "
            f"{better:.0f} % |",
            flush=True,
        )


class _Losses(NamedTuple):
    """QLIKE of one ticker's dates: the path's, single networks' on average, and their mean's."""

    dates: Dates
    path: Numbers
    single: Numbers
    averaged: Numbers


def _measure(history: PriceHistory, models: list[Model]) -> _Losses:
    """Forecast the year that is judged, by the path alone, each network, and their mean in logs."""
    cutoffs = np.arange(int(np.searchsorted(history.dates, JUDGED)), len(history))
    variances = measure_moves(history, "adj_close").variances[cutoffs]
    path, *networks = _list_ways(history, models, cutoffs)
    averaged = np.exp(np.mean(np.log(networks), axis=0))
    return _Losses(
        history.dates[cutoffs],
        qlike_losses(variances, path**2),
        np.mean([qlike_losses(variances, one**2) for one in networks], axis=0),
        qlike_losses(variances, averaged**2),
    )


def _list_ways(history: PriceHistory, models: list[Model], cutoffs: Cutoffs) -> Iterator[Numbers]:
    """Yield the volatility of the path alone, and of each network on it, in log returns."""
    silent = Shrinkage((0.0,), (0.0,))
    alone = replace(models[0], provenance=replace(models[0].provenance, shrinkage=silent))
    for model in (alone, *models):
        yield forecast_at_cutoffs(model, history, cutoffs).volatility[:, 0]


if __name__ == "__main__":
    main()
