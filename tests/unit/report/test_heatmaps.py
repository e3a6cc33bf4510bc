"""Heat maps: which unit is drawn where, and what its colours stand for."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.report.figures import make_figure
from stockcast.report.heatmaps import draw_heatmaps, find_most, find_range


def test_the_colours_span_what_the_gates_do_but_for_the_rarest():
    gate = np.linspace(0.2, 0.8, 1001)[:, None]
    assert find_range([gate]) == pytest.approx((0.2, 0.8), abs=0.001)
    wild = gate.copy()
    wild[0] = 0.0
    assert find_range([wild]) == pytest.approx((0.2, 0.8), abs=0.002)


def test_gates_that_hardly_move_are_not_drawn_as_if_they_did():
    low, high = find_range([np.full((5, 3), 0.5), np.full((5, 2), 0.51)])
    assert high - low == pytest.approx(0.05)
    assert (low + high) / 2 == pytest.approx(0.505)


def test_an_empty_memory_has_a_scale_too():
    assert find_most([np.zeros((4, 2))]) == 1
    assert find_most([np.full((4, 2), -0.3), np.zeros((4, 2))]) == pytest.approx(0.3)


def test_units_that_move_together_lie_together():
    move = np.sin(np.arange(12.0))
    units = np.stack([move, -move, 0.9 * move, -1.1 * move], axis=1)
    with make_figure() as figure:
        axes = figure.subplots(1, 1)
        draw_heatmaps(np.array([axes]), [units], colours="cividis", limits=(-1, 1))
        rows = axes.images[0].get_array()
    assert rows.shape == (4, 12)
    signs = np.sign(rows[:, 1])
    assert abs(np.diff(signs)).tolist() == [0, 2, 0]
    assert sorted(map(tuple, rows.data)) == sorted(map(tuple, units.T))
