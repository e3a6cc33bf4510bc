"""`stockcast models`: the models in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stockcast.cli.options.common import ReportFormatOption, takes_common_options
from stockcast.cli.output import console
from stockcast.cli.output.model_description import show_models
from stockcast.cli.output.tables import choose_format, write_table
from stockcast.errors import ModelError


@takes_common_options
def models(
    folder: Annotated[
        Path, typer.Argument(help="A folder of models.", metavar="DIR", show_default=True)
    ] = Path("models"),
    form: ReportFormatOption = None,
) -> None:
    """List the models in a folder: whose, trained to when, of what skill, how large and how old.

    Exit 5 if one of them cannot be trusted; the others are listed all the same.
    """
    from stockcast.model.listing import COLUMNS, list_models

    stored = list_models(folder)
    data = choose_format(form)
    if data is None:
        show_models(stored)
    else:
        write_table((one.to_dict("command-line") for one in stored), data, columns=COLUMNS)
    if not stored:
        console.say(f"no models in {folder}")
    for one in stored:
        if one.problem:
            console.show_error(one.problem, code=ModelError.exit_code)
    if any(one.problem for one in stored):
        raise typer.Exit(ModelError.exit_code)
