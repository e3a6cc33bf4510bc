"""The epochs: early stopping, snapshots, and the best weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import OutputError, TrainingDiverged, option
from stockcast.evaluation.shrinkage import Shrinkage
from stockcast.networks.network import Weights
from stockcast.progress import Progress
from stockcast.recipe import EngineName
from stockcast.training.checkpoint import Checkpoint, Snapshot, State
from stockcast.training.trainer import Trainer, fit_together


@dataclass(frozen=True)
class Fit:
    """What a run of epochs came to.

    Attributes:
        weights: of the best epoch if there was a validation span, else of the last.
        epochs: epochs run.
        best_epoch: the epoch, from 1, that the weights are of; 0 if none was better than what the
            first weights say already.
        engine: what computed them.
        shrinkage: how far the network's answers are believed; None: they are taken at their word.
    """

    weights: Weights
    epochs: int
    best_epoch: int
    engine: EngineName
    shrinkage: Shrinkage | None = None

    @property
    def believed(self) -> Weights:
        """The weights, with answers that count as far as they were borne out."""
        return self.weights if self.shrinkage is None else self.shrinkage.shrink(self.weights)


def fit_weights(
    trainer: Trainer,
    *,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
    start: Weights | None = None,
) -> Fit:
    """Run the epochs; with patience, keep the weights of the best validation loss.

    Shuffling and dropout of an epoch follow from the seed and the epoch's number alone, so an
    epoch does the same whatever came before it: what goes on from a snapshot ends in the same
    bits as what was never broken off.

    Args:
        trainer: holds the network and what it learns from; it is closed at the end.
        progress: receives the losses of each epoch.
        checkpoint: where snapshots go, and what to go on from if one is there.
        start: weights to start from; default: the seed's.

    Raises:
        TrainingDiverged: the loss is no longer a finite number.
        ModelMismatch: `start` is of another network.
    """
    run = _Run(trainer, checkpoint)
    if start is not None:
        trainer.start_from(start)
    run.score_first_weights()
    run.resume_snapshot()
    progress.begin(f"train {trainer.name}", trainer.recipe.epochs)
    try:
        for epoch, figures in enumerate(run.state.losses, start=1):
            progress.advance(epoch, figures)
        while not run.is_done():
            figures = run.run_epoch()
            progress.advance(run.state.epoch, figures)
    except (KeyboardInterrupt, SystemExit):
        run.save_at_end()
        raise
    finally:
        progress.end()
        trainer.close()
    recipe = trainer.recipe
    best = Weights.from_arrays(run.best, cell=recipe.cell, loss=recipe.scored_by)
    return Fit(best, run.state.epoch, run.state.best_epoch, trainer.engine_name)


class _Run:
    """A training between two epochs."""

    def __init__(self, trainer: Trainer, checkpoint: Checkpoint | None) -> None:
        self.state = State()
        self.best = trainer.to_weights().to_arrays()
        self._trainer = trainer
        self._checkpoint = checkpoint
        self._snapshot: Snapshot | None = None
        self._saved = 0

    def resume_snapshot(self) -> None:
        """Take up the newest snapshot, if there is one that fits."""
        found = self._checkpoint.load() if self._checkpoint else None
        if self._checkpoint is None or found is None:
            return
        if fit_together(found.best, self.best) and self._trainer.import_arrays(found.arrays):
            self.state, self.best = found.state, found.best
            self._saved = found.state.epoch
        else:
            self._checkpoint.note(f"{self._checkpoint.path} is not used: its arrays do not fit")

    def score_first_weights(self) -> None:
        """Let the first weights stand against all epochs, where they are a forecast already."""
        trainer = self._trainer
        if trainer.begins_at_zero and trainer.validation:
            self.state = State(best_loss=trainer.measure_loss())
            self.best = trainer.to_weights().to_arrays()

    def is_done(self) -> bool:
        """Whether all epochs are run, or patience is at its end."""
        recipe, state = self._trainer.recipe, self.state
        waited = state.epoch - state.best_epoch
        is_out = self._trainer.validation and recipe.patience and waited >= recipe.patience
        return state.epoch >= recipe.epochs or bool(is_out)

    def run_epoch(self) -> dict[str, float]:
        """Run one epoch and return its losses."""
        epoch = self.state.epoch + 1
        figures = {"loss": self._trainer.run_epoch(self._draw_windows(epoch), epoch)}
        if self._trainer.validation:
            figures["val"] = self._trainer.measure_loss()
        if not all(math.isfinite(loss) for loss in figures.values()):
            raise TrainingDiverged(
                f"{self._trainer.name}: the loss is no longer a number in epoch {epoch}",
                hint=f"try a smaller {option('learning_rate')}",
            )
        best_epoch, best_loss = self.state.best_epoch, self.state.best_loss
        # Without a validation span every epoch counts as the best so far.
        if best_loss is None or figures["val"] < best_loss:
            best_epoch, best_loss = epoch, figures.get("val")
            self.best = self._trainer.to_weights().to_arrays()
        self.state = State(
            epoch=epoch,
            best_epoch=best_epoch,
            best_loss=best_loss,
            losses=[*self.state.losses, figures],
        )
        if self._checkpoint is not None:
            # Taken now: a signal may come in the middle of the next epoch.
            self._snapshot = Snapshot(self.state, self._trainer.export_arrays(), self.best)
            if self._checkpoint.every and epoch % self._checkpoint.every == 0:
                self.save()
        return figures

    def _draw_windows(self, epoch: int) -> NDArray[np.int64]:
        """Return an epoch's training windows: each once, or if there are many a sample of them."""
        recipe, count = self._trainer.recipe, self._trainer.training
        generator = np.random.default_rng([recipe.seed, epoch])
        if count <= recipe.epoch_windows:
            return generator.permutation(count)
        # Drawn anew each time, so no list of all of them has to fit into memory.
        return generator.integers(count, size=recipe.epoch_windows)

    def save_at_end(self) -> None:
        """Write the newest snapshot; an error is only noted: the caller sees the interruption."""
        try:
            self.save()
        except OutputError as error:
            if self._checkpoint is not None:
                self._checkpoint.note(str(error))

    def save(self) -> None:
        """Write the newest snapshot, unless it was."""
        if self._checkpoint and self._snapshot and self._snapshot.state.epoch > self._saved:
            self._checkpoint.save(self._snapshot)
            self._saved = self._snapshot.state.epoch
