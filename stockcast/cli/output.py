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


def refuse_overwriting(source: str, *outputs: Path | None, kind: str = "price") -> None:
    """Refuse to write over the file that is read, or two results into one file.

    Raises:
        UsageError: an output is the input or another output.
    """
    taken = {Path(source).resolve(): f"the {kind} file itself"}
    for path in outputs:
        if path is None or str(path) == "-":
            continue
        if path.resolve() in taken:
            raise UsageError(f"{path} is {taken[path.resolve()]}", hint="name another file")
        taken[path.resolve()] = "named twice"


def write_table(rows: Iterable[Row], form: TableFormat, path: Path | None = None) -> None:
    """Write rows of equal keys to stdout, or whole to a file.

    Numbers have round-trip precision; a NaN is empty in CSV and null in JSON.
    """
    plain = ({key: _plain(value) for key, value in row.items()} for row in rows)
    if form == "json":
        write_text(json.dumps(list(plain), indent=2, ensure_ascii=False) + "\n", path)
    elif form == "jsonl":
        write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain), path)
    else:
        text = io.StringIO()
        first = next(plain)
        writer = csv.DictWriter(text, list(first), lineterminator="\n")
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(plain)
        write_text(text.getvalue(), path)


def write_text(text: str, path: Path | None = None) -> None:
    """Write text to stdout, or whole to a file."""
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
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at exit; let that go nowhere instead of failing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except OSError as error:
        raise OutputError(f"cannot write to stdout: {error.strerror}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
