"""Forecasts of the test span: what `forecast_span` would say, from the scaled series alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stockcast.forecast.forecaster import forecast_span
from stockcast.forecast.held_out import forecast_held_out
from stockcast.windows.prepared import read_prepared, write_prepared
from stockcast.windows.series import window_history

LEVELS = (0.5, 0.8)


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(300)


@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
@pytest.mark.parametrize("horizon", [1, 3])
def test_the_test_span_is_forecast_as_from_the_file(history, make_model, target, horizon):
    model = make_model(history, target=target, horizon=horizon, column="close")
    series = window_history(history, model.recipe)
    held = forecast_held_out(model, series, levels=LEVELS)
    start = series.dates[series.spans.validation_end]
    span = forecast_span(model, history, start=start, levels=LEVELS)
    span = span.select(~np.isnan(span.actual))
    # Of the newest cutoffs not every step has come true; the test span leaves those out whole.
    whole = np.isin(span.last_dates, held.last_dates)
    span = span.select(whole)
    for name in ("dates", "steps", "last_dates", "last_prices", "actual"):
        assert np.array_equal(getattr(held, name), getattr(span, name)), name
    assert held.forecast == pytest.approx(span.forecast, rel=1e-6)
    for level in LEVELS:
        for mine, theirs in zip(held.intervals[level], span.intervals[level], strict=True):
            assert mine == pytest.approx(theirs, rel=1e-4)


def test_a_prepared_folder_forecasts_the_same(history, make_model, tmp_path):
    model = make_model(history)
    series = window_history(history, model.recipe)
    write_prepared([series], tmp_path / "prepared")
    again = forecast_held_out(model, read_prepared(tmp_path / "prepared"), levels=LEVELS)
    held = forecast_held_out(model, series, levels=LEVELS)
    assert np.array_equal(again.forecast, held.forecast)
    assert np.array_equal(again.intervals[0.8], held.intervals[0.8])


def test_nothing_held_out_is_nothing_to_forecast(history, make_model):
    model = make_model(history, test=0)
    assert forecast_held_out(model, window_history(history, model.recipe)) is None


def test_no_interval_knows_what_it_is_to_hold_where_the_test_span_calibrated_the_model(
    history, make_model
):
    model = make_model(history, validation=0, test=60)
    series = window_history(history, model.recipe)
    held = forecast_held_out(model, series, levels=(0.8,))
    lower = held.intervals[0.8][0]
    assert np.isnan(lower[:4]).all()  # four forecasts must have come true first
    assert not np.isnan(lower[5:]).any()
    other = replace(model, calibration=None)
    assert np.array_equal(
        forecast_held_out(other, series, levels=(0.8,)).intervals[0.8][0], lower, equal_nan=True
    )
