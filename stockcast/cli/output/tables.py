"""stdout and -o: data only, as CSV, JSON or JSON lines."""

from __future__ import annotations

import itertools
import json
import math
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from stockcast.cli.output.cleaning import clean
from stockcast.cli.output.console import making_room
from stockcast.errors import OutputError
from stockcast.files import replace_file
from stockcast.files.spreadsheet import format_rows, guard_text

Row = dict[str, Any]


class ReaderGone(SystemExit):
    """Whoever read stdout has seen enough; what is written from then on goes nowhere."""


TableFormat = Literal["csv", "json", "jsonl"]
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
    """Write rows of equal keys to stdout, or whole to a file; see `format_table`.

    Args:
        rows: at least one, unless `columns` says what to write above none.
        form: how.
        path: a file instead of stdout.
        columns: the keys, where there may be no row to take them from.
        head: whether CSV has a line of names.
    """
    write_text(format_table(rows, form, columns=columns, head=head), path)


def format_table(
    rows: Iterable[Row],
    form: TableFormat,
    *,
    columns: Sequence[str] | None = None,
    head: bool = True,
) -> str:
    """Return rows of equal keys as text; arguments as of `write_table`.

    Numbers have round-trip precision; a NaN is empty in CSV and null in JSON, and what is true is
    `true` in both. In CSV, text that a spreadsheet would run has a ' before it.
    """
    plain = ({key: _plain(value) for key, value in row.items()} for row in rows)
    if form == "json":
        return json.dumps(list(plain), indent=2, ensure_ascii=False) + "\n"
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain)
    first = None if columns is not None else next(plain)
    names = list(columns if columns is not None else first or ())
    rest = plain if first is None else itertools.chain([first], plain)
    cells = ([_to_cell(row[name]) for name in names] for row in rest)
    return format_rows([names, *cells] if head else cells)


def write_document(tables: dict[str, Iterable[Row]], path: Path | None = None) -> None:
    """Write several tables as one JSON object, to stdout or whole to a file."""
    document = {name: _plain_rows(rows) for name, rows in tables.items()}
    write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", path)


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


def _plain_rows(rows: Iterable[Row]) -> list[Row]:
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _to_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return guard_text(value) if isinstance(value, str) else value
