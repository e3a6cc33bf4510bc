"""The five cells trained on the same prices, several seeds each: is any of them better?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import stockcast as sc
from docs.figures.sample import SAMPLE, TICKERS
from stockcast.evaluation.volatility_metrics import qlike_losses
from stockcast.forecast.outlook import forecast_at_cutoffs
from stockcast.networks.cells import CELLS
from stockcast.networks.network import Weights
from stockcast.progress import Recorder
from stockcast.windows.moves import measure_moves

SEEDS = range(5)
EPOCHS = 20


@dataclass(frozen=True)
class Trained:
    """One training of one cell.

    Attributes:
        parameters: weights of the network.
        validation: the best epoch's loss on the validation span.
        qlike: of the held-out bars, mean over the tickers, the network taken at its word.
        path: the same of the path alone.
        half_lives: days in which half of the memory is gone, a layer each, mean over tickers.
        half_within: the newest days that carry half of all sensitivity, mean over tickers.
    """

    parameters: int
    validation: float
    qlike: float
    path: float
    half_lives: tuple[float, ...]
    half_within: float


class Listener(sc.Observer):
    """Keeps the losses of each epoch."""

    def __init__(self) -> None:
        self.recorder = Recorder()

    def open_progress(self, **_: str) -> Recorder:
        """Return what receives the epochs of the one training."""
        return self.recorder


def train_cells(cells: Iterable[str] = CELLS, seeds: Iterable[int] = SEEDS) -> dict[str, Any]:
    """Train each cell with each seed; cell to a list, a training each."""
    return {cell: [asdict(train_cell(cell, seed)) for seed in seeds] for cell in cells}


def train_cell(cell: str, seed: int, *, epochs: int = EPOCHS) -> Trained:
    """Train one pooled model of two layers of 32, as the one that comes along, and measure it."""
    listener = Listener()
    with tempfile.TemporaryDirectory() as folder:
        model = sc.train_pooled(
            [SAMPLE / f"{ticker}.csv" for ticker in TICKERS],
            path=Path(folder) / "pooled.safetensors",
            observer=listener,
            cell=cell,
            seed=seed,
            layers=2,
            units=32,
            dropout=0.1,
            epochs=epochs,
            patience=5,
        ).model
    model = replace(model, provenance=replace(model.provenance, shrinkage=None))
    qlike, path = zip(*(score(model, ticker) for ticker in TICKERS), strict=True)
    seen = [sc.inspect(model, SAMPLE / f"{ticker}.csv") for ticker in TICKERS]
    lives = np.array([[layer.half_life for layer in one.layers] for one in seen])
    return Trained(
        count_parameters(model.weights),
        min(listener.recorder.figures["val"]),
        float(np.mean(qlike)),
        float(np.mean(path)),
        tuple(lives.mean(axis=0)),
        float(np.mean([one.half_within for one in seen])),
    )


def score(model: sc.Model, ticker: str) -> tuple[float, float]:
    """Return the mean QLIKE of a ticker's held-out bars: of the model, and of its path alone."""
    (history,) = sc.read_prices(SAMPLE / f"{ticker}.csv")
    moves = measure_moves(history, model.columns.target)
    known_to = np.datetime64(model.provenance.known_to)
    cutoffs = np.flatnonzero(history.dates > known_to)
    true = moves.variances[cutoffs]
    counts = np.isfinite(true) & (true > 0)
    adapted = model.adapt(history)
    outlook = forecast_at_cutoffs(adapted, history, cutoffs)
    path = adapted.path
    if path is None:
        raise ValueError("a model of files with highs and lows has a path")
    alone = path.forecast(moves)[cutoffs - 1, 0]
    ways = (outlook.volatility[:, 0], alone)
    found = [float(qlike_losses(true[counts], one[counts] ** 2).mean()) for one in ways]
    return found[0], found[1]


def count_parameters(weights: Weights) -> int:
    """Return how many numbers a network is."""
    arrays = [weights.head_kernel, weights.head_bias]
    for layer in weights.layers:
        arrays += [layer.kernel, layer.recurrent_kernel, layer.bias]
        arrays += [] if layer.peephole is None else [layer.peephole]
    return sum(array.size for array in arrays)
