"""TensorFlow as an engine."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from stockcast.networks.network import Weights
from stockcast.recipe import Recipe
from stockcast.training.engine import Arrays, Floats, TrainingEngine
from stockcast.training.tensorflow.graph import acquire_graph, release_graph


class TensorFlowEngine(TrainingEngine):
    """A network and its optimizer on a TensorFlow graph that others may have used before."""

    # Masks follow from the first window of a call, so another number would be other models.
    steps: ClassVar[int] = 64

    def __init__(self, recipe: Recipe, features: int, weights: Weights) -> None:
        self._recipe, self._features = recipe, features
        self._graph = acquire_graph(recipe, features)
        self._graph.reset(weights)

    def run_steps(self, windows: Floats, targets: Floats, *, seed: int, position: int) -> float:
        """Take a step for each batch; Keras' seeds mix both words, so no two share a mask."""
        return float(self._graph.run_steps(windows, targets, np.int32((seed + position) % 2**30)))

    def answer(self, windows: Floats) -> Floats:
        """Answer windows."""
        answers: Floats = self._graph.answer(windows).numpy()
        return answers

    def to_weights(self) -> Weights:
        """Return a copy of the weights."""
        return self._graph.regressor.to_weights()

    def assign_weights(self, weights: Weights) -> None:
        """Set the network's weights, and nothing of the optimizer's."""
        self._graph.regressor.assign_weights(weights)

    def export_arrays(self) -> Arrays:
        """Return copies of the network's variables and the optimizer's, by name."""
        return {name: variable.numpy() for name, variable in self._name_variables().items()}

    def import_arrays(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Set all variables to what `export_arrays` returned."""
        for name, variable in self._name_variables().items():
            variable.assign(arrays[name])

    def close(self) -> None:
        """Give the graph back, for other data and a like recipe."""
        release_graph(self._graph, self._recipe, self._features)

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
