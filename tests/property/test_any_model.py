"""Models of any small recipe: what they forecast, when they know it, and how they are kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.forecast.forecaster import forecast_next, forecast_span
from stockcast.forecast.outlook import count_needed
from stockcast.model.file import load_model, save_model
from stockcast.recipe import Recipe
from stockcast.windows.prepared import read_prepared, write_prepared
from stockcast.windows.series import window_history
from tests.strategies import SMALL_RECIPES, examples

pytestmark = pytest.mark.slow

ROWS = 90
LEVELS = (0.5, 0.8, 0.95)


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(ROWS)


@examples(40)
@given(fields=SMALL_RECIPES, residuals=st.sampled_from([0, 1, 3, 4, 18, 19, 60]))
def test_any_model_is_read_back_and_forecasts_the_same(
    fields, residuals, history, make_model, scratch
):
    model = make_model(history, residuals=residuals, **fields)
    path = scratch / "any.safetensors"
    save_model(model, path)
    again = load_model(path)
    assert replace(again, weights=model.weights, calibration=model.calibration) == model
    before, after = (
        forecast_next(one, history, levels=LEVELS).to_frame() for one in (model, again)
    )
    assert after.equals(before)


@examples(40)
@given(fields=SMALL_RECIPES, row=st.integers(40, ROWS - 1), more=st.integers(0, 30))
def test_any_forecast_is_the_same_whatever_came_later(
    fields, row, more, history, make_history, make_model
):
    model = make_model(history, **fields)
    start, horizon = history.dates[row - min(more, row - count_needed(model))], model.recipe.horizon
    later = np.arange(ROWS) >= row
    wild = {name: np.where(later, column**1.3, column) for name, column in history.columns.items()}
    spans = [
        forecast_span(model, one, start=start, levels=LEVELS)
        for one in (history, make_history(ROWS, **wild), history.select(np.arange(row + 1)))
    ]
    first, known = spans[0], spans[0].last_dates < history.dates[row]
    for span in spans[1:]:
        same = span.select(span.last_dates < history.dates[row])
        np.testing.assert_allclose(same.forecast, first.forecast[known], rtol=1e-5)
        assert list(same.dates) == list(first.dates[known])
        for level in LEVELS:
            np.testing.assert_allclose(
                same.intervals[level],
                [bound[known] for bound in first.intervals[level]],
                rtol=1e-5,
            )
    alone = forecast_next(model, history.select(np.arange(row)), levels=LEVELS)
    np.testing.assert_allclose(alone.forecast, first.forecast[known][-horizon:], rtol=1e-5)


@examples(40)
@given(fields=SMALL_RECIPES, residuals=st.integers(0, 60))
def test_any_intervals_are_nested_around_their_forecast_or_not_there(
    fields, residuals, history, make_model
):
    model = make_model(history, residuals=residuals, **fields)
    span = forecast_span(model, history, start=history.dates[60], levels=LEVELS)
    inner = (span.forecast, span.forecast)
    for lower, upper in span.intervals.values():
        there = np.isfinite(lower)
        assert np.array_equal(there, np.isfinite(upper))
        assert (lower[there] <= inner[0][there]).all()
        assert (upper[there] >= inner[1][there]).all()
        assert ((lower[there] >= 0) | (span.forecast[there] < 0)).all()
        inner = (lower, upper)


@examples(40)
@given(fields=SMALL_RECIPES)
def test_any_series_is_read_back_and_its_answers_are_the_prices_that_followed(
    fields, history, scratch
):
    series = window_history(history, Recipe(**fields))
    write_prepared([series], scratch / "series")
    again = read_prepared(scratch / "series")
    assert (again.recipe, again.spans, again.scalers) == (
        series.recipe,
        series.spans,
        series.scalers,
    )
    starts, recipe = again.window_starts, again.recipe
    assert np.array_equal(starts, series.window_starts)
    last_prices = again.prices[starts + recipe.window - 1]
    found = again.scaling.to_prices(again.cut_targets(starts), last_prices)
    rows = starts[:, None] + recipe.window + np.arange(recipe.horizon)
    np.testing.assert_allclose(found, series.prices[rows], rtol=1e-5)
