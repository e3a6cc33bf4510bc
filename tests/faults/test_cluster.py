"""Clusters whose scheduler or workers fall silent, die, or never answer."""

import os
import signal

import pytest

from stockcast.errors import ClusterError
from stockcast.fleet import cluster, worker_pool
from stockcast.fleet.cluster import Address, open_cluster
from stockcast.fleet.fleet import run_on
from stockcast.recipe import Recipe
from stockcast.windows.series import window_history
from tests.fleet_work import Task, answer, start_cluster, write_certificates

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def series(make_history):
    return window_history(make_history(80), Recipe(window=5, layers=1, units=4, epochs=2))


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Nobody is waited for as long as in a real run."""
    monkeypatch.setattr(worker_pool, "_FRESH", 0.5)
    monkeypatch.setattr(worker_pool, "_SILENT", 3.0)
    monkeypatch.setattr(worker_pool, "_ALONE", 3.0)
    monkeypatch.setattr(cluster, "_ANSWER", 3.0)


@pytest.fixture
def address(tmp_path):
    """A TLS cluster of two workers."""
    files = write_certificates(tmp_path / "ours")
    options = ["--protocol", "tls"]
    for name, flag in (("ca", "--tls-ca-file"), ("cert", "--tls-cert"), ("key", "--tls-key")):
        options += [flag, str(files[name])]
    with start_cluster(tmp_path, *options) as url:
        yield Address(url, **files)


@pytest.fixture
def processes(address):
    """The cluster's: the scheduler's, and its workers'."""
    with open_cluster(address) as client:
        return client.run_on_scheduler(os.getpid), sorted(client.run(os.getpid).values())


def signal_before_second(series, pids, number):
    """Yield tasks; before the second one is handed out, the processes hear a signal."""
    for name in ("one", "two", "three", "four"):
        if name == "two":
            for pid in pids:
                os.kill(pid, number)
        yield Task(name, series)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_run_ends_when_its_scheduler_is(number, series, address, processes, expect_refusal):
    tasks = signal_before_second(series, processes[:1], number)
    with expect_refusal(ClusterError, "the scheduler is gone", hint="if_changed=True"):
        list(run_on(open_cluster(address), tasks, answer))


def test_a_run_ends_when_all_workers_are_gone(series, address, processes, expect_refusal):
    tasks = signal_before_second(series, processes[1], signal.SIGKILL)
    with expect_refusal(ClusterError, "all workers are gone", hint="if_changed=True"):
        list(run_on(open_cluster(address), tasks, answer))


def test_a_run_goes_on_without_a_worker_that_died(series, address, processes):
    tasks = signal_before_second(series, processes[1][:1], signal.SIGKILL)
    outcomes = list(run_on(open_cluster(address), tasks, answer))
    assert sorted(outcome.name for outcome in outcomes) == ["four", "one", "three", "two"]
    assert all(outcome.content == outcome.name.encode() for outcome in outcomes)


def test_a_worker_that_does_not_tell_its_version_is_not_waited_for(
    address, processes, expect_refusal
):
    os.kill(processes[1][0], signal.SIGSTOP)
    with (
        expect_refusal(ClusterError, "not all workers", hint="hangs"),
        open_cluster(address),
    ):
        pass
