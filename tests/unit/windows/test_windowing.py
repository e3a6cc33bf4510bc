"""Windows are views, and what follows each is its target."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.windows.windowing import cut_windows


@pytest.fixture
def values():
    """(7, 2): row r is [r, 10 r]."""
    return np.arange(7, dtype=np.float32)[:, None] * np.array([1, 10], dtype=np.float32)


def test_windows_are_views_of_the_series(values):
    windows = cut_windows(values, window=3)
    assert np.shares_memory(windows, values)


def test_a_series_of_seven_rows_has_five_windows_of_three(values):
    assert cut_windows(values, window=3).shape == (5, 3, 2)


def test_each_window_holds_its_rows_in_time_order(values):
    windows = cut_windows(values, window=3)
    for start, window in enumerate(windows):
        assert np.array_equal(window, values[start : start + 3])


def test_a_window_as_long_as_the_series_is_the_series(values):
    assert np.array_equal(cut_windows(values, window=7), values[None])


def test_windows_of_one_row_are_the_rows(values):
    assert np.array_equal(cut_windows(values, window=1), values[:, None])
