"""One writer at a time: a lock beside the file that is about to change."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.errors import Locked, option
from stockcast.files.disk import make_folder
from stockcast.files.replace import explain_failure, follow_links

if TYPE_CHECKING:
    import filelock

_LONGEST = 400  # bytes of a lock file that are believed


@contextmanager
def hold_lock(
    path: Path,
    *,
    wait: float = 0,
    on_wait: Callable[[str], None] | None = None,
    may_ask: bool = True,
) -> Iterator[None]:
    """Hold the lock of `path`, which need not exist; who holds it already may take it again.

    The operating system keeps the lock, so it is free the moment its process is gone, however
    that ended. The file `.NAME.lock` beside `path` stays; what it says is only who has the lock.

    Args:
        path: the file that is about to change.
        wait: seconds to wait for another run; 0 does not wait.
        on_wait: called once with who has the lock, before any waiting.
        may_ask: whether who asked for this has an option that sets `wait`, for the hint.

    Raises:
        Locked: another run has it.
        OutputError: the folder cannot be written, or its file system has no locks.
    """
    import filelock

    target = follow_links(path)
    file = target.with_name(f".{target.name}.lock")
    try:
        make_folder(target.parent)
        # One object a file in this process, so that a function may lock what its caller locked.
        lock = filelock.FileLock(file, is_singleton=True, fallback_to_soft=False)
        again = lock.is_locked
        _acquire(lock, path, file, wait=wait, on_wait=on_wait, may_ask=may_ask)
    except OSError as error:
        raise explain_failure(file, error) from error
    try:
        if not again:
            _sign(file, f"process {os.getpid()} on {platform.node()}, since {_tell_time()}")
        yield
    finally:
        if not again:
            _sign(file, "")
        lock.release()


def _acquire(
    lock: filelock.BaseFileLock,
    path: Path,
    file: Path,
    *,
    wait: float,
    on_wait: Callable[[str], None] | None,
    may_ask: bool,
) -> None:
    import filelock

    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        holder = _read_holder(file)
        if wait > 0:
            if on_wait is not None:
                on_wait(f"waiting for {path}: {holder} has it")
            try:
                lock.acquire(timeout=wait)
            except filelock.Timeout:
                holder = _read_holder(file)
            else:
                return
        raise Locked(
            f"{path} is in the hands of another run: {holder}",
            hint="try again when it is done"
            + (f", or wait for it: {option('lock_wait', 300, shown='5m')}" if may_ask else ""),
        ) from None


def _sign(file: Path, text: str) -> None:
    """Say in the lock file who has it; the lock is the system's and does not depend on it."""
    with suppress(OSError):
        file.write_text(text, encoding="utf-8", errors="replace")


def _read_holder(file: Path) -> str:
    try:
        with file.open("rb") as content:
            text = content.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        text = ""
    return text if text.isprintable() and text else "a process that has not said who it is"


def _tell_time() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
