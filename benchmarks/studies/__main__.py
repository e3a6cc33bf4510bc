"""`python -m benchmarks.studies [FOLDER]`: the tables of docs/studies.md on stdout.

What FOLDER holds of an earlier run is not run again; progress goes to stderr.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.studies.intervals import print_tables
from benchmarks.studies.pooling import print_pooling, run_pooling
from benchmarks.studies.skill import FOLDER, print_real, print_simulated, run_study


def main() -> None:
    """Run the studies one after the other."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    print(
        f"power, null, real, pooling and intervals: two hours on two quiet cores; what {folder} "
        "has is not run again",
        file=sys.stderr,
    )
    for name, show in (("power", print_simulated), ("null", print_simulated), ("real", print_real)):
        rows = run_study(name, folder)
        print(f"\n## {name}\n", flush=True)
        show(rows)
    print("\n## pooling\n", flush=True)
    print_pooling(run_pooling(folder))
    print("\n## intervals")
    print_tables()


if __name__ == "__main__":
    main()
