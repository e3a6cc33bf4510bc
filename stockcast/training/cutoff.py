"""A fit as a backtest needs it: from what was known at a cutoff."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from stockcast.model.model import Model
from stockcast.prices.history import PriceHistory
from stockcast.progress import Progress
from stockcast.recipe import Recipe
from stockcast.training.fit import train
from stockcast.training.trainer import OnStep, ignore_step


def fit_at_cutoff(
    history: PriceHistory,
    recipe: Recipe,
    cutoff: int,
    *,
    progress: Progress | None = None,
    on_step: OnStep = ignore_step,
) -> Model:
    """Train on the bars before a cutoff alone, as if the others had not come yet.

    Scalers, weights, the best epoch and the calibration all come from those; nothing is kept for
    a test, which is what comes after the cutoff.

    Args:
        history: the bars, later ones among them.
        recipe: its test span plays no part.
        cutoff: bars known.
        progress: receives the losses of each epoch.
        on_step: called every few steps; it may raise to give the fit up.

    Raises:
        PriceError: the bars before the cutoff cannot be used with this recipe.
        TrainingDiverged: the loss is no longer a finite number.
    """
    known = history.select(np.arange(cutoff))
    untested = recipe.model_copy(update={"test": 0})
    with _silence_tracing():
        return train(known, untested, progress=progress, on_step=on_step)


@contextmanager
def _silence_tracing() -> Iterator[None]:
    """Keep TensorFlow from warning of many graphs: each fit is meant to have its own."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
