"""How far bars moved: each measure by hand, whatever a bar lacks, from the bars before alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.windows.har import fit_har
from stockcast.windows.moves import (
    MOVES,
    REACH,
    REGRESSORS,
    SPANS,
    YEAR,
    Moves,
    Regressors,
    average_newest,
    measure_moves,
)
from stockcast.windows.signals import SIGNALS, compute_signals

BARS = {
    "open": [10.0, 10.2, 9.8, 10.0],
    "high": [10.5, 10.6, 10.1, 10.4],
    "low": [9.9, 9.9, 9.6, 9.8],
    "close": [10.1, 10.0, 10.0, 10.3],
    "adj_close": [5.0, 5.1, 5.0, 5.2],
    "volume": [100.0, 0.0, 300.0, np.nan],
}


@pytest.fixture
def few(make_history):
    """Four bars, or what is left of them."""

    def make(*, without=(), **changes):
        names = tuple(name for name in BARS if name not in without)
        return make_history(4, columns=names, **{**BARS, **changes})

    return make


def test_a_variance_is_the_squared_return_over_night_and_parkinson_s_of_the_day(few):
    moves = measure_moves(few(), "close")
    assert np.isnan(moves.variances[0])
    for row in range(1, 4):
        night = math.log(BARS["open"][row] / BARS["close"][row - 1])
        day = math.log(BARS["high"][row] / BARS["low"][row]) ** 2 / (4 * math.log(2))
        assert moves.over_night[row] == pytest.approx(night, rel=1e-9)
        assert moves.variances[row] == pytest.approx(night**2 + day, rel=1e-9)
        expected = math.log(BARS["close"][row] / BARS["close"][row - 1])
        assert moves.returns[row] == pytest.approx(expected, rel=1e-12)


def test_a_dividend_is_no_move_over_night_of_the_adjusted_close(few):
    moves = measure_moves(few(), "adj_close")
    for row in range(1, 4):
        whole = math.log(BARS["adj_close"][row] / BARS["adj_close"][row - 1])
        of_day = math.log(BARS["close"][row] / BARS["open"][row])
        assert moves.returns[row] == pytest.approx(whole, rel=1e-12)
        assert moves.over_night[row] == pytest.approx(whole - of_day, rel=1e-9)


@pytest.mark.parametrize("missing", ["open", "high", "low", "close"])
def test_without_all_four_prices_a_variance_is_the_squared_return(missing, few):
    moves = measure_moves(few(without=(missing,)), "adj_close")
    expected = np.diff(np.log(BARS["adj_close"])) ** 2
    np.testing.assert_allclose(moves.variances[1:], expected, rtol=1e-12)
    assert np.isnan(moves.over_night).all()
    assert not moves.has_range.any()


def test_a_bar_that_lacks_its_high_has_its_squared_return(few):
    high = [10.5, 10.6, np.nan, 10.4]
    moves, whole = measure_moves(few(high=high), "close"), measure_moves(few(), "close")
    assert moves.variances[2] == pytest.approx(math.log(10.0 / 10.0) ** 2)
    assert np.array_equal(moves.variances[[1, 3]], whole.variances[[1, 3]])


def test_a_year_is_the_root_of_the_mean_variance_and_never_nothing(few):
    moves = measure_moves(few(), "close")
    assert moves.year[0] == 1e-4  # nothing is known yet
    for row in range(1, 4):
        expected = math.sqrt(moves.variances[1 : row + 1].mean())
        assert moves.year[row] == pytest.approx(expected, rel=1e-12)
    still = measure_moves(
        few(**{name: [7.0] * 4 for name in ("open", "high", "low", "close")}), "close"
    )
    assert (still.year == 1e-4).all()


def test_log_scales_are_half_the_log_of_variances_and_unknown_where_nothing_was_traded(few):
    prices = {name: [7.0, 7.0, 7.0, 7.7] for name in ("open", "high", "low", "close")}
    moves = measure_moves(few(**prices), "close")
    assert np.isnan(moves.log_scales[:3]).all()
    variance = math.log(7.7 / 7.0) ** 2
    assert moves.log_scales[3] == pytest.approx(0.5 * math.log(variance + 1e-8), rel=1e-12)


def test_volume_is_a_logarithm_and_unknown_where_none_was_traded(few):
    volume = measure_moves(few(), "close").volume
    assert volume[0] == pytest.approx(math.log(101))
    assert volume[2] == pytest.approx(math.log(301))
    assert np.isnan(volume[[1, 3]]).all()
    assert np.isnan(measure_moves(few(without=("volume",)), "close").volume).all()


def test_ranges_are_believed_where_nine_tenths_of_the_bars_have_one(make_history):
    history = make_history(600)
    assert measure_moves(history, "close").has_range[20:].all()
    fixings = dict.fromkeys(("open", "high", "low"), history.columns["close"])
    assert not measure_moves(make_history(600, **fixings), "close").has_range.any()
    some = np.arange(600) % 5 == 0  # a fifth of them have none
    high = np.where(some, history.columns["low"], history.columns["high"])
    assert not measure_moves(make_history(600, high=high), "close").has_range[YEAR:].any()


def test_a_mean_is_of_the_newest_values_that_are_known():
    values = np.array([np.nan, 1.0, 2.0, np.nan, 6.0, np.nan, np.nan, np.nan])
    found = average_newest(values, 3)
    expected = [np.nan, 1.0, 1.5, 1.5, 4.0, 6.0, 6.0, np.nan]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_regressors_by_hand(make_history):
    moves = measure_moves(make_history(400), "close")
    for measure in ("range", "return"):
        table = list_regressors(moves, measure)
        assert table.shape == (400, REGRESSORS)
        for row in (310, 399):
            falls = (
                np.minimum(moves.returns, 0)[row - 21 : row + 1] / moves.year[row - 21 : row + 1]
            )
            if measure == "range":
                expected = [moves.log_scales[row + 1 - span : row + 1].mean() for span in SPANS]
            else:
                sizes = np.abs(moves.returns)
                means = [sizes[row + 1 - span : row + 1].mean() for span in SPANS]
                pairs = zip(means, SPANS, strict=True)
                expected = [math.log(one + 0.3 * means[-1] / span**0.5) for one, span in pairs]
            expected += [falls[-1], falls[-5:].mean(), falls.mean()]
            volume = moves.volume[: row + 1]
            expected += [volume[-1] - volume[-22:].mean(), volume[-5:].mean() - volume[-66:].mean()]
            np.testing.assert_allclose(table[row], [*expected, 1.0], rtol=1e-9, atol=1e-12)


PRICES = ("open", "high", "low", "close", "adj_close")


def leave_gaps(columns, random):
    for values in columns.values():
        values[random.random(len(values)) < 0.2] = np.nan


def halt(columns, _):
    rows = len(columns["close"])
    for first in range(30, rows - 40, 120):
        for name in PRICES:
            columns[name][first : first + 40] = columns["close"][first]
        columns["volume"][first : first + 40] = 0


def stand_still(columns, _):
    for values in columns.values():
        values[:] = 3.0


def sink(columns, _):
    for name in PRICES:
        columns[name] -= 50


def leap(columns, _):
    for name in PRICES:
        columns[name][:] = np.resize([1e-300, 1e300], len(columns[name]))


def turn(columns, _):
    columns["high"], columns["low"] = columns["low"], columns["high"]


SPOILT = {
    "whole": lambda columns, random: None,
    "gaps": leave_gaps,
    "halts": halt,
    "nothing moves": stand_still,
    "below zero": sink,
    "as far as numbers go": leap,
    "high below low": turn,
}


def spoil(history, how):
    """The columns of a history as bad as files have them."""
    columns = {name: values.copy() for name, values in history.columns.items()}
    SPOILT[how](columns, np.random.default_rng(1))
    return columns


KINDS = {
    "whole": ("open", "high", "low", "close", "adj_close", "volume"),
    "no volume": ("open", "high", "low", "close"),
    "closes alone": ("close",),
}


@pytest.mark.parametrize("columns", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize("rows", [1, 2, 30, 600])
def test_whatever_the_bars_there_is_no_nan_and_no_infinite_certainty(
    how, columns, rows, make_history
):
    history = make_history(rows, columns=columns, **spoil(make_history(rows), how))
    moves = measure_moves(history, "close")
    assert (moves.year >= 1e-4).all()
    assert np.isfinite(moves.year).all()
    assert (moves.variances[np.isfinite(moves.variances)] >= 0).all()
    for measure in ("range", "return"):
        assert np.isfinite(list_regressors(moves, measure)).all()
    path = fit_har([], horizon=3)
    deviations = path.forecast(moves)
    assert deviations.shape == (rows, 3)
    assert (deviations >= 1e-4).all()
    assert np.isfinite(deviations).all()
    signals = compute_signals(moves, deviations[:, 0], SIGNALS)
    assert np.isfinite(signals).all()
    assert (np.abs(signals) <= 8).all()


@pytest.mark.parametrize("columns", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("how", ["whole", "gaps", "halts"])
def test_what_is_said_of_a_bar_is_the_same_to_the_bit_wherever_the_history_begins(
    how, columns, make_history
):
    rows = 900
    history = make_history(rows, columns=columns, **spoil(make_history(rows), how))
    whole = say_all(history)
    for first in (1, 7, 100, 333, rows - REACH - 1):
        cut = say_all(history.select(np.arange(first, rows)))
        for ours, theirs in zip(cut, whole, strict=True):
            assert np.array_equal(ours[REACH:], theirs[first + REACH :], equal_nan=True)


@pytest.mark.parametrize("end", [1, 40, 300, 599])
def test_what_is_said_of_a_bar_knows_nothing_of_later_ones(end, make_history):
    history = make_history(600)
    before = say_all(history)
    changed = {
        name: np.where(np.arange(600) >= end, values * 1.7, values)
        for name, values in history.columns.items()
    }
    for after in (say_all(make_history(600, **changed)), say_all(history.select(np.arange(end)))):
        for ours, theirs in zip(after, before, strict=True):
            assert np.array_equal(ours[:end], theirs[:end], equal_nan=True)


def list_regressors(moves, measure):
    return np.column_stack(Regressors(moves).list_columns(measure))


def say_all(history):
    """All that is said of each bar: year, whether there are ranges, regressors, path, signals."""
    moves = measure_moves(history, "close")
    known = fit_har([], horizon=2)
    path = type(known)(known.by_return, known.by_return)
    deviations = path.forecast(moves)
    return [
        moves.year,
        moves.has_range,
        list_regressors(moves, "range"),
        list_regressors(moves, "return"),
        deviations,
        compute_signals(moves, deviations[:, 0], SIGNALS),
    ]


def test_moves_survive_their_table(make_history):
    moves = measure_moves(make_history(300), "close")
    table = moves.to_table()
    assert (table.shape, table.dtype) == ((300, MOVES), np.float64)
    again = Moves.from_table(table)
    for name, values in vars(moves).items():
        assert getattr(again, name).dtype == values.dtype
        assert np.array_equal(getattr(again, name), values, equal_nan=True)
