"""A training's epochs, steps and losses, on a graph that others may have used before."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import ModelMismatch
from stockcast.networks.network import Weights
from stockcast.training.first_weights import draw_weights
from stockcast.training.graph import SeriesTensors, acquire_graph, release_graph
from stockcast.training.runtime import tf
from stockcast.windows.pool import Pool
from stockcast.windows.series import WindowedSeries
from stockcast.windows.training_data import TrainingData

_STEPS = 64  # a call: few enough that Ctrl-C is heard within a second or two
_EVALUATION_BATCH = 256  # windows
_DRAWN = 2_048  # windows of a pool cut at a time, so that memory stays small


class Trainer(ABC):
    """Holds a network and its optimizer, and the windows that they learn from, numbered from 0.

    Args:
        data: a series or a pool.

    Attributes:
        training: how many training windows there are.
        validation: how many validation windows.
    """

    def __init__(self, data: TrainingData) -> None:
        self.recipe = data.recipe
        self.name = data.name
        self.training, self.validation, _ = data.count_windows()
        self._data = data
        self._graph = acquire_graph(data)
        self._graph.reset(draw_weights(data.recipe, features=len(data.scalers)))

    def close(self) -> None:
        """Give the graph back, for other data and a like recipe."""
        release_graph(self._graph, self._data)

    def run_epoch(self, numbers: NDArray[np.int64], epoch: int) -> float:
        """Take one optimizer step a batch of windows, in the order given.

        Args:
            numbers: (windows,) of the training windows.
            epoch: its number, which dropout follows from.

        Returns:
            the mean training loss, in the head's units: scaled, squared.
        """
        per_epoch = math.ceil(len(numbers) / self.recipe.batch_size)
        # Keras' own seeds mix both words, so neighbouring runs and epochs share no mask.
        base = np.random.default_rng([self.recipe.seed, epoch, per_epoch]).integers(2**30)
        total = 0.0
        call = _STEPS * self.recipe.batch_size
        for first in range(0, len(numbers), call):
            seed = np.int32((base + first) % 2**30)
            total += self._run_steps(numbers[first : first + call], seed)
        return total / len(numbers)

    def measure_loss(self) -> float:
        """Return the mean loss on the validation windows, in the head's units: scaled, squared.

        There is no dropout. Of more windows than an epoch sees, so many evenly apart count.
        """
        count = min(self.validation, self.recipe.epoch_windows)
        numbers = np.arange(count) * self.validation // count
        total = 0.0
        for first in range(0, count, _EVALUATION_BATCH):
            total += self._sum_losses(numbers[first : first + _EVALUATION_BATCH])
        return total / count

    @abstractmethod
    def _run_steps(self, numbers: NDArray[np.int64], seed: np.int32) -> float:
        """Take a step for each batch of training windows; return the sum of losses."""

    @abstractmethod
    def _sum_losses(self, numbers: NDArray[np.int64]) -> float:
        """Return the sum of losses on validation windows."""

    def to_weights(self) -> Weights:
        """Return a copy of the weights as NumPy arrays."""
        return self._graph.regressor.to_weights()

    def export_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return copies of the network's variables and the optimizer's, by name."""
        return {name: variable.numpy() for name, variable in self._name_variables().items()}

    def import_arrays(self, arrays: dict[str, NDArray[np.generic]]) -> bool:
        """Set all variables to what `export_arrays` returned; False if they do not fit."""
        variables = self._name_variables()
        fits = arrays.keys() == variables.keys() and all(
            arrays[name].shape == tuple(variable.shape) and arrays[name].dtype == variable.dtype
            for name, variable in variables.items()
        )
        if fits:
            for name, variable in variables.items():
                variable.assign(arrays[name])
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
        self._graph.regressor.assign_weights(weights)

    def _name_variables(self) -> dict[str, Any]:
        """Name every variable by its place, which is the same in every run."""
        groups = {
            "network": self._graph.regressor.trainable_variables,
            "optimizer": self._graph.optimizer.variables,
        }
        return {
            f"{group}.{number}": variable
            for group, variables in groups.items()
            for number, variable in enumerate(variables)
        }


class SeriesTrainer(Trainer):
    """Learns from one series, which lies in the graph's memory whole.

    Args:
        series: the scaled series and its recipe.
    """

    def __init__(self, series: WindowedSeries) -> None:
        super().__init__(series)
        self._starts = series.list_starts()
        spreads = [1.0 if scale.is_applied else scale.spread for scale in series.scaling.scales]
        self._tensors = SeriesTensors(
            tf.constant(np.asarray(series.values)), tf.constant(spreads, tf.float32)
        )

    def _run_steps(self, numbers: NDArray[np.int64], seed: np.int32) -> float:
        starts = self._starts[0][numbers].astype(np.int32)
        return float(self._graph.run_steps(self._tensors, starts, seed))

    def _sum_losses(self, numbers: NDArray[np.int64]) -> float:
        starts = self._starts[1][numbers].astype(np.int32)
        return float(self._graph.sum_losses(self._tensors, starts))


class PoolTrainer(Trainer):
    """Learns from a pool, whose windows are drawn from its files as they are needed.

    Args:
        pool: the pool and its recipe.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self._pool = pool
        self._windows = pool.list_windows()

    def _run_steps(self, numbers: NDArray[np.int64], seed: np.int32) -> float:
        size = self.recipe.batch_size
        most = max(1, _DRAWN // size) * size
        total = 0.0
        for first in range(0, len(numbers), most):
            drawn = self._pool.draw(self._windows[0], numbers[first : first + most])
            total += float(self._graph.run_cut(*drawn, np.int32(seed + first)))
        return total

    def _sum_losses(self, numbers: NDArray[np.int64]) -> float:
        return float(self._graph.sum_cut_losses(*self._pool.draw(self._windows[1], numbers)))
