"""Chronological spans: how many rows each gets, and how many rows are enough."""

from __future__ import annotations

import re

import numpy as np
import pytest

from stockcast.errors import InvalidRecipe, TooShort
from stockcast.recipe import Recipe
from stockcast.windows.series import window_history
from stockcast.windows.split import Spans, split_rows

RECIPES = {
    "default": Recipe(),
    "classic": Recipe(target="price", validation=0),
    "nothing held out": Recipe(window=7, validation=0, test=0),
    "window of one": Recipe(window=1, validation=0, test=0),
    "row counts": Recipe(window=9, validation=15, test=20),
    "a share and a row count": Recipe(window=9, validation=0.25, test=20),
    "a row count and a share": Recipe(window=9, validation=15, test=0.15),
    "fifths": Recipe(validation=0.2, test=0.2),
    "window of 64": Recipe(window=64),
    "large shares": Recipe(window=20, validation=0.3, test=0.3),
    "nearly all held out": Recipe(window=10, validation=0.6, test=0.35),
    "tiny shares": Recipe(window=10, validation=1e-9, test=1e-9),
    "volume": Recipe(window=12, column="close", features=("close", "volume")),
    "volume, row counts": Recipe(
        window=12, column="close", features=("volume", "close"), validation=3, test=4
    ),
    "volume, price": Recipe(
        window=12, column="close", features=("close", "volume"), target="price", test=0.2
    ),
    "relative": Recipe(window=12, target="relative"),
    "volume, relative": Recipe(
        window=12, column="close", features=("close", "volume"), target="relative"
    ),
    "three steps ahead": Recipe(window=12, horizon=3),
    "a month ahead": Recipe(window=20, horizon=21),
    "a month ahead, nothing held out": Recipe(window=20, horizon=21, validation=0, test=0),
    "a month ahead, row counts": Recipe(window=20, horizon=21, validation=21, test=30),
    "a month ahead, tiny shares": Recipe(window=5, horizon=21, validation=0.01, test=0.5),
    "a month ahead, a share and a row count": Recipe(
        window=9, horizon=21, target="relative", validation=0.1, test=40
    ),
}


@pytest.fixture(scope="module")
def longest(make_history):
    return make_history(600)


@pytest.fixture(params=RECIPES.values(), ids=RECIPES.keys())
def recipe(request):
    return request.param


def is_enough(longest, rows, recipe):
    try:
        window_history(longest.select(np.arange(rows)), recipe)
    except TooShort:
        return False
    return True


def ask_needed(longest, recipe, rows=1):
    """Read off the message how many rows are needed."""
    with pytest.raises(TooShort) as caught:
        window_history(longest.select(np.arange(rows)), recipe)
    said = re.search(r"([\d,]+) rows?, at least ([\d,]+) are needed", str(caught.value))
    known, needed = (int(number.replace(",", "")) for number in said.groups())
    assert known == rows
    return needed


def test_spans_are_shares_of_the_rows_in_time_order():
    recipe = Recipe(window=5, validation=0.1, test=0.2)
    assert split_rows(100, recipe, warmup=0, name="x") == Spans(70, 80, 100)


def test_spans_are_numbers_of_rows_in_time_order():
    recipe = Recipe(window=5, validation=7, test=20)
    assert split_rows(100, recipe, warmup=0, name="x") == Spans(73, 80, 100)


def test_a_share_is_counted_in_rows_and_at_least_one():
    recipe = Recipe(window=1, validation=0.01, test=0.01)
    assert split_rows(10, recipe, warmup=0, name="x") == Spans(8, 9, 10)


def test_a_share_is_at_least_the_rows_of_one_window_s_targets():
    recipe = Recipe(window=1, horizon=7, validation=0.01, test=0.01)
    assert split_rows(100, recipe, warmup=0, name="x") == Spans(86, 93, 100)


def test_a_share_is_rounded_down():
    recipe = Recipe(window=1, validation=0, test=0.25)
    assert split_rows(11, recipe, warmup=0, name="x") == Spans(9, 9, 11)


@pytest.mark.parametrize("none", [0, 0.0])
def test_no_validation_and_no_test_leave_every_row_for_training(none):
    recipe = Recipe(window=5, validation=none, test=none)
    assert split_rows(30, recipe, warmup=0, name="x") == Spans(30, 30, 30)


def test_every_row_after_the_first_window_is_the_target_of_one_window():
    assert Spans(70, 80, 100).count_windows(5, 1) == (65, 10, 20)


