"""stdout and -o: data only, as CSV, JSON or JSON lines."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from stockcast.errors import OutputError, UsageError
from stockcast.files import replace_file

Row = dict[str, Any]


TableFormat = Literal["csv", "json", "jsonl"]


def refuse_overwriting(prices: str, *outputs: Path | None) -> None:
    """Refuse to write over the price file, or two results into one file.

    Raises:
        UsageError: an output is the input or another output.
    """
    taken = {Path(prices).resolve(): "the price file itself"}
    for path in outputs:
        if path is None or str(path) == "-":
            continue
        if path.resolve() in taken:
            raise UsageError(f"{path} is {taken[path.resolve()]}", hint="name another file")
        taken[path.resolve()] = "named twice"


def write_table(rows: Iterable[Row], form: TableFormat, path: Path | None = None) -> None:
    """Write rows of equal keys to stdout, or whole to a file.

    Numbers have round-trip precision; a NaN is empty in CSV and null in JSON, and what is true is
    `true` in both.
    """
    rows = _plain_rows(rows)
    if form == "json":
        write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", path)
    elif form == "jsonl":
        write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), path)
    else:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _to_cell(value) for key, value in row.items()} for row in rows)
        write_text(text.getvalue(), path)


def write_document(tables: dict[str, Iterable[Row]], path: Path | None = None) -> None:
    """Write several tables as one JSON object, to stdout or whole to a file."""
    document = {name: _plain_rows(rows) for name, rows in tables.items()}
    write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", path)


def write_text(text: str, path: Path | None = None) -> None:
    """Write text to stdout, or whole to a file.

    A reader that has seen enough (`| head`) ends the program quietly.
    """
    content = text.encode("utf-8")
    if path is not None and str(path) != "-":
        with replace_file(path) as temporary:
            temporary.write_bytes(content)
        return
    if sys.stdout is None:
        raise OutputError("stdout is closed", hint="name a file with -o")
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at exit; let that go nowhere instead of failing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except OSError as error:
        raise OutputError(f"cannot write to stdout: {error.strerror}") from None


def _plain_rows(rows: Iterable[Row]) -> list[Row]:
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _to_cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
