"""Parts of pictures: what is gained on the last price, and intervals as shades."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.report.figures import make_figure
from stockcast.report.panels import draw_gain, measure_gain, shade_intervals

DATES = np.array(["2013-02-27", "2013-02-28", "2013-03-01"], "datetime64[us]")
ACTUAL = np.array([10.0, 10.0, 10.0])
LAST = np.array([11.0, 9.0, 10.0])  # squared errors 1, 1, 0


@pytest.fixture
def axes():
    with make_figure() as figure:
        yield figure.add_subplot()


def test_the_gain_is_the_squared_error_saved_so_far_as_a_share_of_the_last_prices():
    forecast = np.array([10.0, 12.0, 10.0])  # 0, 4, 0
    assert measure_gain(ACTUAL, forecast, LAST).tolist() == [0.5, -1.0, -1.0]


def test_the_last_price_gains_nothing_on_itself_and_a_perfect_forecast_all_of_it():
    assert measure_gain(ACTUAL, LAST, LAST).tolist() == [0, 0, 0]
    assert measure_gain(ACTUAL, ACTUAL, LAST)[-1] == 1


def test_what_has_not_come_true_yet_is_neither_gain_nor_loss():
    actual = np.array([10.0, 10.0, np.nan])
    assert measure_gain(actual, actual, LAST).tolist() == [0.5, 1.0, 1.0]


def test_there_is_nothing_to_gain_where_the_price_never_moves():
    still = np.full(3, 10.0)
    assert measure_gain(still, np.array([10.0, 11.0, 12.0]), still).tolist() == [0, 0, 0]


def test_a_wider_level_lies_under_a_narrower_one_and_looks_lighter(axes):
    intervals = {0.8: (ACTUAL - 1, ACTUAL + 1), 0.95: (ACTUAL - 2, ACTUAL + 2)}
    shade_intervals(axes, DATES, intervals)
    handles, labels = axes.get_legend_handles_labels()
    assert labels == ["95 % interval", "80 % interval"]
    assert handles[0].get_alpha() < handles[1].get_alpha()
    heights = [np.ptp(shade.get_paths()[0].vertices[:, 1]) for shade in axes.collections[::2]]
    assert heights == [4, 2]


def test_a_level_that_nobody_knows_is_not_drawn(axes):
    unknown = np.full(3, np.nan)
    shade_intervals(axes, DATES, {0.8: (ACTUAL - 1, ACTUAL + 1), 0.95: (unknown, unknown)})
    assert axes.get_legend_handles_labels()[1] == ["80 % interval"]


def test_a_gain_is_drawn_in_percent(axes):
    draw_gain(axes, DATES, np.array([0.5, -1.0, -0.5]))
    assert axes.lines[-1].get_ydata().tolist() == [50, -100, -50]
