"""`python -m benchmarks.hosts`: a cluster of four hosts, cut off one after the other.

The hosts are network namespaces of this machine, made for the run: it needs root and `ip`. A line
for each check goes to stdout; exits 1 if one did not hold, 2 where it cannot run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.checks import (
    check_certificates,
    check_frozen_worker,
    check_lost_scheduler,
    check_lost_worker,
    check_lost_workers,
    check_open,
    check_pages,
    check_same_bytes,
    check_versions,
)
from benchmarks.network import open_network
from benchmarks.stage import Report, Stage

CHECKS: dict[str, Callable[[Stage, Report], None]] = {
    "same": check_same_bytes,
    "certificates": check_certificates,
    "pages": check_pages,
    "open": check_open,
    "versions": check_versions,
    "worker": check_lost_worker,
    "workers": check_lost_workers,
    "frozen": check_frozen_worker,
    "scheduler": check_lost_scheduler,
}


def main() -> int:
    """Run what was asked for, a line for each thing that is looked at."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hosts", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CHECK", help=", ".join(CHECKS))
    parser.add_argument("--tickers", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=40, help="a ticker")
    parser.add_argument("--folder", type=Path, help="empty; logs and models stay there")
    chosen = parser.parse_args()
    names = chosen.names or list(CHECKS)
    if unknown := [name for name in names if name not in CHECKS]:
        parser.error(f"no check {unknown[0]!r}")
    if os.geteuid() or not shutil.which("ip"):
        print("error: network namespaces need root and `ip` (iproute2)", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        return run_checks(chosen, names)
    except KeyboardInterrupt:
        return 130


def run_checks(chosen: argparse.Namespace, names: list[str]) -> int:
    """Run them in a network of their own, which is gone afterwards."""
    report = Report()
    with ExitStack() as stack:
        folder = chosen.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hosts = stack.enter_context(open_network("caller", "scheduler", "a", "b"))
        stage = Stage(folder, hosts, chosen.tickers, chosen.epochs)
        seconds = stage.train_here()
        report.tell(True, f"{chosen.tickers} tickers, --jobs 1, no cluster: {seconds:.0f} s")
        for name in names:
            try:
                CHECKS[name](stage, report)
            except OSError as error:  # a timeout is one
                report.tell(False, f"{name}: {error}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
