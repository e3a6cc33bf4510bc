"""Losses of variance and tests of value at risk, each checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.evaluation.volatility_metrics import (
    christoffersen,
    kupiec,
    qlike_losses,
)


def flags(text):
    return np.array([letter == "x" for letter in text])


def test_qlike_by_hand():
    # ratios 2 and ½
    losses = qlike_losses(np.array([2.0, 2.0]), np.array([1.0, 4.0]))
    assert losses == pytest.approx([2 - math.log(2) - 1, 0.5 + math.log(2) - 1], rel=1e-14)


def test_qlike_is_zero_where_forecast_and_variance_are_equal_and_above_elsewhere():
    variance = np.array([1e-9, 1e-4, 3.0])
    assert qlike_losses(variance, variance).tolist() == [0, 0, 0]
    assert (qlike_losses(variance, variance * [0.9, 1.1, 5]) > 0).all()


def test_a_variance_forecast_too_low_costs_more_than_one_too_high_by_as_many_times():
    low, high = qlike_losses(np.array([1.0, 1.0]), np.array([0.5, 2.0]))
    assert low > high


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan])
def test_a_variance_is_above_zero(bad):
    one, wrong = np.array([1.0, 1.0]), np.array([1.0, bad])
    with pytest.raises(ValueError, match=r"a variance is .* above 0"):
        qlike_losses(wrong, one)
    with pytest.raises(ValueError, match=r"a forecast is .* above 0"):
        qlike_losses(one, wrong)


def test_kupiec_by_hand():
    # 2 of 8 against 0.1
    statistic, p_value = kupiec(flags("x..x...."), 0.1)
    expected = 2 * (2 * math.log(0.25 / 0.1) + 6 * math.log(0.75 / 0.9))
    assert statistic == pytest.approx(expected, rel=1e-12)
    assert p_value == pytest.approx(math.erfc(math.sqrt(expected / 2)), rel=1e-12)


def test_kupiec_is_zero_where_the_share_is_the_probability_and_rises_to_either_side():
    few, right, many = (kupiec(flags("x" * hits + "." * (20 - hits)), 0.25) for hits in (1, 5, 9))
    assert right == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    assert few[0] > 0.1
    assert many[0] > 0.1
    assert few[1] < 1
    assert many[1] < 1


def test_no_breach_and_nothing_but_breaches_by_hand():
    assert kupiec(flags("." * 10), 0.05)[0] == pytest.approx(-20 * math.log(0.95))
    assert kupiec(flags("x" * 10), 0.05)[0] == pytest.approx(-20 * math.log(0.05))


def test_christoffersen_by_hand():
    # after a breach xx.. of 4; after none ..x of 3; after the first bar 3 of 7
    independence, coverage = christoffersen(flags("xxx...x."), 0.1)
    apart = 4 * math.log(1 / 2) + math.log(1 / 3) + 2 * math.log(2 / 3)
    together = 3 * math.log(3 / 7) + 4 * math.log(4 / 7)
    forecast = 3 * math.log(0.1) + 4 * math.log(0.9)
    assert independence[0] == pytest.approx(2 * (apart - together), rel=1e-12)
    assert coverage[0] == pytest.approx(2 * (apart - forecast), rel=1e-12)
    assert independence[1] == pytest.approx(math.erfc(math.sqrt(independence[0] / 2)))
    assert coverage[1] == pytest.approx(math.exp(-coverage[0] / 2))


def test_clusters_are_told_from_the_same_breaches_spread_out():
    clustered, spread = flags("x" * 10 + "." * 190), np.arange(200) % 20 == 0
    assert christoffersen(clustered, 0.05)[0][1] < 1e-6
    assert christoffersen(spread, 0.05)[0][1] > 0.2
    assert kupiec(clustered, 0.05) == kupiec(spread, 0.05)


@pytest.mark.parametrize("text", ["." * 10, "x" * 10])
def test_what_never_changes_is_independent_and_covers_as_kupiec_says(text):
    independence, coverage = christoffersen(flags(text), 0.05)
    assert independence == (0.0, 1.0)
    assert coverage[0] == pytest.approx(kupiec(flags(text[1:]), 0.05)[0])


@pytest.mark.parametrize("text", [".", "x"])
def test_a_single_bar_has_a_share_but_follows_nothing(text):
    statistic, p_value = kupiec(flags(text), 0.05)
    assert statistic == pytest.approx(-2 * math.log(0.95 if text == "." else 0.05))
    assert 0 < p_value < 1
    assert christoffersen(flags(text), 0.05) == ((0.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize("test", [kupiec, christoffersen])
@pytest.mark.parametrize("probability", [0.0, 1.0, 5.0, math.nan])
def test_a_probability_is_a_share(test, probability):
    with pytest.raises(ValueError, match="expected a share above 0 and below 1"):
        test(flags("x."), probability)


def test_nothing_to_judge_is_an_error_and_not_nan():
    for test in (kupiec, christoffersen):
        with pytest.raises(ValueError, match="nothing to judge"):
            test(flags(""), 0.05)
