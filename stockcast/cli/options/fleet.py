"""The options of commands for many tickers: on how many processes, or on which cluster."""

from __future__ import annotations

import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from stockcast.cli.options.common import option, switch
from stockcast.cli.options.durations import parse_duration
from stockcast.cli.options.groups import option_group
from stockcast.errors import UsageError

if TYPE_CHECKING:
    from stockcast.fleet.cluster import Address
    from stockcast.fleet.fleet import Tasks, Work
    from stockcast.fleet.work import Job, Made, Outcome

_PANEL = "Many tickers"


def _file(flag: str, help: str) -> Any:
    return Annotated[Path | None, option(flag, help=help, metavar="FILE", rich_help_panel=_PANEL)]


_OPTIONS: dict[str, Any] = {
    "jobs": Annotated[
        int | None,
        option(
            "--jobs",
            help="Processes to work in. Default: one a core; 1: in this one.",
            min=1,
            metavar="N",
            rich_help_panel=_PANEL,
        ),
    ],
    "timeout": Annotated[
        str | None,
        option(
            "--timeout",
            help="Give a ticker up after so long, at the end of an epoch: 90s, 5m. Default: never.",
            metavar="DURATION",
            rich_help_panel=_PANEL,
        ),
    ],
    "cluster": Annotated[
        str | None,
        option(
            "--cluster",
            help="Work on this Dask cluster instead: tls://HOST:8786",
            metavar="URL",
            rich_help_panel=_PANEL,
        ),
    ],
    "tls_ca": _file("--tls-ca", "Certificate of the authority that signed the cluster's."),
    "tls_cert": _file("--tls-cert", "Our own certificate."),
    "tls_key": _file("--tls-key", "The key of our own certificate."),
    "insecure": Annotated[
        bool,
        switch(
            "--insecure",
            help="Allow tcp:// to another machine: anyone on the network can read and change it.",
            rich_help_panel=_PANEL,
        ),
    ],
}


@dataclass(frozen=True)
class Fleet:
    """Where the work on many tickers is done.

    Attributes:
        jobs: processes on this machine; None for one a core.
        timeout: seconds after which a ticker is given up; None: never.
        address: of the cluster to use instead, or None.
    """

    jobs: int | None
    timeout: float | None
    address: Address | None

    def count_jobs(self, tickers: int) -> int:
        """Return how many processes of this machine work on so many tickers."""
        return min(self.jobs or _count_cores(), max(1, tickers))

    def run(
        self, tasks: Tasks[Job, Made], work: Work[Job, Made], *, tickers: int
    ) -> Generator[Outcome[Made], None, None]:
        """Do each task, and yield each outcome once it is there.

        Raises:
            ClusterError: there is no such cluster, or it is gone.
        """
        from stockcast.fleet.fleet import run_here, run_on

        if self.address is None and (jobs := self.count_jobs(tickers)) == 1:
            return run_here(tasks, work)
        from stockcast.fleet.cluster import open_cluster, open_local

        opened = open_cluster(self.address) if self.address else open_local(jobs)
        return run_on(opened, tasks, work)


def _count_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _build(
    *, jobs: int | None, timeout: str | None, cluster: str | None, insecure: bool, **tls: Any
) -> Fleet:
    seconds = None if timeout is None else parse_duration("--timeout", timeout)
    address = None
    if cluster is not None:
        from stockcast.fleet.cluster import Address

        files = {name.removeprefix("tls_"): path for name, path in tls.items()}
        address = Address(cluster, **files, insecure=insecure)
        address.check()
        if jobs is not None:
            raise UsageError(
                "--jobs with --cluster: a cluster has the workers that it has",
                hint="leave one of them out",
            )
    return Fleet(jobs, seconds, address)


takes_fleet_options = option_group("fleet", _OPTIONS, _build)
