"""What a network's weights begin with: drawn from the recipe's seed as Keras draws them."""

from __future__ import annotations

import numpy as np

from stockcast.networks.cells import CELLS, Array, Cell, CellWeights
from stockcast.networks.heads import HEADS
from stockcast.networks.network import Weights
from stockcast.recipe import Recipe
from stockcast.training.runtime import keras


def draw_weights(recipe: Recipe, *, features: int) -> Weights:
    """Draw a whole network's first weights.

    Kernels are Glorot uniform, recurrent kernels orthogonal, biases and peepholes zero; but for
    the gate that keeps, see `_draw_bias`.
    """
    # Seeds ten apart leave each layer room for its own, seeds a thousand apart each network.
    seeds = [1000 * recipe.seed + 10 * number for number in range(recipe.layers + 1)]
    layers = tuple(
        _draw_layer(recipe, inputs=recipe.units if number else features, seed=seed)
        for number, seed in enumerate(seeds[:-1])
    )
    shapes = HEADS[recipe.loss].list_shapes(units=recipe.units, horizon=recipe.horizon)
    return Weights(
        cell=recipe.cell,
        layers=layers,
        head_kernel=_draw("GlorotUniform", shapes["head.kernel"], seeds[-1]),
        head_bias=np.zeros(shapes["head.bias"], np.float32),
        loss=recipe.loss,
    )


def _draw_layer(recipe: Recipe, *, inputs: int, seed: int) -> CellWeights:
    cell = CELLS[recipe.cell]
    shapes = cell.list_shapes(inputs=inputs, units=recipe.units)
    peephole = np.zeros(shapes["peephole"], np.float32) if cell.peepholes else None
    return CellWeights(
        kernel=_draw("GlorotUniform", shapes["kernel"], seed),
        recurrent_kernel=_draw("Orthogonal", shapes["recurrent_kernel"], seed + 1),
        bias=np.broadcast_to(_draw_bias(cell, recipe.units), shapes["bias"]).copy(),
        peephole=peephole,
    )


def _draw_bias(cell: Cell, units: int) -> Array:
    """Bias 1 for the forget gate, 0 for the others (Jozefowicz, Zaremba & Sutskever 2015).

    A forget gate that is 1 − the input gate has it as −1 for the input gate.
    """
    of_gate = {"input": -1.0} if cell.is_coupled else {"forget": 1.0}
    return np.repeat(np.array([of_gate.get(gate, 0.0) for gate in cell.gates], np.float32), units)


def _draw(kind: str, shape: tuple[int, ...], seed: int) -> Array:
    array: Array = getattr(keras.initializers, kind)(seed=seed)(shape).numpy()
    return array
