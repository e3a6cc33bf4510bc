"""What a network's weights begin with: drawn from the recipe's seed, as Keras distributes them."""

from __future__ import annotations

import numpy as np

from stockcast.networks.cells import CELLS, Array, Cell, CellWeights
from stockcast.networks.heads import HEADS
from stockcast.networks.network import Weights
from stockcast.recipe import Recipe


def draw_weights(recipe: Recipe, *, features: int) -> Weights:
    """Draw a whole network's first weights.

    Kernels are Glorot uniform, recurrent kernels orthogonal, biases and peepholes zero; but for
    the gate that keeps, see `_draw_bias`, and for a head that begins at zero.
    """
    layers = tuple(
        _draw_layer(recipe, number, inputs=recipe.units if number else features)
        for number in range(recipe.layers)
    )
    head = HEADS[recipe.scored_by]
    shapes = head.list_shapes(units=recipe.units, horizon=recipe.horizon)
    kernel = _draw_glorot(shapes["head.kernel"], _open(recipe, recipe.layers))
    return Weights(
        cell=recipe.cell,
        layers=layers,
        head_kernel=np.zeros_like(kernel) if head.begins_at_zero else kernel,
        head_bias=np.zeros(shapes["head.bias"], np.float32),
        loss=recipe.scored_by,
    )


def _draw_layer(recipe: Recipe, number: int, *, inputs: int) -> CellWeights:
    cell = CELLS[recipe.cell]
    shapes = cell.list_shapes(inputs=inputs, units=recipe.units)
    generator = _open(recipe, number)
    return CellWeights(
        kernel=_draw_glorot(shapes["kernel"], generator),
        recurrent_kernel=_draw_orthogonal(shapes["recurrent_kernel"], generator),
        bias=np.broadcast_to(_draw_bias(cell, recipe.units), shapes["bias"]).copy(),
        peephole=np.zeros(shapes["peephole"], np.float32) if cell.peepholes else None,
    )


def _open(recipe: Recipe, layer: int) -> np.random.Generator:
    """Return a generator for one layer of one seed's network."""
    return np.random.default_rng([recipe.seed, layer])


def _draw_bias(cell: Cell, units: int) -> Array:
    """Bias 1 for the forget gate, 0 for the others (Jozefowicz, Zaremba & Sutskever 2015).

    A forget gate that is 1 − the input gate has it as −1 for the input gate.
    """
    of_gate = {"input": -1.0} if cell.is_coupled else {"forget": 1.0}
    return np.repeat(np.array([of_gate.get(gate, 0.0) for gate in cell.gates], np.float32), units)


def _draw_glorot(shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Uniform up to √(6 / (rows + columns)) (Glorot & Bengio 2010)."""
    limit = np.sqrt(6 / sum(shape))
    return generator.uniform(-limit, limit, shape).astype(np.float32)


def _draw_orthogonal(shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Rows at right angles (Saxe, McClelland & Ganguli 2014), no direction preferred.

    Q of a normal matrix's QR is that once R's diagonal is positive (Mezzadri 2007).
    """
    rows, columns = shape  # never more rows than columns: a gate is as wide as the state
    q, r = np.linalg.qr(generator.normal(size=(columns, rows)))
    return np.ascontiguousarray((q * np.sign(np.diag(r))).T, dtype=np.float32)
