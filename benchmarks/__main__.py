"""`python -m benchmarks [NAME…]`: the table on stdout, progress on stderr."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from benchmarks.commands import (
    compare_help,
    compare_predict,
    compare_predict_with_imports,
    compare_train,
)
from benchmarks.comparison import TABLE_HEAD, Comparison, format_row
from benchmarks.epochs import (
    compare_cifg,
    compare_engines,
    compare_gru,
    compare_peephole,
    compare_with_floor,
    compare_with_jax,
    compare_with_keras,
    compare_with_torch,
)
from benchmarks.estimator import compare_with_train as compare_fit_with_train
from benchmarks.estimator import compare_with_wrapper as compare_fit_with_keras
from benchmarks.fleet import compare_fleet, compare_fleet_engines, compare_predict_many
from benchmarks.pools import compare_epoch as compare_pool_epoch
from benchmarks.pools import compare_memory as compare_pool_memory
from benchmarks.preparing import compare_memory, compare_time
from benchmarks.processes import BenchmarkError
from benchmarks.reading import (
    compare_gzip,
    compare_large,
    compare_large_locale,
    compare_odd,
    compare_parquet,
)

BENCHMARKS: dict[str, Callable[[], list[Comparison]]] = {
    "epoch-keras": compare_with_keras,
    "epoch-torch": compare_with_torch,
    "epoch-jax": compare_with_jax,
    "epoch-engine": compare_engines,
    "epoch-floor": compare_with_floor,
    "epoch-peephole": compare_peephole,
    "epoch-cifg": compare_cifg,
    "epoch-gru": compare_gru,
    "fit-train": compare_fit_with_train,
    "fit-keras": compare_fit_with_keras,
    "train": compare_train,
    "pool-epoch": compare_pool_epoch,
    "pool-memory": compare_pool_memory,
    "predict": compare_predict,
    "predict-import": compare_predict_with_imports,
    "predict-many": compare_predict_many,
    "fleet": compare_fleet,
    "fleet-engine": compare_fleet_engines,
    "help": compare_help,
    "prepare-memory": compare_memory,
    "prepare-time": compare_time,
    "read-large": compare_large,
    "read-large-locale": compare_large_locale,
    "read-parquet": compare_parquet,
    "read-gzip": compare_gzip,
    "read-odd": compare_odd,
}


def main() -> int:
    """Run what was asked for, a row at a time."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    known = ", ".join(BENCHMARKS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{known}; default: all")
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {unknown[0]!r}, there are {known}")
    cores = os.cpu_count() or 1
    load = os.getloadavg()[0]
    if load > 0.25 * cores:
        print(f"note: other work is running here (load {load:.1f})", file=sys.stderr)
    print(TABLE_HEAD, flush=True)
    try:
        for name in names:
            for comparison in BENCHMARKS[name]():
                print(format_row(comparison), flush=True)
    except BenchmarkError as error:
        print(f"error: {error}\n  `make bench` installs what a row needs", file=sys.stderr)
        return 1
    print(f"\n{cores} cores, {platform.platform()}, {_list_versions()}")
    return 0


def _list_versions() -> str:
    versions = [f"Python {platform.python_version()}"]
    for name in (
        "stockcast-lstm",
        "tensorflow",
        "keras",
        "torch",
        "jax",
        "llvmlite",
        "numpy",
        "pandas",
        "pyarrow",
    ):
        with contextlib.suppress(PackageNotFoundError):  # torch is only there for one row
            versions.append(f"{name} {version(name)}")
    return ", ".join(versions)


if __name__ == "__main__":
    sys.exit(main())
