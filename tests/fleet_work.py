"""Work for a fleet's workers that can be imported where they are, and clusters of processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stockcast.errors import TooShort, option
from stockcast.fleet.work import Outcome
from tests.support import ROOT


@dataclass(frozen=True)
class Task:
    """A task with something to carry."""

    name: str
    content: object = None


def answer(task: Task) -> Outcome:
    """Do nothing."""
    return Outcome(task.name, content=task.name.encode())


def tell_process(task: Task) -> Outcome:
    """Return the number of this process."""
    return Outcome(task.name, content=os.getpid())


def answer_twice(task):
    return Outcome(task.name, f"{task.name} {task.name}".encode())


def die_once(task: Task) -> Outcome:
    """Kill this process the first time; a file of the task's name says that it was."""
    mark = Path(task.name)
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return answer(task)


def die_if_told(task: Task) -> Outcome:
    """Kill this process whenever the task is called so."""
    if task.name == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return answer(task)


def raise_if_told(task: Task) -> Outcome:
    """Do what no work should."""
    if task.name == "raise":
        raise ValueError("a bug")
    return answer(task)


def refuse_if_told(task: Task) -> Outcome:
    """Fail in the way that data can make work fail."""
    if task.name == "refuse":
        error = TooShort(
            f"refuse: {option('folds', 9)} are too many", hint=f"give {option('folds', 3)}"
        )
        return Outcome(task.name, error=error)
    return answer(task)


@contextmanager
def start_cluster(folder: Path, *options: str, workers: int = 2) -> Iterator[str]:
    """Yield the address of a scheduler with workers, each a process of its own."""
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    place = ["--scheduler-file", str(file), "--no-dashboard", *options]
    host = ["--host", "127.0.0.1", "--port", "0"]
    with ExitStack() as stack:
        stack.enter_context(_run([*dask, "scheduler", *place, *host], folder / "scheduler.log"))
        for number in range(workers):
            log = folder / f"worker-{number}.log"
            more = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
            stack.enter_context(_run([*dask, "worker", *place, *more], log))
        deadline = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < deadline, (folder / "scheduler.log").read_text()
            time.sleep(0.1)
        while sum("Registered to" in log.read_text() for log in folder.glob("worker-*")) < workers:
            assert time.monotonic() < deadline, (folder / "worker-0.log").read_text()
            time.sleep(0.1)
        yield json.loads(file.read_text())["address"]


@contextmanager
def _run(argv: Sequence[str], log: Path) -> Iterator[None]:
    with log.open("w") as file:
        process = subprocess.Popen(
            argv, stdout=file, stderr=file, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def write_certificates(folder: Path) -> dict[str, Path]:
    """Write an authority's certificate, and one that it signed with its key: ca, cert, key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder.mkdir(parents=True)
    keys = {who: ec.generate_private_key(ec.SECP256R1()) for who in ("ca", "cert")}
    names = {
        who: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{folder.name} {who}")])
        for who in keys
    }
    paths = {who: folder / f"{who}.pem" for who in ("ca", "cert", "key")}
    now = datetime.now(UTC)
    for who, key in keys.items():
        certificate = (
            x509.CertificateBuilder()
            .subject_name(names[who])
            .issuer_name(names["ca"])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=who == "ca", path_length=None), critical=True)
            .sign(keys["ca"], hashes.SHA256())
        )
        paths[who].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths["key"].write_bytes(
        keys["cert"].private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
