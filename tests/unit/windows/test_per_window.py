"""Scaling by a window's own newest rows, by hand and against plain loops."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from stockcast.windows.features import Columns
from stockcast.windows.model_inputs import measure_scales, scale_windows
from stockcast.windows.per_window import count_context, cut_contexts, make_per_window
from stockcast.windows.scaling import KINDS, Deviation, MeasuredScale, MinMax, PerWindow

TARGETS = ("price", "log-return", "relative")
FEATURES = Columns("close", ("volume", "open", "close"))
CLOSE = 2  # position of the close among them


def contexts_of(*contexts):
    """Contexts of one feature, given as their values."""
    return np.array(contexts, dtype=np.float32)[..., None]


def rows_of(*contexts):
    """The same contexts, as a scaler of that feature sees them."""
    return contexts_of(*contexts)[..., 0]


def get_offset(scale, number):
    """What is taken off in one context."""
    return 0.0 if scale.offset is None else scale.offset[number, 0]


def make_measured(kind, low, spread):
    """A scale of one context, as if its numbers had been measured."""
    offset = np.array([[low]]) if low else None
    return MeasuredScale(KINDS[kind], offset, np.array([[spread]]), is_applied=False)


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
    scale = PerWindow("min-max").measure(rows_of([4, 2, 10, 6], [-3, -1, -2, -3]))
    assert scale.offset.tolist() == [[2.0], [-3.0]]
    assert scale.spread.tolist() == [[8.0], [2.0]]


def test_a_deviation_is_that_of_all_rows_and_nothing_is_taken_off():
    scale = PerWindow("deviation").measure(rows_of([1, 3, 1, 3]))
    assert (scale.offset, scale.spread.tolist()) == (None, [[1.0]])


def test_relative_is_the_deviation_of_changes_from_row_to_row():
    scale = PerWindow("relative").measure(rows_of([8, 12, 6, 9]))  # +1/2, −1/2, +1/2
    assert scale.offset is None
    assert scale.spread[0, 0] == pytest.approx(math.sqrt(1 / 4 - 1 / 36), rel=1e-15)


@pytest.mark.parametrize("unknown", [0, 1, 22, 29])
@pytest.mark.parametrize("target", TARGETS)
def test_scales_of_several_features_equal_plain_loops(target, unknown):
    contexts = draw_contexts(target, unknown=unknown)
    scalers = make_per_window(FEATURES, target)
    scales = measure_scales(contexts, scalers, CLOSE).scales
    for number in range(len(contexts)):
        for position, (scaler, scale) in enumerate(zip(scalers, scales, strict=True)):
            low, spread = by_hand(contexts[number, :, position].tolist(), scaler.by)
            assert get_offset(scale, number) == low
            assert scale.spread[number, 0] == pytest.approx(spread, rel=1e-7)


@pytest.mark.parametrize("target", TARGETS)
def test_a_context_is_scaled_as_alone_whatever_stands_beside_it(target):
    whole, begun = draw_contexts(target), draw_contexts(target, unknown=9)
    scalers = make_per_window(FEATURES, target)
    together = measure_scales(np.concatenate([whole, begun]), scalers, CLOSE).scales
    for number, context in enumerate(np.concatenate([whole, begun])):
        for beside, alone in zip(
            together, measure_scales(context[None], scalers, CLOSE).scales, strict=True
        ):
            assert get_offset(beside, number) == get_offset(alone, 0)
            assert beside.spread[number] == alone.spread[0]


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
    scaled = scale_windows(contexts, (PerWindow(kind),), 0, window=4)
    assert scaled.scaling.scales[0].spread[0, 0] == pytest.approx(spread, rel=1e-12)
    assert scaled.windows.tolist() == [[[0.0]] * 4]


@pytest.mark.parametrize("kind", ["deviation", "relative", "min-max"])
def test_a_context_of_one_known_row_has_the_least_spread_too(kind):
    contexts = contexts_of([math.nan, math.nan, 3.0])
    scaled = scale_windows(contexts, (PerWindow(kind),), 0, window=1)
    (scale,) = scaled.scaling.scales
    assert scale.spread[0, 0] == pytest.approx(3e-4 if kind == "min-max" else 1e-4, rel=1e-12)
    assert np.isfinite(scaled.windows).all()


@pytest.mark.parametrize("target", TARGETS)
def test_contexts_are_scaled_as_plain_loops_do_it(target):
    contexts = draw_contexts(target, unknown=3)
    scalers = make_per_window(FEATURES, target)
    inputs = scale_windows(contexts, scalers, CLOSE, window=7).windows
    assert inputs.dtype == np.float32
    assert inputs.shape == (6, 7, 3)
    for number, step, position in np.ndindex(inputs.shape):
        value, kind = float(contexts[number, 23 + step, position]), scalers[position].by
        if kind == "relative":
            value = value / float(contexts[number, 29, CLOSE]) - 1
        low, spread = by_hand(contexts[number, :, position].tolist(), kind)
        assert inputs[number, step, position] == pytest.approx((value - low) / spread, rel=1e-5)


def test_scaling_leaves_the_contexts_as_they_were():
    contexts = draw_contexts("relative")
    before = contexts.copy()
    scale_windows(contexts, make_per_window(FEATURES, "relative"), CLOSE, window=7)
    assert np.array_equal(contexts, before)


def test_answers_by_hand():
    following, last = np.array([[12.0, 9.0]], dtype=np.float32), np.array([[10.0]], np.float32)

    def answer(kind, low, spread, values=following):
        return make_measured(kind, low, spread).targets(values, last)

    assert answer("min-max", 8.0, 4.0).tolist() == [[1.0, 0.25]]
    assert answer("relative", 0.0, 0.5) == pytest.approx(np.array([[0.4, -0.2]]), rel=1e-6)
    returns = np.array([[0.5, -0.25]], dtype=np.float32)
    assert answer("deviation", 0.0, 0.5, returns).tolist() == [[1.0, 0.5]]
    assert answer("min-max", 8.0, 4.0).dtype == np.float32


def test_prices_by_hand():
    answers, last = np.array([[1.0, -0.5]]), np.array([10.0])

    def price(kind, low, spread):
        return make_measured(kind, low, spread).to_prices(answers, last)[0].tolist()

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
    scalers = make_per_window(Columns("close", ("volume", "close")), target)
    scaling = measure_scales(context, scalers, 1)
    answers = scaling.targets(following, context[:, -1:, 1])
    found = scaling.to_prices(answers, prices[None, 39 - horizon])
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


def test_whatever_the_scalers_are_windows_are_scaled_by_them():
    contexts = draw_contexts("price")
    scaled = scale_windows(contexts, (MinMax(0, 1),) * 3, CLOSE, window=30)
    assert scaled.windows is contexts
    answers, last = np.array([[0.25]] * len(contexts)), np.full(len(contexts), 9.0)
    assert scaled.to_prices(answers, last).tolist() == [[0.25]] * len(contexts)
    scaled = scale_windows(contexts, make_per_window(FEATURES, "price"), CLOSE, window=7)
    low, spread = contexts.min(axis=1).astype(float), np.ptp(contexts.astype(float), axis=1)
    expected = (contexts[:, -7:] - low[:, None]) / spread[:, None]
    np.testing.assert_allclose(scaled.windows, expected, rtol=1e-6)
    prices = 0.25 * spread[:, CLOSE] + low[:, CLOSE]
    np.testing.assert_allclose(scaled.to_prices(answers, last)[:, 0], prices, rtol=1e-12)


def test_a_scaler_without_numbers_of_its_own_says_so():
    with pytest.raises(ValueError, match="no numbers of its own"):
        PerWindow("deviation").get_scale()
