"""`python -m benchmarks.desk`: 500 tickers, three of them broken, while a worker is killed.

Once on processes of this machine and once on a TLS cluster of two worker processes. A line for each
thing that is looked at goes to stdout; exits 1 if one did not hold.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.processes import ROOT
from benchmarks.stage import Report, list_certificates, write_walk
from tests.fleet_work import start_cluster, write_certificates

_LIMIT = 3_600  # seconds for one run
_EVERY = 10  # models between two looks at memory


@dataclass(frozen=True)
class Night:
    """A run of `stockcast train` that has ended.

    Attributes:
        code: its exit code.
        seconds: it took.
        rows: on stdout.
        said: on stderr.
        memory: process number to rows of models there and resident megabytes.
    """

    code: int
    seconds: float
    rows: list[dict[str, str]]
    said: str
    memory: dict[int, list[tuple[int, float]]]

    def count(self, status: str) -> int:
        return sum(row["status"] == status for row in self.rows)


def main() -> int:
    """Run both, a line for each thing that is looked at."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk", description=__doc__)
    parser.add_argument("--tickers", type=int, default=500)
    tickers = parser.parse_args().tickers
    report = Report()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_prices(folder / "prices", tickers)
        models = folder / "models"
        check_run(report, "--jobs 2", folder, models, ("--jobs", "2"), tickers)
        check_again(report, "--jobs 2", folder, models, ("--jobs", "2"), tickers)
        with open_tls(folder) as options:
            far = folder / "far"
            check_run(report, "TLS cluster", folder, far, options, tickers)
            check_again(report, "TLS cluster", folder, far, options, tickers)
        same = read_models(models) == read_models(far)
        report.tell(same, "the models of both are the same, byte for byte")
    return bool(report.failures)


def write_prices(folder: Path, tickers: int) -> None:
    """Write random walks; the last three are too short, no table, and without a price."""
    folder.mkdir()
    for number in range(tickers):
        write_walk(folder / f"T{number:03}.csv", number)
    short, none, gap = sorted(folder.iterdir())[-3:]
    short.write_text("".join(short.read_text().splitlines(keepends=True)[:12]))
    none.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    lines = gap.read_text().splitlines(keepends=True)
    lines[600] = lines[600].split(",")[0] + ",n/a?\n"
    gap.write_text("".join(lines))


@contextmanager
def open_tls(folder: Path) -> Iterator[Sequence[object]]:
    """Yield the options for a cluster of two worker processes with certificates."""
    files = write_certificates(folder / "certificates")
    cluster = folder / "cluster"
    cluster.mkdir()
    with start_cluster(cluster, *map(str, list_certificates(files))) as url:
        yield ["--cluster", url, *(word for k, v in files.items() for word in (f"--tls-{k}", v))]


def check_run(
    report: Report,
    what: str,
    folder: Path,
    models: Path,
    options: Sequence[object],
    tickers: int,
) -> None:
    """Train all, a worker being killed when a third of the models are there."""
    night = train(folder, models, options, kill_at=tickers // 3)
    good = tickers - 3
    made = len(read_models(models))
    report.tell(
        night.code == 3 and made == night.count("trained") == good and night.count("failed") == 3,
        f"{what}, a worker killed: exit {night.code}, {made} models, {night.count('failed')} "
        f"failed, {night.seconds:.0f} s, {3600 * good / night.seconds:,.0f} an hour",
    )
    for line in night.said.splitlines():
        if line.startswith("error:"):
            print(f"              {line[:150]}")
    for pid, seen in night.memory.items():
        print(f"              memory of {pid}: {tell_memory(seen)}", flush=True)


def check_again(
    report: Report,
    what: str,
    folder: Path,
    models: Path,
    options: Sequence[object],
    tickers: int,
) -> None:
    """A second run trains none again but the broken ones."""
    night = train(folder, models, [*options, "--if-changed"])
    fine = night.code == 3 and night.count("unchanged") == tickers - 3
    report.tell(
        fine and night.count("failed") == 3 and not night.count("trained"),
        f"{what}, --if-changed: exit {night.code}, {night.count('unchanged')} unchanged, "
        f"{night.count('trained')} trained, {night.count('failed')} failed, {night.seconds:.0f} s",
    )


def train(
    folder: Path, models: Path, options: Sequence[object], *, kill_at: int | None = None
) -> Night:
    """Run `stockcast train` of all tickers to its end.

    Args:
        folder: where the prices are.
        models: where the models go.
        options: of the command.
        kill_at: models after which a worker is killed.
    """
    argv = [sys.executable, "-m", "stockcast", "train", "prices", "-o", models]
    argv += ["--recipe", ROOT / "configs" / "fast.toml", *options]
    memory: dict[int, list[tuple[int, float]]] = {}
    began = time.monotonic()
    with (folder / "rows.csv").open("w") as rows, (folder / "said").open("w") as said:
        process = subprocess.Popen(
            list(map(str, argv)), cwd=folder, stdout=rows, stderr=said, stdin=subprocess.DEVNULL
        )
        looked = 0
        while process.poll() is None:
            if time.monotonic() - began > _LIMIT:
                process.kill()
            made = len(list(models.glob("*.safetensors")))
            if kill_at is not None and made >= kill_at:
                find_workers()[0].kill()
                kill_at = None
            if made >= looked + _EVERY:
                looked = made
                for one in (psutil.Process(process.pid), *find_workers()):
                    look_at(one, made, memory)
            time.sleep(0.2)
    seconds = time.monotonic() - began
    with (folder / "rows.csv").open(newline="") as rows:
        found = list(csv.DictReader(rows))
    return Night(process.returncode, seconds, found, (folder / "said").read_text(), memory)


def look_at(process: psutil.Process, made: int, memory: dict[int, list[tuple[int, float]]]) -> None:
    try:
        used = process.memory_info().rss / 1e6
    except psutil.NoSuchProcess:
        return
    memory.setdefault(process.pid, []).append((made, used))


def find_workers() -> list[psutil.Process]:
    """Return the processes below this one that train: those that have TensorFlow in memory."""
    found = []
    for one in psutil.Process().children(recursive=True):
        try:
            if any("libtensorflow_framework" in map_.path for map_ in one.memory_maps()):
                found.append(one)
        except (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError):
            continue
    return found


def tell_memory(seen: Sequence[tuple[int, float]]) -> str:
    """Say how resident memory went, and the slope of a line through it, without its first fifth."""
    steady = np.array(seen[len(seen) // 5 :])
    told = f"{seen[0][1]:,.0f} ─▶ {seen[-1][1]:,.0f} MB over {seen[-1][0] - seen[0][0]} models"
    if len(steady) < 3:
        return told
    slope = np.polyfit(steady[:, 0], steady[:, 1], 1)[0]
    return f"{told}, {10 * slope:+.2f} MB in 10"


def read_models(folder: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in folder.glob("*.safetensors")}


if __name__ == "__main__":
    sys.exit(main())
