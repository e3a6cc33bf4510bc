"""One process beside this one, which may die."""

import multiprocessing
import time

import pytest

from stockcast.errors import PricesNotFound, StockcastError, TooShort
from stockcast.fleet.child import run_in_child
from stockcast.fleet.executor import Executor
from stockcast.fleet.work import Outcome
from tests.fleet_work import (
    Task,
    answer,
    die_if_told,
    die_once,
    raise_if_told,
    refuse_if_told,
    tell_process,
)

pytestmark = pytest.mark.slow


def run(names, work):
    return {outcome.name: outcome for outcome in run_in_child(map(Task, names), work)}


def test_no_process_is_started_where_there_is_nothing_to_do():
    done = [Outcome("done"), Outcome("bad", error=PricesNotFound("no such file"))]
    tasks = iter(done)
    outcomes = run_in_child(tasks, answer)
    assert next(outcomes) is done[0]
    assert not multiprocessing.active_children()
    assert list(outcomes) == done[1:]


def test_a_task_whose_process_died_is_tried_again(tmp_path):
    names = [str(tmp_path / name) for name in ("one", "two")]
    outcomes = run(names, die_once)
    assert list(outcomes) == names
    assert all(outcome.content == name.encode() for name, outcome in outcomes.items())


def test_a_task_that_kills_its_process_fails_alone():
    outcomes = run(["one", "die", "two"], die_if_told)
    assert list(outcomes) == ["one", "die", "two"]
    assert str(outcomes["die"].error) == "die: its process died twice"
    assert outcomes["two"].content == b"two"


def test_errors_and_bugs_come_back_as_what_they_are():
    bug = run(["raise", "two"], raise_if_told)
    assert type(bug["raise"].error) is StockcastError
    assert str(bug["raise"].error) == "raise: a bug in stockcast: ValueError: a bug"
    assert bug["two"].content == b"two"
    refused = run(["refuse"], refuse_if_told)["refuse"].error
    assert type(refused) is TooShort
    assert refused.hint == "give folds=3"


def test_the_process_is_the_same_one_until_the_run_is_over_or_broken_off():
    outcomes = run_in_child(map(Task, ["one", "two", "three"]), tell_process)
    first, second = next(outcomes).content, next(outcomes).content
    assert first == second
    assert first in {child.pid for child in multiprocessing.active_children()}
    began = time.monotonic()
    outcomes.close()
    assert time.monotonic() - began < 5
    assert first not in {child.pid for child in multiprocessing.active_children()}


@pytest.mark.parametrize(
    ("executor", "tickers", "is_here"),
    [
        (Executor(jobs=1), 2, True),
        (Executor(jobs=1, isolated=True), 1, True),
        (Executor(jobs=1, isolated=True), 2, False),
    ],
)
def test_one_job_is_done_here_unless_several_tickers_are_to_be_kept_apart(
    executor, tickers, is_here
):
    import os

    (outcome,) = executor.run(iter([Task("one")]), tell_process, tickers=tickers)
    assert (outcome.content == os.getpid()) is is_here
