"""Many tickers: sums by hand, and a test that is not fooled by tickers that move together."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from stockcast.evaluation.panel import (
    add_up,
    average_ratios,
    count_overlap,
    panel_diebold_mariano,
    pool_skill,
    square_errors,
)
from stockcast.evaluation.significance import diebold_mariano, diebold_mariano_of_gains

MONDAY = np.datetime64("2024-01-01", "us")
DAY = np.timedelta64(1, "D")


def days(*numbers):
    return MONDAY + np.array(numbers) * DAY


def test_errors_are_shares_of_the_last_price_and_squared():
    found = square_errors(np.array([102.0, 5.0]), np.array([100.0, 5.5]), np.array([100.0, 5.0]))
    assert found == pytest.approx([0.0004, 0.01])


def test_a_price_of_0_has_no_share_and_a_negative_one_has():
    found = square_errors(np.array([1.0, -9.0]), np.array([2.0, -8.0]), np.array([0.0, -10.0]))
    assert math.isnan(found[0])
    assert found[1] == pytest.approx(0.01)


def test_rows_of_one_key_are_added_up():
    keys, sums = add_up(
        np.array([[2, 3], [1, 2], [2, 3]]), np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    )
    assert keys.tolist() == [[1, 2], [2, 3]]
    assert sums.tolist() == [[2.0, 20.0], [5.0, 50.0]]


def test_adding_up_in_parts_is_adding_up_at_once():
    random = np.random.default_rng(0)
    keys, values = random.integers(0, 9, (100, 1)), random.integers(0, 99, (100, 2)).astype(float)
    first = add_up(keys[:40], values[:40])
    parts = add_up(np.concatenate([first[0], keys[40:]]), np.concatenate([first[1], values[40:]]))
    for part, whole in zip(parts, add_up(keys, values), strict=True):
        np.testing.assert_array_equal(part, whole)


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_forecasts_of_the_same_dates_reach_over_their_horizon(horizon):
    numbers = np.arange(60)
    cutoffs, dates = days(*numbers), days(*(numbers + horizon))
    assert count_overlap(cutoffs, dates, np.ones(60)) == horizon


def test_cutoffs_as_far_apart_as_the_horizon_share_no_date():
    numbers = 5 * np.arange(30)
    assert count_overlap(days(*numbers), days(*(numbers + 5)), np.ones(30)) == 1


def test_cutoffs_apart_that_are_others_for_each_ticker_do():
    """Two tickers, each every 4 days, two days after each other: each reaches over two dates."""
    numbers = np.concatenate([4 * np.arange(30), 2 + 4 * np.arange(30)])
    assert count_overlap(days(*numbers), days(*(numbers + 4)), np.ones(60)) == 2


def test_a_weekend_that_other_tickers_trade_on_is_reached_over():
    """Every fifth forecast of a stock is for Monday, over a Saturday and a Sunday."""
    stock = [day for day in range(70) if day % 7 < 5]
    pairs = [(day, day + 1) for day in range(69)] + list(itertools.pairwise(stock))
    cutoffs, dates = (days(*part) for part in zip(*pairs, strict=True))
    assert count_overlap(cutoffs, dates, np.ones(len(pairs))) == 3


def test_a_ticker_that_paused_for_a_month_is_no_measure():
    numbers = np.arange(100)
    cutoffs, dates = days(*numbers, 20), days(*(numbers + 1), 50)
    assert count_overlap(cutoffs, dates, np.array([9.0] * 100 + [1.0])) == 1


def test_of_one_ticker_it_is_the_test_of_diebold_and_mariano():
    random = np.random.default_rng(1)
    last = np.full(40, 1.0)
    actual, forecast = random.normal(1, 0.1, 40), random.normal(1, 0.1, 40)
    gains = square_errors(actual, last, last) - square_errors(actual, forecast, last)
    found = panel_diebold_mariano(days(*range(40)), gains, step=3)
    assert found == pytest.approx(diebold_mariano(actual, forecast, last, step=3), rel=1e-9)


def test_three_dates_by_hand():
    """Totals 1, 2, 3: mean 2, deviation 1, t = 2 √3; p = 1 − t / √(2 + t²) with 2 of freedom."""
    dates = days(2, 0, 1, 1, 2)
    gains = np.array([1.0, 1.0, 5.0, -3.0, 2.0])
    statistic, p_value = panel_diebold_mariano(dates, gains)
    assert statistic == pytest.approx(2 * math.sqrt(3))
    assert p_value == pytest.approx(1 - 2 * math.sqrt(3) / math.sqrt(14))


def test_the_same_ticker_a_hundred_times_proves_no_more_than_once():
    gains = np.random.default_rng(2).normal(0.3, 1, 60)
    once = panel_diebold_mariano(days(*range(60)), gains)
    often = panel_diebold_mariano(days(*np.tile(np.arange(60), 100)), np.tile(gains, 100))
    assert often == pytest.approx(once, rel=1e-9)
    naive = diebold_mariano_of_gains(np.tile(gains, 100))
    assert abs(naive[0]) > 5 * abs(once[0])


def test_tickers_of_their_own_prove_more_than_one_of_them():
    random = np.random.default_rng(3)
    gains = random.normal(0.1, 1, (100, 60))
    dates = days(*np.tile(np.arange(60), 100))
    statistic, p_value = panel_diebold_mariano(dates, gains.ravel())
    assert statistic > 5
    assert p_value < 1e-4


def draw_gains(random, *, common, tickers=20, dates=100, horizon=1):
    """Gains of forecasts as good as the reference: (tickers, dates), a share of them in common."""
    size = dates + horizon - 1
    shocks = [
        math.sqrt(common) * random.normal(size=(1, size))
        + math.sqrt(1 - common) * random.normal(size=(tickers, size))
        for _ in range(2)
    ]
    sums = [
        np.lib.stride_tricks.sliding_window_view(one, horizon, axis=1).sum(axis=2) for one in shocks
    ]
    return sums[0] ** 2 - sums[1] ** 2


@pytest.mark.slow
@pytest.mark.parametrize("common", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("horizon", [1, 3])
def test_where_nothing_is_better_one_in_twenty_is_called_different_and_naively_many(
    common, horizon
):
    random = np.random.default_rng(4)
    dates = days(*np.tile(np.arange(100), 20))
    rounds, called, naive = 600, 0, 0
    for _ in range(rounds):
        gains = draw_gains(random, common=common, horizon=horizon)
        called += panel_diebold_mariano(dates, gains.ravel(), step=horizon)[1] < 0.05
        naive += common == 1 and diebold_mariano_of_gains(gains.ravel())[1] < 0.05
    assert 0.03 < called / rounds < (0.07 if horizon == 1 else 0.09)
    if common == 1:
        assert naive / rounds > 0.5


@pytest.mark.slow
def test_dates_that_few_tickers_have_change_nothing_of_that():
    """Half of the tickers end early: totals of those dates are larger."""
    random = np.random.default_rng(5)
    numbers, rounds, called = np.tile(np.arange(100), 20), 600, 0
    there = (numbers < 60) | (np.repeat(np.arange(20), 100) < 2)
    dates = days(*numbers[there])
    for _ in range(rounds):
        gains = draw_gains(random, common=0.5).ravel()[there]
        called += panel_diebold_mariano(dates, gains)[1] < 0.05
    assert 0.03 < called / rounds < 0.07


def test_pooled_skill_has_the_sign_of_the_test_and_none_where_the_reference_is_never_wrong():
    assert pool_skill(np.array([1.0, 0.0]), np.array([1.0, 3.0])) == 0.5
    assert pool_skill(np.array([16.0]), np.array([4.0])) == -1.0
    assert pool_skill(np.array([1.0]), np.array([0.0])) is None


def test_half_and_double_come_to_1():
    assert average_ratios(np.array([0.5, 2.0])) == pytest.approx(1.0)
    assert average_ratios(np.array([0.25, 1.0])) == pytest.approx(0.5)
    assert average_ratios(np.array([0.0, 1.0])) == 0.0
