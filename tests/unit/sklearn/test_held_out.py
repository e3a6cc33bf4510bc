"""What early stopping holds out."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import TimeSeriesSplit

from stockcast.errors import UsageError
from stockcast.sklearn.held_out import Fold, hold_out_newest


@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("share", [0.1, 0.25, 0.33])
def test_it_is_the_last_fold_of_scikit_learn_s_split(share, horizon):
    fold = hold_out_newest(90, share=share, horizon=horizon)
    judged = int(np.ceil(90 * share))
    split = TimeSeriesSplit(2, gap=horizon - 1, test_size=judged)
    *_, (known, later) = split.split(np.zeros(90))
    assert list(range(fold.known)) == list(known)
    assert list(range(fold.first, fold.end)) == list(later)


@pytest.mark.parametrize("horizon", [1, 4])
def test_no_answer_that_is_learnt_from_reaches_what_is_held_out(horizon):
    # window k's answers are those of steps k … k + horizon − 1
    known, first, end = hold_out_newest(60, share=0.2, horizon=horizon)
    assert known - 1 + horizon - 1 < first < end == 60


def test_a_share_is_at_least_one_window():
    assert hold_out_newest(5, share=0.01, horizon=1) == Fold(4, 4, 5)


def test_too_few_windows_are_refused(expect_refusal):
    with expect_refusal(
        UsageError, "leave none to learn from 3 steps ahead", hint="validation_fraction="
    ):
        hold_out_newest(3, share=0.1, horizon=3)
