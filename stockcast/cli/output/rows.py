"""Rows to stdout as they come, so that a reader need not wait for the last."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Literal

from stockcast.cli.output.tables import ReaderGone, write_table, write_text
from stockcast.files.tables import Row, TableFormat

RowFormat = Literal["path", TableFormat]


class RowWriter:
    """Writes rows of the same keys: CSV and JSON lines at once, JSON when all are there.

    Args:
        columns: the keys.
        form: how; `path` is the model's path alone, where there is one.
    """

    def __init__(self, columns: Sequence[str], form: RowFormat) -> None:
        self._columns = columns
        self._form = form
        self._kept: list[Row] = []
        if form == "csv":
            write_table([], "csv", columns=columns)

    def write(self, row: Row) -> None:
        """Write a row, or keep it for later; a reader that is gone does not end the work."""
        if self._form == "json":
            self._kept.append(row)
            return
        with suppress(ReaderGone):
            if self._form == "path":
                write_text(f"{row['model']}\n" if row["model"] else "")
            else:
                write_table([row], self._form, columns=self._columns, head=False)

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()

    def close(self) -> None:
        """Write what was kept."""
        if self._form == "json":
            write_table(self._kept, "json")
