"""Training steps in one TensorFlow graph: windows gathered from the series, many steps a call."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.recurrent.network import Weights
from stockcast.training.layers import Tensor
from stockcast.training.regressor import Regressor
from stockcast.training.runtime import keras, tf
from stockcast.windows.scaling import MinMax, Relative
from stockcast.windows.series import WindowedSeries

_STEPS = 64  # a call: few enough that Ctrl-C is heard within a second or two
_EVALUATION_BATCH = 256  # windows


class _Adam(keras.optimizers.Adam):
    """Adam on one device.

    Keras would sum gradients over devices all the same, and TensorFlow keeps the graph of that sum
    for good: a backtest that fits hundreds of times would fill the memory.
    """

    def _all_reduce_sum_gradients(self, grads_and_vars: Any) -> Any:
        return grads_and_vars


class Trainer:
    """Holds a regressor, its optimizer and the series they learn from.

    Windows are cut inside the graph, so memory grows with rows, not with rows × window.

    Args:
        series: the scaled series and its recipe.
    """

    def __init__(self, series: WindowedSeries) -> None:
        recipe = series.recipe
        self._recipe = recipe
        self._regressor = Regressor(recipe, features=series.values.shape[1])
        self._optimizer = _Adam(recipe.learning_rate)
        self._optimizer.build(self._regressor.trainable_variables)
        self._values = tf.constant(np.asarray(series.values))
        self._target_index = series.columns.target_index
        self._scalers = series.scalers
        indices = tf.TensorSpec([None], tf.int32)
        seed = tf.TensorSpec([], tf.int32)
        self._run_steps = tf.function(self._run_steps_eagerly, input_signature=[indices, seed])
        self._sum_errors = tf.function(self._sum_errors_eagerly, input_signature=[indices])

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
            total += float(self._run_steps(part, seed))
        return total / len(starts)

    def measure_loss(self, starts: NDArray[np.int64]) -> float:
        """Return the mean squared error on windows, without dropout, scaled units squared."""
        total = 0.0
        for first in range(0, len(starts), _EVALUATION_BATCH):
            part = starts[first : first + _EVALUATION_BATCH].astype(np.int32)
            total += float(self._sum_errors(part))
        return total / len(starts)

    def to_weights(self) -> Weights:
        """Return a copy of the weights as NumPy arrays."""
        return self._regressor.to_weights()

    def _run_steps_eagerly(self, starts: Tensor, seed: Tensor) -> Tensor:
        """Take a step for each batch of `starts`; return the sum of squared errors."""
        size = self._recipe.batch_size
        total = tf.zeros([])
        for first in tf.range(0, tf.shape(starts)[0], size):
            total += self._take_step(starts[first : first + size], seed + first)
        return total

    def _take_step(self, starts: Tensor, seed: Tensor) -> Tensor:
        variables = self._regressor.trainable_variables
        with tf.GradientTape() as tape:
            error = self._regressor(self._gather(starts), dropout_seed=seed) - self._aim(starts)
            loss = tf.reduce_mean(tf.square(error))
        self._optimizer.apply(tape.gradient(loss, variables), variables)
        return loss * tf.cast(tf.shape(starts)[0], tf.float32)

    def _sum_errors_eagerly(self, starts: Tensor) -> Tensor:
        error = self._regressor(self._gather(starts)) - self._aim(starts)
        return tf.reduce_sum(tf.reduce_mean(tf.square(error), axis=1))

    def _gather(self, starts: Tensor) -> Tensor:
        """(batch,) ─▶ (batch, window, features); as `pose_windows` does it."""
        windows = tf.gather(self._values, starts[:, None] + tf.range(self._recipe.window)[None, :])
        if not any(isinstance(scaler, Relative) for scaler in self._scalers):
            return windows
        last = windows[:, -1:, self._target_index]
        return tf.stack(
            [
                (windows[..., position] / last - 1) / scaler.deviation
                if isinstance(scaler, Relative)
                else windows[..., position]
                for position, scaler in enumerate(self._scalers)
            ],
            axis=-1,
        )

    def _aim(self, starts: Tensor) -> Tensor:
        """(batch,) ─▶ (batch, horizon): what to answer; as `take_answers` does it."""
        series = self._values[:, self._target_index]
        first = starts + self._recipe.window
        following = tf.gather(series, first[:, None] + tf.range(self._recipe.horizon)[None, :])
        scaler = self._scalers[self._target_index]
        if isinstance(scaler, Relative):
            last = tf.gather(series, first - 1)[:, None]
            return (following / last - 1) / scaler.deviation
        return following if isinstance(scaler, MinMax) else tf.cumsum(following, axis=1)
