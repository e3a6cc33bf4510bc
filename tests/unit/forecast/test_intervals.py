"""Intervals around forecasts: nested, never below zero, and honest about what they lack."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.evaluation.conformal import Calibration, adapt_quantiles, find_quantile, format_level
from stockcast.forecast.intervals import (
    explain_levels,
    explain_quantiles,
    find_quantiles,
    find_tails,
    follow_quantiles,
    place_intervals,
    place_tails,
)

LEVELS = (0.5, 0.8, 0.95)


@pytest.fixture
def calibration():
    """Scores of three steps ahead that grow with the step."""
    scores = np.abs(np.random.default_rng(0).normal(0, 1, (3, 60)))
    return Calibration((scores * np.array([[1], [2], [3]])).astype(np.float32))


def test_intervals_by_hand():
    intervals = place_intervals(
        forecast=np.array([[101.0, 102.0], [51.0, 49.0]]),
        last_prices=np.array([100.0, 50.0]),
        volatility=np.array([[0.01], [0.02]]),
        quantiles={0.8: np.array([2.0, 3.0]), 0.95: np.array([4.0, 5.0])},
    )
    assert list(intervals) == [0.8, 0.95]
    lower, upper = intervals[0.8]
    np.testing.assert_allclose(lower, [[99.0, 99.0], [49.0, 46.0]])
    np.testing.assert_allclose(upper, [[103.0, 105.0], [53.0, 52.0]])
    np.testing.assert_allclose(intervals[0.95][1] - upper, [[2.0, 2.0], [2.0, 2.0]])


def test_intervals_contain_the_forecast_and_a_higher_level_contains_a_lower():
    random = np.random.default_rng(0)
    forecast = random.normal(5, 4, (200, 3))
    # As if adapted each on its own: in no order.
    quantiles = {level: random.exponential(1, (200, 3)) for level in (0.95, 0.5, 0.8)}
    intervals = place_intervals(
        forecast, random.uniform(1, 9, 200), random.uniform(0.01, 0.9, (200, 1)), quantiles
    )
    assert list(intervals) == [0.5, 0.8, 0.95]
    inner_lower = inner_upper = forecast
    for lower, upper in intervals.values():
        assert (lower <= inner_lower).all()
        assert (upper >= inner_upper).all()
        inner_lower, inner_upper = lower, upper


def test_no_interval_of_a_price_above_zero_goes_below_it():
    intervals = place_intervals(
        np.array([[1.0, 2.0]]), np.array([1.0]), np.array([[0.5]]), {0.8: np.array([9.0, 1.0])}
    )
    assert intervals[0.8][0].tolist() == [[0.0, 1.5]]
    assert intervals[0.8][1].tolist() == [[5.5, 2.5]]


def test_a_forecast_below_zero_is_still_within_its_interval():
    ((lower, upper),) = place_intervals(
        np.array([[-2.0]]), np.array([1.0]), np.array([[0.5]]), {0.8: np.array([2.0])}
    ).values()
    assert lower <= -2.0 <= upper


def test_an_unknown_quantile_or_volatility_gives_no_interval():
    intervals = place_intervals(
        np.array([[5.0], [5.0], [5.0]]),
        np.array([5.0, -5.0, 0.0]),
        np.full((3, 1), 0.1),
        {0.8: np.array([[2.0], [2.0], [2.0]]), 0.95: np.array([[math.nan], [2.0], [2.0]])},
    )
    assert intervals[0.8][0][0] == 4.0
    assert np.isnan(intervals[0.95][0][0])
    assert np.isnan(intervals[0.95][1][0])
    for lower, upper in intervals.values():
        assert np.isnan(lower[1:]).all()
        assert np.isnan(upper[1:]).all()


def test_each_step_has_the_quantile_of_its_own_scores(calibration):
    quantiles = find_quantiles(calibration, LEVELS, horizon=3)
    for level in LEVELS:
        expected = [find_quantile(scores, level) for scores in calibration.scores]
        assert list(quantiles[level]) == expected
    assert (np.diff(quantiles[0.8]) > 0).all()


def test_fewer_steps_than_the_model_s_have_the_same_quantiles(calibration):
    whole = find_quantiles(calibration, LEVELS, horizon=3)
    for level, found in find_quantiles(calibration, LEVELS, horizon=2).items():
        assert list(found) == list(whole[level][:2])


def test_beyond_the_model_s_steps_quantiles_grow_with_the_root_of_time(calibration):
    found = find_quantiles(calibration, (0.8,), horizon=12)[0.8]
    assert list(found[:3]) == list(find_quantiles(calibration, (0.8,), horizon=3)[0.8])
    for step in range(4, 13):
        assert found[step - 1] == pytest.approx(found[2] * math.sqrt(step / 3), rel=1e-12)
    of_one = find_quantiles(Calibration(calibration.scores[:1]), (0.8,), horizon=9)[0.8]
    np.testing.assert_allclose(of_one, of_one[0] * np.sqrt(np.arange(1, 10)))


@pytest.mark.parametrize("count", [3, 4, 18, 19])
def test_too_few_scores_give_no_quantile(count):
    calibration = Calibration(np.ones((2, count), np.float32))
    found = find_quantiles(calibration, (0.8, 0.95), horizon=5)
    assert np.isnan(found[0.8]).all() == (count < 4)
    assert np.isnan(found[0.95]).all() == (count < 19)
    assert found[0.8].shape == found[0.95].shape == (5,)


def test_without_a_calibration_there_is_no_quantile():
    found = find_quantiles(None, (0.8, 0.95), horizon=3)
    assert list(found) == [0.8, 0.95]
    assert all(np.isnan(values).all() for values in found.values())


def draw_row(count=90, horizon=3):
    """Actuals, forecasts, last prices and volatilities of a row of cutoffs."""
    random = np.random.default_rng(5)
    actual, forecast = 50 + random.normal(0, 3, (2, count, horizon))
    return actual, forecast, random.uniform(45, 55, count), random.uniform(0.01, 0.05, (count, 1))


def test_each_step_of_a_row_is_followed_on_its_own(calibration):
    actual, forecast, last_prices, volatility = row = draw_row()
    cutoffs = 20 + 2 * np.arange(90)
    found = follow_quantiles(calibration, *row, cutoffs=cutoffs, levels=LEVELS)
    for level in LEVELS:
        assert found[level].shape == (90, 3)
        for step in range(3):
            off = np.abs(actual[:, step] - forecast[:, step]) / (last_prices * volatility[:, 0])
            expected = adapt_quantiles(
                calibration.scores[step], off, cutoffs, step=step + 1, level=level
            )
            assert np.array_equal(found[level][:, step], expected)


def test_a_row_without_a_calibration_has_intervals_once_enough_is_known():
    found = follow_quantiles(None, *draw_row(), cutoffs=np.arange(90), levels=(0.8, 0.95))
    for step in range(3):
        assert np.isnan(found[0.8][:, step]).sum() == 4 + step
        assert np.isnan(found[0.95][:, step]).sum() == 19 + step


def test_what_a_level_lacks_is_said(calibration):
    few = Calibration(np.ones((1, 10), np.float32))
    assert explain_levels(calibration, (0.8, 0.95)) == ""
    assert explain_levels(None, ()) == ""
    assert "no calibration" in explain_levels(None, (0.8,))
    assert explain_levels(few, (0.8,)) == ""
    said = explain_levels(few, (0.95, 0.8))
    assert "10 residuals" in said
    assert "level 95 needs 19" in said


@pytest.mark.parametrize(
    ("level", "text"),
    [(0.8, "80"), (0.95, "95"), (0.995, "99.5"), (0.07, "7"), (0.29, "29"), (2 / 3, "66.66666667")],
)
def test_a_level_is_written_as_a_percentage(level, text):
    assert format_level(level) == text


def test_tails_by_hand():
    tails = place_tails(
        forecast=np.array([[101.0]]),
        last_prices=np.array([100.0]),
        volatility=np.array([[0.01]]),
        tails={
            0.05: (np.array([-2.0]), np.array([-3.0])),
            0.95: (np.array([1.0]), np.array([2.0])),
        },
    )
    assert list(tails) == [0.05, 0.95]
    np.testing.assert_allclose(tails[0.05], [[[99.0]], [[98.0]]])
    np.testing.assert_allclose(tails[0.95], [[[102.0]], [[103.0]]])


def test_tails_keep_their_order_whatever_each_adapted_to():
    random = np.random.default_rng(0)
    found = {one: tuple(random.normal(0, 1, (2, 300, 2))) for one in (0.95, 0.01, 0.5, 0.05)}
    forecast = random.uniform(1, 9, (300, 2))
    tails = place_tails(
        forecast, random.uniform(1, 9, 300), random.uniform(0.01, 0.9, (300, 1)), found
    )
    assert list(tails) == [0.01, 0.05, 0.5, 0.95]
    lower = -np.inf
    for at, _ in tails.values():
        assert (at >= lower).all()
        lower = at
    for quantile in (0.01, 0.05, 0.5):
        assert (tails[quantile][1] <= tails[quantile][0]).all()
        assert (tails[quantile][0] >= 0).all()
    assert (tails[0.95][1] >= tails[0.95][0]).all()


def test_tails_grow_with_the_root_of_time_beyond_the_steps_that_are_known():
    known = np.random.default_rng(0).normal(0, 1, (2, 99)).astype(np.float32)
    at, beyond = find_tails(Calibration(known), (0.05,), horizon=8)[0.05]
    np.testing.assert_allclose(at[7], 2 * at[1])
    np.testing.assert_allclose(beyond[7], 2 * beyond[1])
    assert np.isnan(find_tails(None, (0.05,), horizon=3)[0.05]).all()


def test_too_few_residuals_for_a_quantile_are_told():
    assert explain_quantiles(Calibration(np.ones((1, 99), np.float32)), (0.01, 0.05)) == ""
    said = explain_quantiles(Calibration(np.ones((1, 98), np.float32)), (0.01, 0.05))
    assert said == "the model was calibrated on 98 residuals, quantile 1 needs 99"
    assert "no calibration" in explain_quantiles(None, (0.05,))
    assert explain_quantiles(None, ()) == ""
