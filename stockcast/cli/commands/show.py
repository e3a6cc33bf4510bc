"""`stockcast show`: what a model file is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from stockcast.cli.options.common import TableOrJson, takes_common_options
from stockcast.cli.output.tables import write_text


@takes_common_options
def show(
    model: Annotated[Path, typer.Argument(help="Model file that train wrote.", metavar="MODEL")],
    form: TableOrJson = "table",
) -> None:
    """Say what a model file is.

    What it was trained on, what it sees and forecasts, the numbers that
    scale, what it is worth, its layers and their parameters.
    """
    from stockcast.cli.output.model_description import show_description
    from stockcast.workflows.models import describe_model

    description = describe_model(model)
    if form == "json":
        document = description.to_dict("command-line")
        write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        show_description(description)
