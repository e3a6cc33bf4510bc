"""Folds by date: what scikit-learn's TimeSeriesSplit has, of one ticker and of many."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.backtesting.date_folds import describe_folds, place_folds
from stockcast.errors import TooShort, UsageError


def test_folds_are_those_of_time_series_split(make_history):
    sklearn = pytest.importorskip("sklearn.model_selection")
    history = make_history(700)
    folds, test = place_folds([history], folds=3, test=0.1, horizon=1)
    known, parts = folds.cut(history, 1)
    assert len(known) == 630
    split = sklearn.TimeSeriesSplit(n_splits=3, test_size=len(folds.dates) // 3)
    for part, (train, judged) in zip(parts, split.split(known.dates), strict=True):
        assert part.fitted_at == len(train)
        np.testing.assert_array_equal(part.cutoffs, judged)
    (part,) = test.cut(history, 1)[1]
    np.testing.assert_array_equal(part.cutoffs, np.arange(630, 700))


def test_nothing_that_a_fold_forecasts_comes_true_in_the_test_span(make_history):
    history = make_history(500)
    folds, test = place_folds([history], folds=2, test=50, horizon=5)
    known, parts = folds.cut(history, 5)
    assert known.dates[-1] < test.dates[0]
    assert parts[-1].cutoffs[-1] + 5 == len(known)
    (part,) = test.cut(history, 5)[1]
    assert part.cutoffs[0] == 450
    assert part.cutoffs[-1] + 5 == 500


def test_many_tickers_have_their_folds_on_the_same_dates(make_history):
    long, late = make_history(600, ticker="A"), make_history(600, ticker="B")
    late = late.select(np.arange(350, 600))
    gone = make_history(600, ticker="C").select(np.arange(100))
    folds, _ = place_folds([long, late, gone], folds=2, test=0.1, horizon=1)
    for history in (long, late):
        known, parts = folds.cut(history, 1)
        for part, first, end in zip(parts, folds.edges[:-1], folds.edges[1:], strict=True):
            dates = known.dates[part.cutoffs]
            assert ((dates >= first) & (dates < end)).all()
            assert len(dates)
    assert [len(one.cutoffs) for one in folds.cut(gone, 1)[1]] == [0, 0]


def test_folds_are_at_most_half_of_what_is_known_and_a_year_each(make_history):
    folds, _ = place_folds([make_history(400)], folds=2, test=40, horizon=1)
    assert len(folds.dates) == 180
    assert len(place_folds([make_history(4000)], folds=3, test=40, horizon=1)[0].dates) == 750
    assert describe_folds(folds).startswith("2 folds of 90 dates, ")


def test_a_search_without_a_test_span_is_refused(make_history, expect_refusal):
    with expect_refusal(UsageError, "no trial has seen"):
        place_folds([make_history(100)], folds=2, test=0, horizon=1)


def test_too_few_dates_are_refused_with_both_numbers(make_history, expect_refusal):
    with expect_refusal(TooShort, "30 dates have no room for 20 folds", hint="folds="):
        place_folds([make_history(30)], folds=20, test=0.1, horizon=1)
    with expect_refusal(TooShort, "a test span of 3"):
        place_folds([make_history(100)], folds=2, test=3, horizon=5)
