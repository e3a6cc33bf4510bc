"""One ticker's work as a task: the same anywhere, and never an exception for bad data."""

import pickle
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

from stockcast.backtesting import ticker as module
from stockcast.backtesting.candidates import name_candidates
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.ticker import BacktestRequest
from stockcast.errors import LeakageFound, TooShort, TrainingDiverged
from stockcast.model.file import load_model
from stockcast.recipe import Recipe
from stockcast.windows.series import window_history
from stockcast.workflows import tasks
from stockcast.workflows.tasks import TrainTask, WalkTask, train_task, walk_task

TINY = Recipe(window=5, layers=1, units=4, epochs=2)


def make_task(history, *, names=("drift",), fields=None, models=None, check_leakage=False, **more):
    candidates = name_candidates(names, fields or {}, models)
    request = BacktestRequest(
        candidates, Recipe(), CutoffOptions(folds=9), (0.8,), check_leakage=check_leakage
    )
    return WalkTask("MADEUP", history, request, **more)


def test_a_walk_gives_figures_forecasts_and_what_was_replayed(make_history):
    outcome = walk_task(make_task(make_history(80), check_leakage=True))
    assert outcome.error is None
    assert len(outcome.content.dates) == 9
    assert outcome.content.forecasts.actual.shape == (9, 1)
    assert outcome.content.replayed == 6


def test_forecasts_stay_where_they_are_unless_they_are_wanted(make_history):
    outcome = walk_task(make_task(make_history(80), keep_forecasts=False))
    assert outcome.content.forecasts is None


def test_the_same_walk_gives_the_same_after_a_journey(make_history, make_model):
    history = make_history(150)
    model = make_model(history.select(np.arange(100)))
    task = make_task(history, models={"m.safetensors": model})
    here, there = walk_task(task), walk_task(pickle.loads(pickle.dumps(task)))
    for name, one in here.content.scores.items():
        other = there.content.scores[name]
        np.testing.assert_array_equal(one.squares, other.squares)
        assert one.skill == other.skill
    assert len(pickle.dumps(here)) < 20_000  # no model in it


def test_bars_that_are_too_few_are_an_outcome(make_history):
    outcome = walk_task(make_task(make_history(12), names=["moving-average:20"]))
    assert outcome.content is None
    assert "no room for 9 cutoffs" in str(outcome.error)
    assert type(outcome.error) is TooShort
    assert outcome.error.hint


def test_a_walk_is_given_up_before_the_next_candidate(make_history):
    outcome = walk_task(make_task(make_history(80), timeout=0.0))
    assert outcome.content is None
    assert "MADEUP: not done after 0 s, before drift" in str(outcome.error)
    assert "timeout=" in outcome.error.hint
    assert outcome.error.__traceback__ is None  # which would hold the history


def test_a_leak_comes_back_as_what_it_is(make_history, monkeypatch):
    def find(*_, **__):
        raise LeakageFound("drift: the forecast is another one", hint="a bug")

    monkeypatch.setattr(module, "check_leakage", find)
    leak = walk_task(make_task(make_history(80), check_leakage=True)).error
    again = pickle.loads(pickle.dumps(leak))
    assert isinstance(again, LeakageFound)
    assert (str(again), again.hint) == (str(leak), "a bug")


@pytest.mark.slow
def test_a_recipe_is_trained_and_given_up_in_an_epoch_when_its_time_is_over(make_history):
    fields = {"window": 5, "layers": 1, "units": 3, "epochs": 2}
    task = make_task(make_history(80), names=["default"], fields=fields)
    assert walk_task(task).content.scores["default"].skill.count == 9
    late = make_task(make_history(80), names=["default"], fields=fields, timeout=1e-3)
    outcome = walk_task(late)
    assert "not done after 0.001 s" in str(outcome.error)


def test_a_series_that_cannot_be_trained_on_is_an_outcome_and_no_exception(make_history):
    recipe = TINY.model_copy(update={"learning_rate": 1e30, "epochs": 20})
    outcome = train_task(TrainTask("MADEUP", window_history(make_history(80), recipe)))
    assert outcome.content is None
    assert type(outcome.error) is TrainingDiverged
    assert "no longer a number" in str(outcome.error)
    assert outcome.error.hint == "try a smaller learning_rate="


def test_a_training_is_given_up_when_its_time_is_over(make_history):
    outcome = train_task(TrainTask("MADEUP", window_history(make_history(80), TINY), timeout=0.0))
    assert outcome.content is None
    assert "MADEUP: not done after 0 s, in epoch 1" in str(outcome.error)


@pytest.fixture
def ticking(monkeypatch):
    """A clock that a second passes on whenever it is looked at."""
    seconds = count()
    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: next(seconds)))


@pytest.mark.usefixtures("ticking")
def test_a_training_is_given_up_in_the_middle_of_an_epoch(make_history):
    recipe = TINY.model_copy(update={"batch_size": 2})  # some thirty steps an epoch
    outcome = train_task(TrainTask("MADEUP", window_history(make_history(80), recipe), timeout=9))
    assert "not done after 9 s, in epoch 1" in str(outcome.error)


@pytest.mark.slow
@pytest.mark.usefixtures("ticking")
def test_a_walk_is_given_up_in_the_middle_of_a_fit(make_history):
    fields = {"window": 5, "layers": 1, "units": 3, "epochs": 2, "batch_size": 2}
    task = make_task(make_history(80), names=["default"], fields=fields, timeout=9)
    assert "in epoch 1" in str(walk_task(task).error)


@pytest.mark.slow
def test_a_training_gives_the_model_file_its_skill_and_its_epochs(make_history, tmp_path):
    trained = train_task(TrainTask("MADEUP", window_history(make_history(80), TINY))).content
    path = tmp_path / "m.safetensors"
    path.write_bytes(trained.content)
    model = load_model(path)
    assert trained.skill == model.skill
    assert trained.epochs == model.provenance.epochs == 2
