"""`python -m benchmarks.soak`: kills, contention, full disks and bad input; a table on stdout.

Exits 1 if anything was lost: a model or ledger row that was there and is not, a half file that was
read, an error that is none of stockcast's own.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from benchmarks.fuzzing import Reader, feed, make_readers
from benchmarks.soaking import LOCKED, PRICES, SMALL, Count, kill_at_random, run, time_run
from stockcast.errors import StockcastError
from stockcast.files.faults import POINTS
from stockcast.ledger.file import read_ledger
from stockcast.model.file import load_model
from stockcast.model.store import list_earlier


def soak_training(folder: Path, chance: random.Random, kills: int) -> Count:
    """Kill trainings of changing seeds; the place always holds a whole model that loads."""
    count, place = Count(), folder / "FB.safetensors"
    command = ("train", PRICES, *SMALL, "-o", place, "-q")
    seconds = time_run(*command)
    known = [place.read_bytes()]
    while count.faults < kills:
        # A snapshot is the first thing written, or the model is.
        more = ("--seed", chance.randint(1, 4), "--checkpoint-every", chance.randint(0, 1))
        code = kill_at_random(chance, seconds, POINTS[:8], *command, *more)
        count.runs += 1
        count.faults += code == -signal.SIGKILL
        count.expect(code in (0, -signal.SIGKILL), f"a training ended with {code}")
        check_models(count, place, known)
    time_run(*command, "--seed", 5)
    left = [path.name for path in folder.rglob("*") if ".stockcast-" in path.name]
    count.expect(not left, f"left behind: {left}")
    return count


def check_models(count: Count, place: Path, known: list[bytes]) -> None:
    """The model in its place and those before it are whole; the newest known one is still there."""
    try:
        held = [place.read_bytes(), *(path.read_bytes() for path in list_earlier(place))]
        for path in (place, *list_earlier(place)):
            load_model(path)
    except (OSError, StockcastError) as error:
        count.expect(False, str(error))
        return
    count.expect(known[-1] in held, "the model that was there is gone")
    known.append(held[0])


def soak_ledger(folder: Path, chance: random.Random, kills: int) -> Count:
    """Kill predictions that record; every row of a run that ended well stays, in its order."""
    count, place, ledger = Count(), folder / "model.safetensors", folder / "ledger.csv"
    time_run("train", PRICES, *SMALL, "-o", place, "-q")
    told = 0
    lines = PRICES.read_text().splitlines(keepends=True)
    prices = folder / "prices.csv"
    command = ("predict", prices, "-m", place, "--ledger", ledger, "-q")
    prices.write_text("".join(lines))
    seconds = time_run(*command)
    while count.faults < kills:
        before = read_ledger(ledger).entries
        # Fewer bars each time: another cutoff, so another row.
        prices.write_text("".join(lines[: len(lines) - count.runs % 150]))
        code = kill_at_random(chance, seconds, POINTS[10:], *command)
        count.runs += 1
        count.faults += code == -signal.SIGKILL
        count.expect(code in (0, -signal.SIGKILL), f"a prediction ended with {code}")
        after = read_ledger(ledger).entries
        told += code == 0
        count.expect(after[: len(before)] == before, "a row of the ledger changed")
        count.expect(len(after) - len(before) in (0, 1), "rows that nobody wrote")
    count.expect(len(read_ledger(ledger).entries) > 1, "no row was ever written")
    return count


def soak_rollback(folder: Path, chance: random.Random, kills: int) -> Count:
    """Kill rollbacks; what is in the place is always one of the models that were made."""
    count, place = Count(), folder / "FB.safetensors"
    from stockcast.model.file import serialize_model
    from stockcast.model.store import publish_model

    time_run("train", PRICES, *SMALL, "-o", place, "-q")
    model = load_model(place)
    made = [serialize_model(model)]
    for number in range(3):
        model.weights.head_bias[:] = number
        made.append(serialize_model(model))
    for content in made:
        publish_model(content, place)
    seconds = 0.6
    while count.faults < kills:
        if not list_earlier(place):
            for content in made:
                publish_model(content, place)
        code = kill_at_random(chance, seconds, POINTS[8:10], "rollback", place, "-q")
        count.runs += 1
        count.faults += code == -signal.SIGKILL
        count.expect(code in (0, -signal.SIGKILL), f"a rollback ended with {code}")
        count.expect(place.read_bytes() in made, "the model is none of those that were made")
    return count


def soak_contention(folder: Path, chance: random.Random, trainings: int, predictions: int) -> Count:
    """Trainings and predictions of one model at once: nothing fails but for the lock."""
    count, place = Count(), folder / "FB.safetensors"
    time_run("train", PRICES, *SMALL, "-o", place, "-q")
    known = [place.read_bytes()]
    jobs = [("train", PRICES, *SMALL, "-o", place, "-q", "--seed", n) for n in range(trainings)]
    for number in range(3):
        jobs[number] += ("--lock-wait", "10m")
    predict = ("predict", PRICES, "-m", place, "-q")
    ledger = ("--ledger", folder / "ledger.csv")
    jobs += [predict + (ledger if number % 2 else ()) for number in range(predictions)]
    chance.shuffle(jobs)
    with ThreadPoolExecutor(trainings + 8) as pool:
        results = list(pool.map(lambda job: (job[0], *run(*job)), jobs))
    for command, code, err in results:
        count.runs += 1
        count.faults += code == LOCKED
        fine = (0, LOCKED) if command == "train" else (0,)
        count.expect(code in fine, f"{command} ended with {code}: {err}")
    check_models(count, place, known)
    return count


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a file system of 1 MB if that is allowed; yield whether it was."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "stockcast-soak", str(folder)]
    mounted = subprocess.run(mount, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def soak_disk(folder: Path, runs: int) -> Count:
    """Write where no room is left: exit 8, and what was there stays as it was."""
    count = Count()
    with small_disk(folder) as mounted:
        place, ledger, table = (folder / name for name in ("m.safetensors", "l.csv", "t.csv"))
        time_run("train", PRICES, *SMALL, "-o", place, "-q")
        time_run("predict", PRICES, "-m", place, "-o", table, "-q")
        ledger.touch()  # empty: a row more in a begun page needs no room
        before = {path: path.read_bytes() for path in (place, ledger, table)}
        faults = [""] if mounted else ["after-write:1:enospc", "half-append:1:enospc"]
        if mounted:
            fill(folder / "filler")
        predict = ("predict", PRICES, "-m", place, "-q")
        train = ("train", PRICES, *SMALL, "--seed", 9, "-o", place, "-q")
        for number in range(runs):
            job = [train, (*predict, "--ledger", ledger), (*predict, "-o", table)][number % 3]
            fault = faults[-1] if "--ledger" in job else faults[0]
            code, err = run(*job, fault=fault)
            count.runs += 1
            count.faults += code == 8
            count.expect(code == 8, f"{job[0]} on a full disk ended with {code}: {err}")
            same = all(path.read_bytes() == content for path, content in before.items())
            count.expect(same, "a full disk changed what was there")
    return count


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            return


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="SIGKILLs in all")
    parser.add_argument("--trainings", type=int, default=20, help="at once")
    parser.add_argument("--predictions", type=int, default=100, help="beside them")
    parser.add_argument("--full", type=int, default=12, help="runs on a full disk")
    parser.add_argument("--cases", type=int, default=2_000, help="bad inputs for each reader")
    parser.add_argument("--readers", nargs="+", help="what alone is fed with bad input: models …")
    parser.add_argument("--jobs", type=int, default=2, help="parts at a time")
    parser.add_argument("--seed", type=int, default=0, help="of moments and points")
    chosen = parser.parse_args()
    print("| what | runs | faults | lost | seconds |\n| --- | --: | --: | --: | --: |")
    lost, parts = 0, [] if chosen.readers else list_parts(chosen)
    if parts:
        with ThreadPoolExecutor(chosen.jobs) as pool:
            lost += sum(pool.map(run_part, *zip(*parts, strict=True)))
    lost += feed_all(chosen)
    return 1 if lost else 0


def list_parts(chosen: argparse.Namespace) -> list[tuple[str, Callable[[Path], Count]]]:
    chances = [random.Random(4 * chosen.seed + number) for number in range(4)]
    fifth = chosen.kills // 5
    return [
        ("trainings killed", lambda at: soak_training(at, chances[0], fifth)),
        (
            "predictions into a ledger killed",
            lambda at: soak_ledger(at, chances[1], chosen.kills - 2 * fifth),
        ),
        ("rollbacks killed", lambda at: soak_rollback(at, chances[2], fifth)),
        ("on a full disk, refused", lambda at: soak_disk(at, chosen.full)),
        (
            "at once, turned away by the lock",
            lambda at: soak_contention(at, chances[3], chosen.trainings, chosen.predictions),
        ),
    ]


def run_part(name: str, part: Callable[[Path], Count]) -> int:
    """Run a part in a folder of its own, print its row, and return what was lost."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        count = part(Path(folder))
    return print_row(name, count, time.monotonic() - began)


def feed_all(chosen: argparse.Namespace) -> int:
    """Feed each reader with so many bad files, some at a time; return what was lost."""
    with tempfile.TemporaryDirectory() as made, ProcessPoolExecutor(chosen.jobs) as pool:
        folder = Path(made)
        tasks = [
            pool.submit(feed_timed, folder, one, chosen.cases)
            for one in make_readers(folder)
            if not chosen.readers or one.name in chosen.readers
        ]
        return sum(print_row(*done.result()) for done in as_completed(tasks))


def feed_timed(folder: Path, reader: Reader, cases: int) -> tuple[str, Count, float]:
    began = time.monotonic()
    count = feed(folder, reader, cases)
    return f"bad input: {reader.name}", count, time.monotonic() - began


def print_row(name: str, count: Count, seconds: float) -> int:
    row = (name, f"{count.runs:,}", f"{count.faults:,}", len(count.lost), f"{seconds:.0f}")
    print("| " + " | ".join(map(str, row)) + " |", flush=True)
    return len(count.lost)


if __name__ == "__main__":
    sys.exit(main())
