"""Ctrl-C and SIGTERM, held back for a moment."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

_HELD = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def hold_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the block is over.

    Threads that are started inside, and the processes that those start ever after, never hear
    of Ctrl-C: a terminal sends it to all of them, and only this process is to answer.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if sys.platform == "win32":  # where nothing masks signals
        yield
        return
    resource_tracker.ensure_running()  # as it starts it would let Ctrl-C through again
    heard: list[int] = []
    before = {one: signal.signal(one, lambda number, _: heard.append(number)) for one in _HELD}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for one, handler in before.items():
            signal.signal(one, handler)
        if heard:
            signal.raise_signal(signal.Signals(heard[0]))
