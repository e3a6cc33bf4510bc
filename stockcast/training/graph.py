"""One TensorFlow graph of a training: windows gathered from the series, many steps a call."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from stockcast.networks.heads import HEADS
from stockcast.networks.network import Weights
from stockcast.recipe import Recipe, Shapes, list_fields
from stockcast.training.layers import Tensor
from stockcast.training.regressor import Regressor
from stockcast.training.runtime import keras, tf
from stockcast.windows.model_inputs import WindowScaling
from stockcast.windows.scaling import KINDS, Kind
from stockcast.windows.training_data import TrainingData

_IDLE: dict[Hashable, list[Graph]] = {}


class SeriesTensors(NamedTuple):
    """A series as a graph takes it.

    Attributes:
        values: (rows, features) float32, the scaled series.
        spreads: (features,) float32, of scalers that wait for a window; of others not used.
    """

    values: Tensor
    spreads: Tensor


class Graph:
    """A network, its optimizer, and the steps that train it, traced once.

    Windows are cut inside the graph, so memory grows with rows, not with rows × window.

    Args:
        recipe: what of it shapes the graph.
        kinds: what the features' scalers scale as.
        target_index: position of the target among the features.
    """

    def __init__(self, recipe: Recipe, kinds: tuple[Kind, ...], target_index: int) -> None:
        self._recipe = recipe
        self._head = HEADS[recipe.loss]
        self._kinds = kinds
        self._target_index = target_index
        self.regressor = Regressor(recipe, features=len(kinds))
        self.optimizer = keras.optimizers.Adam(recipe.learning_rate)
        self.optimizer.build(self.regressor.trainable_variables)
        self._fresh = [variable.numpy() for variable in self.optimizer.variables]
        data = SeriesTensors(tf.TensorSpec([None, len(kinds)]), tf.TensorSpec([len(kinds)]))
        indices, seed = tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32)
        cut = [
            tf.TensorSpec([None, recipe.window, len(kinds)]),
            tf.TensorSpec([None, recipe.horizon]),
        ]
        # Each is traced when it is first called: of a graph either the first two are used, for a
        # series, or the last two, for windows that were cut before.
        self.run_steps = _trace(self._run_steps, data, indices, seed)
        self.sum_losses = _trace(self._sum_losses, data, indices)
        self.run_cut = _trace(self._run_cut, *cut, seed)
        self.sum_cut_losses = _trace(self._sum_cut_losses, *cut)

    def reset(self, weights: Weights) -> None:
        """Set the network's weights, and the optimizer to where it knows nothing."""
        self.regressor.assign_weights(weights)
        for variable, value in zip(self.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)

    def cut_inputs(self, data: SeriesTensors, starts: Tensor) -> Tensor:
        """(batch,) first rows of windows ─▶ (batch, window, features), as the network sees them."""
        steps = tf.range(self._recipe.window)[None, :]
        windows = tf.gather(data.values, starts[:, None] + steps)
        return self._scale_by(data).inputs(windows, tf)

    def cut_targets(self, data: SeriesTensors, starts: Tensor) -> Tensor:
        """(batch,) first rows of windows ─▶ (batch, horizon), what the network should answer."""
        series = data.values[:, self._target_index]
        first = (starts + self._recipe.window)[:, None]
        following = tf.gather(series, first + tf.range(self._recipe.horizon)[None, :])
        last = tf.gather(series, first - 1)
        return self._scale_by(data).targets(following, last, tf)

    def _scale_by(self, data: SeriesTensors) -> WindowScaling:
        """Return what is left to do to windows: the scalers' formulas, with a series' numbers."""
        scales = tuple(
            KINDS[kind].make_scale(data.spreads[position])
            for position, kind in enumerate(self._kinds)
        )
        return WindowScaling(scales, self._target_index)

    def take_step(self, windows: Tensor, targets: Tensor, seed: Tensor) -> Tensor:
        """Take an optimizer step on a batch; return the sum of its windows' losses.

        Args:
            windows: (batch, window, features), as the network sees them.
            targets: (batch, horizon), what it should answer.
            seed: that dropout follows from.
        """
        variables = self.regressor.trainable_variables
        with tf.GradientTape() as tape:
            answers = self.regressor(windows, dropout_seed=seed)
            loss = tf.reduce_mean(self._head.score(answers, targets, tf))
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss * tf.cast(tf.shape(windows)[0], tf.float32)

    def _run_steps(self, data: SeriesTensors, starts: Tensor, seed: Tensor) -> Tensor:
        """Take a step for each batch of `starts`; return the sum of their losses."""

        def cut(first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
            batch = starts[first:last]
            return self.cut_inputs(data, batch), self.cut_targets(data, batch)

        return self._step_through(tf.shape(starts)[0], cut, seed)

    def _run_cut(self, windows: Tensor, targets: Tensor, seed: Tensor) -> Tensor:
        """Take a step for each batch of windows; return the sum of their losses."""

        def cut(first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
            return windows[first:last], targets[first:last]

        return self._step_through(tf.shape(windows)[0], cut, seed)

    def _step_through(
        self, count: Tensor, cut: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]], seed: Tensor
    ) -> Tensor:
        """Take a step for each batch of so many windows; return the sum of their losses.

        Args:
            count: of windows.
            cut: turns the numbers of a batch's first window and of the one after its last into
                inputs and targets.
            seed: that dropout follows from.
        """
        size = self._recipe.batch_size

        def take_next(first: Tensor, total: Tensor) -> tuple[Tensor, Tensor]:
            return first + size, total + self.take_step(*cut(first, first + size), seed + first)

        # TensorFlow would turn a plain loop into this one, by way of a file of generated code that
        # stays in the folder for temporary files when the process is killed.
        _, total = tf.while_loop(
            lambda first, _: first < count, take_next, (tf.constant(0), tf.zeros([]))
        )
        return total

    def _sum_losses(self, data: SeriesTensors, starts: Tensor) -> Tensor:
        return self._sum_cut_losses(self.cut_inputs(data, starts), self.cut_targets(data, starts))

    def _sum_cut_losses(self, windows: Tensor, targets: Tensor) -> Tensor:
        scores = self._head.score(self.regressor(windows), targets, tf)
        return tf.reduce_sum(tf.reduce_mean(scores, axis=1))


def _trace(function: Callable[..., Tensor], *signature: Any) -> Any:
    """Make a function of tensors a graph of its own."""
    return tf.function(function, input_signature=signature, autograph=False)


def acquire_graph(data: TrainingData) -> Graph:
    """Return a graph for a series or a pool: one that was given back, or a new one.

    Building and tracing one takes as long as several epochs of a small recipe, and TensorFlow
    never frees it all.
    """
    idle = _IDLE.get(_identify(data), [])
    if idle:
        return idle.pop()
    kinds = tuple(scaler.scales_as for scaler in data.scalers)
    return Graph(data.recipe, kinds, data.columns.target_index)


def release_graph(graph: Graph, data: TrainingData) -> None:
    """Let the next training of like data use a graph."""
    _IDLE.setdefault(_identify(data), []).append(graph)


def _identify(data: TrainingData) -> Hashable:
    shaping = tuple(getattr(data.recipe, name) for name in (*list_fields(Shapes.GRAPH), "loss"))
    kinds = tuple(scaler.kind for scaler in data.scalers)
    return shaping, kinds, data.columns.target_index
