"""One TensorFlow graph of a training: many optimizer steps a call."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from stockcast.networks.heads import HEADS
from stockcast.networks.network import Weights
from stockcast.recipe import Recipe, Shapes, list_fields
from stockcast.training.tensorflow.layers import Tensor
from stockcast.training.tensorflow.regressor import Regressor
from stockcast.training.tensorflow.runtime import keras, tf

_IDLE: dict[Hashable, list[Graph]] = {}


class Graph:
    """A network, its optimizer, and the steps that train it, traced once.

    Args:
        recipe: what of it shapes the graph.
        features: inputs a timestep.
    """

    def __init__(self, recipe: Recipe, features: int) -> None:
        self._recipe = recipe
        self._head = HEADS[recipe.scored_by]
        self.regressor: Regressor = Regressor(recipe, features=features)
        self.optimizer: Any = keras.optimizers.Adam(recipe.learning_rate)
        self.optimizer.build(self.regressor.trainable_variables)
        self._fresh = [variable.numpy() for variable in self.optimizer.variables]
        cut = [
            tf.TensorSpec([None, recipe.window, features]),
            tf.TensorSpec([None, recipe.horizon * self._head.targets_per_step]),
        ]
        self.run_steps: Any = _trace(self._run_steps, *cut, tf.TensorSpec([], tf.int32))
        self.answer: Any = _trace(self.regressor, cut[0])

    def reset(self, weights: Weights) -> None:
        """Set the network's weights, and the optimizer to where it knows nothing."""
        self.regressor.assign_weights(weights)
        for variable, value in zip(self.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)

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

    def _run_steps(self, windows: Tensor, targets: Tensor, seed: Tensor) -> Tensor:
        """Take a step for each batch of windows; return the sum of their losses."""
        size = self._recipe.batch_size

        def take_next(first: Tensor, total: Tensor) -> tuple[Tensor, Tensor]:
            batch = windows[first : first + size], targets[first : first + size]
            return first + size, total + self.take_step(*batch, seed + first)

        # TensorFlow would turn a plain loop into this one, by way of a file of generated code that
        # stays in the folder for temporary files when the process is killed.
        count = tf.shape(windows)[0]
        _, total = tf.while_loop(
            lambda first, _: first < count, take_next, (tf.constant(0), tf.zeros([]))
        )
        return total


def _trace(function: Callable[..., Tensor], *signature: Any) -> Any:
    """Make a function of tensors a graph of its own."""
    return tf.function(function, input_signature=signature, autograph=False)


def acquire_graph(recipe: Recipe, features: int) -> Graph:
    """Return a graph for a recipe: one that was given back, or a new one.

    Building and tracing one takes as long as several epochs of a small recipe, and TensorFlow
    never frees it all.
    """
    idle = _IDLE.get(_identify(recipe, features), [])
    return idle.pop() if idle else Graph(recipe, features)


def release_graph(graph: Graph, recipe: Recipe, features: int) -> None:
    """Let the next training of a like recipe use a graph."""
    _IDLE.setdefault(_identify(recipe, features), []).append(graph)


def _identify(recipe: Recipe, features: int) -> Hashable:
    shaping = tuple(getattr(recipe, name) for name in list_fields(Shapes.GRAPH))
    return shaping, recipe.scored_by, features  # `auto` alone does not say which loss
