"""The LSTM and its relatives against onnxruntime, and their gradients against plain equations.

The equations are written here once more, gate by gate, and are held to onnxruntime as well.
"""

import numpy as np
import pytest

from tests.parity.cases import (
    RUNS,
    assert_same_gradients,
    draw_case,
    run_numpy,
    run_training_layer,
    take_gradients,
)
from tests.parity.rivals import run_onnx

# The order of our gates: input, forget, candidate g, output; and of our peepholes' rows.
GATES = {"lstm": "ifgo", "peephole": "ifgo", "cifg": "igo", "cifg-peephole": "igo"}
PEEPHOLES = {"peephole": "ifo", "cifg-peephole": "io"}


def run_onnx_lstm(case, *, seed=9):
    """Run onnxruntime's LSTM, gates in the order i, o, f, c and peepholes in the order i, o, f.

    With `input_forget` it takes no notice of the forget gate's weights, which have to be there:
    they are drawn at random.
    """
    coupled = "f" not in GATES[case.cell]
    random = np.random.default_rng(seed)

    def reorder(array, order, wanted):
        """Blocks of the last axis, gate by gate, as rows one below the other."""
        blocks = dict(zip(order, np.split(array, len(order), axis=-1), strict=True))
        if coupled:
            blocks["f"] = random.normal(size=blocks["i"].shape).astype(np.float32)
        return np.concatenate([blocks[gate].T for gate in wanted])[None]

    order = GATES[case.cell]
    bias = reorder(case.weights.bias, order, "iofg")
    inputs = {
        "X": case.inputs,
        "W": reorder(case.weights.kernel, order, "iofg"),
        "R": reorder(case.weights.recurrent_kernel, order, "iofg"),
        "B": np.concatenate([bias, np.zeros_like(bias)], axis=1),
        "initial_h": case.h[None],
        "initial_c": case.c[None],
    }
    if case.cell in PEEPHOLES:
        rows = case.weights.peephole.reshape(-1)
        inputs["P"] = reorder(rows, PEEPHOLES[case.cell], "iof")
    units = case.weights.units
    return run_onnx("LSTM", inputs, hidden_size=units, input_forget=int(coupled))


def run_equations(case):
    """Run the equations in TensorFlow, one operation each, in the case's precision.

    Returns:
        (steps, batch, units), the hidden states; and the gradients, named as `Case.variables`.
    """
    from stockcast.training.tensorflow.runtime import tf

    order = GATES[case.cell]
    sources = {name: tf.constant(array) for name, array in case.variables.items()}
    with tf.GradientTape() as tape:
        tape.watch(list(sources.values()))
        w, r, b = (
            dict(zip(order, tf.split(sources[name], len(order), axis=-1), strict=True))
            for name in ("kernel", "recurrent_kernel", "bias")
        )
        p = dict.fromkeys("ifo", tf.zeros_like(sources["c"][0]))
        if case.cell in PEEPHOLES:
            p |= zip(PEEPHOLES[case.cell], tf.unstack(sources["peephole"]), strict=True)
        h, c = sources["h"], sources["c"]
        states = []
        for x in tf.unstack(sources["inputs"]):
            a = {gate: x @ w[gate] + h @ r[gate] + b[gate] for gate in order}
            i = tf.sigmoid(a["i"] + p["i"] * c)
            f = tf.sigmoid(a["f"] + p["f"] * c) if "f" in order else 1 - i
            c = f * c + i * tf.tanh(a["g"])
            h = tf.sigmoid(a["o"] + p["o"] * c) * tf.tanh(c)
            states.append(h)
        hidden = tf.stack(states)
        loss = tf.reduce_sum(hidden * case.upstream)
    return hidden.numpy(), take_gradients(tape, loss, sources)


@pytest.mark.parametrize("cell", GATES)
def test_numpy_s_hidden_states_are_those_of_onnxruntime(cell):
    case = draw_case(cell)
    np.testing.assert_allclose(run_numpy(case), run_onnx_lstm(case), atol=1e-6)


@pytest.mark.parametrize("cell", ["cifg", "cifg-peephole"])
def test_onnxruntime_takes_no_notice_of_a_coupled_forget_gate_s_weights(cell):
    case = draw_case(cell)
    np.testing.assert_array_equal(run_onnx_lstm(case, seed=1), run_onnx_lstm(case, seed=2))


@pytest.mark.slow
@pytest.mark.parametrize("runs", RUNS, ids=str)
@pytest.mark.parametrize("cell", GATES)
def test_the_fused_layer_s_hidden_states_are_those_of_onnxruntime(cell, runs):
    case = draw_case(cell)
    np.testing.assert_allclose(run_training_layer(case, runs)[0], run_onnx_lstm(case), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("cell", GATES)
def test_the_equations_written_here_are_those_of_onnxruntime(cell):
    case = draw_case(cell)
    hidden, _ = run_equations(case.astype(np.float64))
    np.testing.assert_allclose(hidden, run_onnx_lstm(case), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("runs", RUNS, ids=str)
@pytest.mark.parametrize("cell", GATES)
def test_the_fused_layer_s_gradients_are_those_of_the_equations(cell, runs):
    case = draw_case(cell)
    _, gradients = run_training_layer(case, runs)
    _, expected = run_equations(case.astype(np.float64))
    assert_same_gradients(gradients, expected)
