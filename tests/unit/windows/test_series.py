"""WindowedSeries: one scaled series, and which window answers for which row."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.recipe import Recipe
from stockcast.windows.series import window_history
from stockcast.windows.windowing import cut_windows

FEATURES = ("volume", "close", "open")


@pytest.fixture(params=["price", "log-return"])
def series(request, make_history):
    return window_history(
        make_history(150),
        Recipe(window=12, column="close", features=FEATURES, target=request.param, test=20),
    )


def test_windows_are_views_of_the_scaled_series(series):
    assert np.shares_memory(cut_windows(series.values, window=12), series.values)


def test_targets_are_a_view_of_the_forecast_column(series):
    assert np.shares_memory(series.targets, series.values)
    assert np.array_equal(series.targets, series.values[:, 1])


def test_the_target_of_a_window_is_the_row_right_after_it(series):
    windows = cut_windows(series.values, window=12)
    for start in series.window_starts:
        after = series.values[start + 12]
        assert np.array_equal(windows[start], series.values[start : start + 12])
        assert series.targets[start + 12] == after[1]


def test_the_last_window_s_target_is_the_newest_row(series):
    assert series.window_starts[-1] + 12 == len(series.values) - 1
    assert len(series.window_starts) == len(series.values) - 12


def test_the_spans_share_all_windows_among_them(series):
    assert sum(series.spans.count_windows(12)) == len(series.window_starts)


def test_no_training_window_reaches_into_a_later_span(series):
    training, _, _ = series.spans.count_windows(12)
    last_start = series.window_starts[:training][-1]
    assert last_start + 12 == series.spans.train_end - 1


def test_the_scaled_series_is_float32_with_a_column_a_feature(series):
    assert series.values.dtype == np.float32
    assert series.values.shape == (len(series.dates), 3)
    assert len(series.scalers) == 3


def test_the_prices_are_the_forecast_column_in_price_units(series, make_history):
    close = make_history(150).columns["close"]
    assert np.array_equal(series.prices, close[-len(series.prices) :])


def test_a_price_series_unscales_to_the_prices(make_history):
    series = window_history(make_history(100), Recipe(window=5, column="close", target="price"))
    unscaled = series.scalers[0].unscale(series.targets.astype(np.float64))
    np.testing.assert_allclose(unscaled, series.prices, rtol=1e-6)


def test_a_series_remembers_ticker_recipe_and_sources(make_history):
    history, recipe = make_history(100, ticker="GOOG"), Recipe(window=5)
    series = window_history(history, recipe)
    assert (series.ticker, series.recipe, series.sources) == ("GOOG", recipe, history.sources)
