"""What the network sees and should answer, and what its answers mean, against plain loops."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from stockcast.recipe import Recipe
from stockcast.windows.scaling import Deviation, MinMax, Relative
from stockcast.windows.series import window_history
from stockcast.windows.training_data import SPAN_NAMES
from stockcast.windows.windowing import cut_windows

TARGETS = ("price", "log-return", "relative")
KINDS = list(itertools.product(TARGETS, [1, 3]))


@pytest.fixture(scope="module", params=KINDS, ids=str)
def series(request, make_history):
    target, horizon = request.param
    return window_history(
        make_history(90),
        Recipe(
            window=7,
            column="close",
            features=("volume", "open", "close"),
            target=target,
            horizon=horizon,
        ),
    )


def test_inputs_equal_plain_loops(series):
    windows = cut_windows(series.values, window=7)
    inputs = series.scaling.inputs(windows)
    assert inputs.shape == windows.shape
    assert inputs.dtype == np.float32
    for number, step, feature in np.ndindex(windows.shape):
        value, scaler = float(windows[number, step, feature]), series.scalers[feature]
        if isinstance(scaler, Relative):
            last = float(windows[number, 6, 2])
            value = (value / last - 1) / scaler.deviation
        assert inputs[number, step, feature] == pytest.approx(value, rel=1e-5, abs=1e-4)


def test_windows_that_are_scaled_already_are_the_same_views(series):
    windows = cut_windows(series.values, window=7)
    assert (series.scaling.inputs(windows) is windows) == (series.recipe.target != "relative")


def test_scaling_windows_leaves_the_series_as_it_was(series):
    before = series.values.copy()
    series.scaling.inputs(cut_windows(series.values, window=7))
    assert np.array_equal(series.values, before)


def test_a_relative_window_ends_in_zero_whatever_its_price(make_history):
    recipe = Recipe(window=7, column="close", target="relative")
    history = make_history(90)
    series = window_history(history, recipe)
    dear = window_history(make_history(90, close=history.columns["close"] * 1000), recipe)
    inputs, of_dear = (
        one.scaling.inputs(cut_windows(one.values, window=7)) for one in (series, dear)
    )
    assert (inputs[:, -1] == 0).all()
    np.testing.assert_allclose(of_dear, inputs, atol=1e-4)


def test_answers_equal_plain_loops(series):
    answers = series.cut_targets(series.window_starts)
    scaler, target = series.scalers[2], series.values[:, 2]
    assert answers.dtype == np.float32
    assert answers.shape == (len(series.window_starts), series.recipe.horizon)
    for (number, step), answer in np.ndenumerate(answers):
        start = int(series.window_starts[number])
        following = [float(target[start + 7 + ahead]) for ahead in range(step + 1)]
        if series.recipe.target == "price":
            expected = following[-1]
        elif series.recipe.target == "log-return":
            expected = sum(following)
        else:
            expected = (following[-1] / float(target[start + 6]) - 1) / scaler.deviation
        assert answer == pytest.approx(expected, rel=1e-5, abs=1e-4)


def test_prices_of_answers_equal_plain_loops():
    answers = np.array([[0.5, -1.0, 2.0], [0.0, 0.25, -0.5]])
    last_prices = np.array([10.0, 8.0])
    meanings = {
        MinMax(10.0, 18.0): lambda answer, last: 10 + 8 * answer,
        Deviation(0.02): lambda answer, last: last * math.exp(0.02 * answer),
        Relative(0.02): lambda answer, last: last * (1 + 0.02 * answer),
    }
    for scaler, meaning in meanings.items():
        prices = scaler.get_scale().to_prices(answers, last_prices)
        for (row, step), price in np.ndenumerate(prices):
            assert price == pytest.approx(meaning(answers[row, step], last_prices[row]), rel=1e-15)


def test_right_answers_are_the_prices_that_came_true(series):
    starts, horizon = series.window_starts, series.recipe.horizon
    last_prices = series.prices[starts + 6]
    prices = series.scaling.to_prices(series.cut_targets(starts), last_prices)
    for row, start in enumerate(starts):
        expected = series.prices[start + 7 : start + 7 + horizon]
        np.testing.assert_allclose(prices[row], expected, rtol=1e-6)


@pytest.mark.parametrize("scaler", [Deviation(0.02), Relative(0.02)])
def test_an_answer_of_zero_repeats_the_last_price(scaler):
    prices = scaler.get_scale().to_prices(np.zeros((2, 3)), np.array([10.0, 8.0]))
    assert prices.tolist() == [[10.0] * 3, [8.0] * 3]


def test_answers_are_taken_in_the_order_of_the_windows_asked_for(series):
    starts = np.array([9, 2])
    both, first, second = (series.cut_targets(some) for some in (starts, starts[:1], starts[1:]))
    assert np.array_equal(both, np.concatenate([first, second]))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("features", [("close",), ("volume", "open", "close")], ids=len)
@pytest.mark.parametrize(("target", "horizon"), KINDS)
def test_training_draws_the_same(target, horizon, features, make_history):
    recipe = Recipe(window=7, column="close", features=features, target=target, horizon=horizon)
    series = window_history(make_history(90), recipe)
    for span, starts in zip(SPAN_NAMES, series.list_starts(), strict=True):
        numbers = np.random.default_rng(0).permutation(len(starts))
        inputs, targets = series.draw(span, numbers)
        windows = cut_windows(series.values, window=7)[starts[numbers]]
        assert np.array_equal(inputs, series.scaling.inputs(windows))
        assert np.array_equal(targets, series.cut_targets(starts[numbers]))
