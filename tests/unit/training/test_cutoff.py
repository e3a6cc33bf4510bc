"""A fit at a cutoff: from what was known then alone, and leaving nothing behind."""

import gc
import logging

import numpy as np
import pytest

from stockcast.model.file import serialize_model
from stockcast.prices.csv.reader import read_prices
from stockcast.recipe import Recipe
from tests.support import SAMPLES

pytestmark = pytest.mark.slow

SMALL = Recipe(window=10, layers=1, units=3, epochs=1, test=0.1)


@pytest.fixture(scope="module")
def history():
    return read_prices([SAMPLES / "FB.csv"])[0]


def fit_at_cutoff(history, cutoff):
    from stockcast.training.cutoff import fit_at_cutoff as fit

    return fit(history, SMALL, cutoff)


def test_the_rows_before_the_cutoff_are_all_that_is_seen_and_none_is_kept_for_a_test(history):
    model = fit_at_cutoff(history, 100)
    alone = fit_at_cutoff(history.select(np.arange(100)), 100)
    assert serialize_model(model) == serialize_model(alone)
    assert model.provenance.known_to == str(history.dates[99])[:10]
    assert model.skill is None
    assert model.calibration.count == 9  # a tenth of 99 log returns


def test_many_fits_leave_no_graph_behind_and_warn_of_none(history, caplog):
    def count_graphs():
        gc.collect()
        return sum(type(one).__name__ == "FuncGraph" for one in gc.get_objects())

    fit_at_cutoff(history, 100)
    before = count_graphs()
    with caplog.at_level(logging.WARNING):
        for cutoff in range(101, 107):
            fit_at_cutoff(history, cutoff)
    assert count_graphs() == before
    assert caplog.records == []
