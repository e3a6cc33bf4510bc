"""Metrics, each checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.evaluation.metrics import (
    direction_hit_rate,
    mean_absolute_error,
    relative_skill,
    root_mean_squared_error,
)


def test_rmse_by_hand():
    # errors 3 and −4: √((9 + 16) / 2)
    rmse = root_mean_squared_error(np.array([10.0, 10.0]), np.array([13.0, 6.0]))
    assert rmse == pytest.approx(math.sqrt(12.5), rel=1e-15)


def test_mae_by_hand():
    assert mean_absolute_error(np.array([10.0, 10.0]), np.array([13.0, 6.0])) == 3.5


@pytest.mark.parametrize("metric", [root_mean_squared_error, mean_absolute_error])
def test_an_error_is_zero_only_where_nothing_is_wrong(metric):
    actual = np.array([1.0, 2.0, 3.0])
    assert metric(actual, actual) == 0.0
    assert metric(actual, actual + np.array([0.0, 0.0, 1e-6])) > 0.0


@pytest.mark.parametrize("metric", [root_mean_squared_error, mean_absolute_error])
def test_too_high_and_too_low_by_as_much_are_as_wrong(metric):
    actual = np.array([10.0, 20.0])
    assert metric(actual, actual + 2.0) == metric(actual, actual - 2.0) == 2.0


def test_direction_is_the_share_of_moves_on_the_right_side():
    last = np.array([10.0, 10.0, 10.0, 10.0])
    actual = np.array([11.0, 9.0, 12.0, 8.0])
    forecast = np.array([10.1, 9.9, 9.0, 7.0])
    assert direction_hit_rate(actual, forecast, last) == 0.75


def test_steps_without_a_move_count_for_neither_side():
    last = np.array([10.0, 10.0, 10.0])
    actual = np.array([10.0, 11.0, 9.0])
    forecast = np.array([12.0, 12.0, 12.0])
    assert direction_hit_rate(actual, forecast, last) == 0.5


def test_a_forecast_of_no_change_is_no_hit_on_a_move():
    last = np.array([10.0, 10.0])
    actual = np.array([11.0, 9.0])
    assert direction_hit_rate(actual, last, last) == 0.0


def test_direction_is_zero_where_the_price_never_moved():
    last = np.array([10.0, 10.0])
    assert direction_hit_rate(last, np.array([11.0, 9.0]), last) == 0.0


def test_skill_is_positive_when_the_error_is_smaller_than_the_reference_s():
    assert relative_skill(1.5, 2.0) == 0.25


def test_skill_is_negative_when_the_error_is_larger_than_the_reference_s():
    assert relative_skill(3.0, 2.0) == -0.5


def test_skill_is_zero_when_the_errors_are_equal():
    assert relative_skill(2.0, 2.0) == 0.0
