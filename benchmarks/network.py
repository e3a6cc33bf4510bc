"""Hosts made of network namespaces, on a switch that nobody else is on, for `benchmarks.hosts`.

A namespace has interfaces, addresses and connections of its own; files and processes are this
machine's. What a host says to another goes through a bridge in one more namespace.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT


@dataclass(frozen=True)
class Host:
    """One namespace on the switch.

    Attributes:
        name: of the host.
        address: in 10.77.0.0/24.
        namespace: that it is.
        switch: namespace of the switch.
    """

    name: str
    address: str
    namespace: str
    switch: str

    def cut_off(self) -> None:
        """Take its cable out of the switch: what it sends, and what is sent to it, vanishes."""
        run_ip("-n", self.switch, "link", "set", "dev", self.name, "nomaster")

    def connect(self) -> None:
        """Put its cable back."""
        run_ip("-n", self.switch, "link", "set", "dev", self.name, "master", "bridge")

    @contextmanager
    def start(
        self,
        argv: Sequence[object],
        folder: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> Iterator[Program]:
        """Yield a program that runs on this host, and end it and what it started."""
        with log.open("wb") as file:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *map(str, argv)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
                start_new_session=True,
            )
        try:
            yield Program(process, log)
        finally:
            signal_all(process, signal.SIGKILL)
            process.wait()


@dataclass(frozen=True)
class Program:
    """What runs on a host, and what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    def read(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, text: str, *, seconds: float) -> float:
        """Return the seconds until it has said `text`.

        Raises:
            TimeoutError: it has not.
        """
        return wait_until(lambda: text in self.read(), f"{text!r} in {self.log}", seconds=seconds)

    def wait(self, *, seconds: float) -> int:
        """Return its exit code.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        return self.process.wait(seconds)


def signal_all(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal a process that leads a session, and all that it started."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def wait_until(holds: Callable[[], bool], what: str, *, seconds: float) -> float:
    """Return the seconds until something holds.

    Raises:
        TimeoutError: it never did.
    """
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"no {what} after {seconds:g} s")
        time.sleep(0.1)
    return time.monotonic() - began


def run_ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


@contextmanager
def open_network(*names: str) -> Iterator[list[Host]]:
    """Yield hosts on one switch, and take them away again."""
    with ExitStack() as stack:
        switch = _add_namespace(stack, "switch")
        run_ip("-n", switch, "link", "add", "bridge", "type", "bridge")
        run_ip("-n", switch, "link", "set", "dev", "bridge", "up")
        hosts = []
        for number, name in enumerate(names, start=1):
            host = Host(name, f"10.77.0.{number}", _add_namespace(stack, name), switch)
            run_ip(
                "-n", switch, "link", "add", "name", name, "type", "veth",
                "peer", "name", "eth0", "netns", host.namespace,
            )  # fmt: skip
            host.connect()
            run_ip("-n", switch, "link", "set", "dev", name, "up")
            run_ip("-n", host.namespace, "address", "add", f"{host.address}/24", "dev", "eth0")
            for link in ("lo", "eth0"):
                run_ip("-n", host.namespace, "link", "set", "dev", link, "up")
            hosts.append(host)
        yield hosts


def _add_namespace(stack: ExitStack, name: str) -> str:
    full = f"stockcast-{os.getpid()}-{name}"
    run_ip("netns", "add", full)
    stack.callback(run_ip, "netns", "delete", full)
    return full
