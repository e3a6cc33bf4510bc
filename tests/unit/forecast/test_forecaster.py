"""Forecasts: the next sessions, spans, several steps ahead, intervals, and no look ahead."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.errors import ModelMismatch, TooShort, UnreadablePrices, UsageError
from stockcast.evaluation.skill import judge_forecasts
from stockcast.forecast.forecaster import forecast_next, forecast_span
from stockcast.forecast.intervals import find_quantiles, follow_quantiles, place_intervals
from stockcast.forecast.outlook import answer_windows, forecast_at_cutoffs
from stockcast.networks.network import run_network
from stockcast.prices.calendar import next_sessions
from stockcast.windows.features import count_warmup
from stockcast.windows.moves import REACH, measure_moves
from stockcast.windows.series import window_history
from stockcast.windows.volatility import estimate_volatility
from stockcast.windows.windowing import cut_windows

SEVERAL = {"column": "close", "features": ("open", "close", "volume")}
KINDS = {
    "log returns": {},
    "price": {"target": "price"},
    "relative": {"target": "relative"},
    "several features": SEVERAL,
    "several features, price": {
        "column": "open",
        "features": ("volume", "open"),
        "target": "price",
    },
    "several features, relative": {**SEVERAL, "target": "relative"},
    "three steps, log returns": {"horizon": 3},
    "how far": {"loss": "qlike"},
    "three steps, how far": {**SEVERAL, "loss": "qlike", "horizon": 3},
    "three steps, price": {"horizon": 3, "target": "price"},
    "three steps, several features, relative": {**SEVERAL, "horizon": 3, "target": "relative"},
}
LEVELS = (0.8, 0.95)


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


def list_bounds(forecast):
    """(levels × 2, rows) all bounds of a forecast's intervals."""
    return np.array([bound for pair in forecast.intervals.values() for bound in pair])


def test_the_next_sessions_are_forecast_from_the_newest_window(history, model):
    series = window_history(history, model.recipe)
    target = model.columns.target_index
    window = series.values[-8:].astype(np.float64)
    if model.recipe.target == "relative":
        for position, scaler in enumerate(model.scalers):
            if scaler.kind == "relative":
                changes = window[:, position] / series.values[-1, target] - 1
                window[:, position] = changes / scaler.deviation
    (answers,) = model.weights.head.locate(run_network(window[None], model.weights))
    scaler, last = model.scalers[target], history.columns[model.columns.target][-1]
    expected = {
        "price": scaler.unscale(answers),
        "log-return": last * np.exp(scaler.unscale(answers)),
        "relative": last * (1 + scaler.unscale(answers)),
    }[model.recipe.target]
    forecast = forecast_next(model, history)
    np.testing.assert_allclose(forecast.forecast, expected, rtol=1e-6)
    assert list(forecast.steps) == list(range(1, model.recipe.horizon + 1))
    assert list(forecast.dates) == list(next_sessions(history.dates, model.recipe.horizon))
    assert (forecast.last_prices == last).all()
    assert (forecast.last_dates == history.dates[-1]).all()
    assert np.isnan(forecast.actual).all()
    assert forecast.ticker == "MADEUP"
    assert forecast.intervals == {}


def test_the_next_session_after_a_friday_is_a_monday(make_history, make_model):
    dates = np.busday_offset("2013-03-01", np.arange(-59, 1), roll="forward")
    history = make_history(60, dates=dates)
    forecast = forecast_next(make_model(history), history)
    assert list(forecast.dates) == [np.datetime64("2013-03-04")]


def test_the_next_session_of_what_trades_on_weekends_is_the_next_day(make_history, make_model):
    history = make_history(60, dates=np.datetime64("2013-03-01") - np.arange(59, -1, -1))
    forecast = forecast_next(make_model(history), history)
    assert list(forecast.dates) == [np.datetime64("2013-03-02")]


def test_only_the_newest_window_matters_to_the_next_forecast(model, make_history):
    """And the bars that say how far those of the window moved."""
    history = make_history(400)
    warmup = count_warmup(model.columns.features, model.recipe.target)
    needed = 8 + (REACH if model.columns.signals else warmup)
    alone = forecast_next(model, history.select(np.arange(400 - needed, 400)))
    whole = forecast_next(model, history)
    np.testing.assert_allclose(alone.forecast, whole.forecast, rtol=1e-6)


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
    assert len(forecast_next(model, cut(history, needed)).forecast) == model.recipe.horizon
    with expect_refusal(TooShort, f"{needed - 1} rows, this model needs {needed}", hint="history"):
        forecast_next(model, cut(history, needed - 1))


