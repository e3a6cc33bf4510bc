"""`stockcast doctor`: what this installation and this machine can do, and what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from stockcast.cli.options.common import TableOrJson, takes_common_options
from stockcast.cli.output.diagnosis import show_diagnosis
from stockcast.cli.output.tables import write_text


@takes_common_options
def doctor(
    folder: Annotated[
        Path, typer.Argument(help="Where models are.", metavar="DIR", show_default=True)
    ] = Path("models"),
    form: TableOrJson = "table",
) -> None:
    """Look at the installation, the processor, and the places where files go.

    Exit 1 if something is wrong; what to do about it stands beside it. What
    is written to try a folder is removed again.
    """
    from stockcast.workflows.diagnosis import doctor

    diagnosis = doctor(folder)
    if form == "json":
        write_text(json.dumps(diagnosis.list_rows("command-line"), indent=2) + "\n")
    else:
        show_diagnosis(diagnosis)
    if not diagnosis.is_well:
        raise typer.Exit(1)
