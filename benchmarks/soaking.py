"""Runs of the command that are killed, timed and counted, for `benchmarks.soak`."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from stockcast.files.faults import VARIABLE

ROOT = Path(__file__).parent.parent
PRICES = ROOT / "sample_data" / "FB.csv"
SMALL = [
    "--recipe",
    ROOT / "configs" / "fast.toml",
    "--units",
    "4",
    "--window",
    "10",
    "--epochs",
    "4",
]
LOCKED = 11


@dataclass
class Count:
    """What a part of the soak did, and what it lost."""

    runs: int = 0
    faults: int = 0
    lost: list[str] = field(default_factory=list)

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.lost.append(what)
            print(f"LOST: {what}", file=sys.stderr, flush=True)


def start(*arguments: object, fault: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "stockcast", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, VARIABLE: fault},
    )


def run(*arguments: object, fault: str = "") -> tuple[int, str]:
    process = start(*arguments, fault=fault)
    _, err = process.communicate(timeout=600)
    return process.returncode, err.decode()


def kill_at_random(
    chance: random.Random, seconds: float, points: tuple[str, ...], *arguments: object
) -> int:
    """Kill a run at a point of its writing, or a random while after its start."""
    if chance.random() < 0.5:
        process = start(*arguments, fault=f"{chance.choice(points)}:1:kill")
    else:
        process = start(*arguments)
        try:
            process.wait(chance.uniform(0, 1.1 * seconds))
        except subprocess.TimeoutExpired:
            process.kill()
    process.communicate(timeout=600)
    return process.returncode


def time_run(*arguments: object) -> float:
    began = time.monotonic()
    code, err = run(*arguments)
    if code:
        sys.exit(f"a run that nobody kills failed: {err}")
    return time.monotonic() - began
