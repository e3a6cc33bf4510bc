"""Baselines: each by hand, none with a look ahead, and clear answers to wrong names."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.errors import PriceError, TooShort, UsageError
from stockcast.evaluation import baseline_methods
from stockcast.evaluation.baselines import (
    BASELINES,
    Baseline,
    describe_baselines,
    forecast_baseline,
    parse_baseline,
)
from tests.support import run_stockcast

NAMES = ["last-price", "drift", "moving-average:1", "moving-average:7", "autoregression:3"]
PRICES = 100 * np.exp(np.random.default_rng(0).normal(0, 0.02, 90).cumsum())


def test_the_last_price_is_repeated():
    forecast = parse_baseline("last-price").forecast(np.array([3.0, 1.0, 2.0]), 3)
    np.testing.assert_array_equal(forecast, [2.0, 2.0, 2.0])


def test_drift_goes_on_along_the_line_from_the_first_price_to_the_last():
    forecast = parse_baseline("drift").forecast(np.array([10.0, 99.0, 14.0]), 3)
    np.testing.assert_array_equal(forecast, [16.0, 18.0, 20.0])


def test_drift_of_a_single_price_stays_there():
    np.testing.assert_array_equal(parse_baseline("drift").forecast(np.array([7.0]), 2), [7.0, 7.0])


def test_a_moving_average_repeats_the_mean_of_the_newest_prices():
    forecast = parse_baseline("moving-average:2").forecast(np.array([50.0, 1.0, 2.0]), 2)
    np.testing.assert_array_equal(forecast, [1.5, 1.5])


def test_an_autoregression_goes_on_with_a_rule_that_it_was_shown():
    # each log return is 0.001 − half the one before
    returns = [0.04]
    for _ in range(20):
        returns.append(0.001 - 0.5 * returns[-1])
    prices = 50 * np.exp(np.cumsum([0.0, *returns]))
    forecast = parse_baseline("autoregression:1").forecast(prices[:18], 4)
    np.testing.assert_allclose(forecast, prices[18:22], rtol=1e-9)


def test_an_autoregression_of_order_two_tells_the_newest_return_from_the_one_before():
    returns = [0.03, -0.01]
    for _ in range(30):
        returns.append(0.7 * returns[-2] + 0.1 * returns[-1] + 0.0005)
    prices = 50 * np.exp(np.cumsum([0.0, *returns]))
    forecast = parse_baseline("autoregression:2").forecast(prices[:20], 5)
    np.testing.assert_allclose(forecast, prices[20:25], rtol=1e-8)


def test_an_autoregression_of_prices_that_never_move_or_only_grow_goes_on_as_they_do():
    baseline = parse_baseline("autoregression:3")
    np.testing.assert_allclose(baseline.forecast(np.full(40, 5.0), 3), 5.0)
    growing = 5 * 1.01 ** np.arange(43)
    np.testing.assert_allclose(baseline.forecast(growing[:40], 3), growing[40:], rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("train_rows", [None, 25])
def test_many_cutoffs_at_once_are_each_cutoff_alone(name, train_rows):
    cutoffs = [30, 90, 31, 60, 60]
    forecasts = forecast_baseline(name, PRICES, cutoffs, 4, train_rows)
    assert forecasts.shape == (5, 4)
    for cutoff, forecast in zip(cutoffs, forecasts, strict=True):
        known = PRICES[:cutoff] if train_rows is None else PRICES[cutoff - train_rows : cutoff]
        alone = parse_baseline(name).forecast(known, 4)
        np.testing.assert_allclose(forecast, alone, rtol=1e-11)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("train_rows", [None, 25])
def test_prices_at_and_after_a_cutoff_change_nothing(name, train_rows):
    altered = PRICES.copy()
    altered[60:] = 1e6 / np.arange(1, 31)
    cutoffs = [40, 59, 60]
    np.testing.assert_array_equal(
        forecast_baseline(name, PRICES, cutoffs, 5, train_rows),
        forecast_baseline(name, altered, cutoffs, 5, train_rows),
    )


@pytest.mark.parametrize("name", NAMES)
def test_prices_before_the_rows_trained_on_change_nothing(name):
    altered = PRICES.copy()
    altered[:35] *= 3
    np.testing.assert_array_equal(
        forecast_baseline(name, PRICES, [60, 70], 2, 25),
        forecast_baseline(name, altered, [60, 70], 2, 25),
    )


@pytest.mark.parametrize("name", [name for name in NAMES if name != "last-price"])
def test_the_price_right_before_a_cutoff_counts(name):
    altered = PRICES.copy()
    altered[59] *= 1.01
    one, other = (forecast_baseline(name, prices, [60], 1) for prices in (PRICES, altered))
    assert one != other


def test_no_cutoff_gives_no_forecast():
    assert forecast_baseline("drift", PRICES, [], 3).shape == (0, 3)


@pytest.mark.parametrize("cutoffs", [[0], [30, 91]])
def test_a_cutoff_lies_within_the_rows(cutoffs):
    with pytest.raises(ValueError, match="with 90 rows"):
        forecast_baseline("last-price", PRICES, cutoffs, 1)


@pytest.mark.parametrize(
    ("name", "needed"),
    [("last-price", 1), ("drift", 1), ("moving-average:20", 20), ("autoregression:5", 18)],
)
def test_fewer_rows_than_needed_are_refused_with_both_numbers(name, needed):
    assert parse_baseline(name).needed == needed
    assert np.isfinite(forecast_baseline(name, PRICES, [needed], 1)).all()
    if needed > 1:
        with pytest.raises(TooShort, match=f"{name} needs {needed} rows .* given {needed - 1}"):
            forecast_baseline(name, PRICES, [80, needed - 1], 1)
        with pytest.raises(TooShort, match=f"given {needed - 1}"):
            forecast_baseline(name, PRICES, [80], 1, needed - 1)


def test_an_autoregression_needs_prices_above_zero_where_it_looks():
    prices = PRICES.copy()
    prices[[10, 80]] = 0.0
    with pytest.raises(PriceError, match="autoregression:1: a price is 0"):
        forecast_baseline("autoregression:1", prices, [60], 1)
    assert np.isfinite(forecast_baseline("autoregression:1", prices, [60, 70], 1, 40)).all()


def test_an_autoregression_that_explodes_is_an_error_and_not_infinity():
    prices = np.exp(np.cumsum(1e-6 * 3.0 ** np.arange(12)))
    with pytest.raises(PriceError, match="explodes"):
        parse_baseline("autoregression:1").forecast(prices, 100)


@pytest.mark.parametrize("name", [*NAMES, "moving-average:10000"])
def test_a_name_is_read_back_as_it_was_written(name):
    assert parse_baseline(name).name == name


def test_a_name_has_a_kind_and_an_order():
    assert parse_baseline("moving-average:20") == Baseline("moving-average", 20)
    assert parse_baseline("drift") == Baseline("drift")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("lastprice", "last-price"),
        ("DRIFT", "drift"),
        ("moving_average:20", "moving-average:N"),
        ("autoregresion:1", "autoregression:P"),
    ],
)
def test_an_unknown_name_is_told_the_near_miss_and_the_list(name, meant):
    with pytest.raises(UsageError, match="no baseline") as caught:
        parse_baseline(name)
    assert repr(name) in str(caught.value)
    assert caught.value.hint.startswith(f"did you mean {meant!r}? ")
    assert all(form in caught.value.hint for form in BASELINES)


@pytest.mark.parametrize("name", ["", "prophet", ":3"])
def test_a_name_that_is_near_none_is_told_the_list(name):
    with pytest.raises(UsageError) as caught:
        parse_baseline(name)
    assert caught.value.hint == f"there are {', '.join(BASELINES)}"


@pytest.mark.parametrize(
    "order",
    ["", ":", ":0", ":x", ":-3", ":2.5", ":+3", ": 3", ":1_0", ":٣", ":10001", ":" + "9" * 9],
)
@pytest.mark.parametrize("kind", ["moving-average", "autoregression"])
def test_a_number_that_is_missing_or_none_is_refused_by_name(kind, order):
    with pytest.raises(UsageError, match=f"baseline '{kind}") as caught:
        parse_baseline(kind + order)
    assert f"{kind}:" in str(caught.value) + caught.value.hint


def test_a_new_method_is_a_baseline_once_it_is_registered(monkeypatch):
    monkeypatch.setattr(baseline_methods, "KINDS", {})

    @baseline_methods.baseline("seasonal-naive:N", lambda order: order)
    def repeat_season(task):
        raise NotImplementedError

    (kind,) = baseline_methods.KINDS.values()
    assert baseline_methods.KINDS.keys() == {"seasonal-naive"}
    assert (kind.form, kind.count_needed(5)) == ("seasonal-naive:N", 5)
    assert kind.run is repeat_season


@pytest.mark.slow
def test_help_of_backtest_names_every_baseline():
    shown = run_stockcast("backtest", "--help", env={"COLUMNS": "400"}).stdout.decode()
    line = next(line for line in shown.splitlines() if " --models " in line)
    assert describe_baselines() in line
    assert all(form in line for form in BASELINES)


@pytest.mark.parametrize("name", ["drift:3", "last-price:", "last-price:1"])
def test_a_number_where_none_is_taken_is_refused(name):
    with pytest.raises(UsageError, match="takes no number"):
        parse_baseline(name)
