"""One TensorFlow graph of a training: windows gathered from the series, many steps a call."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

from stockcast.networks.network import Weights
from stockcast.recipe import Recipe, Shapes, list_fields
from stockcast.training.layers import Tensor
from stockcast.training.regressor import Regressor
from stockcast.training.runtime import keras, tf
from stockcast.windows.pool import Pool
from stockcast.windows.series import WindowedSeries

_IDLE: dict[Hashable, list[Graph]] = {}


Trainable = WindowedSeries | Pool
"""What a model can be trained on."""


class Data(NamedTuple):
    """What a graph is fed with.

    Attributes:
        values: (rows, features) float32, the scaled series.
        deviations: (features,) float32, of `Relative` scalers; of others not used.
    """

    values: Tensor
    deviations: Tensor


class Graph:
    """A network, its optimizer, and the steps that train it, traced once.

    Windows are cut inside the graph, so memory grows with rows, not with rows × window.

    Args:
        recipe: what of it shapes the graph.
        kinds: of the features' scalers.
        target_index: position of the target among the features.
    """

    def __init__(self, recipe: Recipe, kinds: tuple[str, ...], target_index: int) -> None:
        self._recipe = recipe
        self._kinds = kinds
        self._target_index = target_index
        self.regressor = Regressor(recipe, features=len(kinds))
        self.optimizer = keras.optimizers.Adam(recipe.learning_rate)
        self.optimizer.build(self.regressor.trainable_variables)
        self._fresh = [variable.numpy() for variable in self.optimizer.variables]
        data = Data(tf.TensorSpec([None, len(kinds)]), tf.TensorSpec([len(kinds)]))
        indices, seed = tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32)
        cut = [
            tf.TensorSpec([None, recipe.window, len(kinds)]),
            tf.TensorSpec([None, recipe.horizon]),
        ]
        # Each is traced when it is first called: of a graph either the first two are used, for a
        # series, or the last two, for windows that were cut before.
        self.run_steps: Any = tf.function(self._run_steps, input_signature=[data, indices, seed])
        self.sum_errors: Any = tf.function(self._sum_errors, input_signature=[data, indices])
        self.run_cut: Any = tf.function(self._run_cut, input_signature=[*cut, seed])
        self.sum_cut_errors: Any = tf.function(self._sum_cut_errors, input_signature=cut)

    def reset(self, weights: Weights) -> None:
        """Set the network's weights, and the optimizer to where it knows nothing."""
        self.regressor.assign_weights(weights)
        for variable, value in zip(self.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)

    def gather(self, data: Data, starts: Tensor) -> Tensor:
        """(batch,) ─▶ (batch, window, features); as `scale_relative` does it."""
        steps = tf.range(self._recipe.window)[None, :]
        windows = tf.gather(data.values, starts[:, None] + steps)
        if "relative" not in self._kinds:
            return windows
        last = windows[:, -1:, self._target_index]
        return tf.stack(
            [
                (windows[..., position] / last - 1) / data.deviations[position]
                if kind == "relative"
                else windows[..., position]
                for position, kind in enumerate(self._kinds)
            ],
            axis=-1,
        )

    def aim(self, data: Data, starts: Tensor) -> Tensor:
        """(batch,) ─▶ (batch, horizon): what to answer; as `cut_targets` does it."""
        series = data.values[:, self._target_index]
        first = starts + self._recipe.window
        following = tf.gather(series, first[:, None] + tf.range(self._recipe.horizon)[None, :])
        kind = self._kinds[self._target_index]
        if kind == "relative":
            last = tf.gather(series, first - 1)[:, None]
            return (following / last - 1) / data.deviations[self._target_index]
        return following if kind == "min-max" else tf.cumsum(following, axis=1)

    def take_step(self, windows: Tensor, aims: Tensor, seed: Tensor) -> Tensor:
        """Take an optimizer step on a batch; return the sum of its squared errors.

        Args:
            windows: (batch, window, features), as the network sees them.
            aims: (batch, horizon), what to answer.
            seed: that dropout follows from.
        """
        variables = self.regressor.trainable_variables
        with tf.GradientTape() as tape:
            answers = self.regressor(windows, dropout_seed=seed)
            loss = tf.reduce_mean(tf.square(answers - aims))
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss * tf.cast(tf.shape(windows)[0], tf.float32)

    def _run_steps(self, data: Data, starts: Tensor, seed: Tensor) -> Tensor:
        """Take a step for each batch of `starts`; return the sum of squared errors."""
        size = self._recipe.batch_size
        total = tf.zeros([])
        for first in tf.range(0, tf.shape(starts)[0], size):
            batch = starts[first : first + size]
            total += self.take_step(self.gather(data, batch), self.aim(data, batch), seed + first)
        return total

    def _run_cut(self, windows: Tensor, aims: Tensor, seed: Tensor) -> Tensor:
        """Take a step for each batch of windows; return the sum of squared errors."""
        size = self._recipe.batch_size
        total = tf.zeros([])
        for first in tf.range(0, tf.shape(windows)[0], size):
            last = first + size
            total += self.take_step(windows[first:last], aims[first:last], seed + first)
        return total

    def _sum_errors(self, data: Data, starts: Tensor) -> Tensor:
        return self._sum_cut_errors(self.gather(data, starts), self.aim(data, starts))

    def _sum_cut_errors(self, windows: Tensor, aims: Tensor) -> Tensor:
        error = self.regressor(windows) - aims
        return tf.reduce_sum(tf.reduce_mean(tf.square(error), axis=1))


def acquire_graph(data: Trainable) -> Graph:
    """Return a graph for a series or a pool: one that was given back, or a new one.

    Building and tracing one takes as long as several epochs of a small recipe, and TensorFlow
    never frees it all.
    """
    idle = _IDLE.get(_identify(data), [])
    if idle:
        return idle.pop()
    kinds = tuple(scaler.kind for scaler in data.scalers)
    return Graph(data.recipe, kinds, data.columns.target_index)


def release_graph(graph: Graph, data: Trainable) -> None:
    """Let the next training of like data use a graph."""
    _IDLE.setdefault(_identify(data), []).append(graph)


def _identify(data: Trainable) -> Hashable:
    shaping = tuple(getattr(data.recipe, name) for name in list_fields(Shapes.GRAPH))
    kinds = tuple(scaler.kind for scaler in data.scalers)
    return shaping, kinds, data.columns.target_index
