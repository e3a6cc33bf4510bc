"""Where the work on many tickers is done: this process, several, or a cluster."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

from stockcast.errors import option
from stockcast.imports import find_missing, require_extra

if TYPE_CHECKING:
    from stockcast.fleet.cluster import Address
    from stockcast.fleet.fleet import Tasks, Work
    from stockcast.fleet.work import Job, Made, Outcome


@dataclass(frozen=True)
class Executor:
    """Where the work on many tickers is done.

    Attributes:
        jobs: processes on this machine; 1: this one; None: one a core, or this one where the
            extra `cluster` is not installed.
        timeout: seconds after which a ticker is given up; None: never.
        cluster: address of a Dask cluster to use instead; None: this machine.
        isolated: let one job of several tickers have a process of its own, so that a ticker that
            ends its process stops no other; with several jobs each has one anyway.

    Raises:
        MissingLibrary: several processes or a cluster, without the extra `cluster`.

    Example:
        >>> Executor(jobs=2).count_jobs(10)
        2
    """

    jobs: int | None = None
    timeout: float | None = None
    cluster: Address | None = None
    isolated: bool = False
    _kept: ClassVar[_Kept | None] = None  # of an executor that `keep_open` yields

    def __post_init__(self) -> None:
        if self.cluster is not None:
            require_extra("cluster", "a cluster")
        elif (self.jobs or 1) > 1:
            alone = f"or give {option('jobs', 1)}"
            require_extra("cluster", "work in several processes", otherwise=alone)

    def count_jobs(self, tickers: int) -> int:
        """Return how many processes of this machine work on so many tickers."""
        return min(self.jobs or self._choose_jobs(), max(1, tickers))

    def _choose_jobs(self) -> int:
        """A process a core, where there is what hands tasks out to several."""
        return _count_cores() if find_missing("cluster") is None else 1

    def count_processes(self, tickers: int) -> int:
        """Return the same; 0 for a cluster, which has as many as it has."""
        return 0 if self.cluster else self.count_jobs(tickers)

    def run(
        self, tasks: Tasks[Job, Made], work: Work[Job, Made], *, tickers: int
    ) -> Generator[Outcome[Made], None, None]:
        """Do each task, and yield each outcome once it is there.

        Args:
            tasks: what to do, read as it is needed.
            work: does one; a function that can be imported where the workers are.
            tickers: how many to expect.

        Raises:
            ClusterError: there is no such cluster, or it is gone.
        """
        from stockcast.fleet.fleet import run_here, run_on

        if self._is_alone(tickers):
            if not self.isolated or tickers < 2:
                return run_here(tasks, work)
            from stockcast.fleet.child import run_in_child

            return run_in_child(tasks, work)
        return run_on(self._open_workers(tickers), tasks, work)

    @contextmanager
    def keep_open(self, *, tickers: int) -> Iterator[Self]:
        """Yield an executor whose processes stay from one `run` to the next, till the block ends.

        They are started when the first task needs one.

        Args:
            tickers: what the largest of the runs expects.
        """
        with ExitStack() as stack:
            kept = copy.copy(self)
            object.__setattr__(kept, "_kept", _Kept(stack, partial(self._open_workers, tickers)))
            yield kept

    def _is_alone(self, tickers: int) -> bool:
        return self.cluster is None and self.count_jobs(tickers) == 1

    def _open_workers(self, tickers: int) -> AbstractContextManager[Any]:
        from stockcast.fleet.cluster import open_cluster, open_local

        if self._kept is not None:
            return self._kept
        return open_cluster(self.cluster) if self.cluster else open_local(self.count_jobs(tickers))


class _Kept(AbstractContextManager[Any]):
    """What is opened when it is first entered, and closed with a stack.

    Args:
        stack: closes it.
        open_workers: returns a client's block.
    """

    def __init__(
        self, stack: ExitStack, open_workers: Callable[[], AbstractContextManager[Any]]
    ) -> None:
        self._stack, self._open = stack, open_workers
        self._clients: list[Any] = []

    def __enter__(self) -> Any:
        if not self._clients:
            self._clients.append(self._stack.enter_context(self._open()))
        return self._clients[0]

    def __exit__(self, *_: object) -> None:
        """Leave it open."""


def _count_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
