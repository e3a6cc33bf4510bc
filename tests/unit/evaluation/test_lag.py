"""The lag alarm: it rings for forecasts that trail, and not for those that only look like it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.evaluation.lag import find_lag, measure_lags, repeats_last_price
from stockcast.evaluation.metrics import relative_skill, root_mean_squared_error

COUNT = 250


def walk(*, seed=0, drift=0.0, echo=0.0, rows=COUNT + 30):
    """Prices whose log return is `drift`, `echo` times the one before, and noise."""
    noise = np.random.default_rng(seed).normal(drift, 0.01, rows)
    for row in range(1, rows):
        noise[row] += echo * (noise[row - 1] - drift)
    return 100 * np.exp(noise.cumsum())


def delay(prices, bars, *, count=COUNT):
    """The price so many bars before each of the last `count`."""
    return prices[len(prices) - count - bars : len(prices) - bars]


def draw_noise(size, *, seed=9, count=COUNT):
    return np.random.default_rng(seed).normal(0, size, count)


def judge(prices, forecast):
    return repeats_last_price(delay(prices, 0), forecast, delay(prices, 1))


def test_the_last_price_itself_repeats_the_last_price():
    prices = walk()
    assert judge(prices, delay(prices, 1))


@pytest.mark.parametrize(("share", "repeats"), [(0.009, True), (0.011, False)])
def test_perfect_moves_of_a_share_gain_that_share_and_one_percent_divides(share, repeats):
    """The bound is sharp: right in every direction and proportion, the skill is D / M."""
    prices = walk()
    actual, last = delay(prices, 0), delay(prices, 1)
    forecast = last + share * (actual - last)
    rmse, last_rmse = (root_mean_squared_error(actual, one) for one in (forecast, last))
    assert relative_skill(rmse, last_rmse) == pytest.approx(share)
    assert judge(prices, forecast) is repeats


@pytest.mark.parametrize("seed", range(5))
def test_no_forecast_gains_more_than_its_distance_from_the_last_price(seed):
    prices = walk(seed=seed)
    actual, last = delay(prices, 0), delay(prices, 1)
    moves = actual - last
    for moves_told in (np.sign(moves), moves**3, moves + draw_noise(1.0, seed=seed)):
        told = moves_told * 0.1 * np.sqrt(np.mean(moves**2) / np.mean(moves_told**2))
        rmse, last_rmse = (root_mean_squared_error(actual, one) for one in (last + told, last))
        assert relative_skill(rmse, last_rmse) < 0.1


def test_the_bound_can_be_another():
    actual, last = np.array([11.0, 9.0]), np.array([10.0, 10.0])
    forecast = np.array([10.04, 10.04])
    assert not repeats_last_price(actual, forecast, last)
    assert repeats_last_price(actual, forecast, last, bound=0.05)


def test_where_the_price_never_moved_only_the_last_price_repeats_it():
    still = np.full(5, 10.0)
    assert repeats_last_price(still, still, still)
    assert not repeats_last_price(still, still + 1e-6, still)


def test_the_distances_by_hand():
    prices = np.array([1.0, 2.0, 4.0, 3.0])
    forecast = np.array([2.0, 4.0])  # for 4 and 3; one bar before 2 and 4, two before 1 and 2
    distances = measure_lags(prices, forecast, 2)
    assert distances == pytest.approx([math.sqrt(5 / 2), 0.0, math.sqrt(5 / 2)])


@pytest.mark.parametrize("lag", range(2, 11))
def test_an_older_price_is_found_at_its_lag(lag):
    prices = walk()
    forecast = delay(prices, lag)
    assert find_lag(prices, forecast) == lag
    assert measure_lags(prices, forecast, 10)[lag] == 0.0
    assert find_lag(prices, forecast + draw_noise(0.5)) == lag


@pytest.mark.parametrize("lag", [0, 1, 11, 12])
def test_a_price_that_is_not_old_or_too_old_to_look_for_is_no_lag(lag):
    prices = walk()
    assert find_lag(prices, delay(prices, lag)) is None


@pytest.mark.parametrize("lag", [2, 3, 10])
@pytest.mark.parametrize("slope", [1.0, 0.1, 0.077])
def test_a_straight_line_is_followed_too(lag, slope):
    prices = slope * np.arange(1.0, 101.0)
    assert find_lag(prices, delay(prices, lag, count=60)) == lag
    assert find_lag(prices, delay(prices, 1, count=60)) is None


@pytest.mark.parametrize(("bars", "lags"), [(5, {3}), (11, {5, 6, 7})])
def test_a_moving_average_trails_by_half_its_length(bars, lags):
    prices = walk()
    average = np.mean([delay(prices, lag) for lag in range(1, bars + 1)], axis=0)
    assert find_lag(prices, average) in lags


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("size", [0.0, 0.01, 0.3, 1.0])
def test_the_last_price_and_something_more_is_no_lag(seed, size):
    prices = walk(seed=seed)
    forecast = delay(prices, 1) + draw_noise(size, seed=seed + 100)
    assert find_lag(prices, forecast) is None


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("drift", [-0.002, 0.0, 0.002])
@pytest.mark.parametrize("offset", [-5.0, 5.0])
def test_the_last_price_always_too_high_or_low_is_no_lag_even_in_a_trend(seed, drift, offset):
    """Too low in a rise, it lies nearer to older prices, but it moves as the last one does."""
    prices = walk(seed=seed, drift=drift)
    assert find_lag(prices, delay(prices, 1) + offset) is None


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("drift", [-0.002, 0.002])
def test_several_steps_ahead_the_last_price_too_high_or_low_is_no_lag_either(seed, drift):
    prices = walk(seed=seed, drift=drift)
    for offset in (-5.0, 5.0):
        assert find_lag(prices, delay(prices, 5) + offset, step=5) is None


@pytest.mark.parametrize("seed", range(20))
def test_thirty_last_prices_under_three_times_a_day_s_noise_are_no_lag(seed):
    prices = walk(seed=seed)
    forecast = delay(prices, 1, count=30) + draw_noise(3.0, seed=seed + 100, count=30)
    assert find_lag(prices, forecast) is None


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("drift", [-0.002, 0.0, 0.002])
def test_a_forecast_that_stands_still_follows_nothing(seed, drift):
    prices = walk(seed=seed, drift=drift)
    for count in (20, COUNT):
        assert find_lag(prices, np.full(count, prices[-count])) is None


def test_a_right_forecast_of_reversals_is_no_lag():
    """It lies nearer to the price of two bars ago than to any other, and is right to."""
    prices = walk(echo=-0.8)
    last, before = delay(prices, 1), delay(prices, 2)
    forecast = last * (last / before) ** -0.8
    assert measure_lags(prices, forecast, 10).argmin() == 2
    assert find_lag(prices, forecast) is None
    # the same on prices that do not reverse is only near to an older price
    prices = walk()
    last, before = delay(prices, 1), delay(prices, 2)
    assert find_lag(prices, last * (last / before) ** -0.8) == 2


def test_several_steps_ahead_the_newest_price_known_is_no_lag():
    prices = walk()
    assert find_lag(prices, delay(prices, 5), step=5) is None
    assert find_lag(prices, delay(prices, 5), step=4) == 5
    assert find_lag(prices, delay(prices, 14), step=5) == 14


def test_the_longest_lag_can_be_given():
    prices = walk()
    assert find_lag(prices, delay(prices, 6), max_lag=6) == 6
    assert find_lag(prices, delay(prices, 6), max_lag=5) is None


@pytest.mark.parametrize("older", [0, 1, 2, 3])
def test_lags_are_looked_for_as_far_as_the_older_prices_reach(older):
    prices = walk()
    forecast = delay(prices, 2)
    known = prices[-COUNT - older :]
    assert find_lag(known, forecast) == (2 if older == 3 else None)
