"""A cell is what its registry says: nobody else lists the cells or goes by their names."""

import ast
from pathlib import Path

import pytest

import stockcast
from stockcast.networks.cells import CELLS, CellName
from stockcast.recipe import Recipe
from tests.architecture.syntax import list_nodes

ROOT = Path(stockcast.__file__).parent
# Where a new cell is written down: its equations, for NumPy and for the kernel, and the layer that
# trains it on TensorFlow.
REGISTRIES = {
    ROOT / "networks" / "cells.py",
    ROOT / "networks" / "kernel" / "equations.py",
    ROOT / "training" / "tensorflow" / "layers.py",
}
MODULES = sorted({*ROOT.rglob("*.py")} - REGISTRIES)


def find_names(text):
    """Yield each comparison with a cell's name, and each list or table of names."""
    for node in list_nodes(text):
        if not isinstance(node, ast.Compare | ast.Tuple | ast.List | ast.Set | ast.Dict):
            continue
        constants = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
        if len(constants & set(CELLS)) > (0 if isinstance(node, ast.Compare) else 1):
            yield ast.unparse(node)


@pytest.mark.slow
@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_but_the_registries_goes_by_the_names_of_cells(path):
    assert list(find_names(path.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        'cell == "gru"',
        'cell not in ("lstm", "gru")',
        'Literal["lstm", "peephole"]',
        '{"lstm": 1, "gru": 2}',
    ],
)
def test_the_rule_finds_what_it_forbids(line):
    assert list(find_names(line))


def test_recipes_take_every_cell_that_there_is():
    assert Recipe.model_fields["cell"].annotation == CellName
    assert set(CellName.__args__) == set(CELLS)


def test_the_kernel_has_equations_for_every_cell():
    from stockcast.networks.kernel.equations import KERNEL_CELLS

    assert KERNEL_CELLS.keys() == CELLS.keys()


@pytest.mark.slow
def test_training_has_a_layer_for_every_cell():
    from stockcast.training.tensorflow.layers import LAYERS

    assert LAYERS.keys() == CELLS.keys()
