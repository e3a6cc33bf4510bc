"""One ticker's backtest as a task: the same anywhere, and never an exception for bad data."""

import pickle

import numpy as np
import pytest

from stockcast.backtesting.candidates import name_candidates
from stockcast.errors import LeakageFound, TooShort
from stockcast.fleet import walk as module
from stockcast.fleet.walk import WalkTask, walk_task
from stockcast.recipe import Recipe


def make_task(history, *, names=("drift",), fields=None, models=None, when=None, **more):
    candidates = name_candidates(names, fields or {}, models)
    return WalkTask("MADEUP", history, candidates, Recipe(), when or {"folds": 9}, (0.8,), **more)


def test_a_task_gives_figures_forecasts_and_what_was_replayed(make_history):
    outcome = walk_task(make_task(make_history(80), replay=True))
    assert outcome.error is None
    assert len(outcome.content.result.dates) == 9
    assert outcome.content.forecasts.actual.shape == (9, 1)
    assert outcome.content.replayed == 6
    assert outcome.content.leak is None


def test_forecasts_stay_where_they_are_unless_they_are_wanted(make_history):
    assert walk_task(make_task(make_history(80), forecasts=False)).content.forecasts is None


def test_the_same_task_gives_the_same_after_a_journey(make_history, make_model):
    history = make_history(150)
    model = make_model(history.select(np.arange(100)))
    task = make_task(history, models={"m.safetensors": model})
    here, there = walk_task(task), walk_task(pickle.loads(pickle.dumps(task)))
    for name, one in here.content.result.scores.items():
        other = there.content.result.scores[name]
        np.testing.assert_array_equal(one.squares, other.squares)
        assert one.skill == other.skill
    assert len(pickle.dumps(here)) < 20_000  # no model in it


def test_bars_that_are_too_few_are_an_outcome(make_history):
    outcome = walk_task(make_task(make_history(12), names=["moving-average:20"]))
    assert outcome.content is None
    assert "no room for 9 cutoffs" in str(outcome.error)
    assert type(outcome.error) is TooShort
    assert outcome.error.hint


def test_a_task_is_given_up_before_the_next_candidate(make_history):
    outcome = walk_task(make_task(make_history(80), timeout=0.0))
    assert outcome.content is None
    assert "MADEUP: not done after 0 s, before drift" in str(outcome.error)
    assert "timeout=" in outcome.error.hint
    assert outcome.error.__traceback__ is None  # which would hold the history


def test_a_leak_comes_back_as_what_it_is(make_history, monkeypatch):
    def find(*_, **__):
        raise LeakageFound("drift: the forecast is another one", hint="a bug")

    monkeypatch.setattr(module, "check_leakage", find)
    leak = walk_task(make_task(make_history(80), replay=True)).content.leak
    again = pickle.loads(pickle.dumps(leak))
    assert isinstance(again, LeakageFound)
    assert (str(again), again.hint) == (str(leak), "a bug")


@pytest.mark.slow
def test_a_recipe_is_trained_and_given_up_in_an_epoch_when_its_time_is_over(make_history):
    fields = {"window": 5, "layers": 1, "units": 3, "epochs": 2}
    task = make_task(make_history(80), names=["default"], fields=fields)
    assert walk_task(task).content.result.scores["default"].skill.count == 9
    late = make_task(make_history(80), names=["default"], fields=fields, timeout=1e-3)
    outcome = walk_task(late)
    assert "not done after 0.001 s" in str(outcome.error)
