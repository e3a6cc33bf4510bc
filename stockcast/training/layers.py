"""The fused recurrent layers: one kernel for a run of timesteps, forward and backward."""

from __future__ import annotations

from typing import Any

from stockcast.networks.cells import CELLS, CellName, CellWeights
from stockcast.training.runtime import keras, tf

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
        self.cell = CELLS[cell]

    def build(self, input_shape: Any) -> None:
        """Make the weights, all zero: `start.draw_weights` says what they begin with."""
        shapes = self.cell.list_shapes(inputs=input_shape[0][-1], units=self.units)
        self.arrays = {
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
        if not self.cell.peepholes:
            return dict.fromkeys(("input", "forget", "output"), tf.zeros([self.units]))
        rows = tf.unstack(self.arrays["peephole"])
        of_gate = dict(zip(self.cell.peepholes, rows, strict=True))
        if self.cell.is_coupled:
            of_gate["forget"] = -of_gate["input"]
        return of_gate
