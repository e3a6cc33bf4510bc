"""Scaling by a window's own newest rows, by hand and against plain loops."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from stockcast.windows.features import Columns
from stockcast.windows.model_inputs import pose
from stockcast.windows.per_window import (
    Scale,
    count_context,
    cut_contexts,
    make_per_window,
    measure_scale,
    prices_from_scaled,
    scale_answers,
    scale_contexts,
)
from stockcast.windows.scaling import Deviation, MinMax, PerWindow

TARGETS = ("price", "log-return", "relative")
FEATURES = Columns("close", ("volume", "open", "close"))
CLOSE = 2  # position of the close among them


def contexts_of(*contexts):
    """Contexts of one feature, given as their values."""
    return np.array(contexts, dtype=np.float32)[..., None]


def by_hand(rows, kind):
    """(low, spread) of one feature in one context, as plain Python has it; NaN is unknown."""
    known = [float(value) for value in rows if not math.isnan(value)]
    if kind == "min-max":
        low, high = min(known), max(known)
        return low, max(high - low, 1e-4 * abs(high), 1e-304)
    if kind == "relative":
        known = [after / before - 1 for before, after in itertools.pairwise(known)]
    if not known:
        return 0.0, 1e-4
    mean = sum(known) / len(known)
    return 0.0, max(math.sqrt(sum((one - mean) ** 2 for one in known) / len(known)), 1e-4)


def draw_contexts(target, *, count=6, rows=30, unknown=0):
    """Made-up contexts of volume, open and close, as `compute_features` has them."""
    random = np.random.default_rng(5)
    if target == "log-return":
        contexts = random.normal(0, 0.02, (count, rows, 3))
    else:
        contexts = 50 * np.exp(np.cumsum(random.normal(0, 0.02, (count, rows, 3)), axis=1))
        contexts[..., 0] = random.normal(0, 1, (count, rows))
        if target == "price":
            contexts[..., 0] = np.round(1e6 * np.exp(contexts[..., 0]))
    contexts[:, :unknown] = np.nan
    return contexts.astype(np.float32)


def test_min_max_is_lowest_to_highest():
    scale = measure_scale(contexts_of([4, 2, 10, 6], [-3, -1, -2, -3]), (PerWindow("min-max"),))
    assert scale.low.tolist() == [[2.0], [-3.0]]
    assert scale.spread.tolist() == [[8.0], [2.0]]


def test_a_deviation_is_that_of_all_rows_and_nothing_is_taken_off():
    scale = measure_scale(contexts_of([1, 3, 1, 3]), (PerWindow("deviation"),))
    assert (scale.low.tolist(), scale.spread.tolist()) == ([[0.0]], [[1.0]])


def test_relative_is_the_deviation_of_changes_from_row_to_row():
    scale = measure_scale(contexts_of([8, 12, 6, 9]), (PerWindow("relative"),))  # +1/2, −1/2, +1/2
    assert scale.low.tolist() == [[0.0]]
    assert scale.spread[0, 0] == pytest.approx(math.sqrt(1 / 4 - 1 / 36), rel=1e-15)


@pytest.mark.parametrize("unknown", [0, 1, 22, 29])
@pytest.mark.parametrize("target", TARGETS)
def test_scales_of_several_features_equal_plain_loops(target, unknown):
    contexts = draw_contexts(target, unknown=unknown)
    scalers = make_per_window(FEATURES, target)
    scale = measure_scale(contexts, scalers)
    assert scale.by == tuple(scaler.by for scaler in scalers)
    for number in range(len(contexts)):
        for position, kind in enumerate(scale.by):
            low, spread = by_hand(contexts[number, :, position].tolist(), kind)
            assert scale.low[number, position] == low
            assert scale.spread[number, position] == pytest.approx(spread, rel=1e-7)


@pytest.mark.parametrize("target", TARGETS)
def test_a_context_is_scaled_as_alone_whatever_stands_beside_it(target):
    whole, begun = draw_contexts(target), draw_contexts(target, unknown=9)
    scalers = make_per_window(FEATURES, target)
    together = measure_scale(np.concatenate([whole, begun]), scalers)
    for number, context in enumerate(np.concatenate([whole, begun])):
        alone = measure_scale(context[None], scalers)
        assert np.array_equal(together.low[number], alone.low[0])
        assert np.array_equal(together.spread[number], alone.spread[0])


def test_kinds_are_those_of_the_single_tickers_scalers():
    for target, kinds in {
        "price": ("min-max", "min-max", "min-max"),
        "log-return": ("deviation", "deviation", "deviation"),
        "relative": ("deviation", "relative", "relative"),
    }.items():
        assert tuple(scaler.by for scaler in make_per_window(FEATURES, target)) == kinds


@pytest.mark.parametrize(
    ("kind", "price", "spread"),
    [
        ("min-max", 20.0, 0.002),
        ("min-max", -20.0, 0.002),
        ("min-max", 0.0, 1e-304),
        ("deviation", 0.0, 1e-4),
        ("relative", 20.0, 1e-4),
    ],
)
def test_a_halted_stock_has_the_least_spread_that_there_is(kind, price, spread):
    contexts = contexts_of([price] * 9)
    scale = measure_scale(contexts, (PerWindow(kind),))
    assert scale.spread[0, 0] == pytest.approx(spread, rel=1e-12)
    posed = scale_contexts(contexts, scale, window=4, target_index=0)
    assert posed.tolist() == [[[0.0]] * 4]


@pytest.mark.parametrize("kind", ["deviation", "relative", "min-max"])
def test_a_context_of_one_known_row_has_the_least_spread_too(kind):
    contexts = contexts_of([math.nan, math.nan, 3.0])
    scale = measure_scale(contexts, (PerWindow(kind),))
    assert scale.spread[0, 0] == pytest.approx(3e-4 if kind == "min-max" else 1e-4, rel=1e-12)
    assert np.isfinite(scale_contexts(contexts, scale, window=1, target_index=0)).all()


@pytest.mark.parametrize("target", TARGETS)
def test_contexts_are_posed_as_plain_loops_do_it(target):
    contexts = draw_contexts(target, unknown=3)
    scale = measure_scale(contexts, make_per_window(FEATURES, target))
    posed = scale_contexts(contexts, scale, window=7, target_index=CLOSE)
    assert posed.dtype == np.float32
    assert posed.shape == (6, 7, 3)
    for number, step, position in np.ndindex(posed.shape):
        value = float(contexts[number, 23 + step, position])
        if scale.by[position] == "relative":
            value = value / float(contexts[number, 29, CLOSE]) - 1
        low, spread = by_hand(contexts[number, :, position].tolist(), scale.by[position])
        assert posed[number, step, position] == pytest.approx((value - low) / spread, rel=1e-5)


def test_posing_leaves_the_contexts_as_they_were():
    contexts = draw_contexts("relative")
    before = contexts.copy()
    scale = measure_scale(contexts, make_per_window(FEATURES, "relative"))
    scale_contexts(contexts, scale, window=7, target_index=CLOSE)
    assert np.array_equal(contexts, before)


def test_answers_by_hand():
    following, last = np.array([[12.0, 9.0]], dtype=np.float32), np.array([10.0], np.float32)

    def answer(kind, low, spread, values=following):
        scale = Scale((kind,), np.array([[low]]), np.array([[spread]]))
        return scale_answers(values, last, scale, target_index=0)

    assert answer("min-max", 8.0, 4.0).tolist() == [[1.0, 0.25]]
    assert answer("relative", 0.0, 0.5) == pytest.approx(np.array([[0.4, -0.2]]), rel=1e-6)
    returns = np.array([[0.5, -0.25]], dtype=np.float32)
    assert answer("deviation", 0.0, 0.5, returns).tolist() == [[1.0, 0.5]]
    assert answer("min-max", 8.0, 4.0).dtype == np.float32


def test_prices_by_hand():
    answers, last = np.array([[1.0, -0.5]]), np.array([10.0])

    def price(kind, low, spread):
        scale = Scale((kind,), np.array([[low]]), np.array([[spread]]))
        return prices_from_scaled(answers, last, scale, target_index=0)[0].tolist()

    assert price("min-max", 8.0, 4.0) == [12.0, 6.0]
    assert price("relative", 0.0, 0.2) == pytest.approx([12.0, 9.0], rel=1e-15)
    assert price("deviation", 0.0, 0.2) == pytest.approx(
        [10 * math.exp(0.2), 10 * math.exp(-0.1)], rel=1e-15
    )


@pytest.mark.parametrize("unknown", [0, 11])
@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("target", TARGETS)
def test_right_answers_are_the_prices_that_came_true(target, horizon, unknown):
    """Also with volume before it, whose numbers are quite others."""
    random = np.random.default_rng(1)
    prices = 30 * np.exp(np.cumsum(random.normal(0, 0.03, 40)))
    volume = random.normal(0, 1, 40)
    column = np.diff(np.log(prices), prepend=np.nan) if target == "log-return" else prices
    values = np.column_stack([volume, column]).astype(np.float32)
    values[: 1 + unknown] = np.nan
    context, following = values[None, : 40 - horizon], values[None, 40 - horizon :, 1]
    scale = measure_scale(context, make_per_window(Columns("close", ("volume", "close")), target))
    answers = scale_answers(following, context[:, -1, 1], scale, target_index=1)
    last = prices[None, 39 - horizon]
    found = prices_from_scaled(answers, last, scale, target_index=1)
    np.testing.assert_allclose(found, prices[None, 40 - horizon :], rtol=1e-5)


def test_a_context_ends_with_each_of_the_newest_rows():
    values = np.arange(20, dtype=np.float32).reshape(10, 2)
    contexts = cut_contexts(values, rows=4, count=3)
    assert contexts.tolist() == [values[end - 4 : end].tolist() for end in (8, 9, 10)]
    assert np.shares_memory(contexts, values)


def test_a_context_before_the_first_row_begins_unknown():
    values = np.arange(1, 7, dtype=np.float32).reshape(3, 2)
    contexts = cut_contexts(values, rows=4, count=2)
    assert contexts.dtype == np.float32
    known = [[row.tolist() for row in context if np.isfinite(row).all()] for context in contexts]
    assert known == [[[1, 2], [3, 4]], [[1, 2], [3, 4], [5, 6]]]
    assert np.isnan(contexts[0, :2]).all()
    assert np.isnan(contexts[1, :1]).all()


@pytest.mark.parametrize(("window", "rows"), [(60, 250), (250, 250), (400, 400)])
def test_a_context_is_never_shorter_than_its_window(window, rows):
    assert count_context((PerWindow("deviation"),), window) == rows


def test_a_context_of_other_scalers_is_the_window_itself():
    assert count_context((Deviation(0.1),), 60) == 60


def test_whatever_the_scalers_are_windows_are_posed_by_them():
    windows = draw_contexts("price")
    posed = pose(windows, (MinMax(0, 1),) * 3, CLOSE, window=30)
    assert posed.windows is windows
    answers, last = np.array([[0.25]] * len(windows)), np.full(len(windows), 9.0)
    assert posed.to_prices(answers, last).tolist() == [[0.25]] * len(windows)
    scalers = make_per_window(FEATURES, "price")
    posed = pose(windows, scalers, CLOSE, window=7)
    scale = measure_scale(windows, scalers)
    by_hand = scale_contexts(windows, scale, window=7, target_index=CLOSE)
    assert np.array_equal(posed.windows, by_hand)
    expected = prices_from_scaled(answers, last, scale, target_index=CLOSE)
    assert np.array_equal(posed.to_prices(answers, last), expected)
