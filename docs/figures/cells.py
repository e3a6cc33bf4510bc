"""The five cells trained on the same prices, several seeds each: is any of them better?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import stockcast as sc
from docs.figures.sample import SAMPLE, TICKERS
from stockcast.evaluation.panel import panel_diebold_mariano
from stockcast.evaluation.volatility_metrics import qlike_losses
from stockcast.forecast.outlook import forecast_at_cutoffs
from stockcast.networks.cells import CELLS, CellName
from stockcast.networks.network import Weights
from stockcast.prices.history import Numbers
from stockcast.progress import Recorder
from stockcast.windows.moves import measure_moves

SEEDS = range(3)
EPOCHS = 40  # and no early stop: the best of them is kept


@dataclass(frozen=True)
class Trained:
    """One training of one cell.

    Attributes:
        parameters: weights of the network.
        validation: the best epoch's loss on the validation span.
        best_epoch: from 1.
        half_lives: days in which half of the memory is gone, a layer each, mean over tickers.
        half_within: the newest days that carry half of all sensitivity, mean over tickers.
        losses: (n,) QLIKE of every held-out bar of every ticker, the network taken at its word.
        path_losses: (n,) the same of the path alone.
        dates: (n,) of the bars.
    """

    parameters: int
    validation: float
    best_epoch: int
    half_lives: tuple[float, ...]
    half_within: float
    losses: Numbers
    path_losses: Numbers
    dates: Any


class Listener(sc.Observer):
    """Keeps the losses of each epoch."""

    def __init__(self) -> None:
        self.recorder = Recorder()

    def open_progress(self, **_: str) -> Recorder:
        """Return what receives the epochs of the one training."""
        return self.recorder


def train_cells(cells: Iterable[CellName] = tuple(CELLS)) -> dict[str, Any]:
    """Train each cell with each seed and say what they came to.

    Returns:
        of each cell lists, a value a seed: `validation`, `best_epoch`, `qlike`, `half_within`, and
        `half_lives`; `parameters`; and `p`: two-sided, of the test of Diebold & Mariano (1995) of
        its held-out losses against those of the first cell, each the mean over the seeds. `path`
        has its `qlike`.
    """
    tried = {cell: [train_cell(cell, seed) for seed in SEEDS] for cell in cells}
    reference, *_ = tried.values()
    found: dict[str, Any] = {
        cell: {
            "parameters": trainings[0].parameters,
            "validation": [one.validation for one in trainings],
            "best_epoch": [one.best_epoch for one in trainings],
            "half_lives": [one.half_lives for one in trainings],
            "half_within": [one.half_within for one in trainings],
            "qlike": [float(one.losses.mean()) for one in trainings],
            "p": _compare(trainings, reference) if trainings is not reference else None,
        }
        for cell, trainings in tried.items()
    }
    return found | {"path": {"qlike": float(reference[0].path_losses.mean())}}


def _compare(trainings: list[Trained], reference: list[Trained]) -> float:
    ours, theirs = (
        np.mean([one.losses for one in some], axis=0) for some in (trainings, reference)
    )
    return panel_diebold_mariano(reference[0].dates, theirs - ours)[1]


def train_cell(cell: CellName, seed: int, *, epochs: int = EPOCHS) -> Trained:
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
            patience=epochs,
        ).model
    model = replace(model, provenance=replace(model.provenance, shrinkage=None))
    scores = [score(model, ticker) for ticker in TICKERS]
    dates, losses, path_losses = (np.concatenate(values) for values in zip(*scores, strict=True))
    seen = [sc.inspect(model, SAMPLE / f"{ticker}.csv") for ticker in TICKERS]
    lives = np.array([[layer.half_life for layer in one.layers] for one in seen])
    return Trained(
        count_parameters(model.weights),
        min(listener.recorder.figures["val"]),
        model.provenance.best_epoch,
        tuple(float(life) for life in lives.mean(axis=0)),
        float(np.mean([one.half_within for one in seen])),
        losses,
        path_losses,
        dates,
    )


def score(model: sc.Model, ticker: str) -> tuple[Any, Numbers, Numbers]:
    """Return dates and QLIKE of a ticker's held-out bars: of the model, and of its path alone."""
    (history,) = sc.read_prices(SAMPLE / f"{ticker}.csv")
    moves = measure_moves(history, model.columns.target)
    cutoffs = np.flatnonzero(history.dates > np.datetime64(model.provenance.known_to))
    true = moves.variances[cutoffs]
    known = np.isfinite(true) & (true > 0)
    adapted = model.adapt(history)
    if adapted.path is None:
        raise ValueError("a model of files with highs and lows has a path")
    ways = (
        forecast_at_cutoffs(adapted, history, cutoffs).volatility[:, 0],
        adapted.path.forecast(moves)[cutoffs - 1, 0],
    )
    ours, alone = (qlike_losses(true[known], one[known] ** 2) for one in ways)
    return history.dates[cutoffs[known]], ours, alone


def count_parameters(weights: Weights) -> int:
    """Return how many numbers a network is."""
    arrays = [weights.head_kernel, weights.head_bias]
    for layer in weights.layers:
        arrays += [layer.kernel, layer.recurrent_kernel, layer.bias]
        arrays += [] if layer.peephole is None else [layer.peephole]
    return sum(array.size for array in arrays)
