"""WindowedSeries: one scaled series, and which window answers for which row."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from stockcast.recipe import Recipe
from stockcast.windows.moves import measure_moves
from stockcast.windows.series import window_history
from stockcast.windows.volatility import estimate_volatility
from stockcast.windows.windowing import cut_windows

FEATURES = ("volume", "close", "open")


@pytest.fixture(params=itertools.product(["price", "log-return", "relative"], [1, 3]), ids=str)
def series(request, make_history):
    target, horizon = request.param
    return window_history(
        make_history(150),
        Recipe(
            window=12, column="close", features=FEATURES, target=target, horizon=horizon, test=20
        ),
    )


def test_windows_are_views_of_the_scaled_series(series):
    assert np.shares_memory(cut_windows(series.values, window=12), series.values)


def test_the_answer_to_a_window_is_about_the_rows_right_after_it(series):
    horizon = series.recipe.horizon
    answers = series.cut_targets(series.window_starts)
    assert answers.shape == (len(series.window_starts), horizon)
    assert answers.dtype == np.float32
    last_prices = series.prices[series.window_starts + 11]
    prices = series.scaling.to_prices(answers, last_prices)
    for start, found in zip(series.window_starts, prices, strict=True):
        expected = series.prices[start + 12 : start + 12 + horizon]
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_last_answer_ends_with_the_newest_row(series):
    assert series.window_starts[-1] + 12 + series.recipe.horizon == len(series.values)


def test_the_spans_share_all_windows_among_them(series):
    parts = series.list_starts()
    assert np.array_equal(np.concatenate(parts), series.window_starts)
    assert (np.diff(series.window_starts) > 0).all()
    between = 2 * (series.recipe.horizon - 1)  # windows whose targets lie in two spans
    assert len(series.window_starts) == len(series.values) - 12 - 3 * between // 2


def test_no_training_answer_knows_a_later_span(series):
    training = series.list_starts()[0]
    assert training[-1] + 12 + series.recipe.horizon == series.spans.train_end


@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
@pytest.mark.parametrize("horizon", [1, 4])
def test_what_training_sees_does_not_change_with_any_later_row(target, horizon, make_history):
    recipe = Recipe(
        window=12, column="close", features=FEATURES, target=target, horizon=horizon, test=30
    )
    history = make_history(150)
    series = window_history(history, recipe)
    later = history.dates >= series.dates[series.spans.train_end]
    wild = {name: np.where(later, column**1.5, column) for name, column in history.columns.items()}
    changed = window_history(make_history(150, **wild), recipe)
    starts = series.list_starts()[0]
    assert np.array_equal(changed.list_starts()[0], starts)
    assert np.array_equal(changed.cut_targets(starts), series.cut_targets(starts))
    end = series.spans.train_end
    assert np.array_equal(changed.values[:end], series.values[:end])
    assert np.array_equal(changed.volatility[:end], series.volatility[:end])
    held_out = series.list_starts()[2]
    assert not np.array_equal(changed.cut_targets(held_out), series.cut_targets(held_out))


def test_the_scaled_series_is_float32_with_a_column_a_feature(series):
    assert series.values.dtype == np.float32
    assert series.values.shape == (len(series.dates), 3)
    assert len(series.scalers) == 3


def test_the_prices_are_the_forecast_column_in_price_units(series, make_history):
    close = make_history(150).columns["close"]
    assert np.array_equal(series.prices, close[-len(series.prices) :])


def test_the_volatility_is_that_of_the_forecast_column_on_each_bar(series, make_history):
    history, count = make_history(150), len(series.dates)
    expected = estimate_volatility(history, "close")[:, None]
    if series.path is not None:
        expected = series.path.forecast(measure_moves(history, "close"))
    assert (series.path is None) == (series.recipe.target != "log-return")
    assert np.array_equal(series.volatility, expected[-count:])


def test_a_price_series_unscales_to_the_prices(make_history):
    series = window_history(make_history(100), Recipe(window=5, column="close", target="price"))
    unscaled = series.scalers[0].unscale(series.values[:, 0].astype(np.float64))
    np.testing.assert_allclose(unscaled, series.prices, rtol=1e-6)


def test_a_series_remembers_ticker_recipe_and_sources(make_history):
    history, recipe = make_history(100, ticker="GOOG"), Recipe(window=5)
    series = window_history(history, recipe)
    assert (series.ticker, series.recipe, series.sources) == ("GOOG", recipe, history.sources)
