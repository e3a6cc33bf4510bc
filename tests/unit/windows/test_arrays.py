"""WindowArrays: what a network learns from, where somebody else cut the windows."""

import numpy as np

from stockcast.recipe import Recipe
from stockcast.windows.arrays import WindowArrays


def test_windows_of_each_span_are_numbered_from_0():
    inputs = np.arange(10, dtype=np.float32).repeat(6).reshape(10, 3, 2)
    targets = np.arange(10, dtype=np.float32)[:, None]
    data = WindowArrays("X", Recipe(window=3), inputs, targets, known=6, held_out=8)
    assert data.count_windows() == (6, 2, 0)
    assert data.count_inputs() == 2
    windows, answers = data.draw("training", np.array([5, 0]))
    assert windows.shape == (2, 3, 2)
    assert answers[:, 0].tolist() == [5.0, 0.0]
    windows, answers = data.draw("validation", np.array([1, 0]))
    assert windows[:, 0, 0].tolist() == answers[:, 0].tolist() == [9.0, 8.0]
