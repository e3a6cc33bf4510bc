"""Significance against hand-checked numbers, plain loops and scipy's own tests."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from stockcast.evaluation.significance import correct_holm, diebold_mariano


def make_forecasts(*, seed, count=60, better=0.0):
    random = np.random.default_rng(seed)
    actual = 100 + np.cumsum(random.normal(0, 1, count))
    forecast = actual + random.normal(0, 1.0 - better, count)
    reference = actual + random.normal(0, 1.0, count)
    return actual, forecast, reference


def test_three_gains_by_hand():
    # gains 1, 2, 3: mean 2, deviation 1, t = 2 √3; with 2 degrees of freedom p = 1 − t / √(2 + t²)
    actual, forecast = np.zeros(3), np.zeros(3)
    reference = np.sqrt([1.0, 2.0, 3.0])
    statistic, p_value = diebold_mariano(actual, forecast, reference)
    assert statistic == pytest.approx(2 * math.sqrt(3), rel=1e-12)
    assert p_value == pytest.approx(1 - 2 * math.sqrt(3) / math.sqrt(14), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_statistic_equals_the_paper_s_formula_in_plain_loops(seed):
    actual, forecast, reference = make_forecasts(seed=seed, count=25)
    gains = [
        (reference[row] - actual[row]) ** 2 - (forecast[row] - actual[row]) ** 2
        for row in range(25)
    ]
    mean = sum(gains) / 25
    variance = sum((gain - mean) ** 2 for gain in gains) / 25
    diebold = mean / math.sqrt(variance / 25)
    harvey = math.sqrt((25 + 1 - 2 * 1 + 1 * (1 - 1) / 25) / 25)  # one step ahead
    assert diebold_mariano(actual, forecast, reference)[0] == pytest.approx(
        diebold * harvey, rel=1e-12
    )


@pytest.mark.parametrize("seed", range(5))
def test_one_step_ahead_it_is_the_t_test_that_the_mean_gain_is_zero(seed):
    actual, forecast, reference = make_forecasts(seed=seed)
    gains = (reference - actual) ** 2 - (forecast - actual) ** 2
    theirs = ttest_1samp(gains, 0.0)
    assert diebold_mariano(actual, forecast, reference) == pytest.approx(
        (theirs.statistic, theirs.pvalue), rel=1e-10
    )


def test_the_statistic_is_positive_where_the_forecast_is_better():
    statistic, p_value = diebold_mariano(*make_forecasts(seed=1, better=0.8))
    assert statistic > 2
    assert p_value < 0.05


def test_swapping_the_forecasts_turns_the_sign_and_keeps_p():
    actual, forecast, reference = make_forecasts(seed=1, better=0.8)
    there = diebold_mariano(actual, forecast, reference)
    back = diebold_mariano(actual, reference, forecast)
    assert back == pytest.approx((-there[0], there[1]), rel=1e-12)


def test_equal_forecasts_are_no_different():
    actual, forecast, _ = make_forecasts(seed=1)
    assert diebold_mariano(actual, forecast, forecast) == (0.0, 1.0)


def test_gains_that_never_differ_are_beyond_chance():
    actual = np.zeros(3)
    better, worse = np.full(3, 0.5), np.full(3, -1.0)
    assert diebold_mariano(actual, better, worse) == (math.inf, 0.0)
    assert diebold_mariano(actual, worse, better) == (-math.inf, 0.0)


@pytest.mark.parametrize("size", [2.0**-300, 2.0**200])
def test_prices_may_be_of_any_size(size):
    forecasts = make_forecasts(seed=1, better=0.2)
    scaled = [size * prices for prices in forecasts]
    assert diebold_mariano(*scaled, step=3) == diebold_mariano(*forecasts, step=3)


def test_one_forecast_settles_nothing():
    assert diebold_mariano(np.array([10.0]), np.array([10.0]), np.array([20.0])) == (0.0, 1.0)


def test_gains_that_cancel_out_are_no_different():
    actual = np.zeros(4)
    forecast, reference = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0, 1.0])
    assert diebold_mariano(actual, forecast, reference) == (0.0, 1.0)


def shuffle(numbers):
    """0 … n − 1 in the order that the published example drew them, from Python's generator."""
    pool, drawn = list(range(numbers)), []
    for left in range(numbers, 0, -1):
        place = int(random.random() * left)
        drawn.append(pool[place])
        pool[place] = pool[left - 1]
    return np.array(drawn, dtype=float)


def test_a_published_example_of_one_step():
    # Tsang 2017, "Diebold-Mariano Test", the second of three outputs, whose sign is the other way
    random.seed(123)
    actual, one, other = (shuffle(100) for _ in range(3))
    statistic, p_value = diebold_mariano(actual, one, other)
    assert statistic == pytest.approx(-1.2112523589452902, rel=1e-12)
    assert p_value == pytest.approx(0.22868210381769466, rel=1e-12)


