"""PRICES.csv: what each stage of `stockcast prepare` takes, in one process, as a Markdown table."""

from __future__ import annotations

import csv
import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import MAXRSS_UNIT


def main(prices: Path) -> None:
    """Run the stages one after the other."""
    print("| stage | seconds | peak so far, MB |\n| --- | --- | --- |")
    with _stage("start Python"):
        pass
    with _stage("import the rooms that prepare needs"):
        from stockcast.prices.csv.reader import read_prices
        from stockcast.recipe import load_recipe
        from stockcast.windows.prepared import write_prepared
        from stockcast.windows.series import window_history
    with _stage("read_prices: split, convert, sort, check"):
        (history,) = read_prices([prices])
    with _stage("window_history: split and scale"):
        series = window_history(history, load_recipe("default"))
    with tempfile.TemporaryDirectory() as folder, _stage("write_prepared: to the disk, flushed"):
        write_prepared([series], Path(folder) / "prepared")
    with _stage("of read_prices, alone: hash the bytes"), prices.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    with _stage("of read_prices, alone: split into text cells"):
        _split_cells(prices)


def _split_cells(prices: Path) -> None:
    import pyarrow as pa
    import pyarrow.csv as pacsv

    with prices.open(newline="") as file:
        names = next(csv.reader(file))
    for _ in pacsv.open_csv(
        prices,
        read_options=pacsv.ReadOptions(use_threads=False),
        convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    ):
        pass


@contextmanager
def _stage(name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS_UNIT / 1e6
    print(f"| {name} | {seconds:.3f} | {peak:.0f} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
