"""Diebold-Mariano against hand-checked numbers, plain loops and scipy's t test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from stockcast.evaluation.significance import diebold_mariano


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


def test_one_forecast_settles_nothing():
    assert diebold_mariano(np.array([10.0]), np.array([10.0]), np.array([20.0])) == (0.0, 1.0)


def test_gains_that_cancel_out_are_no_different():
    actual = np.zeros(4)
    forecast, reference = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0, 1.0])
    assert diebold_mariano(actual, forecast, reference) == (0.0, 1.0)
