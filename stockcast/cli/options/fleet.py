"""The options of commands for many tickers: on how many processes, or on which cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from stockcast.cli.options.common import option, switch
from stockcast.cli.options.groups import Decorator, option_group
from stockcast.durations import parse_duration
from stockcast.errors import UsageError
from stockcast.fleet.executor import Executor

_PANEL = "Many tickers"


def _file(flag: str, help: str) -> Any:
    return Annotated[Path | None, option(flag, help=help, metavar="FILE", rich_help_panel=_PANEL)]


_OPTIONS: dict[str, Any] = {
    "jobs": Annotated[
        int | None,
        option(
            "--jobs",
            help="Processes to work in. Default: one a core",
            min=1,
            metavar="N",
            rich_help_panel=_PANEL,
        ),
    ],
    "timeout": Annotated[
        str | None,
        option(
            "--timeout",
            help="Give a ticker up after so long: 90s, 5m. Default: never.",
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


def _build(
    *,
    jobs: int | None,
    timeout: str | None = None,
    cluster: str | None,
    insecure: bool,
    **tls: Any,
) -> Executor:
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
    return Executor(jobs, seconds, address, isolated=True)


def _build_workers(*, jobs: int | None, cluster: str | None, **rest: Any) -> Executor:
    """Return one process unless there are to be more: then trials depend on the seed alone."""
    if jobs is None and cluster is None:
        jobs = 1
    return _build(jobs=jobs, cluster=cluster, **rest)


_WORKERS: dict[str, Any] = {
    **{name: one for name, one in _OPTIONS.items() if name != "timeout"},
    "jobs": Annotated[
        int | None,
        option(
            "--jobs",
            help="Trials at once. Default: 1, with which the same seed gives the same trials",
            min=1,
            metavar="N",
            rich_help_panel="Where trials are made",
        ),
    ],
}

takes_fleet_options: Decorator = option_group("executor", _OPTIONS, _build)
takes_worker_options: Decorator = option_group("executor", _WORKERS, _build_workers)
