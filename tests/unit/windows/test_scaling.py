"""Scalers: fitted on the training span alone, plain numbers, and back again."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from stockcast.errors import ConstantPrices, UnreadablePrices
from stockcast.prices.csv.reader import read_prices
from stockcast.recipe import Recipe
from stockcast.windows.scaling import (
    Deviation,
    MinMax,
    Relative,
    fit_scaler,
    kind_for,
    scale_features,
)
from stockcast.windows.series import window_history
from tests.support import SAMPLES

TARGETS = ["price", "log-return", "relative"]


def test_min_max_maps_the_lowest_to_0_and_the_highest_to_1():
    scaler = fit_scaler(np.array([12.0, 10.0, 18.0]), kind="min-max", name="x")
    assert scaler == MinMax(10.0, 18.0)
    assert list(scaler.scale(np.array([10.0, 12.0, 18.0]))) == [0.0, 0.25, 1.0]


def test_min_max_lets_later_prices_leave_0_to_1():
    assert list(MinMax(10.0, 18.0).scale(np.array([8.0, 22.0]))) == [-0.25, 1.5]


def test_min_max_takes_scaled_prices_back():
    assert list(MinMax(10.0, 18.0).unscale(np.array([-0.25, 0.0, 1.0]))) == [8.0, 10.0, 18.0]


def test_a_deviation_divides_and_leaves_zero_where_it_is():
    # mean 0, squares 1, 1, 9, 9: variance 5
    scaler = fit_scaler(np.array([1.0, -1.0, 3.0, -3.0]), kind="deviation", name="x")
    assert scaler == Deviation(math.sqrt(5.0))
    assert list(scaler.scale(np.array([0.0, 2 * math.sqrt(5.0)]))) == [0.0, 2.0]
    assert list(scaler.unscale(np.array([0.0, 2.0]))) == [0.0, 2 * math.sqrt(5.0)]


def test_a_relative_scaler_has_the_deviation_of_the_change_from_bar_to_bar():
    # changes of 0.5, −0.5, 0.5, −0.5: mean 0, variance 0.25
    scaler = fit_scaler(np.array([8.0, 12.0, 6.0, 9.0, 4.5]), kind="relative", name="x")
    assert scaler == Relative(0.5)


def test_a_relative_scaler_leaves_prices_to_the_window_and_takes_changes_back():
    assert list(Relative(0.5).scale(np.array([8.0, 12.0]))) == [8.0, 12.0]
    assert list(Relative(0.5).unscale(np.array([0.0, -2.0, 1.0]))) == [0.0, -1.0, 0.5]


def test_a_relative_scaler_equals_scikit_learn_s_on_the_training_span(make_history):
    history = make_history(200)
    features = ("open", "close")
    recipe = Recipe(window=10, column="close", target="relative", features=features)
    series = window_history(history, recipe)
    for name, scaler in zip(features, series.scalers, strict=True):
        prices = history.columns[name][: series.spans.train_end]
        changes = (prices[1:] / prices[:-1] - 1)[:, None]
        theirs = StandardScaler(with_mean=False).fit(changes)
        assert scaler.deviation == pytest.approx(theirs.scale_[0], rel=1e-9)
        position = features.index(name)
        assert np.array_equal(series.values[:, position], history.columns[name].astype(np.float32))


def test_min_max_equals_scikit_learn_s_on_the_training_span(make_history):
    history = make_history(200)
    series = window_history(history, Recipe(window=10, column="close", target="price"))
    close = history.columns["close"][:, None]
    theirs = MinMaxScaler().fit(close[: series.spans.train_end])
    (ours,) = series.scalers
    assert (ours.low, ours.high) == (theirs.data_min_[0], theirs.data_max_[0])
    scaled = ours.scale(close)
    np.testing.assert_allclose(scaled, theirs.transform(close), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(ours.unscale(scaled), theirs.inverse_transform(scaled), rtol=1e-12)
    np.testing.assert_array_equal(series.values, scaled.astype(np.float32))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.stem)
def test_a_network_sees_of_sample_data_what_scikit_learn_scales(path):
    (history,) = read_prices(path)
    for name, values in history.columns.items():
        known = values[: len(values) * 9 // 10]
        ours, theirs = fit_scaler(known, kind="min-max", name=name), MinMaxScaler()
        theirs.fit(known[:, None])
        assert (ours.low, ours.high) == (theirs.data_min_[0], theirs.data_max_[0])
        assert ours.spread == theirs.data_range_[0]
        found = ours.scale(values), theirs.transform(values[:, None])[:, 0]
        np.testing.assert_allclose(*found, rtol=0, atol=4e-16)  # the last bit of a double
        assert np.array_equal(*(one.astype(np.float32) for one in found))


def test_a_deviation_equals_scikit_learn_s_on_the_training_span(make_history):
    history = make_history(200)
    series = window_history(history, Recipe(window=10, column="close"))
    returns = np.diff(np.log(history.columns["close"]))[:, None]
    theirs = StandardScaler(with_mean=False).fit(returns[: series.spans.train_end])
    (ours,) = series.scalers
    assert ours.deviation == pytest.approx(theirs.scale_[0], rel=1e-12)
    np.testing.assert_allclose(series.values, theirs.transform(returns), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("target", TARGETS)
def test_later_rows_do_not_change_the_scalers(target, horizon, make_history):
    recipe = Recipe(
        window=10,
        column="close",
        features=("close", "open", "volume"),
        target=target,
        horizon=horizon,
    )
    history = make_history(200)
    series = window_history(history, recipe)
    first_date_after = series.dates[series.spans.train_end]
    later = history.dates >= first_date_after
    wild = {name: np.where(later, values * 100, values) for name, values in history.columns.items()}
    changed = window_history(make_history(200, **wild), recipe)
    assert changed.scalers == series.scalers
    assert not np.array_equal(changed.values, series.values)


@pytest.mark.parametrize("target", TARGETS)
def test_the_last_training_row_does_change_the_scalers(target, make_history):
    recipe = Recipe(window=10, column="close", target=target)
    history = make_history(200)
    series = window_history(history, recipe)
    close = history.columns["close"].copy()
    close[history.dates == series.dates[series.spans.train_end - 1]] *= 100
    assert window_history(make_history(200, close=close), recipe).scalers != series.scalers


@pytest.mark.parametrize("kind", ["min-max", "deviation", "relative"])
def test_a_column_that_never_changes_is_refused_by_name(kind, expect_refusal):
    with expect_refusal(
        ConstantPrices, "data.csv: close", "never changes", "7 rows", hint="features="
    ):
        fit_scaler(np.full(7, 0.1), kind=kind, name="data.csv: close")


@pytest.mark.parametrize("rows", [2, 7])
def test_a_column_that_always_changes_by_the_same_share_has_no_relative_scaler(
    rows, expect_refusal
):
    with expect_refusal(
        ConstantPrices, "data.csv: close", "the same share", f"{rows} rows", hint="features="
    ):
        fit_scaler(1.1 ** np.arange(rows), kind="relative", name="data.csv: close")


def test_a_column_that_changes_beyond_what_a_double_holds_is_refused(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv: close", "changes by too much"):
        fit_scaler(np.array([1e-300, 1e300, 1.0]), kind="relative", name="data.csv: close")


def test_prices_nearly_as_large_as_a_double_holds_are_scaled():
    scaler = fit_scaler(np.array([1e300, 3e300, 2e300]), kind="min-max", name="x")
    assert scaler == MinMax(1e300, 3e300)


@pytest.mark.parametrize("kind", ["min-max", "relative"])
@pytest.mark.parametrize("price", [0.3, 300_000.0])
def test_a_column_that_changes_by_rounding_alone_is_constant(price, kind, expect_refusal):
    values = np.array([price, np.nextafter(price, 0), price, np.nextafter(price, 1e9)])
    with expect_refusal(ConstantPrices, "x"):
        fit_scaler(values, kind=kind, name="x")


@pytest.mark.parametrize("target", TARGETS)
def test_constant_prices_are_refused_by_file_and_column(target, make_history, expect_refusal):
    history = make_history(100, close=np.full(100, 42.0))
    with expect_refusal(ConstantPrices, "made-up.csv", "close never changes on the training span"):
        window_history(history, Recipe(window=5, column="close", target=target))


def test_prices_that_only_change_after_the_training_span_are_refused(make_history, expect_refusal):
    close = np.full(100, 42.0)
    close[80:] = np.arange(20) + 43.0
    with expect_refusal(ConstantPrices, "close"):
        window_history(make_history(100, close=close), Recipe(window=5, column="close", test=20))


def test_a_constant_second_feature_is_refused_by_its_name(make_history, expect_refusal):
    history = make_history(100, volume=np.zeros(100))
    with expect_refusal(ConstantPrices, "volume", hint="features="):
        window_history(history, Recipe(window=5, column="close", features=("close", "volume")))


def test_each_feature_has_a_scaler_of_its_own():
    values = np.array([[10.0, 100.0], [18.0, 300.0]])
    scaled = scale_features(values, (MinMax(10.0, 18.0), MinMax(100.0, 300.0)))
    assert scaled.dtype == np.float32
    assert scaled.tolist() == [[0.0, 0.0], [1.0, 1.0]]


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (0.0, math.inf), (0, math.nan)])
def test_min_max_numbers_that_cannot_be_are_refused(low, high):
    with pytest.raises(ValueError, match="high must be above low"):
        MinMax(low, high)


@pytest.mark.parametrize("kind", [Deviation, Relative])
@pytest.mark.parametrize("deviation", [0.0, -1.0, math.inf, math.nan])
def test_a_deviation_that_cannot_be_is_refused(deviation, kind):
    with pytest.raises(ValueError, match="above 0"):
        kind(deviation)


@pytest.mark.parametrize(
    ("target", "column", "kind"),
    [
        ("price", "close", "min-max"),
        ("price", "volume", "min-max"),
        ("log-return", "close", "deviation"),
        ("log-return", "volume", "deviation"),
        ("relative", "close", "relative"),
        ("relative", "open", "relative"),
        ("relative", "volume", "deviation"),
    ],
)
def test_the_target_settles_each_column_s_kind_of_scaler(target, column, kind, make_history):
    assert kind_for(target, column) == kind
    assert fit_scaler(np.array([1.0, 2.0, 1.5]), kind=kind, name="x").kind == kind
