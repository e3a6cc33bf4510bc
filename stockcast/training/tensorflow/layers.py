"""The recurrent layers that training runs, and which of them runs which cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stockcast.networks.cells import CELLS, Cell, CellName, CellWeights
from stockcast.training.tensorflow.runtime import keras, tf

Tensor = Any  # TensorFlow is published without type information


class RecurrentLayer(keras.layers.Layer):
    """A layer of recurrent cells, with weights laid out as in `networks.cells`.

    It takes and returns a sequence as a list of runs of timesteps, tensors (steps, batch, …)
    that follow one another in time. So layer 2 can work on the first run while layer 1 works on
    the second: with whole sequences each layer would wait for the one below.

    Args:
        units: width of the hidden state.
        cell: the kind of its cells.
    """

    def __init__(self, units: int, *, cell: CellName, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.cell: Cell = CELLS[cell]

    def build(self, input_shape: Any) -> None:
        """Make the weights, all zero: `first_weights.draw_weights` says what they begin with."""
        shapes = self.cell.list_shapes(inputs=input_shape[0][-1], units=self.units)
        self.arrays: dict[str, Any] = {
            name: self.add_weight(shape=shape, initializer="zeros", name=name)
            for name, shape in shapes.items()
        }

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Each run keeps its steps and batch; features become units."""
        return [(*shape[:-1], self.units) for shape in input_shape]

    def to_weights(self) -> CellWeights:
        """Return the weights as NumPy arrays."""
        return CellWeights(**{name: array.numpy() for name, array in self.arrays.items()})


class FusedLSTM(RecurrentLayer):
    """An LSTM layer, of any kind, on TensorFlow's `BlockLSTM` kernel.

    The kernel wants the gates in the order i, g, f, o. (`BlockLSTMV2` would have Keras' order,
    but its gradient is wrong.) A forget gate coupled to the input gate needs no kernel of its
    own: 1 − σ(a) = σ(−a), so it gets the input gate's weights negated.
    """

    def call(self, runs: list[Tensor], state: tuple[Tensor, Tensor] | None = None) -> list[Tensor]:
        """Run over the sequence.

        Args:
            runs: tensors (steps, batch, features), which follow one another in time.
            state: hidden state and memory cell before it, (batch, units) each; default: zeros.

        Returns:
            tensors (steps, batch, units), the hidden state after each step.
        """
        kernel = tf.concat([self.arrays["kernel"], self.arrays["recurrent_kernel"]], axis=0)
        kernel, bias = self._to_block_order(kernel), self._to_block_order(self.arrays["bias"])
        peepholes = self._list_peepholes()
        zeros = tf.zeros([tf.shape(runs[0])[1], self.units])
        h, c = state or (zeros, zeros)
        outputs = []
        for run in runs:
            block = tf.raw_ops.BlockLSTM(
                seq_len_max=tf.shape(run, out_type=tf.int64)[0],
                x=run,
                cs_prev=c,
                h_prev=h,
                w=kernel,
                wci=peepholes["input"],
                wcf=peepholes["forget"],
                wco=peepholes["output"],
                b=bias,
                forget_bias=0.0,
                cell_clip=-1.0,
                use_peephole=bool(self.cell.peepholes),
            )
            outputs.append(block.h)
            h, c = block.h[-1], block.cs[-1]
        return outputs

    def _to_block_order(self, blocks: Tensor) -> Tensor:
        """Reorder the gates on the last axis as the kernel wants them."""
        parts = tf.split(blocks, len(self.cell.gates), axis=-1)
        of_gate = dict(zip(self.cell.gates, parts, strict=True))
        if self.cell.is_coupled:
            of_gate["forget"] = -of_gate["input"]
        order = ("input", "candidate", "forget", "output")
        return tf.concat([of_gate[gate] for gate in order], axis=-1)

    def _list_peepholes(self) -> dict[str, Tensor]:
        """Return the peephole (units,) of each gate; zeros where there are none."""
        of_gate = dict.fromkeys(("input", "forget", "output"), tf.zeros([self.units]))
        if self.cell.peepholes:
            rows = tf.unstack(self.arrays["peephole"])
            of_gate |= dict(zip(self.cell.peepholes, rows, strict=True))
        if self.cell.is_coupled:
            of_gate["forget"] = -of_gate["input"]
        return of_gate


