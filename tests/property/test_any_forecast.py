"""Metrics, tests and baselines, whatever the numbers."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from stockcast.errors import StockcastError
from stockcast.evaluation.baselines import BASELINES, forecast_baseline, parse_baseline
from stockcast.evaluation.lag import find_lag, measure_lags, repeats_last_price
from stockcast.evaluation.metrics import (
    coverage,
    direction_hit_rate,
    majority_direction_rate,
    relative_skill,
    root_mean_squared_error,
    symmetric_mean_absolute_percentage_error,
    winkler_score,
)
from stockcast.evaluation.significance import correct_holm, diebold_mariano
from stockcast.evaluation.skill import Skill, word_verdict

PRICES = st.floats(0.01, 1e6)
# Powers of two change no digit, so that what should be equal is equal to the last bit.
FACTORS = st.integers(-20, 20).map(lambda power: 2.0**power)
TRIPLES = st.lists(st.tuples(PRICES, PRICES, PRICES), min_size=1, max_size=40).map(
    lambda rows: tuple(np.array(rows).T)
)
SHARES = st.floats(0, 1)


@pytest.mark.slow
@given(TRIPLES, st.integers(1, 6))
def test_swapping_the_forecasts_turns_diebold_mariano_around(triple, step):
    actual, forecast, reference = triple
    statistic, p_value = diebold_mariano(actual, forecast, reference, step=step)
    assert diebold_mariano(actual, reference, forecast, step=step) == (-statistic, p_value)
    assert 0 <= p_value <= 1
    assert not math.isnan(statistic)


@given(TRIPLES, st.integers(1, 6), FACTORS)
def test_diebold_mariano_does_not_ask_for_the_currency(triple, step, factor):
    scaled = [factor * prices for prices in triple]
    assert diebold_mariano(*scaled, step=step) == diebold_mariano(*triple, step=step)


@given(TRIPLES, st.integers(1, 6))
def test_diebold_mariano_is_on_the_side_of_the_smaller_mean_square(triple, step):
    actual, forecast, reference = triple
    statistic, _ = diebold_mariano(actual, forecast, reference, step=step)
    gain = (reference - actual) ** 2 - (forecast - actual) ** 2
    if abs(gain.mean()) > 1e-9 * np.abs(gain).max() and len(gain) > step:
        assert np.sign(statistic) == np.sign(gain.mean())


@given(st.lists(SHARES, max_size=12))
def test_holm_raises_every_p_and_keeps_their_order(p_values):
    p_values = np.array(p_values)
    corrected = correct_holm(p_values)
    assert (corrected >= p_values).all()
    assert (corrected <= 1).all()
    assert (np.diff(corrected[np.argsort(p_values, kind="stable")]) >= 0).all()


@given(TRIPLES)
def test_rates_are_shares_and_the_majority_is_one(triple):
    actual, forecast, last = triple
    assert 0 <= direction_hit_rate(actual, forecast, last) <= 1
    majority = majority_direction_rate(actual, last)
    assert majority == 0 or 0.5 <= majority <= 1
    always = [direction_hit_rate(actual, last + side, last) for side in (-1, 1)]
    assert majority == pytest.approx(max(always))
    assert 0 <= symmetric_mean_absolute_percentage_error(actual, forecast) <= 2


@given(TRIPLES, st.floats(0.01, 0.99))
def test_an_interval_that_covers_everything_scores_its_width(triple, level):
    actual, one, other = triple
    lower, upper = np.minimum(one, other), np.maximum(one, other)
    score = winkler_score(actual, lower, upper, level)
    width = float(np.mean(upper - lower))
    assert score >= width
    assert (score == width) == (coverage(actual, lower, upper) == 1)


@given(TRIPLES, st.floats(0.001, 0.5))
def test_what_repeats_the_last_price_never_beats_it_by_more_than_the_bound(triple, bound):
    actual, forecast, last = triple
    forecast = last + 1e-3 * (forecast - last)
    if repeats_last_price(actual, forecast, last, bound=bound) and (actual != last).any():
        rmse, last_rmse = (root_mean_squared_error(actual, one) for one in (forecast, last))
        assert relative_skill(rmse, last_rmse) < bound + 1e-9


@given(
    st.lists(PRICES, min_size=30, max_size=60).map(np.array),
    st.integers(1, 4),
    st.integers(0, 9),
    st.floats(0, 0.3),
    st.integers(0, 99),
)
def test_a_lag_is_older_than_the_last_price_and_fits_better_than_any_other(
    prices, step, delay, noise, seed
):
    first = 10
    forecast = prices[first - delay : len(prices) - delay]
    forecast = forecast + noise * np.random.default_rng(seed).normal(0, prices.std(), len(forecast))
    lag = find_lag(prices, forecast, step=step)
    event(f"lag {'found' if lag else 'none'}")
    if lag is not None:
        errors = measure_lags(prices, forecast, first)
        assert step < lag < first
        assert errors[lag] == errors.min() < errors[0]
        last_error = root_mean_squared_error(prices[first:], prices[first - step : -step])
        assert errors[0] >= last_error


@given(
    st.lists(st.tuples(st.floats(-3, 0.99), SHARES), min_size=1, max_size=8),
)
def test_verdicts_on_several_models_are_never_kinder_than_on_each_alone(figures):
    skills = [
        Skill(10, 1.0, 1.0, 1.0, 1.0, skill=skill, direction=0.5, p_value=p_value)
        for skill, p_value in figures
    ]
    corrected = correct_holm(np.array([p_value for _, p_value in figures]))
    for skill, p_value in zip(skills, corrected, strict=True):
        verdict = word_verdict(skill, tried=len(skills), p_value=float(p_value))
        assert verdict.startswith("better") == (skill.skill > 0 and p_value < 0.05)
        assert verdict.startswith("worse") == (skill.skill < 0 and p_value < 0.05)
        assert not verdict.startswith("better") or skill.verdict.startswith("better")


@pytest.mark.slow
@given(
    st.lists(PRICES, min_size=12, max_size=60).map(np.array),
    st.sampled_from(["last-price", "drift", "moving-average:3", "autoregression:2"]),
    st.data(),
)
def test_no_baseline_sees_a_price_at_or_after_its_cutoff(prices, name, data):
    cutoff = data.draw(st.integers(9, len(prices)))
    later = data.draw(st.lists(PRICES, min_size=len(prices), max_size=len(prices)))
    altered = np.concatenate([prices[:cutoff], later[cutoff:]])
    train_rows = data.draw(st.none() | st.integers(9, len(prices)))
    try:
        forecast = forecast_baseline(name, prices, [9, cutoff], 3, train_rows)
    except StockcastError as error:
        message = str(error)
        assert "explodes" in message
        return
    again = forecast_baseline(name, altered, [9, cutoff], 3, train_rows)
    np.testing.assert_array_equal(forecast, again)


@given(st.text(max_size=12) | st.sampled_from(BASELINES).map(lambda form: form[:-1] + "7"))
def test_any_name_is_a_baseline_or_a_clear_refusal(name):
    try:
        read = parse_baseline(name).name
    except StockcastError as error:
        message, code = str(error), error.exit_code
        assert repr(name) in message
        assert code == 2
        return
    assert read == re.sub(":0+", ":", name)
