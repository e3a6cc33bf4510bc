"""The fused layer's gradients against the plain equations under GradientTape.

A kernel with a wrong gradient still trains, only badly: nothing else would catch it.
"""

import numpy as np
import pytest

pytestmark = pytest.mark.slow


def run_equations(tf, inputs, kernel, recurrent_kernel, bias):
    """(batch, window, features) ─▶ (batch, window, units), one operation an equation."""
    units = recurrent_kernel.shape[0]
    h = c = tf.zeros([inputs.shape[0], units])
    outputs = []
    for step in range(inputs.shape[1]):
        gates = inputs[:, step] @ kernel + h @ recurrent_kernel + bias
        i, f, g, o = tf.split(gates, 4, axis=-1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
        outputs.append(h)
    return tf.stack(outputs, axis=1)


@pytest.mark.parametrize("runs", [[7], [3, 4], [1, 2, 3, 1]], ids=str)
def test_outputs_and_all_gradients_are_those_of_the_equations(runs):
    from stockcast.training.layers import FusedLSTM
    from stockcast.training.runtime import tf

    random = np.random.default_rng(3)
    inputs = tf.constant(random.normal(size=(5, sum(runs), 2)), tf.float32)
    weigh = tf.constant(random.normal(size=(5, sum(runs), 6)), tf.float32)
    layer = FusedLSTM(6, cell="lstm", seed=1)
    split = lambda x: tf.split(tf.transpose(x, [1, 0, 2]), runs, axis=0)  # noqa: E731
    layer(split(inputs))
    for variable in layer.trainable_variables:  # biases too must differ from gate to gate
        variable.assign(random.normal(0, 0.5, variable.shape))

    def differentiate(run):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = run()
            loss = tf.reduce_sum(outputs * weigh)
        variables = [layer.arrays["kernel"], layer.arrays["recurrent_kernel"], layer.arrays["bias"]]
        return outputs, tape.gradient(loss, [inputs, *(v.value for v in variables)])

    fused, fused_gradients = differentiate(
        lambda: tf.transpose(tf.concat(layer(split(inputs)), axis=0), [1, 0, 2])
    )
    plain, plain_gradients = differentiate(
        lambda: run_equations(
            tf,
            inputs,
            layer.arrays["kernel"],
            layer.arrays["recurrent_kernel"],
            layer.arrays["bias"],
        )
    )
    np.testing.assert_allclose(fused, plain, atol=1e-6)
    for found, expected in zip(fused_gradients, plain_gradients, strict=True):
        assert np.abs(expected).max() > 0.1
        np.testing.assert_allclose(found, expected, atol=2e-5)


def test_the_weights_start_as_those_of_keras_lstm():
    from stockcast.training.layers import FusedLSTM
    from stockcast.training.runtime import keras, tf

    fused = FusedLSTM(8, cell="lstm", seed=1)
    fused([tf.zeros([2, 1, 3])])
    plain = keras.layers.LSTM(8)
    plain(tf.zeros([1, 2, 3]))
    np.testing.assert_array_equal(fused.arrays["bias"], plain.cell.bias)
    recurrent = fused.arrays["recurrent_kernel"].numpy()
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(8), atol=1e-5)
    limit = np.sqrt(6 / (3 + 32))
    assert 0.7 * limit < np.abs(fused.arrays["kernel"]).max() <= limit