@pytest.mark.slow
def test_every_date_of_a_span_is_forecast_as_if_it_were_the_next(history, model):
    horizon = model.recipe.horizon
    span = forecast_span(model, history, start=history.dates[60])
    assert len(span.forecast) == 60 * horizon
    assert list(span.dates[::horizon]) == list(history.dates[60:])
    for number, row in enumerate(range(60, 120)):
        alone = forecast_next(model, cut(history, row))
        rows = slice(number * horizon, (number + 1) * horizon)
        np.testing.assert_allclose(span.forecast[rows], alone.forecast, rtol=1e-6)
        assert list(span.steps[rows]) == list(alone.steps)
        assert list(span.dates[rows]) == list(alone.dates)
        assert list(span.last_dates[rows]) == list(alone.last_dates)
        assert (span.last_dates[rows] == history.dates[row - 1]).all()
        assert list(span.last_prices[rows]) == list(alone.last_prices)


def test_a_span_has_what_came_true_beside_each_forecast(history, model):
    horizon = model.recipe.horizon
    span = forecast_span(model, history, start=history.dates[60], end=history.dates[70])
    column = history.columns[model.columns.target]
    rows = np.arange(60, 71)
    assert np.array_equal(span.actual, column[rows[:, None] + np.arange(horizon)].ravel())
    assert np.array_equal(span.last_prices, np.repeat(column[rows - 1], horizon))


def test_a_span_of_several_steps_ends_with_what_has_not_come_true(history, make_model):
    model = make_model(history, column="close", horizon=3)
    span = forecast_span(model, history, start=history.dates[117])
    close = history.columns["close"]
    after = next_sessions(history.dates, 2)
    assert list(span.steps) == [1, 2, 3] * 3
    assert list(span.dates) == [
        *history.dates[117:],
        *history.dates[118:],
        after[0],
        history.dates[119],
        *after,
    ]
    known = [close[117], close[118], close[119], close[118], close[119], 0, close[119], 0, 0]
    assert np.isnan(span.actual).tolist() == [price == 0 for price in known]
    assert np.array_equal(np.nan_to_num(span.actual), known)


def test_dates_after_the_newest_bar_come_from_the_sessions_given(history, make_model):
    model = make_model(history, horizon=3)
    asked = []

    def find(dates, count):
        asked.append((dates[-1], count))
        return np.datetime64("2050-01-01", "us") + np.arange(count) * np.timedelta64(7, "D")

    later = [np.datetime64("2050-01-01"), np.datetime64("2050-01-08"), np.datetime64("2050-01-15")]
    assert list(forecast_next(model, history, sessions=find).dates) == later
    span = forecast_span(model, history, start=history.dates[118], sessions=find)
    assert list(span.dates[-2:]) == later[:2]
    assert asked == [(history.dates[-1], 3), (history.dates[-1], 2)]


@pytest.mark.parametrize("changed", [60, 61, 90, 119])
def test_no_forecast_depends_on_the_bar_it_forecasts_or_a_later_one(
    changed, history, model, make_history
):
    later = np.arange(120) >= changed
    wild = make_history(120, **multiply(history, later, 3))
    before, after = (
        forecast_span(model, one, start=history.dates[60], levels=LEVELS) for one in (history, wild)
    )
    horizon = model.recipe.horizon
    known = (changed - 60 + 1) * horizon  # the changed bar's own forecast knew nothing of it
    assert np.array_equal(after.forecast[:known], before.forecast[:known])
    assert np.array_equal(list_bounds(after)[:, :known], list_bounds(before)[:, :known])
    assert np.array_equal(after.last_prices[:known], before.last_prices[:known])
    for changes in (after.forecast != before.forecast, list_bounds(after) != list_bounds(before)):
        assert changes[..., known:].any() or known == 60 * horizon
    first = (changed - 60) * horizon
    assert after.actual[first] != before.actual[first]


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
    dates = span.dates[span.steps == 1]
    assert (str(dates[0])[:10], str(dates[-1])[:10]) == (first, last)
    assert len(dates) == np.busday_count(first, last) + 1


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
    with expect_refusal(UnreadablePrices, "made-up.csv:121: close is 0", hint='target="price"'):
        forecast_next(make_model(history, column="close"), make_history(close=close))


