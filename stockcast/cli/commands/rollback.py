"""`stockcast rollback`: the model before the present one, back in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stockcast.cli.options.common import takes_common_options
from stockcast.cli.options.publishing import LockWait, parse_lock_wait
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.tables import write_text


@takes_common_options
def rollback(
    model: Annotated[
        Path, typer.Argument(help="A model file, such as models/GOOG.safetensors", metavar="MODEL")
    ],
    lock_wait: LockWait = None,
) -> None:
    """Put the model before the present one back into its place, and print its path.

    train keeps the models that it replaces (see its --keep). The one that is
    left stays as undone.safetensors among them, until the next rollback.
    """
    from stockcast.workflows.models import rollback

    rollback(model, lock_wait=parse_lock_wait(lock_wait), observer=StderrObserver())
    write_text(f"{model}\n")
