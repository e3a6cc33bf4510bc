"""Faults on purpose, for tests only: a death or a disk error at a named point of the writing.

The environment variable STOCKCAST_FAULT is `POINT:N:WHAT`, such as `before-rename:2:kill`. When
the process reaches POINT for the Nth time,

- `kill` ends it with SIGKILL, as the kernel or a power cut would: no `finally` runs;
- `enospc` and `eio` raise OSError there, and each time after, as a full or broken disk does.

Points lie between two steps, so that a test can show what each of them leaves behind. They are
those of POINTS, in the order in which a run meets them. Without the variable nothing happens.
"""

from __future__ import annotations

import errno
import os
import signal
from collections import Counter

from stockcast.errors import UsageError

VARIABLE = "STOCKCAST_FAULT"
POINTS = (
    "before-write",  # a temporary file or folder is there, empty
    "after-write",  # it is written, and not yet flushed
    "before-rename",  # it is on the disk
    "after-rename",  # it has its name; the folder is not yet flushed
    "after-replace",  # all of it is on the disk
    "before-keep",  # the new model is on the disk, the old one not yet in the history
    "after-keep",  # the old model is in the history and in its place
    "before-prune",  # the new model is in its place, the history one too long
    "before-restore",  # a rollback has set the present model aside
    "after-restore",  # the earlier model is in its place
    "before-append",  # the ledger is open and whole
    "half-append",  # half of the new bytes are written
    "after-append",  # all of them, and not yet flushed
    "after-ledger",  # they are on the disk
)
_KINDS = {"kill": 0, "enospc": errno.ENOSPC, "eio": errno.EIO}

_reached: Counter[str] = Counter()


def reach(point: str) -> None:
    """Pass a point of the writing; the fault that the environment asks for happens here.

    Raises:
        OSError: the fault.
        UsageError: STOCKCAST_FAULT is not of its form, so a test would test nothing.
    """
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    where, number, kind = _parse(wanted)
    if point != where:
        return
    _reached[point] += 1
    if _reached[point] < number:
        return
    if kind == "kill":
        if _reached[point] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return
    raise OSError(_KINDS[kind], os.strerror(_KINDS[kind]))


def _parse(text: str) -> tuple[str, int, str]:
    point, _, rest = text.partition(":")
    number, _, kind = rest.partition(":")
    if point not in POINTS or not number.isdecimal() or kind not in _KINDS:
        raise UsageError(
            f"{VARIABLE} is {text!r}, expected POINT:N:WHAT",
            hint=f"points: {', '.join(POINTS)}; faults: {', '.join(_KINDS)}",
        )
    return point, int(number), kind
