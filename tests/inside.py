"""The command inside the tests' own process, as if it had one for itself."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from stockcast.cli.app import run
from stockcast.files import faults

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_inside(
    arguments: Sequence[str], *, stdin: bytes | None, cwd: Path | None, env: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run the command on streams of its own; native code writes into them too."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = run_on(out.fileno(), err.fileno(), arguments, stdin=stdin, cwd=cwd, env=env)
        written = []
        for file in (out, err):
            file.seek(0)
            written.append(file.read())
    return subprocess.CompletedProcess(["stockcast", *arguments], code, *written)


def run_on(
    out: int,
    err: int,
    arguments: Sequence[str],
    *,
    stdin: bytes | None,
    cwd: Path | None,
    env: dict[str, str],
) -> int:
    """Run the command with these descriptors as its stdout and stderr; return its exit code."""
    assert not env.get(faults.VARIABLE, "").endswith("kill"), "that would end the tests"
    with _redirect(stdin, out, err), _surround(cwd, env):
        faults._reached.clear()  # as in a new process, no step has been reached
        return _call(arguments)


def _call(arguments: Sequence[str]) -> int:
    """Return the exit code that a process would have."""
    try:
        run(arguments)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    return 0


@contextmanager
def _redirect(stdin: bytes | None, out: int, err: int) -> Iterator[None]:
    """Make these the descriptors 1 and 2, and a pipe or nothing descriptor 0."""
    before = sys.stdin, sys.stdout, sys.stderr
    for stream in before[1:]:
        stream.flush()
    kept = [os.dup(number) for number in range(3)]
    feeder = _feed(stdin)
    os.dup2(out, 1)
    os.dup2(err, 2)
    # Not closed: what a library remembers as stderr stays one.
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        for number, descriptor in enumerate(kept):
            os.dup2(descriptor, number)
            os.close(descriptor)
        if feeder is not None:  # whose reader is gone now
            feeder.join()


def _feed(content: bytes | None) -> threading.Thread | None:
    """Make a pipe with this content descriptor 0, and return who writes into it."""
    if content is None:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        return None
    reader, writer = os.pipe()
    os.dup2(reader, 0)
    os.close(reader)

    def write() -> None:
        try:
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(content)
        except BrokenPipeError:
            pass  # it has read enough

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


@contextmanager
def _surround(cwd: Path | None, env: dict[str, str]) -> Iterator[None]:
    """Run in a folder and an environment, and set both back, and what signals and logs do."""
    folder, variables = Path.cwd(), dict(os.environ)
    handlers = {one: signal.getsignal(one) for one in _SIGNALS}
    log = logging.getLogger()
    listeners, log.handlers = log.handlers, []  # pytest's would take what belongs on stderr
    os.environ.update(env)
    tempfile.tempdir = None  # TMPDIR may be another
    os.chdir(cwd or folder)
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variables)
        tempfile.tempdir = None
        log.handlers = listeners
        for one, handler in handlers.items():
            signal.signal(one, handler)
