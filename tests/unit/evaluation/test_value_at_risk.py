"""How one-sided quantiles held, by hand and on made-up returns."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from stockcast.evaluation.value_at_risk import add_up_tails, score_tail

COUNT = 2_000


def draw_prices(seed=0):
    return 100.0 + np.random.default_rng(seed).normal(0.0, 1.0, COUNT)


def bound(quantile, *, scale=1.0):
    """The true quantile of `draw_prices`, and the mean beyond it."""
    z = norm.ppf(quantile)
    mean = -norm.pdf(z) / quantile if quantile < 0.5 else norm.pdf(z) / (1 - quantile)
    return np.full(COUNT, 100 + scale * z), np.full(COUNT, 100 + scale * mean)


@pytest.mark.parametrize("quantile", [0.01, 0.05, 0.95, 0.99])
def test_a_true_quantile_holds_and_its_shortfall_is_right(quantile):
    score = score_tail(draw_prices(), bound(quantile), np.full(COUNT, 100.0), quantile)
    assert score.expected == pytest.approx(min(quantile, 1 - quantile))
    assert score.share == pytest.approx(score.expected, abs=0.012)
    assert score.kupiec > 0.01
    assert score.christoffersen > 0.01
    assert abs(score.shortfall_bias) < 0.002


@pytest.mark.parametrize("quantile", [0.05, 0.95])
def test_one_that_is_too_near_is_breached_too_often_and_loses_more(quantile):
    last = np.full(COUNT, 100.0)
    right = score_tail(draw_prices(), bound(quantile), last, quantile)
    near = score_tail(draw_prices(), bound(quantile, scale=0.5), last, quantile)
    assert near.share > 2 * right.share
    assert near.kupiec < 0.001
    assert near.pinball > right.pinball
    assert near.shortfall_bias > 0


def test_a_lower_quantile_is_breached_from_below_and_an_upper_one_from_above():
    prices, last = np.array([90.0, 100.0, 112.0]), np.full(3, 100.0)
    low = score_tail(prices, (np.full(3, 95.0), np.full(3, 92.0)), last, 0.1)
    high = score_tail(prices, (np.full(3, 105.0), np.full(3, 110.0)), last, 0.9)
    assert (low.breaches, high.breaches) == (1, 1)
    assert (low.shortfall_bias, high.shortfall_bias) == pytest.approx((0.02, 0.02))


def test_forecasts_without_a_quantile_do_not_count():
    at = np.array([math.nan, 95.0])
    score = score_tail(np.array([90.0, 100.0]), (at, at), np.full(2, 100.0), 0.05)
    assert (score.count, score.breaches) == (1, 0)
    assert math.isnan(score.shortfall_bias)
    none = score_tail(np.array([90.0]), (np.full(1, math.nan),) * 2, np.full(1, 100.0), 0.05)
    assert none.count == 0
    assert all(math.isnan(one) for one in none.to_row().values())


def test_forecasts_that_share_bars_are_tested_apart():
    breached_in_pairs = np.repeat(np.arange(200) % 20 == 0, 2)
    prices = np.where(breached_in_pairs, 90.0, 100.0)
    at = np.full(400, 95.0)
    last = np.full(400, 100.0)
    assert score_tail(prices, (at, at), last, 0.05).christoffersen < 0.001
    assert score_tail(prices, (at, at), last, 0.05, overlap=2).christoffersen > 0.05


def test_many_tickers_are_added_up_and_those_that_are_off_counted():
    last = np.full(COUNT, 100.0)
    scores = [score_tail(draw_prices(seed), bound(0.05), last, 0.05) for seed in range(9)]
    scores.append(score_tail(draw_prices(9), bound(0.05, scale=0.5), last, 0.05))
    many = add_up_tails(scores)
    assert (many.tickers, many.quantile) == (10, 0.05)
    assert 1 <= many.off <= 3
    assert many.share == pytest.approx(sum(one.breaches for one in scores) / (10 * COUNT))
    assert many.to_row()["kupiec_off_5"] == many.off
