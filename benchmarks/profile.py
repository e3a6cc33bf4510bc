"""`python -m benchmarks.profile`: where an epoch's time and prepare's time and memory go."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.prices import write_prices
from benchmarks.processes import PYTHON, ROOT

_ROWS = 1_000_000


def main() -> int:
    """Run each profile in a process of its own, so that neither holds the other's memory."""
    print("## A training epoch\n", flush=True)
    code = _run("profile_epoch")
    print(f"\n## `prepare` of {_ROWS:,} rows\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        prices = Path(folder) / "large.csv"
        write_prices(prices, rows=_ROWS)
        return code or _run("profile_prepare", str(prices))


def _run(module: str, *arguments: str) -> int:
    argv = [PYTHON, "-m", f"benchmarks.workers.{module}", *arguments]
    return subprocess.run(argv, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
