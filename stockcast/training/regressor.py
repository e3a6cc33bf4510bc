"""The network as a Keras model: recurrent layers with dropout after each, and a dense head."""

from __future__ import annotations

from typing import Any

from stockcast.recipe import Recipe
from stockcast.recurrent.network import Weights
from stockcast.training.layers import FusedLSTM, Tensor, cell_weights
from stockcast.training.runtime import HAS_GPU, keras, tf

_RUN = 10  # timesteps in a run: short enough for the layers to overlap, long enough to pay


class Regressor(keras.Model):
    """Windows in, one scaled answer each out.

    On a CPU the layers are fused and hand each other runs of timesteps; where TensorFlow sees a
    GPU they are Keras' own, which run on cuDNN. The weights are the same.

    Args:
        recipe: its layers, units, dropout, window and seed.
        features: inputs a timestep.
        on_gpu: whether to use Keras' own layers; default: where there is a GPU.
    """

    def __init__(self, recipe: Recipe, *, features: int, on_gpu: bool = HAS_GPU) -> None:
        super().__init__()
        self._dropout = recipe.dropout
        self._on_gpu = on_gpu
        whole, rest = divmod(recipe.window, _RUN)
        self._runs = [_RUN] * whole + [rest] * bool(rest)
        # Seeds a thousand apart leave each layer room for its own.
        seeds = [1000 * recipe.seed + 10 * number for number in range(recipe.layers + 1)]
        make_layer = _make_keras_lstm if on_gpu else FusedLSTM
        self.recurrent = [make_layer(recipe.units, seed=seed) for seed in seeds[:-1]]
        self.head = keras.layers.Dense(
            1, kernel_initializer=keras.initializers.GlorotUniform(seed=seeds[-1])
        )
        self(tf.zeros([1, recipe.window, features]))  # makes the weights

    def call(self, windows: Tensor, dropout_seed: Tensor = None) -> Tensor:
        """Answer each window.

        Args:
            windows: (batch, window, features), scaled.
            dropout_seed: scalar integer that all dropout masks follow from; None: no dropout.

        Returns:
            (batch,) scaled answers.
        """
        runs = [windows]
        if not self._on_gpu:
            runs = tf.split(tf.transpose(windows, [1, 0, 2]), self._runs, axis=0)
        for number, layer in enumerate(self.recurrent):
            runs = layer(runs) if isinstance(layer, FusedLSTM) else [layer(runs[0])]
            if number == len(self.recurrent) - 1:
                runs = [runs[0][:, -1] if self._on_gpu else runs[-1][-1]]
            if dropout_seed is not None and self._dropout:
                runs = [
                    tf.nn.experimental.stateless_dropout(
                        run, self._dropout, seed=tf.stack([dropout_seed, 1000 * number + position])
                    )
                    for position, run in enumerate(runs)
                ]
        return self.head(runs[0])[:, 0]

    def to_weights(self) -> Weights:
        """Return the weights as NumPy arrays."""
        return Weights(
            layers=tuple(
                layer.to_weights() if isinstance(layer, FusedLSTM) else _cell_of(layer)
                for layer in self.recurrent
            ),
            head_kernel=self.head.kernel.numpy(),
            head_bias=self.head.bias.numpy(),
        )


def _make_keras_lstm(units: int, *, seed: int) -> Any:
    return keras.layers.LSTM(
        units,
        return_sequences=True,
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
        recurrent_initializer=keras.initializers.Orthogonal(seed=seed + 1),
    )


def _cell_of(layer: Any) -> Any:
    return cell_weights(layer.cell.kernel, layer.cell.recurrent_kernel, layer.cell.bias)
