"""Signals by hand: what the network sees of how far bars moved."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.recipe import Recipe
from stockcast.windows.har import fit_har
from stockcast.windows.moves import measure_moves
from stockcast.windows.series import window_history
from stockcast.windows.signals import SIGNALS, compute_signals


@pytest.fixture(scope="module")
def moves(make_history):
    return measure_moves(make_history(300), "close")


def test_signals_by_hand(moves):
    assert SIGNALS == ("log-scale", "over-night", "path", "relative-volume")
    deviations = fit_har([], horizon=1).forecast(moves)[:, 0]
    table = compute_signals(moves, deviations, SIGNALS)
    assert (table.shape, table.dtype) == ((300, 4), np.float32)
    for row in (30, 299):
        year = moves.year[row]
        expected = [
            0.5 * math.log(moves.variances[row] + 1e-8) - math.log(year),
            moves.over_night[row] / year,
            math.log(deviations[row] / year),
            moves.volume[row] - moves.volume[row - 19 : row + 1].mean(),
        ]
        np.testing.assert_allclose(table[row], expected, rtol=1e-5, atol=1e-6)


def test_each_signal_may_be_had_alone_and_in_any_order(moves):
    whole = compute_signals(moves, moves.year, SIGNALS)
    for number, name in enumerate(SIGNALS):
        assert np.array_equal(compute_signals(moves, moves.year, (name,))[:, 0], whole[:, number])
    turned = compute_signals(moves, moves.year, SIGNALS[::-1])
    assert np.array_equal(turned, whole[:, ::-1])
    assert compute_signals(moves, moves.year, ()).shape == (300, 0)


def test_a_bar_that_does_not_say_is_neither_far_nor_near(make_history):
    moves = measure_moves(make_history(60, columns=("close",)), "close")
    table = compute_signals(moves, moves.year, SIGNALS)
    assert (table[:, [1, 3]] == 0).all()  # no ranges, no volume
    assert table[0, 0] == 0  # the first bar's return is not known
    assert table[1:, 0].any()


def test_a_wrong_price_is_not_farther_than_a_crash(make_history):
    history = make_history(300)
    close = history.columns["close"].copy()
    close[200] *= 1e9
    moves = measure_moves(make_history(300, close=close), "close")
    table = compute_signals(moves, moves.year, SIGNALS)
    assert np.abs(table).max() <= 8


def test_a_series_sees_signals_beside_its_features_where_its_loss_says_how_far(make_history):
    history = make_history(200)
    fields = {"window": 9, "column": "close", "features": ("close", "open")}
    plain = window_history(history, Recipe(**fields, loss="squared-error"))
    seeing = window_history(history, Recipe(**fields, loss="qlike"))
    assert plain.columns.inputs == ("close", "open")
    assert seeing.columns.inputs == ("close", "open", *SIGNALS)
    assert np.array_equal(seeing.values[:, :2], plain.values)
    moves = measure_moves(history, "close")
    deviations = seeing.path.forecast(moves)[:, 0]
    expected = compute_signals(moves, deviations, SIGNALS)[1:]
    assert np.array_equal(seeing.values[:, 2:], expected)
    assert seeing.path == plain.path
    assert len(seeing.scalers) == 2


@pytest.mark.parametrize("horizon", [1, 3])
def test_a_series_pairs_its_targets_with_what_came_true(horizon, make_history):
    recipe = Recipe(window=9, column="close", loss="qlike", horizon=horizon)
    series = window_history(make_history(200), recipe)
    starts = series.window_starts
    pairs = series.cut_targets(starts)
    assert pairs.shape == (len(starts), 2 * horizon)
    for number in (0, 77, len(starts) - 1):
        end = int(starts[number]) + 9
        for step in range(horizon):
            moved = series.variances[end : end + step + 1].sum()
            expected = min(moved / series.volatility[end - 1, step] ** 2, 100)
            assert pairs[number, 2 * step + 1] == pytest.approx(expected, rel=1e-5)
    plain = window_history(make_history(200), recipe.model_copy(update={"loss": "squared-error"}))
    assert np.array_equal(pairs[:, ::2], plain.cut_targets(starts))


def test_targets_are_dated_by_the_bar_after_each_window(make_history):
    series = window_history(make_history(200), Recipe(window=9, column="close"))
    starts = series.list_starts()[1]
    numbers = np.array([3, 0])
    found = series.date_targets("validation", numbers)
    assert list(found) == list(series.dates[starts[numbers] + 9])
