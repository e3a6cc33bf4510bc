"""Many tickers' work: handed out as it is asked for, and back as soon as it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from stockcast.errors import ClusterError
from stockcast.fleet.work import Outcome, Task

Work = Callable[[Task], Outcome]
Tasks = Iterator[Task | Outcome]  # an Outcome is a ticker that needs no work, or failed before it
_FRESH = 5.0  # seconds for which the number of workers is believed


def run_here(tasks: Tasks, work: Work) -> Generator[Outcome, None, None]:
    """Do one task after the other in this process."""
    for task in tasks:
        yield work(task) if isinstance(task, Task) else task


def run_on(
    opened: AbstractContextManager[Any], tasks: Tasks, work: Work
) -> Generator[Outcome, None, None]:
    """Do tasks on the workers of a Dask client, and yield each outcome once it is there.

    The next task is read while the workers are busy, and handed out when one of them is free. So
    memory holds one task a worker, and a worker that dies takes no task with it that only waited
    there. What it was doing is tried again. The order is that in which tasks are done.

    Args:
        opened: gives a `distributed.Client`.
        tasks: what to do.
        work: does one; a function that can be imported where the workers are.

    Raises:
        ClusterError: the scheduler is gone.
    """
    with ExitStack() as stack:
        crew: _Crew | None = None  # not called before there is something to do
        for number, task in enumerate(tasks):
            if isinstance(task, Outcome):
                yield task
                continue
            if crew is None:
                crew = _Crew(stack.enter_context(opened))
            while crew.is_busy():
                yield crew.collect()
            crew.submit(work, task, number)
        while crew is not None and not crew.is_idle():
            yield crew.collect()


class _Crew:
    """A cluster's workers, as many as there are at the moment, and what they are at."""

    def __init__(self, client: Any) -> None:
        from distributed import as_completed

        self._client = client
        self._running = as_completed(with_results=False)
        self._names: dict[Any, str] = {}
        self._asked = float("-inf")
        self._places = 1

    def is_busy(self) -> bool:
        """Whether there is a task for every worker; how many there are may change."""
        now = time.monotonic()
        if now - self._asked > _FRESH:
            self._asked = now
            self._places = max(1, sum(self._client.nthreads().values()))
        return len(self._names) >= self._places

    def is_idle(self) -> bool:
        """Whether there is no task at all."""
        return not self._names

    def submit(self, work: Work, task: Task, number: int) -> None:
        """Hand a task out."""
        future = self._client.submit(work, task, pure=False, key=f"{task.name}-{number}")
        self._names[future.key] = task.name
        self._running.add(future)

    def collect(self) -> Outcome:
        """Wait for the next outcome, and let the cluster forget it.

        Raises:
            ClusterError: the scheduler is gone.
        """
        future = next(self._running)
        name = self._names.pop(future.key)
        if future.status in ("cancelled", "lost"):
            raise ClusterError(
                f"the scheduler is gone, while it had {name}",
                hint="start it again; with --if-changed what is done stays done",
            )
        error = future.exception()
        outcome: Outcome = future.result() if error is None else _explain(name, error)
        future.release()
        return outcome


def _explain(name: str, error: BaseException) -> Outcome:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return Outcome(
            name,
            problem=f"{name}: its process died twice",
            hint="is there memory enough? try fewer --jobs",
        )
    return Outcome(
        name,
        problem=f"{name}: a bug in stockcast: {type(error).__name__}: {error}",
        hint="train it alone with --debug and report what it prints",
    )
