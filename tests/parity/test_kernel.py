"""The kernel's way forward and back against plain equations in double precision."""

from dataclasses import replace

import numpy as np
import pytest

from stockcast.networks.cells import CELLS
from stockcast.networks.kernel.machine import detect_machine, name_machine
from stockcast.networks.kernel.parameters import Parameters, Shape
from stockcast.networks.kernel.stack import Block, StackKernel, get_kernel
from tests.parity.plain import draw_plain_case

pytestmark = pytest.mark.slow

SIZES = [
    {"units": 1, "layers": 1, "features": 1, "window": 1, "count": 1},
    {"units": 1, "layers": 3, "features": 2, "window": 6, "count": 16},
    {"units": 7, "layers": 2, "features": 3, "window": 5, "count": 15},
    {"units": 7, "layers": 2, "features": 3, "window": 41, "count": 3},
    {"units": 50, "layers": 4, "features": 1, "window": 12, "count": 16},
    {"units": 129, "layers": 2, "features": 5, "window": 3, "count": 9},
]


def open_block(case, *, dropout=0.0, kernel=None):
    """Return a block with a case's weights and states."""
    weights = case.weights
    shape = Shape(
        weights.cell,
        case.windows.shape[2],
        weights.layers[0].units,
        len(weights.layers),
        len(weights.head_bias),
        weights.loss,
    )
    parameters = Parameters.allocate(shape)
    parameters.assign_weights(weights)
    kernel = kernel or get_kernel(shape)
    block = Block(kernel, parameters, window=case.windows.shape[1], dropout=dropout)
    count = len(case.windows)
    for layer, layout in enumerate(kernel.layouts):
        h, c = case.states[layer]
        first, has_cell = layout.before_row, CELLS[weights.cell].has_memory_cell
        block.inputs[layer][0, first : first + layout.units, :count] = h.T
        block.states[layer][0, :, :count] = (c if has_cell else h).T
    return block, Parameters.allocate(shape)


def read_masks(block, case):
    """Return a block's masks as (layers, window, n, units) of 0 and 1."""
    _, window, count, units = case.masks.shape
    words = np.array([masks[: window * units].reshape(window, units) for masks in block.masks])
    return (words[:, :, None, :] >> np.arange(count)[:, None]) & 1


def differentiate(case, *, dropout=0.0, kernel=None):
    """Return what the kernel answers, the gradients by name, and the case with its masks."""
    block, gradients = open_block(case, dropout=dropout, kernel=kernel)
    if dropout:
        block.draw_masks((3, 5), 0)
        case = replace(case, masks=read_masks(block, case))
    hidden = block.run_forward(case.windows, drops=True).T.copy()
    block.run_back(case.upstream.T, gradients)
    arrays = {
        name: array.astype(np.float64) for name, array in gradients.to_weights().to_arrays().items()
    }
    return hidden, arrays, case


def assert_gradients(found, case):
    """Compare with derivatives along two random directions, each array by itself.

    A number that is wrong by far more than the tolerance is at a right angle to neither.
    """
    random = np.random.default_rng(9)
    for name, gradient in found.items():
        if name.startswith("head"):
            continue
        nothing = {one: np.zeros_like(array) for one, array in found.items()}
        for _ in range(2):
            direction = random.normal(size=gradient.shape)
            expected = case.differentiate({**nothing, name: direction})
            size = np.linalg.norm(gradient)
            assert size > 0, name
            assert (gradient * direction).sum() == pytest.approx(expected, abs=1e-5 * size), name


def assert_as_plain(case, *, dropout, kernel=None):
    """Compare answers and gradients with the equations', under the masks that the kernel drew."""
    hidden, gradients, case = differentiate(case, dropout=dropout, kernel=kernel)
    close = 4e-6 if dropout else 2e-6
    np.testing.assert_allclose(hidden, case.run(case.weights.to_arrays()), rtol=close, atol=close)
    assert_gradients(gradients, case)
    return case


