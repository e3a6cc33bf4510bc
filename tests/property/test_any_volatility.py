"""Losses of quantiles and variances, and tests of value at risk, whatever the numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stockcast.evaluation.metrics import (
    interval_losses,
    pinball_losses,
    weighted_interval_losses,
)
from stockcast.evaluation.significance import diebold_mariano_of_gains
from stockcast.evaluation.volatility_methods import forecast_variances
from stockcast.evaluation.volatility_metrics import (
    christoffersen,
    kupiec,
    qlike_losses,
)

NUMBERS = st.floats(-1e3, 1e3)
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=40).map(
    lambda rows: tuple(np.array(rows).T)
)
VARIANCES = st.floats(1e-10, 1e4)
PROBABILITIES = st.floats(0.001, 0.999)
BREACHES = st.lists(st.booleans(), min_size=1, max_size=80).map(np.array)
# What comes true in the tests of which forecast is best.
DRAWS = np.random.default_rng(0).standard_t(5, 4000)


@given(PAIRS, PROBABILITIES)
def test_a_pinball_loss_is_never_below_zero_and_zero_only_at_what_came_true(pair, probability):
    actual, quantile = pair
    losses = pinball_losses(actual, quantile, probability)
    assert (losses >= 0).all()
    np.testing.assert_array_equal(losses == 0, actual == quantile)


@given(st.floats(0.02, 0.98), st.floats(-3, 3))
def test_no_quantile_has_a_smaller_mean_pinball_loss_than_the_true_one(probability, other):
    best = np.quantile(DRAWS, probability, method="inverted_cdf")
    loss, reference = (
        pinball_losses(DRAWS, np.full_like(DRAWS, each), probability).mean()
        for each in (best, other)
    )
    assert loss <= reference + 1e-12


@given(st.floats(0.1, 0.95), st.floats(-3, 3), st.floats(0, 5))
def test_no_interval_scores_better_than_that_of_the_true_quantiles(level, lower, width):
    tails = [(1 - level) / 2, (1 + level) / 2]
    best = np.quantile(DRAWS, tails, method="inverted_cdf")
    loss, reference = (
        interval_losses(DRAWS, np.full_like(DRAWS, low), np.full_like(DRAWS, high), level).mean()
        for low, high in (best, (lower, lower + width))
    )
    assert loss <= reference + 1e-12


@given(PAIRS, st.lists(st.floats(0.05, 0.95), min_size=1, max_size=4, unique=True))
def test_the_weighted_interval_loss_is_twice_the_mean_pinball_loss(pair, levels):
    actual, median = pair
    intervals = {level: (median - 9 * level, median + 4 * level) for level in levels}
    pinballs = [pinball_losses(actual, median, 0.5)]
    for level, (lower, upper) in intervals.items():
        pinballs.append(pinball_losses(actual, lower, (1 - level) / 2))
        pinballs.append(pinball_losses(actual, upper, (1 + level) / 2))
    losses = weighted_interval_losses(actual, median, intervals)
    assert losses == pytest.approx(2 * np.mean(pinballs, axis=0), rel=1e-9, abs=1e-9)


@given(st.lists(st.tuples(VARIANCES, VARIANCES), min_size=1, max_size=30))
def test_qlike_is_never_below_zero_and_does_not_ask_for_the_unit(pairs):
    variance, forecast = np.array(pairs).T
    losses = qlike_losses(variance, forecast)
    assert (losses >= 0).all()
    assert (losses[variance == forecast] == 0).all()
    assert losses.tolist() == qlike_losses(4 * variance, 4 * forecast).tolist()


@given(st.floats(0.01, 100))
def test_no_constant_has_a_smaller_mean_qlike_than_the_mean_variance(other):
    squares = DRAWS**2
    loss, reference = (
        qlike_losses(squares, np.full_like(squares, each)).mean()
        for each in (squares.mean(), other)
    )
    assert loss <= reference + 1e-12


@given(PAIRS, PROBABILITIES)
def test_losses_are_what_a_diebold_mariano_test_takes(pair, probability):
    actual, quantile = pair
    gains = pinball_losses(actual, quantile + 1, probability) - pinball_losses(
        actual, quantile, probability
    )
    statistic, p_value = diebold_mariano_of_gains(gains)
    assert not math.isnan(statistic)
    assert 0 <= p_value <= 1


@given(BREACHES, PROBABILITIES)
def test_tests_of_value_at_risk_are_defined_for_any_breaches(breaches, probability):
    independence, coverage = christoffersen(breaches, probability)
    for statistic, p_value in (kupiec(breaches, probability), independence, coverage):
        assert 0 <= statistic < math.inf
        assert 0 <= p_value <= 1
    assert coverage[0] >= independence[0]
    assert coverage[0] == pytest.approx(
        independence[0] + (kupiec(breaches[1:], probability)[0] if len(breaches) > 1 else 0)
    )


@given(BREACHES, PROBABILITIES)
def test_the_opposite_of_a_breach_has_the_opposite_probability(breaches, probability):
    one, other = kupiec(breaches, probability), kupiec(~breaches, 1 - probability)
    assert one == pytest.approx(other, rel=1e-6, abs=1e-9)


@given(BREACHES)
def test_no_probability_fits_better_than_the_share_of_breaches(breaches):
    share = float(breaches.mean())
    assume(0 < share < 1)
    assert kupiec(breaches, share)[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.slow
@given(
    st.lists(st.floats(-1, 1) | st.just(math.nan), min_size=40, max_size=90).map(np.array),
    st.integers(1, 5),
    st.none() | st.integers(22, 60),
)
def test_an_exponential_average_is_a_variance_or_a_refusal(attempt, returns, horizon, train_rows):
    cutoffs = [len(returns) - 5, len(returns)]
    variances = attempt(
        forecast_variances, "ewma", returns, cutoffs, horizon, train_rows=train_rows
    )
    if isinstance(variances, np.ndarray):
        assert (np.diff(variances, prepend=0) > 0).all()
        assert (variances <= horizon).all()
