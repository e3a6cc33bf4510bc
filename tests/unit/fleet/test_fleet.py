"""Many tasks, in this process and on workers that may die."""

import asyncio
import gc
import signal
import time
import weakref
from contextlib import nullcontext

import pytest

from stockcast.errors import Option, PricesNotFound, StockcastError, TooShort
from stockcast.fleet import cluster
from stockcast.fleet.cluster import open_local
from stockcast.fleet.fleet import run_here, run_on
from stockcast.fleet.work import Outcome
from stockcast.recipe import Recipe
from stockcast.windows.series import window_history
from tests.fleet_work import (
    Task,
    answer,
    answer_twice,
    die_if_told,
    die_once,
    raise_if_told,
    refuse_if_told,
)

TINY = Recipe(window=5, layers=1, units=4, epochs=2)


@pytest.fixture(scope="module")
def series(make_history):
    return window_history(make_history(80), TINY)


def make_tasks(series, *names):
    return [Task(name, series) for name in names]


def test_tasks_are_done_in_order_and_one_that_failed_before_passes_through(series):
    failed = Outcome("bad", error=PricesNotFound("no such file"))
    one, two = make_tasks(series, "one", "two")
    outcomes = list(run_here(iter([one, failed, two]), answer))
    assert [outcome.name for outcome in outcomes] == ["one", "bad", "two"]
    assert outcomes[1] is failed


def test_a_task_is_read_only_when_its_turn_comes(series):
    read = []

    def read_tasks():
        for task in make_tasks(series, "one", "two"):
            read.append(task.name)
            yield task

    outcomes = run_here(read_tasks(), answer)
    next(outcomes)
    assert read == ["one"]


def test_no_cluster_is_opened_where_there_is_nothing_to_do():
    outcomes = [Outcome("done"), Outcome("bad", error=PricesNotFound("no such file"))]
    opened = open_local(2)
    assert list(run_on(opened, iter(outcomes), answer)) == outcomes
    opened.gen.close()


@pytest.mark.slow
def test_what_its_worker_took_along_is_tried_again(series, tmp_path):
    names = [str(tmp_path / name) for name in ("one", "two", "three")]
    outcomes = list(run_on(open_local(2), iter(make_tasks(series, *names)), die_once))
    assert sorted(outcome.name for outcome in outcomes) == sorted(names)
    assert all(outcome.content == outcome.name.encode() for outcome in outcomes)


@pytest.mark.slow
def test_two_runs_on_one_cluster_get_each_its_own_outcomes(series):
    """Both call their first task the same, and a scheduler does tasks of one key once."""
    with open_local(1) as client:
        runs = [
            run_on(nullcontext(client), iter(make_tasks(series, "one", "two")), work)
            for work in (answer, answer_twice)
        ]
        contents = [next(run).content for run in runs]
        for run in runs:
            run.close()
    assert contents == [b"one", b"one one"]


@pytest.mark.slow
def test_memory_holds_no_series_of_tasks_that_are_done(make_history):
    alive = []

    def read_tasks():
        for number in range(20):
            made = window_history(make_history(80), TINY)
            alive.append(weakref.ref(made))
            yield Task(f"T{number}", made)
            del made

    with open_local(1) as client:
        done = list(run_on(nullcontext(client), read_tasks(), answer))
        for _ in range(100):  # the scheduler hears a little later that nobody wants them
            gc.collect()
            kept = [number for number, one in enumerate(alive) if one() is not None]
            tasks = [one for one in gc.get_objects() if type(one) is Task]
            # What it was sent last, a worker's channel still holds.
            if max(len(kept), len(tasks)) <= 2:
                break
            time.sleep(0.1)
    assert len(done) == 20
    assert len(kept) <= 2
    assert len(tasks) <= 2


@pytest.mark.slow
def test_a_task_that_kills_every_worker_fails_alone(series):
    names = ["one", "die", "two", "three", "four"]
    outcomes = list(run_on(open_local(2), iter(make_tasks(series, *names)), die_if_told))
    assert sorted(outcome.name for outcome in outcomes) == sorted(names)
    (failed,) = [outcome for outcome in outcomes if outcome.error]
    assert (failed.name, str(failed.error)) == ("die", "die: its process died twice")


@pytest.mark.slow
def test_a_bug_in_one_task_is_told_and_stops_no_other(series):
    tasks = iter(make_tasks(series, "one", "raise", "two"))
    outcomes = {outcome.name: outcome for outcome in run_on(open_local(1), tasks, raise_if_told)}
    assert type(outcomes["raise"].error) is StockcastError
    assert str(outcomes["raise"].error) == "raise: a bug in stockcast: ValueError: a bug"
    assert outcomes["one"].content
    assert outcomes["two"].content


@pytest.mark.slow
def test_an_error_comes_back_from_a_worker_as_what_it_is(series):
    names = ["one", "refuse"]
    outcomes = list(run_on(open_local(1), iter(make_tasks(series, *names)), refuse_if_told))
    (failed,) = [outcome.error for outcome in outcomes if outcome.error]
    assert type(failed) is TooShort
    assert (str(failed), failed.hint) == ("refuse: folds=9 are too many", "give folds=3")
    assert failed.options == (Option("folds", 9), Option("folds", 3))


@pytest.mark.slow
def test_a_worker_that_ends_with_an_interrupted_run_is_not_started_again(monkeypatch):
    """Else closing would wait for the new one, however long that takes on a busy machine."""
    from distributed import Nanny

    started, start, kill = [], Nanny.instantiate, cluster._kill_workers

    async def count(nanny):
        started.append(nanny)
        return await start(nanny)

    async def kill_and_linger(opened):
        await kill(opened)
        await asyncio.sleep(0.5)

    monkeypatch.setattr(Nanny, "instantiate", count)
    monkeypatch.setattr(cluster, "_kill_workers", kill_and_linger)
    with pytest.raises(KeyboardInterrupt), open_local(1):
        raise KeyboardInterrupt
    assert len(started) == 1


@pytest.mark.slow
def test_ctrl_c_while_a_cluster_closes_is_heard_once_it_is_closed(monkeypatch):
    from distributed import LocalCluster

    closed, leave = [], LocalCluster.__exit__

    def interrupt_and_leave(opened, *error):
        signal.raise_signal(signal.SIGINT)
        leave(opened, *error)
        closed.append(opened.status.name)

    monkeypatch.setattr(LocalCluster, "__exit__", interrupt_and_leave)
    with pytest.raises(KeyboardInterrupt), open_local(1):
        pass
    assert closed == ["closed"]
