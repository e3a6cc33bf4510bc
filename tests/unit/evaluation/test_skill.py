"""The verdict: its numbers by hand, and its sentence never kinder than they are."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from stockcast.evaluation.significance import correct_holm, diebold_mariano
from stockcast.evaluation.skill import (
    Skill,
    format_p_value,
    format_percent,
    judge_forecasts,
    word_verdict,
)

SKILL = Skill(
    count=250,
    rmse=1.0,
    mae=0.8,
    last_price_rmse=1.0,
    last_price_mae=0.8,
    skill=0.0,
    direction=0.5,
    p_value=1.0,
)


def say(skill, p_value):
    return replace(SKILL, skill=skill, p_value=p_value).verdict


def test_every_number_of_a_judgement_by_hand():
    skill = judge_forecasts(
        actual=np.array([11.0, 10.0, 12.0, 12.0]),
        forecast=np.array([10.5, 10.0, 9.0, 12.0]),
        last=np.array([10.0, 11.0, 10.0, 12.0]),
    )
    assert skill.count == 4
    assert skill.rmse == pytest.approx(math.sqrt(9.25 / 4))  # errors −0.5, 0, −3, 0
    assert skill.mae == 0.875
    assert skill.last_price_rmse == pytest.approx(math.sqrt(6 / 4))  # errors −1, 1, −2, 0
    assert skill.last_price_mae == 1.0
    assert skill.skill == pytest.approx(1 - math.sqrt(9.25 / 6))
    assert skill.direction == pytest.approx(2 / 3)  # three moves, the third missed
    # gains 0.75, 1, −5, 0: mean −0.8125, squared deviations 23.922, so t = −0.57546; with three
    # degrees of freedom and x = |t| / √3, p = 1 − 2 / π (arctan x + x / (1 + x²))
    assert skill.p_value == pytest.approx(0.60530, abs=2e-5)


def test_the_last_price_itself_has_no_skill():
    last = np.array([10.0, 11.0, 10.0])
    skill = judge_forecasts(np.array([11.0, 10.0, 12.0]), last, last)
    assert (skill.skill, skill.p_value) == (0.0, 1.0)


def test_a_perfect_forecast_has_a_skill_of_one():
    actual = np.array([11.0, 10.0, 13.0, 12.0])
    skill = judge_forecasts(actual, actual, np.array([10.0, 11.0, 10.0, 13.0]))
    assert (skill.rmse, skill.skill, skill.direction) == (0.0, 1.0, 1.0)


def test_a_price_that_never_moved_is_not_judged():
    still = np.full(5, 10.0)
    skill = judge_forecasts(still, still + 0.1, still)
    assert skill.skill is None
    assert skill.verdict == "not judged: the price never moved on the held-out span"


def test_a_single_forecast_is_never_more_than_chance():
    skill = judge_forecasts(np.array([11.0]), np.array([11.0]), np.array([10.0]))
    assert skill.verdict.startswith("no different from repeating the last price")


@pytest.mark.parametrize("skill", [-0.9, -0.01, 0.0, 0.01, 0.3, 0.99])
@pytest.mark.parametrize("p_value", [0.05, 0.051, 0.5, 1.0])
def test_a_difference_within_chance_is_called_no_different(skill, p_value):
    verdict = say(skill, p_value)
    assert verdict.startswith("no different from repeating the last price")
    assert "within chance" in verdict
    assert "better" not in verdict


def test_a_better_model_is_called_better_with_its_numbers():
    assert say(0.008, 0.03) == "better than repeating the last price by 0.8 % (p = 0.03)"


def test_a_worse_model_is_called_worse_with_its_numbers():
    assert say(-0.71, 0.012) == "worse than repeating the last price by 71 % (p = 0.012)"


def test_a_far_worse_model_is_called_far_worse():
    assert say(-2.503, 0.0) == "worse than repeating the last price by 250 % (p < 0.001)"


def test_a_difference_within_chance_says_on_which_side_it_is():
    assert say(-0.008, 0.41) == (
        "no different from repeating the last price (RMSE 0.8 % higher, within chance: p = 0.41)"
    )
    assert "RMSE 0.8 % lower" in say(0.008, 0.41)


def test_equal_errors_are_called_the_same():
    assert "RMSE the same" in say(0.0, 1.0)


def test_equal_errors_are_the_same_even_if_a_test_should_tell_them_apart():
    assert say(0.0, 0.0) == "no different from repeating the last price (RMSE the same, p < 0.001)"


def test_one_of_several_models_is_told_as_one_of_several():
    better = replace(SKILL, skill=0.008, p_value=0.002)
    assert word_verdict(better, tried=6, p_value=0.03) == (
        "better than repeating the last price by 0.8 % "
        "(p = 0.03; 1 of 6 models tried, so expect a lucky one)"
    )
    worse = replace(SKILL, skill=-0.71, p_value=0.0)
    assert word_verdict(worse, tried=6, p_value=0.0) == (
        "worse than repeating the last price by 71 % (p < 0.001; 1 of 6 models tried)"
    )
    assert word_verdict(better, tried=6, p_value=0.41) == (
        "no different from repeating the last price "
        "(RMSE 0.8 % lower, within chance: p = 0.41; 1 of 6 models tried)"
    )


def test_without_the_other_models_p_each_try_counts_in_full():
    better = replace(SKILL, skill=0.05, p_value=0.02)
    assert word_verdict(better, tried=2).startswith("better than")
    assert "(p = 0.04; 1 of 2" in word_verdict(better, tried=2)
    assert word_verdict(better, tried=3).startswith("no different from")
    assert "p = 1.00" in word_verdict(better, tried=1000)


def walk(count, seed=0):
    return 100 * np.exp(np.random.default_rng(seed).normal(0, 0.01, count).cumsum())


def test_a_model_that_repeats_the_last_price_is_told_so():
    prices = walk(200)
    skill = judge_forecasts(prices[1:], prices[:-1] + 1e-4, prices[:-1])
    assert skill.repeats
    assert skill.verdict.startswith("no different from repeating the last price (RMSE the same")
    assert skill.verdict.endswith("); in effect repeats the last price")


def test_a_model_that_trails_is_told_by_how_many_bars():
    prices = walk(200)
    skill = judge_forecasts(prices[50:], prices[47:-3], prices[49:-1], earlier=prices[:50])
    assert skill.lag == 3
    assert skill.verdict.startswith("worse than repeating the last price by ")
    assert skill.verdict.endswith("; its forecasts follow the price with a lag of 3 bars")


def test_without_earlier_prices_no_lag_is_looked_for():
    prices = walk(200)
    assert judge_forecasts(prices[50:], prices[47:-3], prices[49:-1]).lag is None


def test_a_model_with_skill_rings_no_alarm():
    prices = walk(200)
    actual, last = prices[50:], prices[49:-1]
    skill = judge_forecasts(actual, last + 0.3 * (actual - last), last, earlier=prices[:50])
    assert (skill.repeats, skill.lag) == (False, None)
    assert skill.verdict == "better than repeating the last price by 30 % (p < 0.001)"


def test_several_steps_ahead_the_test_allows_for_overlap():
    prices = walk(200)
    actual, last = prices[55:], prices[50:-5]
    forecast = last + 0.05 * (actual - last) + 0.4
    skill = judge_forecasts(actual, forecast, last, step=5, earlier=prices[:55])
    assert skill.p_value == diebold_mariano(actual, forecast, last, step=5)[1]
    assert skill.p_value != diebold_mariano(actual, forecast, last)[1]
    assert skill.lag is None


@pytest.mark.parametrize("tried", [2, 5, 40])
def test_bonferroni_is_never_kinder_than_holm(tried):
    p_values = np.random.default_rng(tried).uniform(0, 0.1, tried)
    assert (np.minimum(1, tried * p_values) >= correct_holm(p_values) - 1e-12).all()


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "p < 0.001"),
        (0.00099, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0123, "p = 0.012"),
        (0.03, "p = 0.03"),
        (0.0504, "p = 0.05"),
        (0.327, "p = 0.33"),
        (1.0, "p = 1.00"),
    ],
)
def test_a_p_value_is_written_with_two_digits_that_mean_something(p, text):
    assert format_p_value(p) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0 %"),
        (0.008, "0.8 %"),
        (0.0123, "1.2 %"),
        (0.1, "10 %"),
        (0.714, "71 %"),
        (3, "300 %"),
    ],
)
def test_a_share_is_written_with_two_digits_that_mean_something(share, text):
    assert format_percent(share) == text
