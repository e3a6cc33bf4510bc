"""Processes that die or run out of disk at a named point, for every test of what they leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from stockcast.files.faults import POINTS, VARIABLE
from tests.support import ROOT

KILLED = -signal.SIGKILL


def run_code(
    code: str, *arguments: object, fault: str = "", seconds: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """Run Python code in a process of its own, with a fault such as `before-rename:1:kill`."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, VARIABLE: fault},
        timeout=seconds,
    )


def run_killed(code: str, *arguments: object, point: str, number: int = 1) -> None:
    """Run code that dies at a point; fail if it does not get there."""
    assert point in POINTS
    run = run_code(code, *arguments, fault=f"{point}:{number}:kill")
    assert run.returncode == KILLED, f"{point} was not reached: {run.stderr.decode()}"


@contextmanager
def start_code(code: str, *arguments: object):
    """Start Python code in a process of its own, once it has printed `ready`; end it after."""
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        try:
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()


def kill_after(code: str, *arguments: object, seconds: float) -> None:
    """Start code, and kill it that long after it is ready."""
    with start_code(code, *arguments) as process:
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(timeout=60) == KILLED


def list_leftovers(folder: Path) -> list[str]:
    """Return the names below a folder that a finished run must not leave."""
    return sorted(path.name for path in folder.rglob("*") if ".stockcast-" in path.name)


def each_point(*points: str):
    """Parametrize a test over points of the writing."""
    assert set(points) <= set(POINTS)
    return pytest.mark.parametrize("point", points)