def name_way(way):
    sizes, dropout = way
    return "-".join(map(str, [*sizes.values(), "dropout" if dropout else "kept"]))


def list_ways():
    """Yield each size of network with dropout and without.

    Both ways of a shape are neighbours: they share what was compiled for it.
    """
    for sizes in SIZES:
        marks = [pytest.mark.slow] if sizes["units"] > 7 else []
        # Of a single number dropout would leave nothing.
        for dropout in (0.0,) if sizes is SIZES[0] else (0.0, 0.3):
            yield pytest.param((sizes, dropout), id=name_way((sizes, dropout)), marks=marks)


@pytest.mark.parametrize("way", list(list_ways()))
@pytest.mark.parametrize("cell", CELLS)
def test_answers_and_gradients_are_those_of_the_plain_equations(cell, way):
    """With dropout those under the same masks."""
    sizes, dropout = way
    case = assert_as_plain(draw_plain_case(cell, **sizes, dropout=dropout), dropout=dropout)
    if dropout:
        assert 0.5 < case.masks.mean() < 0.9


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_each_weight_s_gradient_is_that_of_the_plain_equations(cell):
    """Every single number, so that none is in another's place."""
    case = draw_plain_case(cell, units=3, layers=2, features=2, window=4, count=5)
    _, gradients, case = differentiate(case)
    zeros = {name: np.zeros_like(array) for name, array in gradients.items()}
    for name, gradient in gradients.items():
        expected = np.zeros_like(gradient)
        for place in np.ndindex(gradient.shape):
            one = zeros[name].copy()
            one[place] = 1
            expected[place] = case.differentiate({**zeros, name: one})
        largest = np.abs(expected).max()
        np.testing.assert_allclose(gradient, expected, atol=1e-6 * largest, err_msg=name)


def test_the_code_of_layers_is_made_once_for_any_number_of_them():
    two, four, one = (Shape("lstm", 2, 3, layers, 1, "squared-error") for layers in (2, 4, 1))
    assert get_kernel(two)._program is get_kernel(four)._program
    assert get_kernel(two)._program is get_kernel(replace(four, outputs=3))._program
    assert get_kernel(two)._program is not get_kernel(one)._program


LEVELS = ["x86-64", "x86-64-v3", "x86-64-v4"]


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("cell", ["lstm", "peephole", "gru"])
def test_each_width_of_vectors_computes_the_same(cell, level):
    if not can_run(level):
        pytest.skip(f"this processor is no {level}")
    case = draw_plain_case(cell, units=13, layers=2, features=2, window=7, count=11, dropout=0.2)
    shape = Shape(cell, 2, 13, 2, 1, "squared-error")
    assert_as_plain(case, dropout=0.2, kernel=StackKernel(shape, name_machine(level)))


def can_run(level):
    """Whether this processor knows a level of x86-64."""
    import llvmlite.binding as llvm

    if not detect_machine().is_x86:
        return False
    features = llvm.get_host_cpu_features()
    needed = {"x86-64": [], "x86-64-v3": ["avx2", "fma"], "x86-64-v4": ["avx512f", "avx512vl"]}
    return all(features.get(name) for name in needed[level])


def test_code_is_made_for_arm_too():
    """It cannot run here; LLVM checks it and makes NEON's instructions of it."""
    from llvmlite import ir

    from stockcast.networks.kernel.layers import write_back, write_forward
    from stockcast.networks.kernel.layout import LayerLayout
    from stockcast.networks.kernel.machine import optimize_module

    module, machine = ir.Module(), name_machine("neon")
    layout = LayerLayout("peephole", 2, 5)
    write_forward(module, "forward", layout, machine)
    write_back(module, "back", layout, machine, reaches_below=True)
    parsed, target = optimize_module(module, machine)
    assembly = target.emit_assembly(parsed)
    assert "fmla" in assembly
    assert "v0.4s" in assembly
