"""What a local worker does before its first task; Dask loads it there (a preload)."""

from __future__ import annotations

import signal
from typing import Any


def dask_setup(worker: Any) -> None:  # noqa: ARG001 — Dask's protocol
    """Leave Ctrl-C to the parent: the terminal sends it to every process, and they would talk."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
