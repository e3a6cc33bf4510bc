"""What the network sees of each bar, against plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.errors import InvalidRecipe, TooShort, UnreadablePrices
from stockcast.prices.csv.reader import read_prices
from stockcast.recipe import Recipe
from stockcast.windows.features import Columns, choose_columns, compute_features, count_warmup
from stockcast.windows.series import window_history


def test_the_adjusted_close_is_forecast_where_there_is_one(make_history):
    columns = choose_columns(make_history(5), Recipe())
    assert columns == Columns("adj_close", ("adj_close",))


def test_the_close_is_forecast_where_there_is_no_adjusted_close(make_history):
    history = make_history(5, columns=("open", "close"))
    assert choose_columns(history, Recipe()) == Columns("close", ("close",))


def test_a_named_column_is_forecast(make_history):
    assert choose_columns(make_history(5), Recipe(column="open")) == Columns("open", ("open",))


def test_auto_takes_the_close_among_the_features(make_history):
    recipe = Recipe(features=("volume", "close"))
    columns = choose_columns(make_history(5), recipe)
    assert columns == Columns("close", ("volume", "close"))
    assert columns.target_index == 1


def test_a_forecast_column_that_is_no_feature_is_refused(make_history, expect_refusal):
    with expect_refusal(
        InvalidRecipe, "open", "not among the features", "close, volume", hint="column="
    ):
        choose_columns(make_history(5), Recipe(column="open", features=("close", "volume")))


def test_auto_without_a_close_among_the_features_is_refused(make_history, expect_refusal):
    with expect_refusal(InvalidRecipe, "adj_close or close", "open, high", hint="features="):
        choose_columns(make_history(5), Recipe(features=("open", "high")))


def test_a_feature_that_the_file_lacks_is_refused_with_what_it_has(make_history, expect_refusal):
    history = make_history(5, columns=("open", "close"))
    with expect_refusal(UnreadablePrices, "made-up.csv", "no volume column", "open, close"):
        choose_columns(history, Recipe(features=("close", "volume")))


def test_a_forecast_column_that_the_file_lacks_is_refused_with_what_it_has(
    make_history, expect_refusal
):
    history = make_history(5, columns=("open", "high"))
    with expect_refusal(UnreadablePrices, "no close column", "open, high", hint="column="):
        choose_columns(history, Recipe())


def test_columns_whose_target_is_no_feature_cannot_be():
    with pytest.raises(ValueError, match="among the features"):
        Columns("close", ("open",))


@pytest.mark.parametrize(
    ("features", "target", "bars"),
    [
        (("close",), "price", 0),
        (("close", "volume"), "price", 0),
        (("close",), "log-return", 1),
        (("close", "volume"), "log-return", 19),
        (("close", "open"), "relative", 0),
        (("close", "volume"), "relative", 19),
    ],
)
def test_the_warm_up_is_what_a_feature_looks_back_on(features, target, bars):
    assert count_warmup(features, target) == bars


def test_features_of_a_price_network_are_the_columns_themselves(make_history):
    history = make_history(6)
    table = compute_features(history, Columns("close", ("volume", "close")), "price")
    assert np.array_equal(table.values[:, 0], history.columns["volume"])
    assert np.array_equal(table.values[:, 1], history.columns["close"])
    assert np.array_equal(table.prices, history.columns["close"])
    assert np.array_equal(table.dates, history.dates)


def test_prices_of_a_relative_network_are_the_columns_themselves(make_history):
    history = make_history(24)
    columns = Columns("close", ("volume", "close", "open"))
    table = compute_features(history, columns, "relative")
    assert np.array_equal(table.values[:, 1], history.columns["close"][19:])
    assert np.array_equal(table.values[:, 2], history.columns["open"][19:])
    assert np.array_equal(table.prices, history.columns["close"][19:])
    assert np.array_equal(table.dates, history.dates[19:])
    of_returns = compute_features(history, columns, "log-return")
    assert np.array_equal(table.values[:, 0], of_returns.values[:, 0])


def test_log_returns_by_hand(make_history):
    history = make_history(4, close=[10.0, 20.0, 10.0, 10.0])
    table = compute_features(history, Columns("close", ("close",)), "log-return")
    assert table.values[:, 0] == pytest.approx([math.log(2), -math.log(2), 0.0], abs=1e-15)
    assert list(table.prices) == [20.0, 10.0, 10.0]
    assert list(table.dates) == list(history.dates[1:])


def test_other_prices_are_log_ratios_to_the_forecast_column_of_the_bar_before(make_history):
    history = make_history(3, open=[1.0, 30.0, 5.0], close=[10.0, 20.0, 10.0])
    table = compute_features(history, Columns("close", ("open", "close")), "log-return")
    assert table.values[:, 0] == pytest.approx([math.log(30 / 10), math.log(5 / 20)])
    assert table.values[:, 1] == pytest.approx([math.log(20 / 10), math.log(10 / 20)])


def test_volume_is_the_log_ratio_to_its_mean_over_the_newest_twenty_bars(make_history):
    history = make_history(24)
    table = compute_features(history, Columns("close", ("close", "volume")), "log-return")
    volume = [float(number) for number in history.columns["volume"]]
    expected = []
    for row in range(19, 24):
        mean = sum(volume[row - 19 : row + 1]) / 20
        expected.append(math.log((1 + volume[row]) / (1 + mean)))
    assert table.values[:, 1] == pytest.approx(expected, rel=1e-12)
    assert list(table.dates) == list(history.dates[19:])


def test_a_day_without_volume_has_a_finite_feature(make_history):
    volume = np.full(24, 100.0)
    volume[22] = 0
    table = compute_features(
        make_history(24, volume=volume), Columns("close", ("close", "volume")), "log-return"
    )
    assert table.values[-2, 1] == pytest.approx(math.log(1 / (1 + 95)))


@pytest.mark.parametrize("target", ["log-return", "relative"])
def test_no_bar_s_features_depend_on_a_later_bar(target, make_history):
    columns = Columns("close", ("close", "open", "volume"))
    history = make_history(60)
    whole = compute_features(history, columns, target)
    for rows in (20, 37, 59):
        part = compute_features(history.select(np.arange(rows)), columns, target)
        assert np.array_equal(part.values, whole.values[: rows - 19])


def test_a_history_without_any_bar_after_the_warm_up_is_too_short(make_history, expect_refusal):
    with expect_refusal(TooShort, "19 rows, at least 20 are needed"):
        compute_features(make_history(19), Columns("close", ("close", "volume")), "log-return")


@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
def test_an_empty_cell_in_the_used_column_is_refused_by_line(target, write_csv, expect_refusal):
    lines = [f"2013-02-{day:02},{day},{day}" for day in range(1, 29)]
    lines[10] = "2013-02-11,11,"
    path = write_csv(["Date,Open,Close", *lines])
    (history,) = read_prices([path])
    with expect_refusal(UnreadablePrices, f"{path}:12: close is missing", hint="column="):
        window_history(history, Recipe(window=3, column="close", target=target))


def test_more_empty_cells_in_the_used_column_are_counted(write_csv, expect_refusal):
    lines = [f"2013-02-{day:02},{day},{'' if day % 9 == 0 else day}" for day in range(1, 29)]
    path = write_csv(["Date,Open,Close", *lines])
    (history,) = read_prices([path])
    with expect_refusal(UnreadablePrices, f"{path}:10: close is missing, and in 2 more rows"):
        window_history(history, Recipe(window=3, column="close"))


def test_an_empty_cell_in_another_column_does_not_matter(write_csv):
    lines = [f"2013-02-{day:02},,{day}" for day in range(1, 29)]
    (history,) = read_prices([write_csv(["Date,Open,Close", *lines])])
    assert window_history(history, Recipe(window=3)).columns.target == "close"


@pytest.mark.parametrize("target", ["log-return", "relative"])
@pytest.mark.parametrize(("cell", "shown"), [("0", "0"), ("-1.5", "-1.5"), ("-0.0", "-0")])
def test_a_price_that_nothing_is_relative_to_is_refused_by_line(
    cell, shown, target, write_csv, expect_refusal
):
    lines = [f"2013-02-{day:02},{day}" for day in range(1, 29)]
    lines[4] = f"2013-02-05,{cell}"
    path = write_csv(["Date,Close", *lines])
    (history,) = read_prices([path])
    with expect_refusal(
        UnreadablePrices,
        f"{path}:6: close is {shown}; a return needs prices above zero",
        hint='target="price"',
    ):
        window_history(history, Recipe(window=3, target=target))


def test_a_price_network_takes_a_price_below_zero(make_history):
    close = np.linspace(-5.0, 5.0, 40)
    history = make_history(40, close=close)
    series = window_history(history, Recipe(window=3, column="close", target="price"))
    assert np.array_equal(series.prices, close)


def test_a_negative_volume_is_refused_by_line(make_history, expect_refusal):
    volume = np.full(60, 5.0)
    volume[30] = -1
    with expect_refusal(UnreadablePrices, "made-up.csv:32: volume is -1"):
        compute_features(
            make_history(60, volume=volume), Columns("close", ("close", "volume")), "log-return"
        )
