"""Build the wheel and the source distribution, and run what is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

MARKS = [
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout"),
]
MOMENT = "1764288000"  # SOURCE_DATE_EPOCH


def build(folder: Path) -> tuple[Path, Path]:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": MOMENT},
        check=True,
        capture_output=True,
    )
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


def run(installed, name, *arguments, cwd):
    """Run a program of the environment as somebody would who has nothing else."""
    command = [installed / "bin" / name, *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment)
