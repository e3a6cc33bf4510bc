"""Folds in time order, as scikit-learn's TimeSeriesSplit has them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import TimeSeriesSplit

from stockcast.errors import UsageError
from stockcast.evaluation.folds import Fold, hold_out_newest, split_folds


@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("judged", [None, 7])
def test_folds_are_those_of_scikit_learn(horizon, judged):
    theirs = TimeSeriesSplit(5, gap=horizon - 1, test_size=judged).split(np.zeros(100))
    found = split_folds(100, folds=5, horizon=horizon, judged=judged)
    for fold, (known, later) in zip(found, theirs, strict=True):
        assert list(range(fold.known)) == list(known)
        assert list(range(fold.first, fold.end)) == list(later)


@pytest.mark.parametrize("horizon", [1, 4])
def test_no_answer_that_is_learnt_from_reaches_what_is_judged(horizon):
    # window k's answers are those of steps k … k + horizon − 1
    for known, first, end in (
        *split_folds(60, folds=3, horizon=horizon),
        hold_out_newest(60, share=0.2, horizon=horizon),
    ):
        assert known - 1 + horizon - 1 < first < end
    assert end == 60


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("share", [0.1, 0.25])
def test_what_is_held_out_is_the_last_fold(share, horizon):
    fold = hold_out_newest(90, share=share, horizon=horizon)
    judged = fold.end - fold.first
    assert fold == split_folds(90, folds=2, horizon=horizon, judged=judged)[-1]
    assert judged == np.ceil(90 * share)


def test_a_share_is_at_least_one_window():
    assert hold_out_newest(5, share=0.01) == Fold(4, 4, 5)


def test_too_few_windows_are_refused(expect_refusal):
    with expect_refusal(UsageError, "4 windows are too few for 5 folds", hint="fewer folds"):
        split_folds(4, folds=5)
    with expect_refusal(UsageError, "leave none to learn from 3 steps ahead"):
        hold_out_newest(3, share=0.1, horizon=3)
