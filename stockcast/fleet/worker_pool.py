"""A cluster's workers and their tasks; a worker that falls silent is noticed in bounded time."""

from __future__ import annotations

import asyncio
import queue
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Generic

from stockcast.errors import ClusterError, option
from stockcast.fleet.work import Job, Made, Outcome, explain_bug, explain_death

_FRESH = 5.0  # seconds for which the number of workers is believed
_SILENT = 30.0  # seconds after which a scheduler that does not answer is given up
_ALONE = 60.0  # seconds for which there may be no worker
_DONE_STAYS = (
    f"train {option('if_changed', value=True)} leaves what is done as it is, and so does tune "
    f"{option('storage', shown='FILE')}"
)
_Key = tuple[str, int]
_Answer = tuple[_Key, asyncio.Future[Outcome[Made]]]


class WorkerPool(Generic[Job, Made]):
    """A cluster's workers, as many as there are at the moment, and what they are at.

    Args:
        client: a `distributed.Client`.
        work: does a task; a function that can be imported where the workers are.
    """

    def __init__(self, client: Any, work: Callable[[Job], Outcome[Made]]) -> None:
        self._client = client
        self._work = work
        # Of this pool alone: a scheduler takes two tasks of one key for the same, whoever asks.
        self._group = f"stockcast-{uuid.uuid4().hex}"
        self._running: dict[_Key, tuple[Job, Any]] = {}  # key ─▶ task, and its future
        self._answers: queue.SimpleQueue[_Answer[Made]] = queue.SimpleQueue()
        self._suspects: list[Job] = []
        self._submitted = 0
        self._places = 0
        self._asked = float("-inf")
        self._seen = time.monotonic()  # when there was a worker

    def is_busy(self) -> bool:
        """Whether there is a task for every worker; how many there are may change.

        Raises:
            ClusterError: the scheduler is gone, or all workers are.
        """
        if time.monotonic() - self._asked > _FRESH:
            self._count_places()
        return len(self._running) >= max(1, self._places)

    def _count_places(self) -> None:
        client = self._client
        try:
            if client.status != "running":
                raise self._explain_loss()
            threads = client.sync(client.nthreads, callback_timeout=_SILENT)
        except OSError:  # a timeout is one
            raise self._explain_loss() from None
        self._asked = time.monotonic()
        self._places = sum(threads.values())
        if self._places:
            self._seen = self._asked
        elif self._asked - self._seen > _ALONE:
            raise ClusterError(
                f"all workers are gone for {_ALONE:g} s",
                hint=f"start them again; {_DONE_STAYS}",
            )

    def _explain_loss(self) -> ClusterError:
        names = ", ".join(task.name for task, _ in self._running.values())
        return ClusterError(
            "the scheduler is gone" + (f", while it had {names}" if names else ""),
            hint=f"start it again; {_DONE_STAYS}",
        )

    def submit(self, task: Job) -> None:
        """Hand a task out.

        Raises:
            ClusterError: the scheduler is gone.
        """
        from distributed.client import ClosedClientError

        self._submitted += 1
        key = self._group, self._submitted  # one group: a scheduler remembers each for ever
        try:
            future = self._client.submit(self._work, task, pure=False, key=key)
        except ClosedClientError:
            raise self._explain_loss() from None
        self._running[key] = task, future
        self._client.loop.add_callback(self._follow, key, future)

    def _follow(self, key: _Key, future: Any) -> None:
        """Fetch what comes of a task while others are waited for; runs in the client's thread."""

        def put(answer: asyncio.Future[Outcome[Made]]) -> None:
            if not answer.cancelled():
                answer.exception()  # else asyncio logs that nobody looked at it
            self._answers.put((key, answer))

        asyncio.ensure_future(future.result()).add_done_callback(put)

    def collect(self, *, is_last: bool = False) -> Iterator[Outcome[Made]]:
        """Wait for the next outcome, and let the cluster forget it.

        Args:
            is_last: whether it is not tried again if its worker dies.

        Raises:
            ClusterError: the scheduler is gone, or all workers are.
        """
        from distributed import KilledWorker

        key, answer = self._wait()
        error = None if answer.cancelled() else answer.exception()
        if answer.cancelled() or (error and self._running[key][1].status != "error"):
            raise self._explain_loss()  # it was not the work that failed
        task, future = self._running.pop(key)
        if isinstance(error, KilledWorker) and not is_last:
            self._suspects.append(task)
        else:
            yield answer.result() if error is None else _explain(task.name, error)
        future.release()

    def _wait(self) -> _Answer[Made]:
        while True:
            try:
                return self._answers.get(timeout=_FRESH)
            except queue.Empty:
                self._count_places()

    def finish(self) -> Iterator[Outcome[Made]]:
        """Wait for all that is running; then try each that died with a worker again, alone.

        Raises:
            ClusterError: the scheduler is gone, or all workers are.
        """
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

    return explain_death(name) if isinstance(error, KilledWorker) else explain_bug(name, error)
