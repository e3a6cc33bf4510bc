"""What a caller says of cutoffs, checked before any price is read."""

import numpy as np
import pytest

from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.errors import UsageError


def test_folds_and_a_start_exclude_each_other():
    with pytest.raises(UsageError, match="folds= and start=") as caught:
        CutoffOptions(folds=5, start="2013-02-28")
    assert [one.name for one in caught.value.options] == ["folds", "start"]


@pytest.mark.parametrize("name", ["folds", "step", "refit", "train_rows"])
def test_a_number_below_1_is_refused_by_its_name(name):
    with pytest.raises(UsageError, match=f"{name}= is 0, expected at least 1") as caught:
        CutoffOptions(**{name: 0})
    assert [one.name for one in caught.value.options] == [name]
    assert getattr(CutoffOptions(**{name: 1}), name) == 1


@pytest.mark.parametrize("start", ["2013-02-28", np.datetime64("2013-02-28", "D")])
def test_a_start_is_a_date_in_either_form(start):
    assert CutoffOptions(start=start).find_start() == np.datetime64("2013-02-28T00:00", "us")


def test_no_start_is_none():
    assert CutoffOptions().find_start() is None


@pytest.mark.parametrize("start", ["soon", "", "NaT", "2013-02-31"])
def test_a_start_that_is_no_date_is_refused(start):
    with pytest.raises(UsageError, match=r"start= is .*, expected a date such as 2013-02-28"):
        CutoffOptions(start=start)