def test_a_window_that_looks_further_ahead_needs_more_rows_of_its_span():
    assert Spans(70, 80, 100).count_windows(5, 3) == (63, 8, 18)
    assert Spans(70, 80, 100).count_windows(5, 10) == (56, 1, 11)
    assert Spans(70, 80, 100).count_windows(5, 11) == (55, 0, 10)


@pytest.mark.parametrize("horizon", [1, 2, 5, 10, 11])
def test_each_window_has_all_its_targets_in_its_own_span_and_each_that_can_is_there(horizon):
    spans, window = Spans(70, 80, 100), 5
    edges = (0, 70, 80, 100)
    for number, starts in enumerate(spans.list_starts(window, horizon)):
        expected = [
            start
            for start in range(100)
            if all(
                edges[number] <= row < edges[number + 1]
                for row in range(start + window, start + window + horizon)
            )
        ]
        assert starts.tolist() == expected


def test_an_empty_span_has_no_windows():
    training, validation, test = Spans(30, 30, 30).list_starts(5, 4)
    assert training.tolist() == list(range(22))
    assert len(validation) == len(test) == 0


@pytest.mark.parametrize("span", ["validation", "test"])
def test_rows_that_hold_no_window_are_refused_with_how_many_would(span, expect_refusal):
    with expect_refusal(
        InvalidRecipe,
        f"{span} 4 holds no window that looks 5 steps ahead",
        hint=f"give {span}=5 or more",
    ):
        split_rows(1000, Recipe(horizon=5, **{span: 4}), warmup=0, name="x")
    split_rows(1000, Recipe(horizon=5, **{span: 5}), warmup=0, name="x")


def test_shares_that_leave_nothing_to_train_on_are_refused(expect_refusal):
    with expect_refusal(InvalidRecipe, "0.5", "leave nothing to train on", hint="less than 1"):
        split_rows(1000, Recipe(validation=0.5, test=0.5), warmup=0, name="x")


def test_too_few_rows_are_refused_with_what_they_are_needed_for(expect_refusal):
    recipe = Recipe(window=5, validation=7, test=20)
    with expect_refusal(
        TooShort,
        "data.csv: 32 rows, at least 33 are needed",
        "6 to train one window of 5",
        "7 for validation",
        "20 for test",
        hint="window=",
    ):
        split_rows(32, recipe, warmup=0, name="data.csv")


def test_the_rows_for_one_window_are_told_with_its_steps_ahead(expect_refusal):
    recipe = Recipe(window=5, horizon=4, validation=7, test=20)
    with expect_refusal(TooShort, "35 rows, at least 36 are needed", "9 to train one window of 5"):
        split_rows(35, recipe, warmup=0, name="data.csv")


def test_rows_are_counted_with_those_that_have_no_features(expect_refusal):
    recipe = Recipe(window=5, validation=7, test=20)
    with expect_refusal(TooShort, "33 rows, at least 34 are needed", "7 to train one window of 5"):
        split_rows(32, recipe, warmup=1, name="data.csv")


def test_a_history_that_is_too_short_is_refused_by_its_name(make_history, expect_refusal):
    with expect_refusal(TooShort, "made-up.csv", "20 rows, at least 77 are needed"):
        window_history(make_history(20), Recipe())


def test_a_history_of_one_row_is_too_short(make_history, recipe):
    assert ask_needed(make_history(1), recipe) > 1


def test_the_rows_that_the_message_asks_for_are_enough(longest, recipe):
    assert is_enough(longest, ask_needed(longest, recipe), recipe)


def test_fewer_rows_than_the_message_asks_for_are_not_enough(longest, recipe):
    needed = ask_needed(longest, recipe)
    enough = [
        rows for rows in range(max(1, needed - 40), needed) if is_enough(longest, rows, recipe)
    ]
    assert enough == []


@pytest.mark.slow
def test_more_rows_than_the_message_asks_for_are_enough_too(longest, recipe):
    needed = ask_needed(longest, recipe)
    short = [rows for rows in range(needed, needed + 80) if not is_enough(longest, rows, recipe)]
    assert short == []


def test_exactly_the_needed_rows_leave_one_window_to_train_on(longest, recipe):
    series = window_history(longest.select(np.arange(ask_needed(longest, recipe))), recipe)
    counts = series.spans.count_windows(recipe.window, recipe.horizon)
    assert counts[0] == 1
    for part, count in zip((recipe.validation, recipe.test), counts[1:], strict=True):
        assert (count > 0) == (part > 0)
