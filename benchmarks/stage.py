"""What the checks of `benchmarks.hosts` work with: made-up prices, certificates, a cluster."""

from __future__ import annotations

import itertools
import math
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from benchmarks.network import Host, Program
from benchmarks.processes import ROOT
from tests.fleet_work import write_certificates

_BARS = 1_250  # five years of days
_LIMIT = 300  # seconds for one run of the command
_START = 60  # seconds for a scheduler or a worker to be there


@dataclass
class Report:
    """What was looked at, and what did not hold."""

    failures: int = 0
    _began: float = field(default_factory=time.monotonic)

    def tell(self, holds: bool, what: str) -> None:
        self.failures += not holds
        at = time.monotonic() - self._began
        print(f"{'ok    ' if holds else 'FAILED'} {at:4.0f} s  {what}", flush=True)


@dataclass(frozen=True)
class Run:
    """A `stockcast train` that has ended.

    Attributes:
        code: its exit code.
        seconds: it took.
        said: on stderr, as one line.
        models: ticker ─▶ the bytes of its model.
    """

    code: int
    seconds: float
    said: str
    models: dict[str, bytes]

    def quote(self) -> str:
        """Return how its error begins, or its last words."""
        return self.said[self.said.find("error:") :][:150]


class Stage:
    """Four hosts, prices to train on, and the models that this machine makes of them."""

    def __init__(self, folder: Path, hosts: Sequence[Host], tickers: int, epochs: int) -> None:
        self.folder = folder
        self.caller, self.scheduler, *self.workers = hosts
        self.tickers = tickers
        self.ours = write_certificates(folder / "ours")
        self.theirs = write_certificates(folder / "theirs")
        self.expected: dict[str, bytes] = {}
        self._recipe = ["--recipe", ROOT / "configs" / "fast.toml", "--epochs", epochs]
        self._recipe += ["--patience", 0]
        self._numbers = itertools.count(1)
        (folder / "prices").mkdir()
        for number in range(tickers):
            write_walk(folder / "prices" / f"T{number:02}.csv", number)

    @property
    def url(self) -> str:
        return f"tls://{self.scheduler.address}:8786"

    def train_here(self) -> float:
        """Train without a cluster, in one process, and return the seconds that it took."""
        with self.start_training("--jobs", "1") as training:
            run = training.finish()
        if run.code:
            raise OSError(f"a run without a cluster failed: {run.said}")
        self.expected = run.models
        return run.seconds

    def make_log(self, what: str) -> Path:
        return self.folder / f"{next(self._numbers)}-{what}.log"

    @contextmanager
    def start_training(self, *options: object, models: Path | None = None) -> Iterator[Training]:
        """Yield a `stockcast train` of all tickers on the caller's host."""
        models = models or self.folder / f"models-{next(self._numbers)}"
        argv = [sys.executable, "-m", "stockcast", "train", "prices", "-o", models]
        argv += [*self._recipe, *options]
        with self.caller.start(argv, self.folder, self.make_log("train")) as program:
            yield Training(program, models, time.monotonic())

    def train(self, *options: object, models: Path | None = None) -> Run:
        with self.start_training(*options, models=models) as training:
            return training.finish()

    def name_cluster(self, certificates: Mapping[str, Path] | None = None) -> list[object]:
        files = [(f"--tls-{name}", path) for name, path in (certificates or self.ours).items()]
        return ["--cluster", self.url, *itertools.chain(*files)]

    @contextmanager
    def open_cluster(
        self, settings: Mapping[str, str] | None = None, *, tls: bool = True
    ) -> Iterator[Cluster]:
        """Yield a scheduler with a worker on each of two hosts.

        Args:
            settings: environment of all of them.
            tls: whether they show certificates.
        """
        with ExitStack() as stack:
            words = list_certificates(self.ours) if tls else []
            argv = [sys.executable, "-m", "dask", "scheduler", "--host", self.scheduler.address]
            argv += ["--port", "8786", "--no-dashboard", *words]
            log = self.make_log("scheduler")
            scheduler = self.scheduler.start(argv, self.folder, log, settings)
            cluster = Cluster(stack.enter_context(scheduler), [])
            cluster.scheduler.wait_for("Scheduler at", seconds=_START)
            for host in self.workers:
                started = self.start_worker(host, words, settings)
                cluster.workers.append(stack.enter_context(started))
            for worker in cluster.workers:
                worker.wait_for("Registered to", seconds=_START)
            yield cluster

    def start_worker(
        self,
        host: Host,
        words: Sequence[object],
        settings: Mapping[str, str] | None = None,
        *options: object,
    ):
        """Start a worker of one thread, with its nanny."""
        url = self.url if words else self.url.replace("tls:", "tcp:")
        argv = [sys.executable, "-m", "dask", "worker", url, "--host", host.address]
        argv += ["--nthreads", "1", "--no-dashboard", *options, *words]
        place = self.folder / f"worker-{next(self._numbers)}"
        place.mkdir()
        return host.start(argv, place, self.make_log(f"worker-{host.name}"), settings)


@dataclass(frozen=True)
class Cluster:
    """The programs of one: its scheduler, and a worker a host."""

    scheduler: Program
    workers: list[Program]


@dataclass(frozen=True)
class Training:
    """A run of `stockcast train` that may be going on."""

    program: Program
    folder: Path
    began: float

    def list_models(self) -> list[Path]:
        return sorted(self.folder.glob("*.safetensors"))

    def finish(self) -> Run:
        """Wait for its end."""
        try:
            code = self.program.wait(seconds=_LIMIT)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"a run goes on after {_LIMIT} s: {self.program.read()}") from None
        models = {path.stem: path.read_bytes() for path in self.list_models()}
        said = " ".join(self.program.read().split())
        return Run(code, time.monotonic() - self.began, said, models)


def list_certificates(files: Mapping[str, Path]) -> list[object]:
    words = [("--tls-ca-file", "ca"), ("--tls-cert", "cert"), ("--tls-key", "key")]
    return ["--protocol", "tls", *itertools.chain(*((flag, files[name]) for flag, name in words))]


def write_walk(path: Path, seed: int) -> None:
    """Write a random walk of closing prices, a day each."""
    draw, price, day = random.Random(seed), 100.0, date(2015, 1, 1)
    with path.open("w") as file:
        file.write("Date,Close\n")
        for number in range(_BARS):
            price *= math.exp(draw.gauss(0, 0.02))
            file.write(f"{day + timedelta(days=number)},{price:.4f}\n")
