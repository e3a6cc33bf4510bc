"""Cutoffs and folds, whatever is asked for; and forecasts that know nothing of later rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.backtesting.candidates import name_candidates
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.leakage import check_leakage
from stockcast.backtesting.plan import plan_backtest
from stockcast.backtesting.run import Engine, run_backtest
from stockcast.errors import StockcastError
from stockcast.recipe import Recipe
from stockcast.windows.series import window_history
from tests.strategies import examples
from tests.support import draw_model

pytestmark = pytest.mark.slow

ANY = {"window": 4, "layers": 1, "units": 2}


def fit(history, recipe, cutoff):
    return draw_model(window_history(history.select(np.arange(cutoff)), recipe))


@st.composite
def draw_asked(draw):
    asked = {
        "step": draw(st.integers(1, 4)),
        "refit": draw(st.none() | st.integers(1, 20)),
        "train_rows": draw(st.none() | st.integers(10, 80)),
    }
    if draw(st.booleans()):
        return {**asked, "folds": draw(st.none() | st.integers(1, 30))}
    start = np.datetime64("2012-01-02", "us") + np.timedelta64(draw(st.integers(30, 200)), "D")
    return {**asked, "start": start}


@given(
    asked=draw_asked(),
    rows=st.integers(30, 140),
    horizon=st.integers(1, 6),
    validation=st.sampled_from([0, 0.1, 7]),
)
def test_every_fit_ends_before_its_cutoffs_and_every_horizon_comes_true(
    make_history, attempt, asked, rows, horizon, validation
):
    history = make_history(rows)
    fields = {**ANY, "horizon": horizon, "validation": validation}
    candidates = name_candidates(["default", "drift", "moving-average:3"], fields)
    plan = attempt(plan_backtest, history, candidates, Recipe(**fields), CutoffOptions(**asked))
    if isinstance(plan, StockcastError):
        return
    cutoffs = plan.cutoffs
    assert (np.diff(cutoffs) == asked["step"]).all()
    assert cutoffs[-1] + horizon <= rows
    if "start" not in asked:
        assert cutoffs[-1] + horizon == rows
        assert len(cutoffs) == (asked["folds"] or len(cutoffs))
    else:
        assert (history.dates[cutoffs] >= asked["start"]).all()
        assert cutoffs[-1] + asked["step"] + horizon > rows
    for fold in plan.folds:
        assert 0 <= fold.first_row < fold.fitted_at == fold.cutoffs[0] <= fold.cutoffs[-1]
        if asked["train_rows"] is not None:
            assert fold.fitted_at - fold.first_row <= asked["train_rows"]
        # What the plan lets through, a fit can use.
        known = history.select(np.arange(fold.first_row, fold.fitted_at))
        assert (
            window_history(known, candidates[0].source).dates[-1] < history.dates[fold.cutoffs[0]]
        )
    assert sum(len(fold.cutoffs) for fold in plan.folds) == len(cutoffs)
    assert [len(fold.cutoffs) for fold in plan.folds[:-1]] == [asked["refit"]] * (
        len(plan.folds) - 1
    )


@examples(40)
@given(
    refit=st.none() | st.integers(1, 20),
    step=st.integers(1, 4),
    horizon=st.integers(1, 4),
    target=st.sampled_from(["price", "log-return", "relative"]),
    validation=st.sampled_from([0, 0.1]),
    train_rows=st.none() | st.integers(30, 60),
)
def test_no_honest_backtest_rings_the_alarm(
    make_history, refit, step, horizon, target, validation, train_rows
):
    history = make_history(110)
    fields = {**ANY, "horizon": horizon, "target": target, "validation": validation}
    candidates = name_candidates(["default", "drift", "autoregression:1"], fields)
    cutoffs = CutoffOptions(folds=12, step=step, refit=refit, train_rows=train_rows)
    plan = plan_backtest(history, candidates, Recipe(**fields), cutoffs)
    setup = Engine(fit=fit)
    walks = run_backtest(history, candidates, plan, setup)
    assert check_leakage(history, walks, plan, setup) >= 9
