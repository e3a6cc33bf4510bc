"""Looking inside a model: the same states whichever way one looks, on the right dates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stockcast.errors import ModelMismatch, TooShort, UsageError
from stockcast.forecast import inspector
from stockcast.forecast.forecaster import forecast_next
from stockcast.forecast.inspector import inspect_span, inspect_window
from stockcast.forecast.outlook import count_needed, scale_bars
from stockcast.networks.cells import CELLS
from stockcast.networks.gradient import differentiate_answer
from stockcast.networks.network import run_network
from stockcast.networks.trace import LayerTrace, trace_network

WINDOW = 8  # of `make_model`


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(70)


@pytest.fixture(scope="module", params=CELLS)
def model(request, history, make_model):
    return make_model(history, cell=request.param)


def list_states(layer):
    """All arrays of (steps, units) of a layer, by name."""
    memory = {} if layer.memory is None else {"memory": layer.memory}
    return {**layer.gates, **memory, "hidden": layer.hidden}


def test_a_window_is_the_bars_before_its_date(history, model):
    seen = inspect_window(model, history, date=history.dates[50])
    assert list(seen.dates) == list(history.dates[42:50])
    assert list(seen.prices) == list(history.columns["adj_close"][42:50])
    assert list(seen.timesteps) == list(range(1, 9))
    assert seen.forecast_date == history.dates[50]
    assert (seen.ticker, seen.cell, seen.kind) == ("MADEUP", model.recipe.cell, "window")
    assert len(seen.layers) == model.recipe.layers
    for layer in seen.layers:
        assert {state.shape for state in list_states(layer).values()} == {(8, 4)}
        assert layer.fade.shape == seen.sensitivity.shape == (8,)


def test_a_gru_has_no_memory_cell_and_the_others_have(history, model):
    (layer, _) = inspect_window(model, history).layers
    assert (layer.memory is None) == (model.recipe.cell == "gru")
    names = ["update", "reset"] if layer.memory is None else ["input", "forget", "output"]
    assert list(layer.gates) == names


def test_without_a_date_the_window_is_the_newest(history, make_model):
    seen = inspect_window(make_model(history), history)
    assert list(seen.dates) == list(history.dates[-8:])
    assert seen.forecast_date == forecast_next(make_model(history), history).dates[0]


def test_a_day_without_a_bar_means_the_bar_after_it(history, make_model):
    model = make_model(history)
    saturday = history.dates[54] + np.timedelta64(1, "D")
    assert saturday.astype("datetime64[D]").astype(int) % 7 == 2  # 1970-01-01 was a Thursday
    seen = inspect_window(model, history, date=saturday)
    assert seen.forecast_date == history.dates[55]
    assert list(seen.dates) == list(history.dates[47:55])


def test_a_date_after_the_prices_means_the_newest_window(history, make_model):
    model = make_model(history)
    seen = inspect_window(model, history, date=np.datetime64("2030-01-01", "us"))
    assert list(seen.dates) == list(inspect_window(model, history).dates)


def test_a_span_has_each_bar_of_it(history, make_model):
    seen = inspect_span(
        make_model(history), history, start=history.dates[40], end=history.dates[52]
    )
    assert list(seen.dates) == list(history.dates[40:53])
    assert list(seen.prices) == list(history.columns["adj_close"][40:53])
    assert set(seen.timesteps) == {WINDOW}
    assert (seen.kind, seen.forecast_date) == ("span", None)


def test_a_date_of_a_span_is_the_last_step_of_the_window_before_the_next(history, model):
    span = inspect_span(model, history, start=history.dates[40], end=history.dates[44])
    for number, date in enumerate(history.dates[41:46]):
        window = inspect_window(model, history, date=date)
        assert window.dates[-1] == span.dates[number]
        for one, other in zip(window.layers, span.layers, strict=True):
            for name, state in list_states(one).items():
                np.testing.assert_allclose(state[-1], list_states(other)[name][number], rtol=1e-12)


def test_what_a_span_says_of_memory_is_the_mean_over_its_windows(history, model):
    span = inspect_span(model, history, start=history.dates[40], end=history.dates[44])
    windows = [inspect_window(model, history, date=date) for date in history.dates[41:46]]
    mean = np.mean([window.sensitivity for window in windows], axis=0)
    np.testing.assert_allclose(span.sensitivity, mean, rtol=1e-12)
    for number, layer in enumerate(span.layers):
        fades = [window.layers[number].fade for window in windows]
        np.testing.assert_allclose(layer.fade, np.mean(fades, axis=0), rtol=1e-12)
        rates = [1 / window.layers[number].half_life for window in windows]
        assert layer.half_life == pytest.approx(1 / np.mean(rates))


@pytest.mark.parametrize("batch", [1, 3, 5, 1000])
def test_a_border_between_batches_changes_nothing(batch, history, model, monkeypatch):
    def see():
        return inspect_span(model, history, start=history.dates[30], end=history.dates[39])

    expected = see()
    monkeypatch.setattr(inspector, "_BATCH", batch)
    found = see()
    assert list(found.dates) == list(expected.dates)
    np.testing.assert_allclose(found.sensitivity, expected.sensitivity, rtol=1e-12)
    for one, other in zip(found.layers, expected.layers, strict=True):
        assert one.half_life == pytest.approx(other.half_life)
        np.testing.assert_allclose(one.fade, other.fade, rtol=1e-12)
        for name, state in list_states(one).items():
            np.testing.assert_allclose(state, list_states(other)[name], rtol=1e-12)


def test_the_last_steps_do_not_hold_on_to_all_the_steps_before_them():
    steps = [np.ones((WINDOW, 5, 4)) for _ in range(6)]
    kept = inspector._take_last(LayerTrace("lstm", tuple(steps[:4]), *steps[4:]))
    for array in (*kept.gates, kept.memory, kept.hidden):
        assert array.shape == (5, 1, 4)
        assert array.base is None


def test_the_sensitivity_is_what_small_changes_of_a_price_do_to_the_forecast(
    make_history, make_model
):
    """Scaled price in, scaled price out: the scale drops out of ∂ forecast / ∂ price."""
    history = make_history(70, columns=("close",))
    model = make_model(history, target="price", cell="peephole")
    model = replace(model, weights=model.weights.astype(np.float64))
    seen = inspect_window(model, history)
    close, small = history.columns["close"], 0.05
    for back in range(1, WINDOW + 1):
        above, below = close.copy(), close.copy()
        above[-back] += small
        below[-back] -= small
        difference = (
            forecast_next(model, make_history(70, columns=("close",), close=above)).forecast
            - forecast_next(model, make_history(70, columns=("close",), close=below)).forecast
        )
        slope = abs(difference[0]) / (2 * small)
        assert seen.sensitivity[-back] == pytest.approx(slope, rel=2e-3, abs=1e-6)


def test_the_sensitivity_to_a_bar_is_the_sum_over_its_features(make_history, make_model):
    history = make_history(70)
    model = make_model(history, column="close", features=("close", "volume"))
    seen = inspect_window(model, history)
    assert seen.features == ("close", "volume")
    _, values = scale_bars(model, history, len(history) - count_needed(model), len(history))
    weights = model.weights.astype(np.float64)
    traces = trace_network(values[None].astype(np.float64), weights)
    gradient = differentiate_answer(traces, weights)[0]
    assert np.abs(gradient).min() > 0
    np.testing.assert_allclose(seen.sensitivity, np.abs(gradient[:, 0]) + np.abs(gradient[:, 1]))


def test_of_a_network_that_says_how_far_the_sensitivity_is_of_that(make_history, make_model):
    """Nudging what it sees, signals too, moves the second output so."""
    history = make_history(300)
    model = make_model(history, loss="qlike")
    seen = inspect_window(model, history)
    assert (seen.answer, seen.signals) == ("volatility", model.columns.signals)
    _, values = scale_bars(model, history, len(history) - count_needed(model), len(history))
    weights, small = model.weights.astype(np.float64), 1e-5
    slopes = np.zeros(values.shape)
    for place in np.ndindex(values.shape):
        nudge = np.zeros(values.shape)
        nudge[place] = small
        above, below = (run_network((values + one)[None], weights) for one in (nudge, -nudge))
        slopes[place] = (above - below)[0, 1] / (2 * small)
    np.testing.assert_allclose(seen.sensitivity, np.abs(slopes).sum(axis=1), rtol=1e-4)


def test_of_any_other_network_it_is_of_the_forecast(history, make_model):
    seen = inspect_window(make_model(history), history)
    assert (seen.answer, seen.signals) == ("forecast", ())


STEPS = {
    "weekdays": (np.timedelta64(1, "D"), True),
    "hours": (np.timedelta64(1, "h"), False),
    "weeks": (np.timedelta64(7, "D"), False),
}


@pytest.mark.parametrize("kind", STEPS)
def test_bars_are_daily_where_their_median_step_is_a_day(kind, make_history, make_model):
    step, is_daily = STEPS[kind]
    dates = None
    if kind != "weekdays":
        dates = np.datetime64("2012-01-02T09:00", "us") + np.arange(60) * step
    history = make_history(60, dates=dates)
    model = make_model(history, window=2)
    assert inspect_window(model, history).is_daily is is_daily
    assert inspect_span(model, history, start=history.dates[50]).is_daily is is_daily


@pytest.mark.parametrize("window", [1, 2, 3])
def test_a_window_may_be_as_short_as_one_step(window, history, make_model):
    model = make_model(history, window=window)
    window_seen = inspect_window(model, history)
    span_seen = inspect_span(model, history, start=history.dates[50])
    for seen in (window_seen, span_seen):
        assert seen.sensitivity.shape == seen.layers[0].fade.shape == (window,)
        assert seen.layers[0].fade[-1] == 1


def test_too_few_bars_before_a_date_are_refused_with_the_first_that_will_do(
    history, make_model, expect_refusal
):
    model = make_model(history)
    with expect_refusal(TooShort, "8 rows before", hint=str(history.dates[9])[:10]):
        inspect_window(model, history, date=history.dates[8])
    assert inspect_window(model, history, date=history.dates[9]).dates[0] == history.dates[1]


def test_too_few_bars_up_to_a_span_are_refused_with_the_first_that_will_do(
    history, make_model, expect_refusal
):
    model = make_model(history)
    with expect_refusal(TooShort, "8 rows up to", hint=str(history.dates[8])[:10]):
        inspect_span(model, history, start=history.dates[7])
    assert inspect_span(model, history, start=history.dates[8]).dates[0] == history.dates[8]


def test_a_history_shorter_than_a_window_is_refused(make_history, make_model, expect_refusal):
    short = make_history(5)
    model = make_model(make_history(70))
    with expect_refusal(TooShort, "this model needs 9", hint="more history"):
        inspect_window(model, short)
    with expect_refusal(TooShort, "this model needs 9", hint="more history"):
        inspect_span(model, short, start=short.dates[4])


def test_a_span_without_a_bar_and_a_missing_column_are_refused(
    history, make_history, make_model, expect_refusal
):
    model = make_model(history)
    with expect_refusal(UsageError, "no bar from 2030-01-01"):
        inspect_span(model, history, start=np.datetime64("2030-01-01", "us"))
    with expect_refusal(ModelMismatch, "no adj_close column"):
        inspect_window(model, make_history(70, columns=("close",)))
