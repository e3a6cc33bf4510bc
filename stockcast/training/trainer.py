"""A training's epochs, steps and losses, on whichever engine the recipe runs on."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import ModelMismatch
from stockcast.networks.heads import HEADS
from stockcast.networks.network import Weights
from stockcast.recipe import Recipe
from stockcast.training.engine import Arrays, Floats, choose_engine, load_engine
from stockcast.training.first_weights import draw_weights
from stockcast.windows.training_data import TrainingWindows

_STEPS = 64  # whose windows are cut at a time, at most
_DRAWN = 2_048  # windows cut at a time, so that memory stays small
_EVALUATION_BATCH = 256  # windows
OnStep = Callable[[], None]


def ignore_step() -> None:
    """Do nothing between two calls of an engine."""


class Trainer:
    """Holds a network and its optimizer, and the windows that they learn from, numbered from 0.

    Args:
        data: a series, a pool, or arrays.
        on_step: called before each call of the engine; it may raise to give the training up.

    Attributes:
        engine_name: the engine that it runs on.
        training: how many training windows there are.
        validation: how many validation windows.
    """

    def __init__(self, data: TrainingWindows, *, on_step: OnStep = ignore_step) -> None:
        self.recipe: Recipe = data.recipe
        self.name: str = data.name
        self.training: int
        self.validation: int
        self.training, self.validation, _ = data.count_windows()
        self._head = HEADS[data.recipe.scored_by]
        self._data = data
        self._on_step = on_step
        self.engine_name = choose_engine(data.recipe)
        inputs = data.count_inputs()
        first = draw_weights(data.recipe, features=inputs)
        self._engine = load_engine(self.engine_name)(data.recipe, inputs, first)

    @property
    def begins_at_zero(self) -> bool:
        """Whether the first weights add nothing, see `Head`."""
        return self._head.begins_at_zero

    def close(self) -> None:
        """Let go of what the engine holds."""
        self._engine.close()

    def run_epoch(self, numbers: NDArray[np.int64], epoch: int) -> float:
        """Take one optimizer step a batch of windows, in the order given.

        Args:
            numbers: (windows,) of the training windows.
            epoch: its number, which dropout follows from.

        Returns:
            the mean training loss, in the head's units: scaled, squared.
        """
        size = self.recipe.batch_size
        per_epoch = math.ceil(len(numbers) / size)
        seed = int(np.random.default_rng([self.recipe.seed, epoch, per_epoch]).integers(2**30))
        total = 0.0
        most = size * max(1, min(_STEPS, _DRAWN // size))
        for first in range(0, len(numbers), most):
            drawn = self._data.draw("training", numbers[first : first + most])
            total += self._run_steps(*drawn, seed=seed, position=first)
        return total / len(numbers)

    def _run_steps(self, windows: Floats, targets: Floats, *, seed: int, position: int) -> float:
        """Take the steps of some batches, so many at once as the engine does quickly."""
        total = 0.0
        most = self.recipe.batch_size * self._engine.steps
        for first in range(0, len(windows), most):
            self._on_step()
            part = slice(first, first + most)
            total += self._engine.run_steps(
                windows[part], targets[part], seed=seed, position=position + first
            )
        return total

    def measure_loss(self) -> float:
        """Return the mean loss on the validation windows, in the head's units: scaled, squared.

        There is no dropout, and each answer counts as far as it will be believed
        (`Head.find_factors`). Of more windows than an epoch sees, so many evenly apart count.
        """
        count = min(self.validation, self.recipe.epoch_windows)
        numbers = np.arange(count) * self.validation // count
        answers, targets = [], []
        for first in range(0, count, _EVALUATION_BATCH):
            self._on_step()
            drawn = self._data.draw("validation", numbers[first : first + _EVALUATION_BATCH])
            answers.append(self._engine.answer(drawn[0]))
            targets.append(drawn[1])
        with np.errstate(over="ignore", invalid="ignore"):
            return self._head.measure_loss(
                np.concatenate(answers),
                np.concatenate(targets),
                is_shrunk=self.recipe.is_shrunk,
            )

    def to_weights(self) -> Weights:
        """Return a copy of the weights."""
        return self._engine.to_weights()

    def export_arrays(self) -> Arrays:
        """Return copies of all that the next step follows from, by name."""
        return self._engine.export_arrays()

    def import_arrays(self, arrays: Arrays) -> bool:
        """Set all of it to what `export_arrays` returned; False if it does not fit."""
        fits = fit_together(arrays, self.export_arrays())
        if fits:
            self._engine.import_arrays(arrays)
        return fits

    def start_from(self, weights: Weights) -> None:
        """Set the network's weights, and nothing of the optimizer's.

        Raises:
            ModelMismatch: they are those of another network.
        """
        expected, found = (
            {name: array.shape for name, array in one.to_arrays().items()}
            for one in (self.to_weights(), weights)
        )
        for name in sorted(expected.keys() | found.keys()):
            if expected.get(name) != found.get(name):
                raise ModelMismatch(
                    f"the weights to start from have {name} {found.get(name)}, "
                    f"this recipe's {expected.get(name)}",
                    hint="start from a model of the same cell, layers, units, features and horizon",
                )
        self._engine.assign_weights(weights)


def fit_together(found: Arrays, expected: Arrays) -> bool:
    """Whether arrays have the names, shapes and types of others."""
    return found.keys() == expected.keys() and all(
        (array.shape, array.dtype) == (expected[name].shape, expected[name].dtype)
        for name, array in found.items()
    )
