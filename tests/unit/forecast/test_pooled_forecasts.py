"""Forecasts of a pooled model: each from its own ticker's rows before the cutoff, and no others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stockcast.errors import TooShort
from stockcast.forecast.forecaster import forecast_next, forecast_span
from stockcast.forecast.held_out import forecast_numbered, forecast_pool
from stockcast.forecast.inspector import inspect_span, inspect_window
from stockcast.forecast.outlook import forecast_at_cutoffs, scale_bars
from stockcast.networks.network import run_network
from stockcast.windows.features import Columns
from stockcast.windows.har import fit_har
from stockcast.windows.model_inputs import measure_scales
from stockcast.windows.moves import REACH
from stockcast.windows.per_window import cut_contexts
from stockcast.windows.pooling import PoolBuilder
from stockcast.windows.signals import POOLED_SIGNALS
from tests.pools import draw_pooled_model, list_by_hand

ONE, SEVERAL = Columns("close", ("close",)), Columns("close", ("volume", "open", "close"))
KINDS = [
    (target, columns, horizon)
    for target in ("price", "log-return", "relative")
    for columns, horizon in ((ONE, 1), (SEVERAL, 3))
]
SEEING = ("log-return", replace(ONE, signals=POOLED_SIGNALS), 2)  # how far bars moved


def name_kind(kind):
    return f"{kind[0]}-{kind[2]}"


def make(target, columns, horizon, **fields):
    """Make a model; of one with signals the path is what many stocks have in common."""
    if columns.signals:
        fields = {"loss": "qlike", "path": fit_har([], horizon=horizon), **fields}
    features = columns.features if len(columns.features) > 1 else ()
    return draw_pooled_model(columns, target=target, horizon=horizon, features=features, **fields)


@pytest.fixture(scope="module", params=[*KINDS, SEEING], ids=name_kind)
def model(request):
    return make(*request.param)


@pytest.fixture(scope="module", params=KINDS, ids=name_kind)
def plain_model(request):
    return make(*request.param)


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(330, ticker="UNSEEN")


def cut(history, rows):
    return history.select(np.arange(rows))


def change(history, **columns):
    """The same bars with other values in some columns."""
    return replace(history, columns={**history.columns, **columns})


@pytest.mark.slow
def test_every_date_of_a_span_is_forecast_as_if_the_history_ended_before_it(model, history):
    """Also where it is shorter than the 250 rows that scale it."""
    start, horizon = 40, model.recipe.horizon
    span = forecast_span(model, history, start=history.dates[start], levels=(0.8,))
    forecasts = span.forecast.reshape(-1, horizon)
    assert len(forecasts) == len(history) - start
    for place, row in enumerate(range(start, len(history))):
        if 60 < row < 230 and row % 7:
            continue
        alone = forecast_next(model, cut(history, row))
        np.testing.assert_allclose(forecasts[place], alone.forecast, rtol=1e-7)
        assert span.last_prices[place * horizon] == alone.last_prices[0]
        assert span.last_dates[place * horizon] == alone.last_dates[0]


def test_a_forecast_is_what_plain_loops_come_to(plain_model, history, tmp_path):
    """`list_by_hand` scales each window; the network and the way back are done here."""
    model = plain_model
    recipe, target = model.recipe, model.columns.target_index
    builder = PoolBuilder(recipe.model_copy(update={"validation": 0, "test": 0}), tmp_path)
    builder.add(history)
    pool = builder.finish()
    warmup = len(history) - len(pool.dates)
    for by_hand in list_by_hand(pool, [history])[0][::41]:
        answers = run_network(np.array([by_hand.seen], dtype=np.float32), model.weights)[0]
        row = warmup + by_hand.start + recipe.window
        found = forecast_next(model, cut(history, row)).forecast
        last = history.columns["close"][row - 1]
        rows = pool.values[max(0, row - warmup - 250) : row - warmup, target].astype(float)
        if recipe.target == "price":
            expected = rows.min() + answers * (rows.max() - rows.min())
        elif recipe.target == "log-return":
            expected = last * np.exp(answers * rows.std())
        else:
            expected = last * (1 + answers * (rows[1:] / rows[:-1] - 1).std())
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_rows_from_a_date_on_change_no_forecast_of_it(model, history):
    row = 300
    random = np.random.default_rng(3)
    altered = change(
        history,
        **{
            name: np.concatenate([values[:row], values[row:] * random.uniform(0.5, 2, 30)])
            for name, values in history.columns.items()
        },
    )
    before, after = (
        forecast_at_cutoffs(model, one, np.arange(40, row + 1)).forecast
        for one in (history, altered)
    )
    assert np.array_equal(before, after)
    later = forecast_at_cutoffs(model, altered, np.array([row + 1])).forecast
    assert (later != forecast_at_cutoffs(model, history, np.array([row + 1])).forecast).all()


def test_a_row_of_the_last_year_changes_the_scale_and_an_older_one_nothing(model, history):
    """The window is the newest 8 of 330 rows; its scale is of the newest 250.

    What is seen of how far its bars moved is of the REACH before the first of them.
    """
    old = 330 - 8 - REACH - 1 if model.columns.signals else 70
    close = history.columns["close"]
    expected = forecast_next(model, history).forecast
    for row, counts in ((old, False), (200, True)):
        moved = close.copy()
        moved[row] *= 3
        found = forecast_next(model, change(history, close=moved)).forecast
        assert (found != expected).all() == counts
        assert np.array_equal(found, expected) != counts


@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
@pytest.mark.parametrize("columns", [ONE, Columns("close", ("open", "close"))])
def test_prices_in_another_currency_are_forecast_in_that_currency(target, columns, history):
    model = make(target, columns, 2)
    dear = change(history, **{name: 7 * history.columns[name] for name in ("open", "close")})
    ours, theirs = (
        forecast_span(model, one, start=one.dates[30]).forecast for one in (history, dear)
    )
    np.testing.assert_allclose(theirs, 7 * ours, rtol=1e-5)


@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
def test_prices_times_a_power_of_two_are_forecast_times_it_to_the_last_bit(target, history):
    model = make(target, ONE, 1)
    dear = change(history, close=8 * history.columns["close"])
    ours, theirs = (
        forecast_at_cutoffs(model, one, np.arange(30, 331)).forecast for one in (history, dear)
    )
    assert np.array_equal(theirs, 8 * ours)


def test_beyond_its_horizon_a_model_scales_by_its_own_forecasts_too(history):
    model = make("log-return", ONE, 2)
    found = forecast_next(model, history, horizon=7).forecast
    dates = forecast_next(model, history, horizon=7).dates
    known = history
    expected = np.empty(0)
    while len(expected) < 7:
        steps = forecast_next(model, known).forecast
        expected = np.concatenate([expected, steps])
        count = len(steps)
        close = np.concatenate([known.columns["close"], steps])
        known = replace(
            known,
            dates=np.concatenate([known.dates, dates[len(expected) - count : len(expected)]]),
            columns={"close": close},
            lines=np.zeros(len(close), np.int32),
            files=np.zeros(len(close), np.int16),
        )
    np.testing.assert_allclose(found, expected[:7], rtol=1e-9)


def test_exactly_one_window_can_be_forecast_and_less_is_refused(
    model, make_history, expect_refusal
):
    warmup = 0 if model.recipe.target == "price" else 19 if len(model.columns.features) > 1 else 1
    if model.recipe.target == "relative" and len(model.columns.features) == 1:
        warmup = 0
    history = make_history(8 + warmup)
    assert np.isfinite(forecast_next(model, history).forecast).all()
    with expect_refusal(TooShort, f"{7 + warmup} rows", f"needs {8 + warmup}"):
        forecast_next(model, cut(history, 7 + warmup))


@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
def test_a_halted_stock_is_forecast_near_its_price(target, make_history):
    history = make_history(100, close=np.full(100, 20.0))
    found = forecast_next(make(target, ONE, 1), history).forecast
    assert abs(found[0] / 20 - 1) < 1e-3


def test_a_pool_forecasts_as_each_of_its_tickers_alone(model, make_history, tmp_path):
    """The held-out forecasts that judge a pooled model are those that `predict` would have made."""
    horizon = model.recipe.horizon
    histories = [make_history(120 + 90 * part, seed=part, ticker=f"T{part}") for part in range(3)]
    builder = PoolBuilder(model.recipe, tmp_path)
    for history in histories:
        builder.add(history)
    pool = builder.finish()
    model = replace(model, path=pool.path)
    test = pool.list_windows()[2]
    judged = 0
    for number, history in enumerate(histories):
        if not len(test.list_of(number)):
            continue
        outlook = forecast_pool(pool, model.weights, test, number)
        warmup = len(history) - int(pool.edges[number + 1] - pool.edges[number])
        cutoffs = outlook.cutoffs + warmup
        dates = np.concatenate([history.dates[cutoffs], history.dates[cutoffs + horizon - 1]])
        assert (dates >= pool.spans.validation_end).all()
        alone = forecast_at_cutoffs(model, history, cutoffs)
        np.testing.assert_allclose(outlook.forecast, alone.forecast, rtol=1e-7)
        assert np.array_equal(outlook.actual, alone.actual)
        assert np.array_equal(outlook.last_prices, alone.last_prices)
        np.testing.assert_allclose(outlook.volatility, alone.volatility, rtol=1e-9)
        judged += len(cutoffs)
    assert judged == len(test)


def test_windows_of_several_tickers_are_forecast_in_the_order_asked_for(
    model, make_history, tmp_path
):
    builder = PoolBuilder(model.recipe, tmp_path)
    for part in range(3):
        builder.add(make_history(150, seed=part, ticker=f"T{part}"))
    pool = builder.finish()
    windows = pool.list_windows()[0]
    numbers = np.random.default_rng(0).permutation(len(windows))
    mixed = forecast_numbered(pool, model.weights, windows, numbers)
    whole = forecast_numbered(pool, model.weights, windows, np.arange(len(windows)))
    np.testing.assert_allclose(mixed.forecast, whole.forecast[numbers], rtol=1e-7)
    assert np.array_equal(mixed.cutoffs, whole.cutoffs[numbers])
    assert np.array_equal(mixed.actual, whole.actual[numbers])


def test_looking_inside_shows_the_network_the_same_window_as_forecasting(model, history):
    for row in (45, 300):
        seen = inspect_window(model, history, date=history.dates[row])
        span = inspect_span(
            model, history, start=history.dates[row - 3], end=history.dates[row - 1]
        )
        assert list(seen.dates) == list(history.dates[row - 8 : row])
        assert list(span.dates) == list(history.dates[row - 3 : row])
        for layer, along in zip(seen.layers, span.layers, strict=True):
            np.testing.assert_allclose(along.hidden[-1], layer.hidden[-1], rtol=1e-9)
        alone = cut(history, row)
        expected = forecast_next(model, alone).forecast
        outputs = seen.layers[-1].hidden[-1] @ model.weights.head_kernel + model.weights.head_bias
        answers = model.weights.head.locate(outputs)
        values = scale_bars(model, alone, 0, row)[1]
        contexts = cut_contexts(values, rows=250, count=1)
        scaling = measure_scales(contexts, model.scalers, model.columns.target_index)
        found = scaling.to_prices(answers[None], history.columns["close"][row - 1 : row])
        np.testing.assert_allclose(found[0], expected, rtol=1e-6)
