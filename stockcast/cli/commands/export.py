"""`stockcast export`: model file ─▶ .keras, .onnx or .npz."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stockcast.cli.options.common import option, switch, takes_common_options
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.tables import write_bytes, write_text
from stockcast.errors import UsageError
from stockcast.exporting.formats import FORMATS

if TYPE_CHECKING:
    FormatName = str
else:
    FormatName = Literal[tuple(FORMATS)]


@takes_common_options
def export(
    model: Annotated[Path, typer.Argument(help="Model file that train wrote.", metavar="MODEL")],
    to: Annotated[
        FormatName | None,
        option("--to", help="What to write. Default: what the suffix of -o says."),
    ] = None,
    output: Annotated[
        Path | None,
        option(
            "--output",
            "-o",
            help="File to write, or - for stdout. Default: MODEL with the suffix of --to",
            metavar="FILE",
        ),
    ] = None,
    with_scaling: Annotated[
        bool,
        switch("--with-scaling", help="onnx: take bars, give price and volatility."),
    ] = False,
) -> None:
    """Write a model for other programs, and print the path of the file.

    FORMATS

    Without --with-scaling the network takes scaled windows and answers
    scaled; show says what scales. docs/export.md has examples.
    """
    from stockcast.model.file import load_model
    from stockcast.workflows.exporting import export

    is_stdout = str(output) == "-"
    if is_stdout and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError("-o - would fill the terminal with bytes", hint="name a file, or pipe it")
    if is_stdout and to is None:
        raise UsageError("- does not say what to export to", hint="pass --to")
    done = export(
        load_model(model) if is_stdout else model,
        to,
        None if is_stdout else output,
        with_scaling=with_scaling,
        observer=StderrObserver(),
    )
    if is_stdout:
        write_bytes(done.content)
    else:
        write_text(f"{done.path}\n")


# A line each, as the formats say it of themselves.
export.__doc__ = (export.__doc__ or "").replace(
    "FORMATS", "\n    ".join(f"{name}: {form.help}" for name, form in FORMATS.items())
)
