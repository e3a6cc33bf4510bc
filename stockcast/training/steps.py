"""A training's epochs, steps and losses, on a graph that others may have used before."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import ModelMismatch
from stockcast.recurrent.network import Weights
from stockcast.training.graph import Data, give_back, take_graph
from stockcast.training.runtime import tf
from stockcast.training.start import draw_weights
from stockcast.windows.series import WindowedSeries

_STEPS = 64  # a call: few enough that Ctrl-C is heard within a second or two
_EVALUATION_BATCH = 256  # windows


class Trainer:
    """Holds a network, its optimizer and the series they learn from.

    Args:
        series: the scaled series and its recipe.
    """

    def __init__(self, series: WindowedSeries) -> None:
        recipe = series.recipe
        self._recipe = recipe
        self._series = series
        self._graph = take_graph(series)
        self._graph.start_anew(draw_weights(recipe, features=series.values.shape[1]))
        deviations = [getattr(scaler, "deviation", 1.0) for scaler in series.scalers]
        self._data = Data(
            tf.constant(np.asarray(series.values)), tf.constant(deviations, tf.float32)
        )

    def close(self) -> None:
        """Give the graph back, for another series of a like recipe."""
        give_back(self._graph, self._series)

    def run_epoch(self, starts: NDArray[np.int64], epoch: int) -> float:
        """Take one optimizer step a batch of windows, in the order given.

        Args:
            starts: (windows,) first row of each window.
            epoch: its number, which dropout follows from.

        Returns:
            the mean training loss, scaled units squared.
        """
        per_epoch = math.ceil(len(starts) / self._recipe.batch_size)
        # Keras' own seeds mix both words, so neighbouring runs and epochs share no mask.
        base = np.random.default_rng([self._recipe.seed, epoch, per_epoch]).integers(2**30)
        total = 0.0
        call = _STEPS * self._recipe.batch_size
        for first in range(0, len(starts), call):
            part = starts[first : first + call].astype(np.int32)
            seed = np.int32((base + first) % 2**30)
            total += float(self._graph.run_steps(self._data, part, seed))
        return total / len(starts)

    def measure_loss(self, starts: NDArray[np.int64]) -> float:
        """Return the mean squared error on windows, without dropout, scaled units squared."""
        total = 0.0
        for first in range(0, len(starts), _EVALUATION_BATCH):
            part = starts[first : first + _EVALUATION_BATCH].astype(np.int32)
            total += float(self._graph.sum_errors(self._data, part))
        return total / len(starts)

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