class UnrolledGRU(RecurrentLayer):
    """A GRU layer with the weights of Keras' GRU (`reset_after=True`), its gradient by hand.

    Keras runs a while-loop on a CPU, of a dozen small operations a step, and twice as many on
    the way back, among them a product for the weights' gradient. Here a run of steps is laid out
    flat, and that product is made once a run.
    """

    def call(self, runs: list[Tensor], state: Tensor = None) -> list[Tensor]:
        """Run over the sequence.

        Args:
            runs: tensors (steps, batch, features), which follow one another in time.
            state: (batch, units), the hidden state before it; default: zeros.

        Returns:
            tensors (steps, batch, units), the hidden state after each step.
        """
        kernel, recurrent_kernel, bias = (
            tf.convert_to_tensor(self.arrays[name])
            for name in ("kernel", "recurrent_kernel", "bias")
        )
        h = tf.zeros([tf.shape(runs[0])[1], self.units]) if state is None else state
        outputs = []
        for run in runs:
            projected = tf.tensordot(run, kernel, 1) + bias[0]
            hidden = _run_gru(projected, h, recurrent_kernel, bias[1])
            outputs.append(hidden)
            h = hidden[-1]
        return outputs


def _take_gru_steps(
    projected: Tensor, before: Tensor, recurrent_kernel: Tensor, bias: Tensor
) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, ...]]]:
    """Run over a few steps.

    Args:
        projected: (steps, batch, 3 × units), x W + b of each step, gates in the order z, r, g.
        before: (batch, units), the hidden state before them.
        recurrent_kernel: (units, 3 × units).
        bias: (3 × units,), that of the recurrent kernel.

    Returns:
        (steps, batch, units), the hidden state after each; and what turns its gradient into
        the arguments'.
    """
    units = before.shape[-1]
    h, hidden, saved = before, [], []
    for step in tf.unstack(projected):
        recurrent = tf.nn.bias_add(tf.matmul(h, recurrent_kernel), bias)
        gates, candidate = tf.split(step, [2 * units, units], axis=1)
        recurrent_gates, recurrent_candidate = tf.split(recurrent, [2 * units, units], axis=1)
        zr = tf.sigmoid(gates + recurrent_gates)
        z, r = tf.split(zr, 2, axis=1)
        g = tf.tanh(candidate + r * recurrent_candidate)
        saved.append((h, zr, z, r, g, recurrent_candidate))
        h = g + z * (h - g)
        hidden.append(h)

    def propagate_back(upstream: Tensor) -> tuple[Tensor, ...]:
        """Backpropagation through time: the derivative of each line above, last step first."""
        d_projected, d_recurrent = [], []
        d_h: Any = tf.zeros_like(before)
        for d_hidden, (h, zr, z, r, g, recurrent_candidate) in zip(
            reversed(tf.unstack(upstream)), reversed(saved), strict=True
        ):
            d_h += d_hidden
            d_g = tf.raw_ops.TanhGrad(y=g, dy=d_h - d_h * z)
            d_gates = tf.raw_ops.SigmoidGrad(
                y=zr, dy=tf.concat([d_h * (h - g), d_g * recurrent_candidate], axis=1)
            )
            d_projected.append(tf.concat([d_gates, d_g], axis=1))
            d_recurrent.append(tf.concat([d_gates, d_g * r], axis=1))
            d_h = d_h * z + tf.matmul(d_recurrent[-1], recurrent_kernel, transpose_b=True)
        d_all = tf.concat(d_recurrent, axis=0)
        states = tf.concat([step[0] for step in reversed(saved)], axis=0)
        return (
            tf.stack(d_projected[::-1]),
            d_h,
            tf.matmul(states, d_all, transpose_a=True),
            tf.reduce_sum(d_all, axis=0),
        )

    return tf.stack(hidden), propagate_back


# TensorFlow has no kernel for it. Runs of one length and width share one graph.
_run_gru: Any = tf.function(tf.custom_gradient(_take_gru_steps), autograph=False)

LAYERS: dict[CellName, type[RecurrentLayer]] = {
    "lstm": FusedLSTM,
    "peephole": FusedLSTM,
    "cifg": FusedLSTM,
    "cifg-peephole": FusedLSTM,
    "gru": UnrolledGRU,
}
