"""Which dates of recorded forecasts are walked, and what is said of the others."""

import numpy as np
import pytest

from stockcast.backtesting.candidates import Candidate, name_candidates
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.plan import plan_backtest
from stockcast.backtesting.recorded import PlacedForecasts
from stockcast.errors import TooShort, UnusableForecasts, UsageError
from stockcast.recipe import Recipe


def record(name, cutoffs, *, steps=1, pending=0, outside=0):
    table = np.full((len(cutoffs), steps), 50.0)
    empty = np.full_like(table, np.nan)
    return Candidate(
        name,
        PlacedForecasts(name, np.array(cutoffs), table, empty, {}, None, pending, outside),
    )


def plan(history, *recorded, names=("drift",), horizon=1, **options):
    candidates = [*name_candidates(names, {}), *recorded]
    default = Recipe(horizon=horizon)
    return plan_backtest(history, candidates, default, CutoffOptions(**options))


def test_the_dates_that_all_have_are_walked_and_the_others_counted(make_history):
    one, other = record("a", [20, 21, 23, 30]), record("b", [21, 23, 24, 30], pending=2, outside=1)
    found = plan(make_history(40), one, other)
    assert found.cutoffs.tolist() == [21, 23, 30]
    assert (found.step, found.is_regular) == (2, False)
    assert found.covered.left_out == 2
    assert found.covered.text == (
        "of 5 recorded dates 2 left out: 2 not forecast by all; 2 forecasts yet to come true; "
        "1 forecast from before the first bar"
    )


def test_nothing_is_said_where_all_are_walked(make_history):
    found = plan(make_history(40), record("a", [20, 21, 22]))
    assert (found.covered.text, found.step, found.is_regular) == ("", 1, True)


def test_what_is_too_early_for_another_model_is_left_out(make_history):
    found = plan(make_history(40), record("a", [10, 20, 30]), names=["moving-average:15"])
    assert found.cutoffs.tolist() == [20, 30]
    assert "1 with too few bars before for the other models" in found.covered.text


def test_a_backtest_without_recorded_forecasts_has_no_covered_dates(make_history):
    assert plan(make_history(40)).covered is None


@pytest.mark.parametrize(
    ("options", "cutoffs"),
    [
        ({"folds": 2}, [24, 30]),
        ({"step": 3}, [21, 24, 30]),
        ({"step": 3, "folds": 2}, [24, 30]),
        ({"start": "2012-02-03"}, [24, 30]),
        ({"refit": 1}, [20, 21, 22, 24, 30]),
    ],
)
def test_of_the_recorded_dates_some_can_be_asked_for(make_history, options, cutoffs):
    found = plan(make_history(40), record("a", [20, 21, 22, 24, 30]), **options)
    assert found.cutoffs.tolist() == cutoffs


def test_more_than_there_are_is_refused(make_history):
    with pytest.raises(UsageError, match=r"^folds= is 9, and") as caught:
        plan(make_history(40), record("a", [20, 21]), folds=9)
    assert "2" in caught.value.hint
    with pytest.raises(UsageError, match="no recorded forecast from 2012-02-20 on"):
        plan(make_history(40), record("a", [20, 21]), start="2012-02-20")


def test_forecasts_without_a_date_in_common_are_refused(make_history):
    with pytest.raises(UnusableForecasts, match="a and b have no date in common"):
        plan(make_history(40), record("a", [20, 22]), record("b", [21]))


def test_forecasts_without_a_date_that_came_true_are_refused(make_history):
    with pytest.raises(
        UnusableForecasts, match=r"a has no forecast that came true \(3 yet to"
    ) as e:
        plan(make_history(40), record("a", [], pending=3))
    assert e.value.hint == "the bars are of 2012-01-02 to 2012-02-24"


def test_forecasts_that_do_not_look_so_far_are_refused_with_the_steps_that_there_are(make_history):
    with pytest.raises(UnusableForecasts, match="a has no forecast 5 steps ahead, only 1, 2") as e:
        plan(make_history(40), record("a", [20, 21], steps=2), horizon=5)
    assert e.value.hint == "compare what it has: horizon=2"


def test_too_few_bars_before_all_of_them_are_refused_with_whose_need_it_is(make_history):
    with pytest.raises(
        TooShort, match=r"8 rows before the newest recorded forecast: .*:15 needs 15"
    ):
        plan(make_history(40), record("a", [7, 8]), names=["moving-average:15"])
