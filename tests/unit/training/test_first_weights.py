"""What a network's weights begin with."""

import numpy as np
import pytest

from stockcast.networks.cells import CELLS
from stockcast.recipe import Recipe

UNITS = 6
# The bias of each gate, in the order of the kernel's blocks.
FIRST_BIASES = {
    "lstm": [0, 1, 0, 0],
    "peephole": [0, 1, 0, 0],
    "cifg": [-1, 0, 0],
    "cifg-peephole": [-1, 0, 0],
    "gru": [0, 0, 0],
}


def draw_layer(cell, *, seed=1):
    from stockcast.training.first_weights import draw_weights

    recipe = Recipe(cell=cell, units=UNITS, layers=2, seed=seed)
    return draw_weights(recipe, features=3).layers[0]


@pytest.mark.parametrize(("cell", "biases"), FIRST_BIASES.items())
def test_a_layer_starts_by_keeping_its_memory(cell, biases):
    bias = draw_layer(cell).bias
    expected = np.repeat(np.float32(biases), UNITS)
    np.testing.assert_array_equal(bias, np.broadcast_to(expected, bias.shape))


@pytest.mark.parametrize("cell", ["peephole", "cifg-peephole"])
def test_peepholes_start_at_nothing(cell):
    assert not draw_layer(cell).peephole.any()


@pytest.mark.parametrize("cell", CELLS)
def test_a_layer_s_weights_are_those_of_its_cell_in_single_precision(cell):
    weights = draw_layer(cell)
    found = {name: array for name, array in vars(weights).items() if array is not None}
    shapes = CELLS[cell].list_shapes(inputs=3, units=UNITS)
    assert {name: array.shape for name, array in found.items()} == shapes
    assert {array.dtype for array in found.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("cell", CELLS)
def test_a_head_that_says_how_far_begins_by_adding_nothing(cell):
    from stockcast.training.first_weights import draw_weights

    recipe = Recipe(cell=cell, units=UNITS, layers=2, loss="qlike", horizon=3)
    weights = draw_weights(recipe, features=3)
    assert weights.loss == "qlike"
    assert weights.head_kernel.shape == (UNITS, 6)
    assert not weights.head_kernel.any()
    assert not weights.head_bias.any()
    plain = draw_weights(recipe.model_copy(update={"loss": "squared-error"}), features=3)
    assert plain.head_kernel.all()
    for ours, theirs in zip(weights.layers, plain.layers, strict=True):
        assert np.array_equal(ours.kernel, theirs.kernel)


@pytest.mark.parametrize("cell", CELLS)
def test_the_seed_decides_the_first_weights(cell):
    first, again, other = (draw_layer(cell, seed=seed) for seed in (1, 1, 5))
    for name in ("kernel", "recurrent_kernel"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))


def test_no_two_layers_start_alike():
    from stockcast.training.first_weights import draw_weights

    first, second, third = draw_weights(Recipe(units=UNITS, layers=3), features=UNITS).layers
    for one, other in ((first, second), (second, third), (first, third)):
        assert not np.array_equal(one.kernel, other.kernel)
        assert not np.array_equal(one.recurrent_kernel, other.recurrent_kernel)
