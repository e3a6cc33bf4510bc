"""Where work is done, and processes that stay for more of it."""

import os

import pytest

from stockcast.fleet.executor import Executor
from tests.fleet_work import Task, tell_process


def find_processes(executor, count):
    tasks = [Task(f"T{number}", None) for number in range(count)]
    return {one.content for one in executor.run(iter(tasks), tell_process, tickers=count)}


@pytest.mark.slow
@pytest.mark.process
def test_processes_that_are_kept_do_the_next_run_too_and_end_with_the_block():
    with Executor(jobs=2).keep_open(tickers=12) as kept:
        first, second = find_processes(kept, 12), find_processes(kept, 12)
        assert len(first) == 2
        assert second <= first
        assert os.getpid() not in first
    for process in first:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_what_is_kept_is_of_the_executors_own_class():
    class Twice(Executor):
        def run(self, tasks, work, *, tickers):
            return super().run((task for task in tasks for _ in range(2)), work, tickers=tickers)

    with Twice(jobs=1).keep_open(tickers=2) as kept:
        assert len(list(kept.run(iter([Task("T", None)]), tell_process, tickers=1))) == 2


def test_one_job_is_done_in_this_process_kept_or_not():
    with Executor(jobs=1).keep_open(tickers=12) as kept:
        assert find_processes(kept, 2) == {os.getpid()}
        assert kept.count_jobs(2) == 1


@pytest.mark.slow
@pytest.mark.process
def test_an_error_in_the_block_ends_the_processes_at_once():
    found = set()

    def fail():
        with Executor(jobs=2).keep_open(tickers=12) as kept:
            found.update(find_processes(kept, 4))
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        fail()
    for process in found:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
