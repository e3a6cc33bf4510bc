import numpy as np
import pytest

from stockcast.backtesting.candidates import name_candidates
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.plan import plan_backtest
from stockcast.recipe import Recipe, load_recipe
from stockcast.windows.series import window_history
from tests.support import draw_model

SMALL = {"window": 5, "layers": 1, "units": 3}


@pytest.fixture(scope="session")
def fit_untrained():
    """Fit as a backtest wants it, honest, but with weights drawn at random."""

    def fit(history, recipe, cutoff):
        return draw_model(window_history(history.select(np.arange(cutoff)), recipe))

    return fit


@pytest.fixture(scope="session")
def set_out():
    """Name candidates of a small recipe and plan their backtest: (candidates, plan)."""

    def make(history, names=("default", "drift"), *, models=None, fields=None, **when):
        overrides = {**SMALL, **(fields or {})}
        candidates = name_candidates(names, overrides, models)
        default, cutoffs = load_recipe("default", overrides), CutoffOptions(**when)
        return candidates, plan_backtest(history, candidates, default, cutoffs)

    return make


@pytest.fixture(scope="session")
def small_recipe():
    return Recipe(**SMALL)
