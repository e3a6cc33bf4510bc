"""The fused recurrent layers: one kernel for a run of timesteps, forward and backward."""

from __future__ import annotations

from typing import Any

from stockcast.recurrent.cells import CellWeights
from stockcast.training.runtime import keras, tf

Tensor = Any  # TensorFlow is published without type information


class FusedLSTM(keras.layers.Layer):
    """An LSTM layer on TensorFlow's `BlockLSTM` kernel, with the weights of Keras' LSTM.

    It takes and returns a sequence as a list of runs of timesteps. So layer 2 can work on the
    first run while layer 1 works on the second: with whole sequences each layer would wait for
    the one below.

    Kernels keep Keras' gate order i, f, g, o; the kernel wants i, g, f, o. (`BlockLSTMV2` would
    not, but its gradient is wrong.)

    Args:
        units: width of the hidden state.
        seed: where the initial weights come from.
    """

    def __init__(self, units: int, *, seed: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self._seed = seed

    def build(self, input_shape: Any) -> None:
        """Make the weights as Keras' LSTM does: Glorot, orthogonal, and 1 for the forget bias."""
        features = input_shape[0][-1] if isinstance(input_shape, list) else input_shape[-1]
        self.kernel = self.add_weight(
            shape=(features, 4 * self.units),
            initializer=keras.initializers.GlorotUniform(seed=self._seed),
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, 4 * self.units),
            initializer=keras.initializers.Orthogonal(seed=self._seed + 1),
            name="recurrent_kernel",
        )
        self.bias = self.add_weight(
            shape=(4 * self.units,),
            initializer=_start_by_keeping,
            name="bias",
        )

    def call(self, runs: list[Tensor]) -> list[Tensor]:
        """Run over the sequence from a state of zeros.

        Args:
            runs: tensors (steps, batch, features), which follow one another in time.

        Returns:
            tensors (steps, batch, units), the hidden state after each step.
        """
        kernel = tf.concat([self.kernel, self.recurrent_kernel], axis=0)
        kernel, bias = _to_block_order(kernel), _to_block_order(self.bias)
        unused = tf.zeros([self.units])  # peepholes
        h = c = tf.zeros([tf.shape(runs[0])[1], self.units])
        outputs = []
        for run in runs:
            block = tf.raw_ops.BlockLSTM(
                seq_len_max=tf.shape(run, out_type=tf.int64)[0],
                x=run,
                cs_prev=c,
                h_prev=h,
                w=kernel,
                wci=unused,
                wcf=unused,
                wco=unused,
                b=bias,
                forget_bias=0.0,
                cell_clip=-1.0,
                use_peephole=False,
            )
            outputs.append(block.h)
            h, c = block.h[-1], block.cs[-1]
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Each run keeps its steps and batch; features become units."""
        return [(*shape[:-1], self.units) for shape in input_shape]

    def to_weights(self) -> CellWeights:
        """Return the weights as NumPy arrays."""
        return cell_weights(self.kernel, self.recurrent_kernel, self.bias)


def cell_weights(kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor) -> CellWeights:
    """Return a Keras layer's variables as NumPy arrays."""
    return CellWeights(
        kernel=kernel.numpy(), recurrent_kernel=recurrent_kernel.numpy(), bias=bias.numpy()
    )


def _start_by_keeping(shape: Any, dtype: Any = None) -> Tensor:
    """Bias 1 for the forget gate, 0 for the others (Jozefowicz, Zaremba & Sutskever 2015)."""
    return tf.repeat(tf.constant([0.0, 1.0, 0.0, 0.0], dtype=dtype), shape[0] // 4)


def _to_block_order(gates: Tensor) -> Tensor:
    """Reorder the last axis from i, f, g, o to i, g, f, o."""
    i, f, g, o = tf.split(gates, 4, axis=-1)
    return tf.concat([i, g, f, o], axis=-1)
