"""stdout and -o: data only, as CSV, JSON or JSON lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from stockcast.cli.output.cleaning import clean
from stockcast.cli.output.console import making_room
from stockcast.errors import OutputError
from stockcast.files import replace_file
from stockcast.files.tables import Row, TableFormat, format_document, format_table


class ReaderGone(SystemExit):
    """Whoever read stdout has seen enough; what is written from then on goes nowhere."""


ReportFormat = Literal["table", TableFormat]


def choose_format(form: ReportFormat | None) -> TableFormat | None:
    """Return how a report goes to stdout; None for a table on stderr instead.

    Unless asked for something else, it is a table for whom stdout is a terminal, and CSV for
    whatever is behind a pipe.
    """
    if form is None:
        form = "table" if sys.stdout is not None and sys.stdout.isatty() else "csv"
    return None if form == "table" else form


def write_table(
    rows: Iterable[Row],
    form: TableFormat,
    path: Path | None = None,
    *,
    columns: Sequence[str] | None = None,
    head: bool = True,
) -> None:
    """Write rows of equal keys to stdout, or whole to a file; arguments as of `format_table`."""
    write_text(format_table(rows, form, columns=columns, head=head), path)


def write_document(tables: dict[str, Iterable[Row]], path: Path | None = None) -> None:
    """Write several tables as one JSON object, to stdout or whole to a file."""
    write_text(format_document(tables), path)


def write_text(text: str, path: Path | None = None) -> None:
    """Write text to stdout, or whole to a file; a terminal is only to show what is in it."""
    if (path is None or str(path) == "-") and sys.stdout is not None and sys.stdout.isatty():
        text = clean(text)
    write_bytes(text.encode("utf-8"), path)


def write_bytes(content: bytes, path: Path | None = None) -> None:
    """Write bytes to stdout, or whole to a file.

    A reader that has seen enough (`| head`) ends the program quietly.
    """
    if path is not None and str(path) != "-":
        with replace_file(path) as temporary:
            temporary.write_bytes(content)
        return
    if sys.stdout is None:
        raise OutputError("stdout is closed", hint="name a file with -o")
    try:
        with making_room():
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
    except OSError as error:
        # Python flushes stdout once more at exit; let that go nowhere instead of failing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise ReaderGone(0) from None
        raise OutputError(f"cannot write to stdout: {error.strerror}") from None
