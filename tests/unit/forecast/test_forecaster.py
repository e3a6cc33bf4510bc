"""One-step forecasts: the next session, spans, and no look ahead."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.errors import ModelMismatch, TooShort, UnreadablePrices, UsageError
from stockcast.evaluation.skill import judge_forecasts
from stockcast.forecast.forecaster import forecast_next, forecast_span, forecast_windows
from stockcast.recurrent.network import run_network
from stockcast.windows.scaling import Deviation
from stockcast.windows.series import window_history

KINDS = {
    "log returns": {},
    "price": {"target": "price"},
    "several features": {"column": "close", "features": ("open", "close", "volume")},
    "several features, price": {
        "column": "open",
        "features": ("volume", "open"),
        "target": "price",
    },
}


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(120)


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS.keys())
def model(request, history, make_model):
    return make_model(history, **request.param)


def multiply(history, rows, factor):
    """The columns of a history, with the values of some rows `factor` times as large."""
    columns = history.columns.items()
    return {name: np.where(rows, values * factor, values) for name, values in columns}


def cut(history, rows):
    """The first rows of a history, as if it ended there."""
    return history.select(np.arange(rows))


def test_the_next_session_is_forecast_from_the_newest_window(history, model):
    series = window_history(history, model.recipe)
    (answer,) = run_network(series.values[None, -8:], model.weights)
    scaler = model.scalers[model.columns.target_index]
    last = history.columns[model.columns.target][-1]
    unscaled = scaler.unscale(answer)
    expected = unscaled if model.recipe.target == "price" else last * np.exp(unscaled)
    forecast = forecast_next(model, history)
    assert forecast.forecast[0] == pytest.approx(expected, rel=1e-6)
    assert forecast.last_prices[0] == last
    assert forecast.last_dates[0] == history.dates[-1]
    assert np.isnan(forecast.actual[0])
    assert forecast.ticker == "MADEUP"


def test_the_next_session_after_a_friday_is_a_monday(make_history, make_model):
    dates = np.busday_offset("2013-03-01", np.arange(-59, 1), roll="forward")
    history = make_history(60, dates=dates)
    forecast = forecast_next(make_model(history), history)
    assert list(forecast.dates) == [np.datetime64("2013-03-04")]


def test_the_next_session_of_what_trades_on_weekends_is_the_next_day(make_history, make_model):
    history = make_history(60, dates=np.datetime64("2013-03-01") - np.arange(59, -1, -1))
    forecast = forecast_next(make_model(history), history)
    assert list(forecast.dates) == [np.datetime64("2013-03-02")]


def test_only_the_newest_window_matters_to_the_next_forecast(history, model):
    needed = 8 + {"price": 0}.get(model.recipe.target, 1)
    if model.recipe.target == "log-return" and "volume" in model.columns.features:
        needed = 8 + 19
    alone = forecast_next(model, history.select(np.arange(120 - needed, 120)))
    assert alone.forecast[0] == pytest.approx(forecast_next(model, history).forecast[0], rel=1e-6)


def test_a_gap_before_the_window_does_not_matter_to_the_next_forecast(
    make_history, make_model, history
):
    model = make_model(history, column="close")
    close = history.columns["close"].copy()
    close[:100] = np.nan
    gappy = make_history(120, close=close)
    whole = forecast_next(model, history)
    assert np.array_equal(forecast_next(model, gappy).forecast, whole.forecast)


def test_a_gap_inside_the_window_is_refused_by_line(
    make_history, make_model, history, expect_refusal
):
    model = make_model(history, column="close")
    close = history.columns["close"].copy()
    close[115] = np.nan
    with expect_refusal(UnreadablePrices, "made-up.csv:117: close is missing"):
        forecast_next(model, make_history(120, close=close))


def test_exactly_the_needed_rows_can_be_forecast(history, model, expect_refusal):
    with expect_refusal(TooShort, "made-up.csv", "5 rows") as caught:
        forecast_next(model, cut(history, 5))
    needed = int(str(caught.value).partition("needs ")[2].split()[0])
    assert len(forecast_next(model, cut(history, needed)).forecast) == 1
    with expect_refusal(TooShort, f"{needed - 1} rows, this model needs {needed}", hint="history"):
        forecast_next(model, cut(history, needed - 1))


def test_every_date_of_a_span_is_forecast_as_if_it_were_the_next(history, model):
    start = history.dates[60]
    span = forecast_span(model, history, start=start)
    assert list(span.dates) == list(history.dates[60:])
    for number, row in enumerate(range(60, 120)):
        alone = forecast_next(model, cut(history, row))
        assert span.forecast[number] == pytest.approx(alone.forecast[0], rel=1e-6)
        assert span.last_dates[number] == alone.last_dates[0] == history.dates[row - 1]
        assert span.last_prices[number] == alone.last_prices[0]


def test_a_span_has_what_came_true_beside_each_forecast(history, model):
    span = forecast_span(model, history, start=history.dates[60], end=history.dates[70])
    column = history.columns[model.columns.target]
    assert np.array_equal(span.actual, column[60:71])
    assert np.array_equal(span.last_prices, column[59:70])


@pytest.mark.parametrize("changed", [60, 61, 90, 119])
def test_no_forecast_depends_on_the_bar_it_forecasts_or_a_later_one(
    changed, history, model, make_history
):
    later = np.arange(120) >= changed
    wild = make_history(120, **multiply(history, later, 3))
    before = forecast_span(model, history, start=history.dates[60])
    after = forecast_span(model, wild, start=history.dates[60])
    known = changed - 60 + 1  # the changed bar's own forecast knew nothing of it
    assert np.array_equal(after.forecast[:known], before.forecast[:known])
    assert not np.array_equal(after.forecast[known:], before.forecast[known:]) or known == 60
    assert after.actual[changed - 60] != before.actual[changed - 60]


def test_a_forecast_does_depend_on_the_bar_before_it(history, model, make_history):
    yesterday = np.arange(120) == 59
    changed = make_history(120, **multiply(history, yesterday, 1.5))
    before = forecast_span(model, history, start=history.dates[60]).forecast[0]
    assert forecast_span(model, changed, start=history.dates[60]).forecast[0] != before


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2012-06-04", None, "2012-06-04", "2012-06-15"),
        ("2012-06-02", None, "2012-06-04", "2012-06-15"),
        ("2012-06-04", "2012-06-08", "2012-06-04", "2012-06-08"),
        ("2012-06-04", "2012-06-10", "2012-06-04", "2012-06-08"),
        ("2012-06-05", "2012-06-05", "2012-06-05", "2012-06-05"),
        ("2012-06-04", "2099-01-01", "2012-06-04", "2012-06-15"),
    ],
)
def test_a_span_has_every_bar_from_start_to_end_both_included(
    start, end, first, last, history, model
):
    span = forecast_span(
        model,
        history,
        start=np.datetime64(start, "us"),
        end=None if end is None else np.datetime64(end, "us"),
    )
    assert (str(span.dates[0])[:10], str(span.dates[-1])[:10]) == (first, last)
    assert len(span.dates) == np.busday_count(first, last) + 1


@pytest.mark.parametrize(
    ("start", "end"),
    [("2012-06-16", None), ("2012-06-08", "2012-06-07"), ("2012-06-02", "2012-06-03")],
)
def test_a_span_without_a_bar_is_refused_with_the_dates_there_are(
    start, end, history, model, expect_refusal
):
    with expect_refusal(
        UsageError, "made-up.csv", f"no bar from {start}", hint="2012-01-02 to 2012-06-15"
    ):
        forecast_span(
            model,
            history,
            start=np.datetime64(start, "us"),
            end=None if end is None else np.datetime64(end, "us"),
        )


def test_a_span_that_starts_too_early_is_refused_with_the_first_date_that_can_be(
    history, model, expect_refusal
):
    with expect_refusal(
        TooShort, "made-up.csv", "3 rows before 2012-01-05", hint="start at "
    ) as caught:
        forecast_span(model, history, start=history.dates[3])
    earliest = caught.value.hint.removeprefix("start at ").removesuffix(" or later")
    span = forecast_span(model, history, start=np.datetime64(earliest, "us"))
    assert str(span.dates[0])[:10] == earliest
    row = list(history.dates).index(np.datetime64(earliest, "us"))
    with expect_refusal(TooShort, "rows before"):
        forecast_span(model, history, start=history.dates[row - 1])


def test_a_span_in_a_history_shorter_than_any_window_is_refused(history, model, expect_refusal):
    with expect_refusal(TooShort, "3 rows before", hint="give it more history"):
        forecast_span(model, cut(history, 5), start=history.dates[3])


def test_a_file_without_a_column_of_the_model_is_refused(make_history, make_model, expect_refusal):
    model = make_model(make_history(), column="close", features=("close", "volume"))
    lacking = make_history(columns=("open", "close"))
    with expect_refusal(
        ModelMismatch, "made-up.csv", "no volume column", "close, volume", hint="column"
    ):
        forecast_next(model, lacking)
    with expect_refusal(ModelMismatch, "no volume column"):
        forecast_span(model, lacking, start=lacking.dates[60])


def test_a_file_with_more_columns_than_the_model_needs_is_forecast_the_same(
    make_history, make_model
):
    model = make_model(make_history(), column="close")
    few = forecast_next(model, make_history(columns=("close",)))
    assert np.array_equal(few.forecast, forecast_next(model, make_history()).forecast)


def test_a_price_without_a_logarithm_is_refused_by_line(make_history, make_model, expect_refusal):
    history = make_history()
    close = history.columns["close"].copy()
    close[-1] = 0.0
    with expect_refusal(UnreadablePrices, "made-up.csv:121: close is 0", hint="--target price"):
        forecast_next(make_model(history, column="close"), make_history(close=close))


def test_the_scalers_are_the_model_s_not_the_file_s(make_history, make_model):
    model = make_model(make_history(), column="close", target="price")
    history = make_history()
    doubled = make_history(close=history.columns["close"] * 2)
    series = window_history(history, model.recipe)
    scaled = series.scalers[0].scale(doubled.columns["close"][-8:, None]).astype(np.float32)
    expected = series.scalers[0].unscale(run_network(scaled[None], model.weights))
    assert forecast_next(model, doubled).forecast[0] == pytest.approx(expected[0], rel=1e-6)


def test_a_network_that_answers_zero_repeats_the_last_price(make_history, make_model):
    history = make_history()
    model = make_model(history)
    zero = {name: np.zeros_like(array) for name, array in model.weights.to_arrays().items()}
    weights = type(model.weights).from_arrays(zero, cell="lstm")
    values = window_history(history, model.recipe).values
    last = history.columns["adj_close"][8:]
    forecasts = forecast_windows(weights, Deviation(0.01), values, last, window=8)
    assert np.array_equal(forecasts, last)
    assert judge_forecasts(last[1:], forecasts[:-1], last[:-1]).skill == 0.0


def test_a_data_frame_has_a_row_a_forecast(history, model):
    span = forecast_span(model, history, start=history.dates[60], end=history.dates[64])
    frame = span.to_frame()
    assert list(frame.columns) == [
        "ticker",
        "date",
        "forecast",
        "last_date",
        "last_price",
        "actual",
    ]
    assert list(frame["ticker"]) == ["MADEUP"] * 5
    assert list(frame["forecast"]) == list(span.forecast)
    assert list(frame["date"].to_numpy()) == list(span.dates)
