"""The network as a Keras model: recurrent layers with dropout after each, and a dense head."""

from __future__ import annotations

from typing import Any

from stockcast.networks.cells import CELLS, CellWeights
from stockcast.networks.heads import HEADS
from stockcast.networks.network import Weights
from stockcast.recipe import Recipe
from stockcast.training.tensorflow.layers import LAYERS, Tensor
from stockcast.training.tensorflow.runtime import HAS_GPU, keras, tf

_RUN = 10  # timesteps in a run: short enough for the layers to overlap, long enough to pay


class Regressor(keras.Model):
    """Windows in, the scaled outputs of its head out.

    On a CPU the layers are fused and hand each other runs of timesteps; where TensorFlow sees a
    GPU, those that cuDNN knows are Keras' own. The weights are the same; they mean nothing
    until `assign_weights`.

    Args:
        recipe: its layers, units, dropout and window.
        features: inputs a timestep.
        on_gpu: whether to use Keras' own layers where it has them; default: with a GPU.
    """

    def __init__(self, recipe: Recipe, *, features: int, on_gpu: bool = HAS_GPU) -> None:
        super().__init__()
        self._dropout = recipe.dropout
        self._cell = recipe.cell
        self._on_gpu = on_gpu and CELLS[recipe.cell].keras_layer is not None
        whole, rest = divmod(recipe.window, _RUN)
        self._runs = [_RUN] * whole + [rest] * bool(rest)
        self.recurrent: list[Any] = [self._make_layer(recipe) for _ in range(recipe.layers)]
        self._loss = recipe.scored_by
        self.head: Any = keras.layers.Dense(HEADS[recipe.scored_by].count_outputs(recipe.horizon))
        self(tf.zeros([1, recipe.window, features]))  # makes the variables

    def call(self, windows: Tensor, dropout_seed: Tensor = None) -> Tensor:
        """Answer each window.

        Args:
            windows: (batch, window, features), scaled.
            dropout_seed: scalar integer that all dropout masks follow from; None: no dropout.

        Returns:
            (batch, outputs) scaled answers.
        """
        runs = [windows]
        if not self._on_gpu:
            runs = tf.split(tf.transpose(windows, [1, 0, 2]), self._runs, axis=0)
        for number, layer in enumerate(self.recurrent):
            runs = [layer(runs[0])] if self._on_gpu else layer(runs)
            if number == len(self.recurrent) - 1:
                runs = [runs[0][:, -1] if self._on_gpu else runs[-1][-1]]
            if dropout_seed is not None and self._dropout:
                runs = [
                    tf.nn.experimental.stateless_dropout(
                        run, self._dropout, seed=tf.stack([dropout_seed, 1000 * number + position])
                    )
                    for position, run in enumerate(runs)
                ]
        return self.head(runs[0])

    def to_weights(self) -> Weights:
        """Return the weights as NumPy arrays."""
        return Weights(
            cell=self._cell,
            layers=tuple(
                _take_weights(layer.cell) if self._on_gpu else layer.to_weights()
                for layer in self.recurrent
            ),
            head_kernel=self.head.kernel.numpy(),
            head_bias=self.head.bias.numpy(),
            loss=self._loss,
        )

    def assign_weights(self, weights: Weights) -> None:
        """Set the weights to those of `to_weights`, or of a model file of the same shapes."""
        for layer, ours in zip(self.recurrent, weights.layers, strict=True):
            for name, array in vars(ours).items():
                if array is not None:
                    of_layer = getattr(layer.cell, name) if self._on_gpu else layer.arrays[name]
                    of_layer.assign(array)
        self.head.kernel.assign(weights.head_kernel)
        self.head.bias.assign(weights.head_bias)

    def _make_layer(self, recipe: Recipe) -> Any:
        if self._on_gpu:
            on_cudnn = getattr(keras.layers, CELLS[recipe.cell].keras_layer or "")
            return on_cudnn(recipe.units, return_sequences=True)
        return LAYERS[recipe.cell](recipe.units, cell=recipe.cell)


def _take_weights(cell: Any) -> CellWeights:
    """Return the weights of a Keras layer's cell."""
    return CellWeights(
        kernel=cell.kernel.numpy(),
        recurrent_kernel=cell.recurrent_kernel.numpy(),
        bias=cell.bias.numpy(),
    )