def test_two_steps_ahead_by_hand():
    # gains 1, 3, 2, 2, 2: mean 2, deviations −1, 1, 0, 0, 0, so the covariances are 2/5 and −1/5
    # and the long-run variance is 2/5 − 2/5 = 0: Bartlett's, 2/5 − 2 (1/2) (1/5) = 1/5, counts.
    # The correction is (5 + 1 − 4 + 2/5) / 5 = 0.48, so t² = 4 · 0.48 / ((1/5) / 5) = 48.
    actual, forecast = np.zeros(5), np.zeros(5)
    reference = np.sqrt([1.0, 3.0, 2.0, 2.0, 2.0])
    statistic, p_value = diebold_mariano(actual, forecast, reference, step=2)
    assert statistic == pytest.approx(math.sqrt(48), rel=1e-6)
    # with 4 degrees of freedom, p = 1 − sin θ (1 + cos² θ / 2) with tan θ = t / 2
    angle = math.atan(math.sqrt(48) / 2)
    assert p_value == pytest.approx(1 - math.sin(angle) * (1 + math.cos(angle) ** 2 / 2), rel=1e-5)


def harvey_statistic(actual, forecast, reference, step):
    """Harvey, Leybourne & Newbold 1997 in plain loops; None without variance."""
    count = len(actual)
    gains = [
        (reference[row] - actual[row]) ** 2 - (forecast[row] - actual[row]) ** 2
        for row in range(count)
    ]
    mean = sum(gains) / count
    variance = 0.0
    for lag in range(step):
        covariance = 0.0
        for row in range(lag, count):
            covariance += (gains[row] - mean) * (gains[row - lag] - mean)
        variance += (1 if lag == 0 else 2) * covariance / count
    if variance <= 0:
        return None
    correction = (count + 1 - 2 * step + step * (step - 1) / count) / count
    return math.sqrt(correction) * mean / math.sqrt(variance / count)


@pytest.mark.parametrize("step", [1, 2, 3, 5, 10])
def test_several_steps_ahead_it_is_the_paper_s_formula_in_plain_loops(step):
    compared = 0
    for seed in range(20):
        forecasts = make_forecasts(seed=seed, count=40, better=0.1)
        expected = harvey_statistic(*forecasts, step)
        if expected is not None:
            statistic, _ = diebold_mariano(*forecasts, step=step)
            assert statistic == pytest.approx(expected, rel=1e-9)
            compared += 1
    assert compared >= 10


def test_a_variance_that_is_not_positive_gives_way_to_bartlett_s_weights():
    # gains 3, 1, 3, 1 …: each neighbour lies on the other side of the mean
    actual, forecast = np.zeros(20), np.zeros(20)
    forecasts = actual, forecast, np.sqrt(np.tile([3.0, 1.0], 10))
    assert harvey_statistic(*forecasts, 2) is None
    statistic, p_value = diebold_mariano(*forecasts, step=2)
    # covariances 1 and −19/20, variance 1 − 19/20, correction (20 + 1 − 4 + 2/20) / 20
    assert statistic == pytest.approx(2 * math.sqrt(17.1 / 20) / math.sqrt((1 / 20) / 20))
    assert 0 < p_value < 1e-6


def test_overlapping_errors_make_a_difference_less_certain():
    noise = np.random.default_rng(0).normal(0, 1, 204)
    overlapping = np.convolve(noise, np.ones(5), "valid")
    actual = np.zeros(200)
    one = diebold_mariano(actual, overlapping, overlapping * 0.5 + 1.5, step=1)
    five = diebold_mariano(actual, overlapping, overlapping * 0.5 + 1.5, step=5)
    assert one[1] < five[1]
    assert abs(five[0]) < abs(one[0])


@pytest.mark.parametrize("step", [5, 6])
def test_as_many_forecasts_as_steps_settle_nothing(step):
    forecasts = make_forecasts(seed=1, count=5, better=0.9)
    assert diebold_mariano(*forecasts, step=step) == (0.0, 1.0)


def test_holm_s_correction_by_hand():
    # in order 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1, none below the one before
    corrected = correct_holm(np.array([0.04, 0.01, 0.03, 0.02]))
    assert corrected == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_holm_s_correction_stops_at_one_and_leaves_a_single_test_alone():
    assert correct_holm(np.array([0.7, 0.8])) == pytest.approx([1.0, 1.0])
    assert correct_holm(np.array([0.03])) == pytest.approx([0.03])
    assert correct_holm(np.array([])).shape == (0,)
