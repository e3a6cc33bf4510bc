"""Spans, windows, scalers and verdicts, whatever the numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stockcast.errors import InvalidRecipe, StockcastError, TooShort
from stockcast.evaluation.skill import judge_forecasts
from stockcast.prices.calendar import next_session
from stockcast.recipe import Recipe
from stockcast.windows.scaling import MinMax
from stockcast.windows.split import split_rows
from stockcast.windows.windowing import cut_windows

SPANS = st.one_of(st.integers(0, 60), st.floats(0, 0.9))
PRICES = st.floats(0.01, 1e6)


@st.composite
def draw_recipe(draw):
    horizon = draw(st.just(1) | st.integers(1, 40))
    recipe = Recipe(
        window=draw(st.integers(1, 80)),
        horizon=horizon,
        validation=draw(SPANS),
        test=draw(SPANS),
    )
    for part in (recipe.validation, recipe.test):
        assume(isinstance(part, float) or part == 0 or part >= horizon)
    shares = [part for part in (recipe.validation, recipe.test) if isinstance(part, float)]
    assume(sum(shares) <= 0.95)
    return recipe


def split(rows, recipe):
    return split_rows(rows, recipe, warmup=0, name="x")


def read_counts(error):
    """Return how many rows a message says that there are, and how many are needed."""
    found = re.search(r"([\d,]+) rows?, at least ([\d,]+) are needed", str(error))
    return [int(count.replace(",", "")) for count in found.groups()]


def ask_needed(recipe):
    """Read off the message how many rows are needed; one row never is."""
    try:
        split(1, recipe)
    except TooShort as error:
        return read_counts(error)[1]
    raise AssertionError("one row was enough")


@given(rows=st.integers(1, 5000), recipe=draw_recipe())
def test_spans_share_all_rows_in_time_order_or_the_history_is_too_short(rows, recipe):
    try:
        spans = split(rows, recipe)
    except TooShort as error:
        has, needed = read_counts(error)
        assert has == rows < needed
        return
    assert recipe.window + recipe.horizon <= spans.train_end <= spans.validation_end
    assert spans.validation_end <= spans.rows == rows
    parts = (recipe.validation, recipe.test)
    held = (spans.validation_end - spans.train_end, spans.rows - spans.validation_end)
    for part, count in zip(parts, held, strict=True):
        if isinstance(part, int) or part == 0:
            assert count == part
        else:
            assert recipe.horizon <= count < max(recipe.horizon + 1, rows * part + 2)
    # Together they are their share, but where one of them would hold no window.
    shares = [part for part in parts if isinstance(part, float)]
    together = sum(
        count for part, count in zip(parts, held, strict=True) if isinstance(part, float)
    )
    assert together > rows * sum(shares) - 2
    assert together <= rows * sum(shares) + 1e-9 or recipe.horizon in held


@given(rows=st.integers(1, 600), recipe=draw_recipe())
def test_no_window_s_targets_leave_its_span(rows, recipe):
    try:
        spans = split(rows, recipe)
    except TooShort:
        return
    edges = (0, spans.train_end, spans.validation_end, spans.rows)
    for number, starts in enumerate(spans.list_starts(recipe.window, recipe.horizon)):
        first, end = edges[number], edges[number + 1]
        assert (len(starts) > 0) == (end > first)
        targets = starts[:, None] + recipe.window + np.arange(recipe.horizon)
        assert ((targets >= first) & (targets < end)).all()
        assert (starts >= 0).all()
        assert (np.diff(starts) == 1).all()


@given(recipe=draw_recipe(), more=st.integers(0, 300))
@example(recipe=Recipe(validation=0.2, test=0.2), more=1)
def test_the_rows_that_the_message_asks_for_and_more_are_enough(recipe, more):
    needed = ask_needed(recipe)
    assert split(needed + more, recipe).train_end >= recipe.window + recipe.horizon


@pytest.mark.slow
@given(recipe=draw_recipe())
@example(recipe=Recipe(window=20, validation=0.3, test=0.3))
def test_no_fewer_rows_than_the_message_asks_for_are_enough(recipe):
    needed = ask_needed(recipe)
    enough = []
    for rows in range(max(1, needed - 60), needed):
        try:
            split(rows, recipe)
        except TooShort:
            continue
        enough.append(rows)
    assert enough == []


@given(
    rows=st.integers(0, 10**7),
    validation=st.floats(0, 1, exclude_max=True),
    test=st.floats(0, 1, exclude_max=True),
)
@example(rows=100, validation=0.9999999999999999, test=0.0)
@example(rows=100, validation=0.5, test=0.4999999999999999)
@example(rows=0, validation=5e-324, test=5e-324)
def test_any_shares_are_spans_or_a_refusal(rows, validation, test, attempt):
    recipe = Recipe(validation=validation, test=test)
    outcome = attempt(split, rows, recipe)
    if isinstance(outcome, StockcastError):
        assert type(outcome) in (TooShort, InvalidRecipe)
    else:
        assert outcome.train_end > 60


@pytest.mark.slow
@given(
    values=hnp.arrays(np.float32, st.tuples(st.integers(1, 30), st.integers(1, 4))),
    share=st.floats(0, 1),
)
def test_each_window_is_a_view_of_its_rows(values, share):
    window = 1 + int(share * (len(values) - 1))
    windows = cut_windows(values, window=window)
    assert windows.shape == (len(values) - window + 1, window, values.shape[1])
    assert np.shares_memory(windows, values)
    for start, one in enumerate(windows):
        np.testing.assert_array_equal(one, values[start : start + window])


@given(low=PRICES, spread=st.floats(1e-3, 1e6), values=hnp.arrays(np.float64, 5, elements=PRICES))
def test_prices_scaled_and_unscaled_are_what_they_were(low, spread, values):
    scaler = MinMax(low, low + spread)
    again = scaler.unscale(scaler.scale(values))
    size = max(low + spread, values.max())
    np.testing.assert_allclose(again, values, rtol=0, atol=1e-12 * size)


@given(prices=st.lists(st.tuples(PRICES, PRICES, PRICES), min_size=1, max_size=20))
@example(prices=[(2.0, 1.0, 3.0)])
def test_a_verdict_is_never_kinder_than_its_numbers(prices):
    actual, forecast, last = np.array(prices).T
    skill = judge_forecasts(actual, forecast, last)
    assert 0 <= skill.p_value <= 1
    assert 0 <= skill.direction <= 1
    assert 0 <= skill.mae <= skill.rmse * (1 + 1e-12)
    if skill.skill is None:
        assert (actual == last).all()
        assert skill.verdict.startswith("not judged")
        return
    assert skill.skill <= 1
    assert (skill.skill > 0) == (skill.rmse < skill.last_price_rmse)
    assert ("better" in skill.verdict) == (skill.skill > 0 and skill.p_value < 0.05)
    assert ("worse" in skill.verdict) == (skill.skill < 0 and skill.p_value < 0.05)


@given(dates=st.lists(st.dates(), min_size=1, max_size=4))  # too few for another rhythm
def test_the_next_session_is_the_first_possible_day_after_the_newest(dates):
    days = np.unique(np.array(dates, dtype="datetime64[D]"))
    assume(str(days[-1]) < "9999-12-28")
    session = next_session(days.astype("datetime64[us]")).astype("datetime64[D]")
    step = int((session - days[-1]).astype(int))
    if np.is_busday(days).all():
        assert np.is_busday(session)
        assert np.busday_count(days[-1] + 1, session) == 0
        assert 1 <= step <= 3
    else:
        assert step == 1
