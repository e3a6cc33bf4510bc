"""Many tickers' work: handed out as it is asked for, and back as soon as it is done."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from stockcast.fleet.work import Job, Made, Outcome
from stockcast.fleet.worker_pool import WorkerPool

Work = Callable[[Job], Outcome[Made]]
# An Outcome among the tasks is a ticker that needs no work, or failed before it.
Tasks = Iterator[Job | Outcome[Made]]


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
        ClusterError: the scheduler is gone, or all workers are.
    """
    with ExitStack() as stack:
        workers: WorkerPool[Job, Made] | None = None  # not called before there is something to do
        for task in tasks:
            if isinstance(task, Outcome):
                yield task
                continue
            if workers is None:
                workers = WorkerPool(stack.enter_context(opened), work)
            while workers.is_busy():
                yield from workers.collect()
            workers.submit(task)
        if workers is not None:
            yield from workers.finish()
