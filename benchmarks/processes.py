"""Child processes: timed as a whole, or kept waiting and asked for an epoch at a time.

Nothing here may import NumPy or more: a child's peak memory starts at what its parent has.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKERS = Path(__file__).resolve().parent / "workers"
PYTHON = sys.executable
STOCKCAST = str(Path(sys.executable).with_name("stockcast"))

MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes; what getrusage counts in
# Whoever forbids byte code would have us compiled at each start, and no rival.
_NOT_OURS = ("STOCKCAST_", "PYTHONDONTWRITEBYTECODE")
_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)},
    "CUDA_VISIBLE_DEVICES": "-1",  # every row is about the CPU
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


class BenchmarkError(Exception):
    """A child did not do what it should; the message has what it wrote to stderr."""


@dataclass(frozen=True)
class Usage:
    """What a whole process took, from its start to its end.

    Attributes:
        seconds: by the clock on the wall.
        peak: bytes of resident memory, never less than this process had when it started it.
        processor: seconds of all cores together, in the program and for it in the system.
    """

    seconds: float
    peak: float
    processor: float


def run_process(*argv: str) -> Usage:
    """Run a process to its end, its output thrown away.

    Raises:
        BenchmarkError: it failed.
    """
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            argv, cwd=ROOT, env=_ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        _check(process.returncode, argv, _read(errors.fileno()))
    processor = usage.ru_utime + usage.ru_stime
    return Usage(seconds, float(usage.ru_maxrss * MAXRSS_UNIT), processor)


def read_output(*argv: str) -> str:
    """Run a process to its end and return what it wrote to stdout.

    Raises:
        BenchmarkError: it failed.
    """
    done = subprocess.run(argv, cwd=ROOT, env=_ENVIRONMENT, capture_output=True)
    _check(done.returncode, argv, done.stderr)
    return done.stdout.decode()


class Worker:
    """A process that runs one epoch on demand, and sleeps in between."""

    def __init__(self, process: subprocess.Popen[str], argv: Sequence[str], errors: int) -> None:
        self._process = process
        self._argv = argv
        self._errors = errors

    def run_epoch(self) -> float:
        """Return the seconds that an epoch took, by the worker's own clock."""
        assert self._process.stdin
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return float(self.read_line())

    def read_line(self) -> str:
        """Wait for the worker's next answer.

        Raises:
            BenchmarkError: it ended instead.
        """
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            _check(self._process.wait() or 1, self._argv, _read(self._errors))
        return line.strip()


@contextmanager
def start_worker(module: str, *arguments: str) -> Iterator[Worker]:
    """Start `benchmarks.workers.<module>` and wait until it has warmed up; end it afterwards."""
    argv = [PYTHON, "-m", f"benchmarks.workers.{module}", *arguments]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            argv,
            cwd=ROOT,
            env=_ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            worker = Worker(process, argv, errors.fileno())
            worker.read_line()
            yield worker
        finally:
            process.kill()


def _check(code: int, argv: Sequence[str], errors: bytes) -> None:
    if code:
        told = errors.decode(errors="replace").strip()[-2000:]
        raise BenchmarkError(f"{' '.join(argv)} ended with {code}\n{told}")


def _read(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)
