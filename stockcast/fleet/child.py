"""One process of its own, for one task after the other; where it dies a new one follows."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection

from stockcast.fleet.fleet import Tasks, Work
from stockcast.fleet.interruption import hold_signals
from stockcast.fleet.work import Job, Made, Outcome, explain_bug, explain_death

_TRIES = 2


def run_in_child(
    tasks: Tasks[Job, Made], work: Work[Job, Made]
) -> Generator[Outcome[Made], None, None]:
    """Do one task after the other in one process beside this one.

    A task whose process dies is tried once more, in a new one; if that dies too the task fails, and
    stops no other. No process is started before there is something to do.

    Args:
        tasks: what to do.
        work: does one; a function that can be imported.
    """
    with closing(_Child()) as child:
        for task in tasks:
            yield task if isinstance(task, Outcome) else child.do(task, work)


class _Child:
    """The process that is there at the moment, if one is."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._lifeline: Connection | None = None

    def do(self, task: Job, work: Work[Job, Made]) -> Outcome[Made]:
        """Do a task."""
        for _ in range(_TRIES):
            try:
                future = self._open().submit(work, task)
                error = future.exception()
            except BrokenProcessPool as died:  # while it had nothing to do
                error = died
            if error is None:
                return future.result()
            if not isinstance(error, BrokenProcessPool):
                return explain_bug(task.name, error)
            self.close()
        return explain_death(task.name)

    def _open(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = get_context("spawn")  # a fork would share TensorFlow's threads
            theirs, self._lifeline = context.Pipe(duplex=False)
            with theirs, hold_signals():  # Ctrl-C is for this process to answer
                self._pool = ProcessPoolExecutor(
                    1, context, initializer=_end_with_parent, initargs=(theirs,)
                )
                self._pool.submit(int).exception()  # it is started by its first task
        return self._pool

    def close(self) -> None:
        """End the process now, whatever it is at."""
        if self._pool is not None and self._lifeline is not None:
            self._lifeline.close()
            self._pool.shutdown()
        self._pool = self._lifeline = None


def _end_with_parent(lifeline: Connection) -> None:
    """End this process as soon as nobody holds the other end, be it that the parent was killed."""

    def wait() -> None:
        lifeline.poll(None)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
