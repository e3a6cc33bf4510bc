"""The path: least squares, drawn towards what many stocks have in common; right on average."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from pydantic import TypeAdapter

import stockcast.windows.moves
from stockcast.recipe import Recipe
from stockcast.windows.har import (
    HarPath,
    TrainingMoves,
    find_prior,
    fit_har,
    pair_targets,
    sum_variances,
)
from stockcast.windows.moves import (
    REGRESSORS,
    Regressors,
    UnmeasuredMoves,
    hold_moves,
    measure_moves,
)
from stockcast.windows.pooling import PoolBuilder
from stockcast.windows.series import window_history
from stockcast.windows.signals import POOLED_SIGNALS

ALL = ("open", "high", "low", "close", "adj_close", "volume")
STRENGTHS = {"range": 400, "return": 1500}


@pytest.fixture(scope="module")
def moves(make_history):
    return measure_moves(make_history(900), "close")


def list_known(moves, measure, step, train_end):
    """Regressors and summed variances of the rows that are learnt from, by plain loops."""
    variances = moves.variances if measure == "range" else moves.returns**2
    table = np.column_stack(Regressors(moves).list_columns(measure))
    rows, sums = [], []
    for row in range(min(22, train_end // 4), train_end - step):
        total = sum(float(variances[row + ahead]) for ahead in range(1, step + 1))
        if total > 0:
            rows.append(table[row])
            sums.append(total)
    return np.array(rows), np.array(sums)


@pytest.mark.parametrize("step", [1, 2, 7])
@pytest.mark.parametrize("measure", ["range", "return"])
def test_slopes_are_least_squares_with_rows_that_follow_the_prior(measure, step, moves):
    train_end = 700
    path = fit_har([TrainingMoves(moves, train_end)], horizon=7)
    found = np.array(getattr(path, f"by_{measure}")[step - 1])
    regressors, sums = list_known(moves, measure, step, train_end)
    spread = np.sqrt(STRENGTHS[measure] * (regressors[:, :-1].var(axis=0) + 1e-9))
    prior = find_prior(measure, step)
    table = np.vstack([regressors, np.column_stack([np.diag(spread), np.zeros(len(prior))])])
    target = np.concatenate([0.5 * np.log(sums + 1e-8), spread * prior])
    expected = np.linalg.lstsq(table, target, rcond=None)[0]
    np.testing.assert_allclose(found[:-1], expected[:-1], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("columns", [ALL, ("close",)], ids=["ranges", "returns"])
def test_what_came_true_over_what_was_forecast_is_one_on_the_training_span(columns, make_history):
    moves = measure_moves(make_history(900, columns=columns), "close")
    path = fit_har([TrainingMoves(moves, 700)], horizon=5)
    assert (path.by_range is None) == (columns == ("close",))
    measure = "return" if path.by_range is None else "range"
    forecast = path.forecast(moves)
    for step in (1, 5):
        _, sums = list_known(moves, measure, step, 700)
        ratios = sums / forecast[22 : 700 - step, step - 1] ** 2
        assert ratios.mean() == pytest.approx(1, rel=1e-9)


def test_several_tickers_are_learnt_from_as_one(make_history):
    all_moves = [
        measure_moves(make_history(300 + 50 * seed, seed=seed), "close") for seed in (0, 1)
    ]
    path = fit_har([TrainingMoves(one, 280) for one in all_moves], horizon=2)
    parts = [list_known(one, "range", 2, 280) for one in all_moves]
    regressors, sums = (np.concatenate(part) for part in zip(*parts, strict=True))
    slopes = np.array(path.by_range[1])
    ratios = sums / np.exp(2 * regressors @ slopes)
    assert ratios.mean() == pytest.approx(1, rel=1e-9)
    alone = fit_har([TrainingMoves(all_moves[0], 280)], horizon=2)
    assert alone != path


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_without_rows_to_learn_from_the_path_is_what_many_stocks_have_in_common(rows, moves):
    path = fit_har([TrainingMoves(moves, rows)], horizon=4)
    for step, row in enumerate(path.by_return, start=1):
        np.testing.assert_allclose(row[:-1], find_prior("return", step), rtol=1e-12)
    if rows < 2:
        constants = [row[-1] for row in path.by_return]
        assert constants == pytest.approx([0.5 * math.log(step) for step in range(1, 5)])


def test_the_prior_of_a_step_between_follows_the_step_s_logarithm():
    for measure in ("range", "return"):
        one, five, month = (find_prior(measure, step) for step in (1, 5, 22))
        share = math.log(3) / math.log(5)
        np.testing.assert_allclose(find_prior(measure, 3), one + share * (five - one), rtol=1e-12)
        assert np.array_equal(find_prior(measure, 500), month)
        assert np.sum(one[:5]) == pytest.approx(1, abs=0.01)  # holds at any scale


def test_what_moves_three_times_as_far_is_forecast_to(make_history):
    history = make_history(900)
    wild = {
        name: values if name == "volume" else 50 * (values / 50) ** 3
        for name, values in history.columns.items()
    }
    calm, far = (measure_moves(one, "close") for one in (history, make_history(900, **wild)))
    path = fit_har([TrainingMoves(calm, 700)], horizon=3)
    again = fit_har([TrainingMoves(far, 700)], horizon=3)
    both = again.forecast(far)[30:], 3 * path.forecast(calm)[30:]
    np.testing.assert_allclose(*both, rtol=5e-3)
    prior = fit_har([], horizon=3)  # whose slopes add up to 1
    both = prior.forecast(far)[30:], 3 * prior.forecast(calm)[30:]
    np.testing.assert_allclose(*both, rtol=0.02)


def test_further_ahead_a_price_moves_further(moves):
    forecast = fit_har([TrainingMoves(moves, 700)], horizon=22).forecast(moves)
    assert forecast.shape == (900, 22)
    assert (forecast[300:, 21] > forecast[300:, 4]).all()
    assert (forecast[300:, 4] > forecast[300:, 0]).all()
    assert np.median(forecast[300:, 21] / forecast[300:, 0]) == pytest.approx(22**0.5, rel=0.2)


def test_no_forecast_is_twenty_times_off_the_year_s_scale(moves):
    for constant in (-1e6, 1e6):
        path = HarPath((((0.0,) * (REGRESSORS - 1) + (constant,)),) * 2)
        forecast = path.forecast(moves)
        scale = moves.year[:, None] * np.sqrt([1, 2])
        expected = np.maximum(scale * 20.0 ** np.sign(constant), 1e-4)
        np.testing.assert_allclose(forecast, expected, rtol=1e-9)


def test_bars_without_ranges_follow_the_returns(make_history):
    path = fit_har([TrainingMoves(measure_moves(make_history(900), "close"), 700)], horizon=2)
    closes = measure_moves(make_history(900, columns=("close",)), "close")
    assert path.by_range is not None
    assert np.array_equal(path.forecast(closes), HarPath(path.by_return).forecast(closes))


def test_a_path_survives_json(moves):
    adapter = TypeAdapter(HarPath)
    for path in (fit_har([TrainingMoves(moves, 700)], horizon=3), fit_har([], horizon=2)):
        assert adapter.validate_json(adapter.dump_json(path)) == path
        assert path.horizon == len(path.by_return)


def test_steps_of_two_numbers_are_refused():
    row = (0.0,) * REGRESSORS
    with pytest.raises(ValueError, match="different steps"):
        HarPath((row, row), (row,))


def test_no_later_bar_moves_the_path(moves, make_history):
    changed = {
        name: np.where(np.arange(900) >= 700, values * 1.3, values)
        for name, values in make_history(900).columns.items()
    }
    after = measure_moves(make_history(900, **changed), "close")
    for horizon in (1, 4):
        one, other = (fit_har([TrainingMoves(m, 700)], horizon=horizon) for m in (moves, after))
        assert one == other


@pytest.mark.parametrize("features", [(), ("close", "volume")], ids=["close", "volume too"])
def test_a_pool_of_one_ticker_has_that_ticker_s_path_and_signals(features, make_history, tmp_path):
    history = make_history(400)
    recipe = Recipe(window=9, horizon=2, column="close", loss="qlike", features=features)
    series = window_history(history, recipe)
    builder = PoolBuilder(recipe.model_copy(update={"pooled": True}), tmp_path)
    builder.add(history)
    pool = builder.finish()
    assert pool.path == series.path
    assert pool.columns == replace(series.columns, signals=POOLED_SIGNALS)
    assert np.array_equal(pool.volatility, series.volatility)
    assert np.array_equal(pool.variances, series.variances, equal_nan=True)
    count, seen = len(series.columns.features), len(series.columns.inputs)
    assert np.array_equal(pool.values[:, count:seen], series.values[:, count:])
    assert not pool.values[:, seen:].any()  # of a market of one there is nothing to say


@pytest.mark.parametrize("step", [1, 3, 10])
def test_variances_are_added_up_over_the_bars_after_each(step):
    values = np.array([1.0, 2.0, 4.0, np.nan, 8.0, 16.0, 32.0])
    found = sum_variances(values, step)
    for row in range(7):
        after = values[row + 1 : row + 1 + step]
        expected = after.sum() if len(after) == step else math.nan
        assert found[row] == pytest.approx(expected, nan_ok=True)


def test_targets_are_paired_with_what_came_true_over_the_path():
    targets = np.array([[0.5, -1.0], [2.0, 3.0], [0.0, 0.0]], np.float32)
    following = np.array([[0.01, 0.03], [np.nan, 0.03], [4.0, 1e308]])
    deviations = np.array([[0.1, 0.4], [0.1, 0.4], [0.1, 1e-4]])
    found = pair_targets(targets, following, deviations)
    assert (found.shape, found.dtype) == ((3, 4), np.float32)
    expected = [[0.5, 1.0, -1.0, 0.25], [2.0, 1.0, 3.0, 1.0], [0.0, 100.0, 0.0, 1.0]]
    expected[2][3] = 100.0 if math.isfinite(1e308 / 1e-8) else 1.0
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert pair_targets(targets[:0], following[:0], deviations[:0]).shape == (0, 4)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [ALL, ("close",)], ids=["ranges", "returns"])
def test_what_is_measured_and_forecast_is_the_same_to_the_bit_however_rows_are_cut(
    columns, make_history, monkeypatch
):
    history = make_history(900, columns=columns)
    whole = measure_moves(history, "close")
    path = fit_har([TrainingMoves(whole, 700)], horizon=3)
    forecast = path.forecast(whole)
    monkeypatch.setattr(stockcast.windows.moves, "AT_ONCE", 128)
    cut = measure_moves(history, "close")
    for name, values in vars(whole).items():
        assert np.array_equal(getattr(cut, name), values, equal_nan=True), name
    unmeasured = hold_moves(history, "close")
    assert isinstance(unmeasured, UnmeasuredMoves)
    for moves in (cut, unmeasured):
        assert np.array_equal(path.forecast(moves), forecast)
        again = fit_har([TrainingMoves(moves, 700)], horizon=3)
        # Sums of products are added up in another order.
        np.testing.assert_allclose(again.by_return, path.by_return, rtol=1e-9)
        assert (again.by_range is None) == (path.by_range is None) == (columns != ALL)
        if path.by_range is not None:
            np.testing.assert_allclose(again.by_range, path.by_range, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["auto", "qlike"])
def test_a_series_of_a_history_too_long_to_be_measured_at_once_is_that_of_any_other(
    loss, make_history, monkeypatch
):
    history = make_history(900)
    recipe = Recipe(window=30, horizon=2, loss=loss)
    whole = window_history(history, recipe)
    monkeypatch.setattr(stockcast.windows.moves, "AT_ONCE", 128)
    series = window_history(history, recipe)
    assert series.columns == whole.columns
    for name in ("dates", "prices", "variances"):
        assert np.array_equal(getattr(series, name), getattr(whole, name), equal_nan=True), name
    np.testing.assert_allclose(series.volatility, whole.volatility, rtol=1e-9)
    np.testing.assert_allclose(series.values, whole.values, rtol=1e-6, atol=1e-6)
