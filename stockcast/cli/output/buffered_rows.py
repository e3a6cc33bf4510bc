"""Rows that come in parts: to stdout at once, or kept until all are there, for one whole file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from stockcast.cli.output.tables import write_text
from stockcast.files import replace_file
from stockcast.files.tables import Row, TableFormat, format_table

_IN_MEMORY = 1 << 24  # bytes that are kept in memory; more go to a temporary file
_CHUNK = 1 << 20


class BufferedRows:
    """Takes rows of the same keys part by part, and writes what `write_table` would of them all.

    Rows for stdout go there at once, unless they are to be kept. A row that is kept is kept as
    text, which is far smaller than what it was made from. Use it as a context manager; what is
    kept and not finished is thrown away.

    Args:
        form: how.
        path: a file instead of stdout; it is written whole, when all rows are there.
        keep: keep the rows for stdout too; half a JSON document is always kept.
    """

    def __init__(self, form: TableFormat, path: Path | None, *, keep: bool) -> None:
        self._form = form
        self._path = None if path is None or str(path) == "-" else path
        self._kept: BinaryIO | None = None
        if keep or form == "json" or self._path is not None:
            self._kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # type: ignore[assignment]  # noqa: SIM115
        self._is_begun = False

    def __enter__(self) -> BufferedRows:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._kept is not None:
            self._kept.close()

    def write(self, rows: Sequence[Row]) -> None:
        """Take rows."""
        if not rows:
            return
        text = format_table(rows, self._form, head=not self._is_begun)
        if self._form == "json":  # a list each: all but the first go on where the last one ended
            text = text.removesuffix("\n]\n")
            text = "," + text.removeprefix("[") if self._is_begun else text
        self._is_begun = True
        if self._kept is None:
            write_text(text)
        else:
            self._kept.write(text.encode("utf-8"))

    def finish(self) -> None:
        """Write what was kept; nothing, and an older file stays, if there was no row."""
        if self._kept is None or not self._is_begun:
            return
        if self._form == "json":
            self._kept.write(b"\n]\n")
        self._kept.seek(0)
        if self._path is not None:
            with replace_file(self._path) as temporary, temporary.open("wb") as file:
                shutil.copyfileobj(self._kept, file, _CHUNK)
            return
        while lines := self._kept.readlines(_CHUNK):
            write_text(b"".join(lines).decode("utf-8"))
