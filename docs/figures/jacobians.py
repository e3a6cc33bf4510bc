"""How much of a gradient is left some days back, by the exact slopes of each step."""

from __future__ import annotations

import numpy as np

from stockcast.networks.cells import CELLS, CellName, CellWeights
from stockcast.prices.history import Numbers

_TINY = 1e-30


def differentiate_steps(window: Numbers, layer: CellWeights, name: CellName) -> list[Numbers]:
    """Return ∂ state / ∂ state before at each step of a layer, by the complex step.

    A step towards i · ε has the slope as its imaginary part, without the rounding of a small
    difference (Squire & Trapp 1998).

    Args:
        window: (window, inputs), what the layer sees.
        layer: its weights.
        name: of its cell.

    Returns:
        of each step (state, state); the state is the memory and what is shown, for a GRU what is
        shown.
    """
    cell, units = CELLS[name], layer.units
    has_memory = cell.has_memory_cell
    towards = 1j * _TINY * np.eye(units)
    none = np.zeros_like(towards)
    h = c = np.zeros((1, units))
    found = []
    for projected in layer.project(window):
        c_part, h_part = (np.vstack([towards, none]), np.vstack([none, towards]))
        if not has_memory:
            c_part, h_part = none, towards
        step = cell.step(projected[None], h + h_part, c + c_part, layer)
        states = (step.cell, step.hidden) if has_memory else (step.hidden,)
        found.append(np.hstack([state.imag / _TINY for state in states]).T)
        real = cell.step(projected[None], h, c, layer)
        h, c = real.hidden, real.cell
    return found


def follow_back(steps: list[Numbers]) -> Numbers:
    """Return the largest singular value of the product of the last 0, 1, 2 … slopes, (steps,)."""
    product = np.eye(len(steps[0]))
    left = [1.0]
    for slope in reversed(steps[1:]):
        product = product @ slope
        left.append(float(np.linalg.norm(product, 2)))
    return np.array(left)
