"""A worker's side of taking turns: an epoch for each line on stdin, its seconds on stdout."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

WARM_UP = 2  # epochs before the first that counts: graphs are traced, memory is there


def wait_for_turn(clock: Callable[[], float] = time.perf_counter) -> float:
    """Sleep until the next line on stdin and return the time; at its end, end the process."""
    if not sys.stdin.readline():
        sys.exit()
    return clock()


def report(text: object) -> None:
    """Answer with one line."""
    print(text, flush=True)


def serve(
    run_epoch: Callable[[int], object], *, clock: Callable[[], float] = time.perf_counter
) -> None:
    """Warm up, then run an epoch whenever it is our turn.

    Args:
        run_epoch: takes the epoch's number, from 1.
        clock: what is measured, the time on the wall or the processor's.
    """
    for epoch in range(1, WARM_UP + 1):
        run_epoch(epoch)
    report("ready")
    epoch = WARM_UP
    while True:
        began = wait_for_turn(clock)
        epoch += 1
        run_epoch(epoch)
        report(clock() - began)
