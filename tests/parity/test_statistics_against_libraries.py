"""Tests, errors, scores and baselines against statsmodels, scipy and scikit-learn.

Each test imports its library: together they take as long as collecting half of all other tests.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import bernoulli, chi2

from stockcast.evaluation.baselines import forecast_baseline
from stockcast.evaluation.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    pinball_losses,
    root_mean_squared_error,
    winkler_score,
)
from stockcast.evaluation.significance import correct_holm, diebold_mariano
from stockcast.evaluation.volatility_metrics import christoffersen, kupiec

COUNT = 120


def make_forecasts(*, seed, step=1):
    """A price, and two forecasts of it whose errors overlap as those of `step` bars ahead do."""
    random = np.random.default_rng(seed)
    actual = 100 + random.normal(0, 1, COUNT).cumsum()
    errors = [
        np.convolve(random.normal(0, size, COUNT + step - 1), np.ones(step), "valid")
        for size in (0.9, 1.0)
    ]
    return actual, actual + errors[0], actual + errors[1]


def gain_of(actual, forecast, reference):
    return (reference - actual) ** 2 - (forecast - actual) ** 2


@pytest.mark.parametrize("step", [1, 2, 5, 10])
@pytest.mark.parametrize("seed", range(4))
def test_diebold_mariano_is_a_regression_on_a_constant_with_a_rectangular_kernel(seed, step):
    from scipy.stats import t as student
    from statsmodels.regression.linear_model import OLS

    forecasts = make_forecasts(seed=seed, step=step)
    options = {"maxlags": step - 1, "kernel": "uniform", "use_correction": False}
    fitted = OLS(gain_of(*forecasts), np.ones(COUNT)).fit(cov_type="HAC", cov_kwds=options)
    correction = (COUNT + 1 - 2 * step + step * (step - 1) / COUNT) / COUNT
    expected = fitted.tvalues[0] * math.sqrt(correction)
    assert math.isfinite(expected)
    statistic, p_value = diebold_mariano(*forecasts, step=step)
    assert statistic == pytest.approx(expected, rel=1e-9)
    assert p_value == pytest.approx(2 * student.sf(abs(expected), COUNT - 1), rel=1e-9)


@pytest.mark.parametrize("step", [2, 3, 6])
def test_diebold_mariano_falls_back_on_the_bartlett_kernel_of_statsmodels(step):
    """Errors that swing to and fro have no positive variance with a rectangular kernel."""
    from statsmodels.tsa.stattools import diebold_mariano_test

    random = np.random.default_rng(step)
    swing = np.resize([2.0, 1.0], COUNT) + random.normal(0, 0.01, COUNT)
    actual, forecast, reference = np.zeros(COUNT), random.normal(0, 0.01, COUNT), swing
    deviation = gain_of(actual, forecast, reference)
    deviation -= deviation.mean()
    covariances = [deviation[lag:] @ deviation[: COUNT - lag] for lag in range(step)]
    falls_back = covariances[0] + 2 * sum(covariances[1:]) <= 0
    theirs = diebold_mariano_test(
        actual, reference, forecast, lags=step - 1, harvey_adj=True, horizon=step
    )
    ours = diebold_mariano(actual, forecast, reference, step=step)
    assert falls_back == (step != 3)
    if falls_back:
        assert ours == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-9)
    else:
        assert ours[0] != pytest.approx(theirs.statistic, rel=1e-3)


@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_holm_is_each_step_down_in_plain_loops(count):
    p_values = np.random.default_rng(count).uniform(0, 0.2, count)
    largest, expected = 0.0, {}
    for rank, row in enumerate(sorted(range(count), key=lambda row: p_values[row])):
        largest = max(largest, min(1.0, (count - rank) * p_values[row]))
        expected[row] = largest
    assert correct_holm(p_values) == pytest.approx([expected[row] for row in range(count)])


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_holm_is_that_of_statsmodels_to_the_last_bit(count):
    from statsmodels.stats.multitest import multipletests

    p_values = np.random.default_rng(count).uniform(0, 1, count).round(2)  # some of them equal
    np.testing.assert_array_equal(correct_holm(p_values), multipletests(p_values, method="holm")[1])


def test_errors_are_those_of_scikit_learn():
    from sklearn import metrics as theirs

    actual, forecast, _ = make_forecasts(seed=3)
    for ours in (mean_absolute_error, root_mean_squared_error, mean_absolute_percentage_error):
        expected = getattr(theirs, ours.__name__)(actual, forecast)
        assert ours(actual, forecast) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_the_winkler_score_is_the_pinball_loss_of_both_bounds(level):
    """Gneiting & Raftery 2007: 2 / α times the sum of the losses of quantiles α / 2, 1 − α / 2."""
    from sklearn.metrics import mean_pinball_loss as pinball

    actual, forecast, reference = make_forecasts(seed=4)
    lower, upper = np.minimum(forecast, reference) - 0.3, np.maximum(forecast, reference)
    tail = (1 - level) / 2
    expected = pinball(actual, lower, alpha=tail) + pinball(actual, upper, alpha=1 - tail)
    score = winkler_score(actual, lower, upper, level)
    assert score == pytest.approx(expected / tail, rel=1e-9)


@pytest.mark.parametrize("probability", [0.01, 0.5, 0.9])
def test_the_pinball_loss_is_that_of_scikit_learn(probability):
    actual, quantile, _ = make_forecasts(seed=5)
    from sklearn.metrics import mean_pinball_loss

    expected = mean_pinball_loss(actual, quantile, alpha=probability)
    loss = pinball_losses(actual, quantile, probability).mean()
    assert loss == pytest.approx(expected, rel=1e-12)


def find_likelihood(breaches):
    """The logarithm of the best likelihood of any one probability, found by searching."""
    if not len(breaches):
        return 0.0
    options = {"xatol": 1e-12}
    found = minimize_scalar(
        lambda share: -bernoulli.logpmf(breaches, share).sum(),
        bounds=(1e-12, 1 - 1e-12),
        method="bounded",
        options=options,
    )
    return -found.fun


@pytest.mark.parametrize("probability", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("count", [2, 20, 250])
def test_kupiec_and_christoffersen_are_likelihood_ratios_of_probabilities_searched_for(
    count, probability
):
    breaches = np.random.default_rng(count).uniform(size=count) < 0.1
    statistic, p_value = kupiec(breaches, probability)
    fixed = bernoulli.logpmf(breaches, probability).sum()
    assert statistic == pytest.approx(2 * (find_likelihood(breaches) - fixed), abs=1e-6)
    assert p_value == pytest.approx(chi2.sf(statistic, 1), rel=1e-9)

    before, after = breaches[:-1], breaches[1:]
    apart = find_likelihood(after[before]) + find_likelihood(after[~before])
    fixed = bernoulli.logpmf(after, probability).sum()
    independence, coverage = christoffersen(breaches, probability)
    assert independence[0] == pytest.approx(2 * (apart - find_likelihood(after)), abs=1e-6)
    assert independence[1] == pytest.approx(chi2.sf(independence[0], 1), rel=1e-9)
    assert coverage[0] == pytest.approx(2 * (apart - fixed), abs=1e-6)
    assert coverage[1] == pytest.approx(chi2.sf(coverage[0], 2), rel=1e-9)


@pytest.mark.parametrize("deviation", [0.02, 1e-5])
@pytest.mark.parametrize("order", [1, 3, 12])
@pytest.mark.parametrize("train_rows", [None, 80])
def test_an_autoregression_is_that_of_statsmodels(train_rows, order, deviation):
    from statsmodels.tsa.ar_model import AutoReg

    random = np.random.default_rng(order)
    prices = 100 * np.exp(random.normal(0.1 * deviation, deviation, 260).cumsum())
    cutoffs = [80, 81, 200, 260]
    forecasts = forecast_baseline(f"autoregression:{order}", prices, cutoffs, 6, train_rows)
    for cutoff, forecast in zip(cutoffs, forecasts, strict=True):
        known = prices[:cutoff] if train_rows is None else prices[cutoff - train_rows : cutoff]
        returns = AutoReg(np.diff(np.log(known)), order).fit().forecast(6)
        moves = np.log(forecast / known[-1])
        np.testing.assert_allclose(moves, returns.cumsum(), atol=1e-8 * deviation)
