"""Many tickers' work: handed out as it is asked for, and back as soon as it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Generic, Protocol, TypeVar

from stockcast.errors import ClusterError
from stockcast.fleet.work import Made, Outcome


class Named(Protocol):
    """A task of any kind."""

    @property
    def name(self) -> str:
        """What to call it; no two tasks of a run have the same."""


Job = TypeVar("Job", bound=Named)
Work = Callable[[Job], Outcome[Made]]
# An Outcome among the tasks is a ticker that needs no work, or failed before it.
Tasks = Iterator[Job | Outcome[Made]]
_FRESH = 5.0  # seconds for which the number of workers is believed


def run_here(
    tasks: Tasks[Job, Made], work: Work[Job, Made]
) -> Generator[Outcome[Made], None, None]:
    """Do one task after the other in this process."""
    for task in tasks:
        yield task if isinstance(task, Outcome) else work(task)


def run_on(
    opened: AbstractContextManager[Any], tasks: Tasks[Job, Made], work: Work[Job, Made]
) -> Generator[Outcome[Made], None, None]:
    """Do tasks on the workers of a Dask client, and yield each outcome once it is there.

    The next task is read while the workers are busy, and handed out when one of them is free. So
    memory holds one task a worker. What a dying worker takes with it is tried again at the end, one
    after the other: what kills a worker twice that has nothing else to do is at fault, and fails.
    The order is that in which tasks are done.

    Args:
        opened: gives a `distributed.Client`.
        tasks: what to do.
        work: does one; a function that can be imported where the workers are.

    Raises:
        ClusterError: the scheduler is gone.
    """
    with ExitStack() as stack:
        crew: _Crew[Job, Made] | None = None  # not called before there is something to do
        for task in tasks:
            if isinstance(task, Outcome):
                yield task
                continue
            if crew is None:
                crew = _Crew(stack.enter_context(opened), work)
            while crew.is_busy():
                yield from crew.collect()
            crew.submit(task)
        if crew is not None:
            yield from crew.finish()


class _Crew(Generic[Job, Made]):
    """A cluster's workers, as many as there are at the moment, and what they are at."""

    def __init__(self, client: Any, work: Work[Job, Made]) -> None:
        from distributed import as_completed

        self._client = client
        self._work = work
        self._completed = as_completed(with_results=False)
        self._running: dict[Any, Job] = {}
        self._suspects: list[Job] = []
        self._submitted = 0
        self._asked = float("-inf")
        self._places = 1

    def is_busy(self) -> bool:
        """Whether there is a task for every worker; how many there are may change."""
        now = time.monotonic()
        if now - self._asked > _FRESH:
            self._asked = now
            self._places = max(1, sum(self._client.nthreads().values()))
        return len(self._running) >= self._places

    def submit(self, task: Job) -> None:
        """Hand a task out."""
        self._submitted += 1
        key = f"{task.name}-{self._submitted}"
        future = self._client.submit(self._work, task, pure=False, key=key)
        self._running[future.key] = task
        self._completed.add(future)

    def collect(self, *, is_last: bool = False) -> Iterator[Outcome[Made]]:
        """Wait for the next outcome, and let the cluster forget it.

        Args:
            is_last: whether it is not tried again if its worker dies.

        Raises:
            ClusterError: the scheduler is gone.
        """
        from distributed import KilledWorker

        future = next(self._completed)
        task = self._running.pop(future.key)
        if future.status in ("cancelled", "lost"):
            raise ClusterError(
                f"the scheduler is gone, while it had {task.name}",
                hint="start it again; train --if-changed leaves what is done as it is",
            )
        error = future.exception()
        if isinstance(error, KilledWorker) and not is_last:
            self._suspects.append(task)
        else:
            yield future.result() if error is None else _explain(task.name, error)
        future.release()

    def finish(self) -> Iterator[Outcome[Made]]:
        """Wait for all that is running; then try each that died with a worker again, alone."""
        while self._running:
            yield from self.collect()
        suspects, self._suspects = self._suspects, []
        for task in suspects:
            self.submit(task)
            yield from self.collect()
            if self._suspects:
                self.submit(self._suspects.pop())
                yield from self.collect(is_last=True)


def _explain(name: str, error: BaseException) -> Outcome[Any]:
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
        hint="run it alone with --debug and report what it prints",
    )
