"""Where tasks run: on local processes, or on a Dask cluster that is there already."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import stockcast
from stockcast.errors import ClusterError, UsageError, option
from stockcast.fleet.interruption import hold_signals

_CONNECT = 20  # seconds to wait for a scheduler
_ANSWER = 60.0  # seconds for all workers to tell their version
_SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,  # who is to try again is ours to say
    "distributed.comm.timeouts.connect": f"{_CONNECT}s",
    "distributed.admin.large-graph-warning-threshold": "10GB",  # a long history is one
    # Messages that were sent are kept for debugging, by default a thousand: tasks and their series.
    "distributed.admin.low-level-log-length": 0,
    "distributed.admin.log-length": 0,
    "distributed.admin.system-monitor.log-length": 2,
}
# A scheduler and its workers show pages to whoever is on this machine, by default.
_NO_PAGES: dict[str, Any] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


@dataclass(frozen=True)
class Address:
    """A cluster's scheduler, and the certificates that both sides show.

    Attributes:
        url: tls://host:port, or tcp://host:port.
        ca: file of the authority that signed the scheduler's certificate.
        cert: file of our own certificate.
        key: file of its key.
        insecure: allow tcp:// to another machine.
    """

    url: str
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    insecure: bool = False

    def check(self) -> None:
        """Refuse what would send prices over a network in the open.

        Raises:
            UsageError: not an address, a certificate is missing, or tcp:// to another machine.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("tls", "tcp") or not parts.hostname or not parts.port:
            raise UsageError(
                f"{option('cluster')} is {self.url!r}, expected an address such as tls://host:8786"
            )
        if parts.scheme == "tls":
            names = [option(name) for name in ("tls_ca", "tls_cert", "tls_key")]
            for name, path in zip(names, (self.ca, self.cert, self.key), strict=True):
                if path is None or not path.is_file():
                    raise UsageError(
                        f"{option('cluster', self.url)} needs {name}, found {path or 'none'}",
                        hint=f"name the files: {' '.join(names)}",
                    )
        elif not self.insecure and not _is_this_machine(parts.hostname):
            raise UsageError(
                f"{self.url} would send everything in the open, and let anyone there run code here",
                hint=f"use tls://, or say {option('insecure', value=True)} if the network is yours "
                "alone",
            )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def open_local(jobs: int) -> Iterator[Any]:
    """Yield a client of `jobs` processes on this machine, each with one thread for tasks.

    They talk over TLS with a certificate made for the moment: whoever else is on this machine
    reaches neither scheduler nor workers. TensorFlow shares the cores out among the processes.

    Raises:
        ClusterError: no worker could be started, as from a script that does its work when it is
            imported: each worker imports it.
    """
    from distributed import Client, LocalCluster

    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise _explain_start("a worker imported the script, which asked for workers of its own")
    threads = max(1, (os.cpu_count() or 1) // jobs)
    with _quiet_logs(), _settings(**_NO_PAGES), ExitStack() as stack:
        # A cluster that is half there cannot be closed, nor one that is half closed.
        with hold_signals():
            try:
                cluster = LocalCluster(
                    n_workers=jobs,
                    threads_per_worker=1,
                    processes=True,
                    security=True,
                    dashboard_address="127.0.0.1:0",
                    memory_limit=0,
                    env={"STOCKCAST_THREADS": str(threads)},
                    silence_logs=50,  # what goes wrong comes back as an outcome
                )
            except RuntimeError as error:
                raise _explain_start(f"no worker could be started: {error}") from None
            stack.enter_context(cluster)
            client = stack.enter_context(Client(cluster))
            stack.push(lambda kind, *_: cluster.sync(_kill_workers, cluster) if kind else None)
        yield client
        with hold_signals():
            stack.close()


def _explain_start(message: str) -> ClusterError:
    return ClusterError(
        message,
        hint="put what a script does below `if __name__ == '__main__':`, "
        f"or give {option('jobs', 1)}",
    )


async def _kill_workers(cluster: Any) -> None:
    """End the workers now: asked to stop, they would finish the fits that they are at."""
    for nanny in cluster.workers.values():
        nanny.close_gracefully()  # else it would start a new one, and the cluster wait for that
        if nanny.pid:
            with suppress(ProcessLookupError):
                os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


@contextmanager
def open_cluster(address: Address) -> Iterator[Any]:
    """Yield a client of a cluster that is there, its workers' version checked.

    Raises:
        UsageError: the address is refused.
        ClusterError: no such cluster, no workers, or another version there.
    """
    from distributed import Client
    from distributed.security import Security

    address.check()
    security = Security(
        tls_ca_file=address.ca and str(address.ca),
        tls_client_cert=address.cert and str(address.cert),
        tls_client_key=address.key and str(address.key),
        require_encryption=address.url.startswith("tls:"),
    )
    with _settings(), _quiet_logs():
        try:
            client = Client(address.url, security=security, timeout=_CONNECT)
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"no connection to {address.url}: {error}",
                hint="is the scheduler running there, and are the certificates its own?",
            ) from None
        with client:
            _check_versions(client, address.url)
            yield client


def _check_versions(client: Any, url: str) -> None:
    try:
        if not client.nthreads():
            raise ClusterError(f"{url} has no workers", hint="start some: dask worker …")
        versions = client.sync(
            client.run, _find_version, on_error="return", callback_timeout=_ANSWER
        )
    except OSError:  # a timeout is one
        raise ClusterError(
            f"not all workers of {url} answer within {_ANSWER:g} s",
            hint="end the one that hangs, or wait until the scheduler has given it up",
        ) from None
    for worker, found in versions.items():
        if found != stockcast.__version__:
            what = "no stockcast" if isinstance(found, BaseException) else f"stockcast {found}"
            raise ClusterError(
                f"{worker} has {what}, this is {stockcast.__version__}",
                hint="install the same version on every worker",
            )


def _find_version() -> str:
    return stockcast.__version__


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """Let Dask write no log: what goes wrong is an error of ours."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _settings(**more: Any) -> Iterator[None]:
    import dask

    with dask.config.set({**_SETTINGS, **more}):
        yield
