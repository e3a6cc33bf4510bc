"""One layer and its sequence, drawn at random, and what our two implementations make of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stockcast.networks.cells import CELLS, CellName, CellWeights
from stockcast.networks.network import run_layer
from stockcast.recipe import Recipe

RUNS = [[7], [3, 4], [1, 2, 3, 1]]  # the same seven steps, whole and cut
_FEATURES, _UNITS, _BATCH, _STEPS = 3, 5, 4, 7

Gradients = dict[str, np.ndarray]


@dataclass(frozen=True)
class Case:
    """A layer, what goes into it, and a loss behind it.

    Attributes:
        cell: the kind of its cells.
        weights: three inputs, five units.
        inputs: (7, 4, 3), steps first.
        h: (4, 5), the hidden state before the first step.
        c: (4, 5), the memory cell before it; a GRU has none.
        upstream: (7, 4, 5), the loss's derivative by each hidden state.
    """

    cell: CellName
    weights: CellWeights
    inputs: np.ndarray
    h: np.ndarray
    c: np.ndarray
    upstream: np.ndarray

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The weights by name."""
        return {name: array for name, array in vars(self.weights).items() if array is not None}

    @property
    def state(self) -> dict[str, np.ndarray]:
        """What is carried from step to step, before the first."""
        return {"h": self.h} if self.cell == "gru" else {"h": self.h, "c": self.c}

    @property
    def variables(self) -> dict[str, np.ndarray]:
        """All that the loss has a derivative by."""
        return {"inputs": self.inputs, **self.state, **self.arrays}

    def astype(self, dtype: type[np.floating]) -> Case:
        """Return the same numbers in another precision."""
        fields = {name: array.astype(dtype) for name, array in self.arrays.items()}
        others = {
            name: getattr(self, name).astype(dtype) for name in ("inputs", "h", "c", "upstream")
        }
        return replace(self, weights=CellWeights(**fields), **others)


def draw_case(cell: CellName, *, seed: int = 0) -> Case:
    """Draw a case in single precision."""
    random = np.random.default_rng(seed)
    shapes = CELLS[cell].list_shapes(inputs=_FEATURES, units=_UNITS)
    weights = {name: random.normal(0, 0.6, shape) for name, shape in shapes.items()}
    return Case(
        cell=cell,
        weights=CellWeights(**weights),
        inputs=random.normal(size=(_STEPS, _BATCH, _FEATURES)),
        h=np.tanh(random.normal(size=(_BATCH, _UNITS))),
        c=random.normal(size=(_BATCH, _UNITS)),
        upstream=random.normal(size=(_STEPS, _BATCH, _UNITS)),
    ).astype(np.float32)


def run_numpy(case: Case) -> np.ndarray:
    """(steps, batch, units), the hidden states after each step of the equations in NumPy."""
    return run_layer(case.inputs, case.weights, cell=case.cell, state=(case.h, case.c))


def run_training_layer(case: Case, runs: list[int]) -> tuple[np.ndarray, Gradients]:
    """Run the layer that training uses over the sequence cut into runs.

    Returns:
        (steps, batch, units), the hidden states; and the gradients, named as `Case.variables`.
    """
    from stockcast.training.tensorflow.layers import LAYERS
    from stockcast.training.tensorflow.runtime import tf

    kind = LAYERS[case.cell]
    layer = kind(case.weights.units, cell=case.cell)
    layer.build([case.inputs.shape])
    for name, array in case.arrays.items():
        layer.arrays[name].assign(array)
    sources = {name: tf.constant(array) for name, array in case.variables.items()}
    sources |= {name: variable.value for name, variable in layer.arrays.items()}
    with tf.GradientTape() as tape:
        tape.watch(list(sources.values()))
        state = (sources["h"], sources["c"]) if CELLS[case.cell].has_memory_cell else sources["h"]
        hidden = tf.concat(layer(tf.split(sources["inputs"], runs), state=state), axis=0)
        loss = tf.reduce_sum(hidden * case.upstream)
    return hidden.numpy(), take_gradients(tape, loss, sources)


def take_gradients(tape, loss, sources) -> Gradients:
    """Return the loss's gradients by each of the sources, as NumPy arrays."""
    gradients = tape.gradient(loss, sources)
    return {name: gradient.numpy() for name, gradient in gradients.items()}


def assert_same_gradients(found: Gradients, expected: Gradients) -> None:
    """Compare each, and see that each is something."""
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        assert np.abs(gradient).max() > 0.2
        np.testing.assert_allclose(found[name], gradient, rtol=1e-5, atol=5e-6, err_msg=name)


def assert_starts_as_in_keras(cell: CellName, plain, *, gates: int) -> None:
    """Compare how eight units start on three inputs with Keras' own layer.

    Args:
        cell: the kind of ours.
        plain: Keras' layer of eight units, not built yet.
        gates: blocks of eight columns that the kernel has, drawn as one by Glorot and Bengio
            (2010): uniform up to √(6 / (inputs + columns)).
    """
    from stockcast.training.first_weights import draw_weights

    ours = draw_weights(Recipe(cell=cell, units=8, seed=1), features=3).layers[0]
    plain.build((1, 2, 3))
    np.testing.assert_array_equal(ours.bias, plain.cell.bias)
    recurrent = ours.recurrent_kernel
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(8), atol=1e-5)
    limit = np.sqrt(6 / (3 + 8 * gates))
    assert 0.7 * limit < np.abs(ours.kernel).max() <= limit
