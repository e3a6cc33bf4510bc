"""A trial's work among many's: pure functions that any process of any machine can run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from stockcast.backtesting.date_folds import DateFolds
from stockcast.errors import StockcastError
from stockcast.fleet.work import Outcome
from stockcast.model.model import Model
from stockcast.prices.history import PriceHistory
from stockcast.progress import Progress, Silent
from stockcast.recipe import Recipe
from stockcast.tuning.trial import Fits, Objective, TrialLosses, walk_trial
from stockcast.windows.pooling import PoolBuilder
from stockcast.workflows.engines import load_engines
from stockcast.workflows.tasks import do_task

_WARMUP = 3  # epochs of the first fit, which say too little to break a trial off


@dataclass(frozen=True)
class TrialTask:
    """What a trial follows from.

    Attributes:
        name: what to call it; no two tasks of a run have the same.
        histories: the tickers' bars.
        recipe: what is tried.
        folds: what is forecast.
        objective: by which loss.
        limits: what the mean validation loss may be after each epoch of each fit, a row a fit;
            empty: anything.
        check: whether to look for leakage.
    """

    name: str
    histories: tuple[PriceHistory, ...]
    recipe: Recipe
    folds: DateFolds
    objective: Objective
    limits: tuple[tuple[float, ...], ...] = ()
    check: bool = False


@dataclass(frozen=True)
class Tried:
    """What a trial came to.

    Attributes:
        losses: of its forecasts; None where it was broken off.
        curves: of each fit in its order the best validation loss after each epoch.
    """

    losses: TrialLosses | None
    curves: tuple[tuple[float, ...], ...]


class _BrokenOff(Exception):
    """A trial is worse than half of those before it."""


@dataclass
class _Pruner(Silent):
    """Follows the epochs of a trial's fits, and breaks it off where it is past its limits.

    Attributes:
        limits: as `TrialTask.limits`.
        curves: as `Tried.curves`.
    """

    limits: Sequence[Sequence[float]]
    curves: list[list[float]] = field(default_factory=list)

    def begin(self, task: str, total: int) -> None:  # noqa: ARG002 — the protocol's
        """Begin with another fit."""
        self.curves.append([])

    def advance(self, step: int, figures: dict[str, float]) -> None:
        """Take an epoch's losses.

        Raises:
            _BrokenOff: they are worse than those of half the trials before.
        """
        if "val" not in figures:
            return
        curve, fit = self.curves[-1], len(self.curves) - 1
        curve.append(min(figures["val"], curve[-1]) if curve else figures["val"])
        if fit < len(self.limits) and (fit or step > _WARMUP):
            bests = [one[-1] for one in self.curves if one]
            if sum(bests) / len(bests) > self.limits[fit][min(step, len(self.limits[fit])) - 1]:
                raise _BrokenOff


def trial_task(task: TrialTask) -> Outcome[Tried]:
    """Walk a recipe forward through the folds: bars and recipe with its seed ─▶ its losses.

    The same task gives the same numbers in whichever process it runs. What is wrong with the
    recipe or the data is an outcome too, not an exception.
    """
    load_engines([task.recipe])
    pruner = _Pruner(task.limits)

    def work() -> Tried:
        from stockcast.training.cutoff import fit_at_cutoff

        fits = Fits(partial(fit_at_cutoff, progress=pruner), partial(_fit_pool, progress=pruner))
        losses = None
        with suppress(_BrokenOff):  # what it has are its curves
            losses = walk_trial(
                task.histories, task.recipe, task.folds, task.objective, fits, check=task.check
            )
        return Tried(losses, tuple(map(tuple, pruner.curves)))

    return do_task(task.name, work)


def _fit_pool(
    histories: Sequence[PriceHistory], recipe: Recipe, date: np.datetime64, *, progress: Progress
) -> Model:
    """Train a pooled recipe on all bars before a date; tickers too short by then are left out."""
    from stockcast.training.pooled import train_pool

    with tempfile.TemporaryDirectory(prefix="stockcast-pool-") as folder:
        builder = PoolBuilder(recipe, Path(folder), until=date)
        for history in histories:
            try:
                builder.add(history)
            except StockcastError:
                continue
        return train_pool(builder.finish(), progress=progress).model