def test_the_scalers_are_the_model_s_not_the_file_s(make_history, make_model):
    model = make_model(make_history(), column="close", target="price")
    history = make_history()
    doubled = make_history(close=history.columns["close"] * 2)
    series = window_history(history, model.recipe)
    scaled = series.scalers[0].scale(doubled.columns["close"][-8:, None]).astype(np.float32)
    ((expected,),) = series.scalers[0].unscale(run_network(scaled[None], model.weights))
    assert forecast_next(model, doubled).forecast[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("target", ["log-return", "relative"])
def test_a_network_that_answers_zero_repeats_the_last_price(target, make_history, make_model):
    history = make_history()
    model = make_model(history, target=target, horizon=2)
    zero = {name: np.zeros_like(array) for name, array in model.weights.to_arrays().items()}
    weights = type(model.weights).from_arrays(zero, cell="lstm")
    windows = cut_windows(window_history(history, model.recipe).values, window=8)
    last = history.columns["adj_close"][-len(windows) :]
    answers = answer_windows(weights, model.scalers, windows, last, model.columns, window=8)
    forecasts = answers.forecast
    assert np.array_equal(forecasts, np.stack([last, last], axis=1))
    assert judge_forecasts(last[1:], forecasts[:-1, 0], last[:-1]).skill == 0.0


def test_more_windows_than_a_batch_are_each_forecast_as_alone(make_history, make_model):
    history = make_history(1300)
    model = make_model(history, target="relative", column="close")
    span = forecast_span(model, history, start=history.dates[100])
    for number in (0, 511, 512, 1023, 1024, 1199):
        alone = forecast_next(model, cut(history, 100 + number))
        assert span.forecast[number] == pytest.approx(alone.forecast[0], rel=1e-6)


@pytest.mark.parametrize("apart", [1, 2, 7])
def test_cutoffs_may_lie_apart(apart, history, model):
    cutoffs = np.arange(60, 119, apart)
    found, whole = (
        forecast_at_cutoffs(model, history, rows) for rows in (cutoffs, np.arange(60, 119))
    )
    assert np.array_equal(found.cutoffs, cutoffs)
    for name in ("last_prices", "volatility", "actual"):
        assert np.array_equal(getattr(found, name), getattr(whole, name)[::apart], equal_nan=True)
    np.testing.assert_allclose(found.forecast, whole.forecast[::apart], rtol=1e-6)


def test_the_volatility_of_an_outlook_is_the_series_own_at_the_cutoff(make_history, make_model):
    history = make_history(700)
    model = make_model(history, column="open")
    whole = know_volatility(model, history)
    for cutoffs in (np.array([700]), np.array([300, 450, 699]), np.arange(10, 700)):
        outlook = forecast_at_cutoffs(model, history, cutoffs)
        np.testing.assert_allclose(outlook.volatility, whole[cutoffs - 1], rtol=1e-12)


def know_volatility(model, history):
    """What a model's path and what it adds, or without one the bars alone, say at each bar."""
    if model.path is None:
        return estimate_volatility(history, model.columns.target)[:, None]
    volatility = model.path.forecast(measure_moves(history, model.columns.target))
    windows = cut_windows(window_history(history, model.recipe).values, window=8)
    added = model.weights.head.widen(run_network(windows, model.weights))
    if added is not None:
        volatility[-len(windows) :] *= np.exp(added)
    return volatility


def extend(make_history, history, dates, close):
    """A history of closes alone that goes on with forecasts, as if they were bars."""
    return make_history(
        len(history) + len(dates),
        columns=("close",),
        dates=np.concatenate([history.dates, dates]),
        close=np.concatenate([history.columns["close"], close]),
    )


@pytest.mark.parametrize("own", [1, 3])
def test_beyond_its_horizon_a_model_that_sees_how_far_bars_moved_stays_where_it_is(
    own, history, make_model
):
    model = make_model(history, column="close", loss="qlike", horizon=own)
    forecast = forecast_next(model, history, horizon=8, levels=LEVELS)
    alone = forecast_next(model, history, levels=LEVELS)
    assert list(forecast.forecast[:own]) == list(alone.forecast)
    assert (forecast.forecast[own:] == alone.forecast[-1]).all()
    assert list(forecast.volatility[:own]) == list(alone.volatility)
    grown = alone.volatility[-1] * np.sqrt(np.arange(own + 1, 9) / own)
    np.testing.assert_allclose(forecast.volatility[own:], grown, rtol=1e-12)
    # An interval is as wide as its step's quantile of the last volatility that was said, and
    # quantiles grow with the root of time by themselves.
    half = forecast.intervals[0.8][1] - forecast.forecast
    np.testing.assert_allclose(
        half[own:], half[own - 1] * np.sqrt(np.arange(own + 1, 9) / own), rtol=1e-6
    )


@pytest.mark.parametrize("target", ["price", "relative", "log-return"])
def test_the_volatility_of_each_step_is_of_the_move_up_to_it(target, history, make_model):
    model = make_model(history, target=target, horizon=4)
    forecast = forecast_next(model, history)
    known = know_volatility(model, history)[-1]
    expected = known if target == "log-return" else known[0] * np.sqrt(np.arange(1, 5))
    np.testing.assert_allclose(forecast.volatility, expected, rtol=1e-9)
    span = forecast_span(model, history, start=history.dates[60])
    for row in (60, 100, 119):
        alone = forecast_next(model, cut(history, row)).volatility
        rows = slice((row - 60) * 4, (row - 59) * 4)
        np.testing.assert_allclose(span.volatility[rows], alone, rtol=1e-9)


@pytest.mark.parametrize("own", [1, 3])
@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
def test_beyond_its_horizon_a_model_takes_its_forecasts_for_prices(
    target, own, history, make_history, make_model
):
    model = make_model(history, column="close", target=target, horizon=own)
    forecast = forecast_next(model, history, horizon=8)
    dates, close = next_sessions(history.dates, 9), np.empty(0)
    while len(close) < 8:
        longer = extend(make_history, history, dates[: len(close)], close)
        close = np.concatenate([close, forecast_next(model, longer).forecast])
    np.testing.assert_allclose(forecast.forecast, close[:8], rtol=1e-9)
    assert list(forecast.dates) == list(dates[:8])
    assert list(forecast.steps) == list(range(1, 9))
    assert (forecast.last_dates == history.dates[-1]).all()
    assert (forecast.last_prices == history.columns["close"][-1]).all()


def test_fewer_steps_than_the_model_s_are_its_first(history, make_model):
    model = make_model(history, horizon=5)
    whole = forecast_next(model, history, levels=LEVELS)
    part = forecast_next(model, history, horizon=2, levels=LEVELS)
    assert list(part.forecast) == list(whole.forecast[:2])
    assert list(part.dates) == list(whole.dates[:2])
    assert np.array_equal(list_bounds(part), list_bounds(whole)[:, :2])


@pytest.mark.slow
def test_a_model_of_several_features_does_not_go_beyond_its_horizon(
    history, make_model, expect_refusal
):
    model = make_model(history, **SEVERAL, horizon=3)
    assert len(forecast_next(model, history, horizon=3).forecast) == 3
    with expect_refusal(
        ModelMismatch, "3 steps ahead, not 4", "open, close, volume", hint="horizon=4"
    ):
        forecast_next(model, history, horizon=4)


def test_a_span_may_have_fewer_steps_than_the_model_and_not_more(
    history, make_model, expect_refusal
):
    model = make_model(history, horizon=3)
    start = history.dates[60]
    whole = forecast_span(model, history, start=start, levels=LEVELS)
    part = forecast_span(model, history, start=start, horizon=2, levels=LEVELS)
    kept = whole.steps <= 2
    assert np.array_equal(part.forecast, whole.forecast[kept])
    assert np.array_equal(part.dates, whole.dates[kept])
    assert np.array_equal(part.actual, whole.actual[kept], equal_nan=True)
    assert np.array_equal(list_bounds(part), list_bounds(whole)[:, kept])
    with expect_refusal(ModelMismatch, "horizon 4", hint="horizon=4"):
        forecast_span(model, history, start=start, horizon=4)


def test_intervals_of_the_next_sessions_are_the_calibration_s_at_today_s_volatility(history, model):
    horizon = model.recipe.horizon
    forecast = forecast_next(model, history, levels=LEVELS)
    volatility = know_volatility(model, history)[-1:]
    expected = place_intervals(
        forecast.forecast[None],
        forecast.last_prices[:1],
        volatility,
        find_quantiles(model.calibration, LEVELS, horizon=horizon),
    )
    assert list(forecast.intervals) == list(LEVELS)
    for level, (lower, upper) in forecast.intervals.items():
        assert lower.shape == upper.shape == (horizon,)
        np.testing.assert_allclose([lower, upper], np.array(expected[level])[:, 0], rtol=1e-9)
        assert (lower < forecast.forecast).all()
        assert (upper > forecast.forecast).all()


def test_intervals_of_a_span_adapt_to_what_was_known_before_each_bar(history, model):
    horizon = model.recipe.horizon
    span = forecast_span(model, history, start=history.dates[60], levels=LEVELS)
    rows = np.arange(60, 120)
    volatility = know_volatility(model, history)[rows - 1]
    actual, forecast = (values.reshape(60, horizon) for values in (span.actual, span.forecast))
    last_prices = span.last_prices[::horizon]
    quantiles = follow_quantiles(
        model.calibration, actual, forecast, last_prices, volatility, cutoffs=rows, levels=LEVELS
    )
    expected = place_intervals(forecast, last_prices, volatility, quantiles)
    for level, bounds in span.intervals.items():
        np.testing.assert_allclose(
            np.array(bounds).reshape(2, 60, horizon), expected[level], rtol=1e-9
        )


def test_the_first_interval_of_a_span_is_that_of_the_next_session_then(history, model):
    horizon = model.recipe.horizon
    span = forecast_span(model, history, start=history.dates[60], levels=LEVELS)
    alone = forecast_next(model, cut(history, 60), levels=LEVELS)
    np.testing.assert_allclose(list_bounds(span)[:, :horizon], list_bounds(alone), rtol=1e-9)


@pytest.mark.parametrize("residuals", [0, 3])
def test_without_enough_residuals_there_are_forecasts_and_no_intervals(
    residuals, history, make_model
):
    model = make_model(history, residuals=residuals)
    forecast = forecast_next(model, history, horizon=2, levels=LEVELS)
    assert np.isfinite(forecast.forecast).all()
    assert list_bounds(forecast).shape == (4, 2)
    assert np.isnan(list_bounds(forecast)).all()


def test_a_price_below_zero_is_forecast_without_an_interval(make_history, make_model):
    close = np.linspace(5.0, -5.0, 120)
    history = make_history(120, close=close)
    model = make_model(history, column="close", target="price")
    span = forecast_span(model, history, start=history.dates[40], levels=LEVELS)
    assert np.isfinite(span.forecast).all()
    assert np.array_equal(np.isnan(list_bounds(span)).all(axis=0), close[39:119] <= 0)


def test_a_data_frame_has_a_row_a_forecast(history, model):
    span = forecast_span(
        model, history, start=history.dates[60], end=history.dates[64], levels=LEVELS
    )
    frame = span.to_frame()
    assert list(frame.columns) == [
        "ticker",
        "date",
        "step",
        "forecast",
        "lower_80",
        "upper_80",
        "lower_95",
        "upper_95",
        "volatility",
        "last_date",
        "last_price",
        "actual",
    ]
    assert list(frame["ticker"]) == ["MADEUP"] * 5 * model.recipe.horizon
    assert list(frame["forecast"]) == list(span.forecast)
    assert list(frame["date"].to_numpy()) == list(span.dates)
    assert list(frame["upper_95"]) == list(span.intervals[0.95][1])
    assert list(frame["volatility"]) == list(100 * span.volatility)


def test_selected_rows_keep_all_that_belongs_to_them(history, make_model):
    span = forecast_span(
        make_model(history, horizon=3), history, start=history.dates[60], levels=LEVELS
    )
    chosen = span.steps == 2
    part = span.select(chosen).to_frame()
    assert part.equals(span.to_frame()[chosen].reset_index(drop=True))
