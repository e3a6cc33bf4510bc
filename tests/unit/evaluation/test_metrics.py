"""Metrics, each checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.evaluation.metrics import (
    bias,
    coverage,
    direction_hit_rate,
    interval_losses,
    majority_direction_rate,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_absolute_scaled_error,
    mean_width,
    pinball_losses,
    relative_skill,
    root_mean_squared_error,
    root_mean_squared_scaled_error,
    symmetric_mean_absolute_percentage_error,
    weighted_interval_losses,
    winkler_score,
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


def test_bias_is_positive_when_the_forecast_is_too_high():
    actual = np.array([10.0, 10.0])
    assert bias(actual, np.array([11.0, 12.0])) == 1.5
    assert bias(actual, np.array([9.0, 8.0])) == -1.5


def test_bias_lets_too_high_and_too_low_cancel_out():
    assert bias(np.array([10.0, 10.0]), np.array([8.0, 12.0])) == 0.0


def test_the_percentage_error_by_hand():
    # 1 of 10 and 4 of 20
    error = mean_absolute_percentage_error(np.array([10.0, 20.0]), np.array([11.0, 16.0]))
    assert error == pytest.approx(0.15)


def test_there_is_no_percentage_of_nothing():
    assert math.isnan(mean_absolute_percentage_error(np.array([10.0, 0.0]), np.array([11.0, 1.0])))


def test_the_symmetric_percentage_error_by_hand():
    # 10 of the mean 15, twice: it is the same which of the two is the forecast
    actual, forecast = np.array([10.0, 20.0]), np.array([20.0, 10.0])
    error = symmetric_mean_absolute_percentage_error(actual, forecast)
    assert error == pytest.approx(2 / 3)


def test_the_symmetric_percentage_error_of_nothing_for_nothing_is_zero_and_else_two():
    actual, forecast = np.array([0.0, 0.0]), np.array([0.0, 5.0])
    assert symmetric_mean_absolute_percentage_error(actual, forecast) == 1.0  # of 0 and 2


SCALED = [mean_absolute_scaled_error, root_mean_squared_scaled_error]


def test_scaled_errors_by_hand():
    # in training the price moved by 1, −2 and 3; the forecasts miss by 4 and 2
    training = np.array([10.0, 11.0, 9.0, 12.0])
    actual, forecast = np.array([12.0, 12.0]), np.array([16.0, 10.0])
    assert mean_absolute_scaled_error(actual, forecast, training) == pytest.approx(3 / 2)
    rmsse = root_mean_squared_scaled_error(actual, forecast, training)
    assert rmsse == pytest.approx(math.sqrt(10 / (14 / 3)))


def test_two_steps_ahead_the_scale_is_that_of_repeating_the_price_of_two_steps_before():
    # moves over two steps: −1 and 1
    training = np.array([10.0, 11.0, 9.0, 12.0])
    actual, forecast = np.array([12.0, 12.0]), np.array([16.0, 10.0])
    assert mean_absolute_scaled_error(actual, forecast, training, step=2) == 3.0
    rmsse = root_mean_squared_scaled_error(actual, forecast, training, step=2)
    assert rmsse == pytest.approx(math.sqrt(10))


@pytest.mark.parametrize("metric", SCALED)
def test_repeating_the_last_price_of_the_training_span_itself_is_one(metric):
    training = np.array([10.0, 11.0, 9.0, 12.0, 12.5])
    assert metric(training[1:], training[:-1], training) == 1.0


@pytest.mark.parametrize("metric", SCALED)
def test_a_price_that_never_moved_in_training_gives_no_scale(metric):
    still = np.full(5, 10.0)
    assert math.isnan(metric(still, still + 1, still))


def test_the_majority_rate_is_what_naming_one_direction_would_hit():
    last = np.full(5, 10.0)
    actual = np.array([11.0, 12.0, 13.0, 9.0, 10.0])  # three up, one down, one unmoved
    assert majority_direction_rate(actual, last) == 0.75
    assert majority_direction_rate(20 - actual, last) == 0.75
    assert direction_hit_rate(actual, last + 1, last) == 0.75


def test_the_majority_rate_is_zero_where_the_price_never_moved():
    last = np.array([10.0, 10.0])
    assert majority_direction_rate(last, last) == 0.0


def test_coverage_counts_the_bounds_in():
    actual = np.array([1.0, 2.0, 3.0, 4.0])
    assert coverage(actual, np.full(4, 2.0), np.full(4, 3.0)) == 0.5


def test_the_mean_width_by_hand():
    assert mean_width(np.array([1.0, 2.0]), np.array([2.0, 5.0])) == 2.0


def test_the_winkler_score_is_the_width_and_a_penalty_for_each_miss():
    # level 0.8, so a miss costs 10 times itself: inside; 0.5 below; 0.25 above
    actual = np.array([10.0, 8.5, 11.25])
    lower, upper = np.full(3, 9.0), np.full(3, 11.0)
    score = winkler_score(actual, lower, upper, 0.8)
    assert score == pytest.approx((2 + (2 + 5) + (2 + 2.5)) / 3)


def test_the_winkler_score_is_the_mean_of_the_interval_losses():
    actual = np.array([10.0, 8.5, 11.25])
    bounds = np.full(3, 9.0), np.full(3, 11.0)
    losses = interval_losses(actual, *bounds, 0.8)
    assert losses == pytest.approx([2, 7, 4.5])
    assert winkler_score(actual, *bounds, 0.8) == np.mean(losses)


def test_weighted_interval_losses_by_hand():
    # the median is off by 2, half of it counts; intervals of 0.5 and 0.9 lose 2 + 4 × 1 and 6
    actual, median = np.array([12.0]), np.array([10.0])
    intervals = {
        0.5: (np.array([9.0]), np.array([11.0])),
        0.9: (np.array([7.0]), np.array([13.0])),
    }
    losses = weighted_interval_losses(actual, median, intervals)
    assert losses == pytest.approx([(0.5 * 2 + 0.25 * 6 + 0.05 * 6) / 2.5])


def test_without_an_interval_the_weighted_loss_is_the_absolute_error():
    losses = weighted_interval_losses(np.array([12.0, 9.0]), np.array([10.0, 10.0]), {})
    assert losses.tolist() == [2.0, 1.0]


def test_pinball_losses_by_hand():
    # 2 above a quantile of 0.9 costs 1.8, 2 below it 0.2
    losses = pinball_losses(np.array([12.0, 8.0, 10.0]), np.full(3, 10.0), 0.9)
    assert losses == pytest.approx([1.8, 0.2, 0.0])


@pytest.mark.parametrize("probability", [0.0, 1.0, 95.0, math.nan])
def test_a_probability_is_a_share(probability):
    one = np.array([10.0])
    with pytest.raises(ValueError, match=r"probability is .* above 0 and below 1"):
        pinball_losses(one, one, probability)


def test_a_higher_level_costs_more_for_the_same_miss():
    one = np.array([12.0]), np.array([9.0]), np.array([11.0])
    assert winkler_score(*one, 0.5) == pytest.approx(2 + 4)
    assert winkler_score(*one, 0.95) == pytest.approx(2 + 40)


@pytest.mark.parametrize("level", [0.0, 1.0, 80.0, -0.5, math.nan])
def test_a_level_is_a_share(level):
    one = np.array([10.0])
    with pytest.raises(ValueError, match="expected a share above 0 and below 1"):
        winkler_score(one, one, one, level)


@pytest.mark.parametrize(
    "metric",
    [
        root_mean_squared_error,
        mean_absolute_error,
        bias,
        mean_absolute_percentage_error,
        symmetric_mean_absolute_percentage_error,
        mean_width,
    ],
)
def test_nothing_to_judge_is_an_error_and_not_nan(metric):
    with pytest.raises(ValueError, match="nothing to judge"):
        metric(np.array([]), np.array([]))
