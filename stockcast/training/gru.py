"""The GRU layer: unrolled, with its gradient by hand, for which TensorFlow has no kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stockcast.training.layers import RecurrentLayer, Tensor
from stockcast.training.runtime import tf


class UnrolledGRU(RecurrentLayer):
    """A GRU layer with the weights of Keras' GRU (`reset_after=True`).

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
            hidden = _run(projected, h, recurrent_kernel, bias[1])
            outputs.append(hidden)
            h = hidden[-1]
        return outputs


def _take_steps(
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


# Runs of one length and width share one graph.
_run: Any = tf.function(tf.custom_gradient(_take_steps), autograph=False)
