"""A workbook on stdin ─▶ its sheets as CSV, in JSON, on stdout: run as a process of its own.

What opens workbooks is written in Rust, and a damaged one can end the process that it is opened in.

Argument: the sheet that is wanted, if there is one. It answers `sheets`, a name, lines and whether
they are `typed` each; or `error`, what is wrong in words, and its `kind`.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import sys
from collections.abc import Sequence
from typing import Any

_MARKED = re.compile(r"\d[.,]\d")


def main() -> None:
    """Answer for the workbook on stdin."""
    import python_calamine as calamine

    wanted = sys.argv[1] if len(sys.argv) > 1 else None
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        answer = _read(book, wanted)
    except calamine.PasswordError as error:
        answer = {"kind": "password", "error": str(error)}
    except (calamine.CalamineError, OSError, ValueError) as error:
        answer = {"kind": "damaged", "error": str(error)}
    sys.stdout.write(json.dumps(answer))


def _read(book: Any, wanted: str | None) -> dict[str, Any]:
    """Return the sheets that have cells: those that are shown, or the one that is wanted."""
    names = [one.name for one in book.sheets_metadata if _is_shown(one)] or book.sheet_names
    if wanted is not None:
        same = [one for one in book.sheet_names if one == wanted]
        same = same or [one for one in book.sheet_names if one.casefold() == wanted.casefold()]
        if not same:
            return {"kind": "sheet", "error": "", "names": book.sheet_names}
        names = same[:1]
    rows = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    return {"sheets": [_write_sheet(name, cells) for name, cells in rows.items() if cells]}


def _is_shown(sheet: Any) -> bool:
    return str(sheet.visible).endswith(".Visible") and str(sheet.typ).endswith(".WorkSheet")


def _write_sheet(name: str, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    typed = True
    for row in rows:
        writer.writerow([_write_cell(cell) for cell in row])
        typed = typed and not any(isinstance(one, str) and _MARKED.search(one) for one in row)
    return {"name": name, "lines": written.getvalue().split("\n")[:-1], "typed": typed}


def _write_cell(cell: Any) -> str:
    """Write a cell as CSV has it; a line a row holds only if no cell has a line end."""
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        is_day = cell.time() == datetime.time()
        return cell.date().isoformat() if is_day else cell.isoformat(" ")
    return str(cell)


if __name__ == "__main__":
    main()
