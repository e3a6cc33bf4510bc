"""The same layers by Keras and by onnxruntime."""

from __future__ import annotations

import numpy as np

from tests.parity.cases import Case, Gradients, take_gradients


def run_keras(case: Case) -> tuple[np.ndarray, Gradients]:
    """Run Keras' own layer in the case's precision; returns what `run_training_layer` does."""
    from stockcast.training.tensorflow.runtime import keras, tf

    kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[case.cell]
    layer = kind(case.weights.units, return_sequences=True, dtype=case.inputs.dtype.name)
    layer.build((None, None, case.inputs.shape[-1]))
    layer.set_weights([case.weights.kernel, case.weights.recurrent_kernel, case.weights.bias])
    sources = {name: tf.constant(array) for name, array in case.variables.items()}
    sources |= {name: getattr(layer.cell, name).value for name in case.arrays}
    with tf.GradientTape() as tape:
        tape.watch(list(sources.values()))
        batch_first = tf.transpose(sources["inputs"], [1, 0, 2])
        hidden = layer(batch_first, initial_state=[sources[name] for name in case.state])
        hidden = tf.transpose(hidden, [1, 0, 2])
        loss = tf.reduce_sum(hidden * case.upstream)
    return hidden.numpy(), take_gradients(tape, loss, sources)


def run_onnx(operator: str, inputs: dict[str, np.ndarray], **attributes: int) -> np.ndarray:
    """Run one operator of onnxruntime, in one direction.

    Args:
        operator: LSTM or GRU.
        inputs: by the names of its specification, in its order; those left out are empty.
        attributes: of the operator.

    Returns:
        (steps, batch, units), the hidden state after each step.
    """
    import onnx
    import onnxruntime
    from onnx import helper

    names = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    assert set(inputs) <= set(names)
    if operator == "GRU":
        names = names[:6]
    named = [name if name in inputs else "" for name in names]
    node = helper.make_node(operator, named, ["Y"], **attributes)
    graph = helper.make_graph(
        [node],
        operator,
        [
            helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, array.shape)
            for name, array in inputs.items()
        ],
        [helper.make_tensor_value_info("Y", onnx.TensorProto.FLOAT, [None] * 4)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(["Y"], inputs)[0][:, 0]
