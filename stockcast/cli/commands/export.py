"""`stockcast export`: model file ─▶ .keras, .onnx or .npz."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stockcast.cli.options.common import Debug, Quiet, Verbose, option, switch
from stockcast.cli.output import console
from stockcast.cli.output.tables import refuse_overwriting, write_bytes, write_text
from stockcast.errors import UsageError
from stockcast.exporting.formats import FORMATS
from stockcast.files import check_place

if TYPE_CHECKING:
    FormatName = str
else:
    FormatName = Literal[tuple(FORMATS)]


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
        switch("--with-scaling", help="onnx: take prices (and volume) and give prices."),
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Write a model for other programs, and print the path of the file.

    FORMATS

    Without --with-scaling the network takes scaled windows and answers
    scaled; show says what scales. docs/export.md has examples.
    """
    form, path = _settle(model, to, output)
    refuse_overwriting(str(model), path, kind="model")
    is_stdout = str(path) == "-"
    if is_stdout and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError("-o - would fill the terminal with bytes", hint="name a file, or pipe it")
    if not is_stdout:
        check_place(path)

    from stockcast.exporting.formats import describe_interface, export_model
    from stockcast.model.file import load_model

    trained = load_model(model)
    with console.waiting(f"writing for {form}"):
        content = export_model(trained, form, with_scaling=with_scaling)
    write_bytes(content, path)
    console.say(f"{form}: {describe_interface(trained, form, with_scaling=with_scaling)}")
    if not is_stdout:
        write_text(f"{path}\n")


# A line each, as the formats say it of themselves.
export.__doc__ = (export.__doc__ or "").replace(
    "FORMATS", "\n    ".join(f"{name}: {form.help}" for name, form in FORMATS.items())
)


def _settle(model: Path, to: str | None, output: Path | None) -> tuple[str, Path]:
    """Return the format and the file, where one can be read off the other.

    Raises:
        UsageError: neither says the format, or the two contradict each other.
    """
    if output is None:
        if to is None:
            raise UsageError("export to what?", hint=f"pass --to {', '.join(FORMATS)}")
        return to, model.with_suffix(f".{to}")
    suffix = output.suffix.lower()
    said = next((form for form in FORMATS if suffix == f".{form}"), None)
    form = to or said
    if form is None:
        raise UsageError(
            f"{output} does not say what to export to",
            hint=f"pass --to, or end it in .{', .'.join(FORMATS)}",
        )
    if said not in (None, form):
        raise UsageError(f"--to {form} and -o {output} contradict each other")
    if FORMATS[form].opener and said is None and str(output) != "-":
        raise UsageError(
            f"-o {output}: {FORMATS[form].opener} opens only files that end in .{form}",
            hint=f"-o {output.with_suffix(f'.{form}')}",
        )
    return form, output
