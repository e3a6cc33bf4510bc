"""Many tickers' work: handed out as it is asked for, and back as soon as it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from stockcast.fleet.work import Outcome, Task

Work = Callable[[Task], Outcome]
Tasks = Iterator[Task | Outcome]  # an Outcome is a ticker that failed before its work began
_AHEAD = 3  # tasks a worker that wait at the scheduler: enough that none is ever idle


def run_here(tasks: Tasks, work: Work) -> Iterator[Outcome]:
    """Do one task after the other in this process."""
    for task in tasks:
        yield work(task) if isinstance(task, Task) else task


def run_on(opened: AbstractContextManager[Any], tasks: Tasks, work: Work) -> Iterator[Outcome]:
    """Do tasks on the workers of a Dask client, and yield each outcome once it is there.

    A task is read only when its turn comes near, so memory holds a few histories a worker. The
    order is that in which they are done. What a worker's death takes with it is tried again.

    Args:
        opened: gives a `distributed.Client`.
        tasks: what to do.
        work: does one; a function that can be imported where the workers are.
    """
    from distributed import as_completed

    with opened as client:
        limit = _AHEAD * max(1, len(client.scheduler_info()["workers"]))
        names: dict[Any, str] = {}
        done = as_completed(with_results=False)
        for task in tasks:
            if isinstance(task, Outcome):
                yield task
                continue
            future = client.submit(work, task, pure=False, key=f"{task.name}-{len(names)}")
            names[future.key] = task.name
            done.add(future)
            if done.count() >= limit:
                yield _collect(next(done), names)
        for future in done:
            yield _collect(future, names)


def _collect(future: Any, names: dict[Any, str]) -> Outcome:
    """Take a future's outcome, and let the cluster forget it."""
    name = names[future.key]
    error = future.exception()
    outcome = future.result() if error is None else _explain(name, error)
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
