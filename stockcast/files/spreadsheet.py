"""Rows of a CSV, and text in it that a spreadsheet might take for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARK = "'"


def guard_text(text: str) -> str:
    """Return text that a spreadsheet shows instead of running: a ' before a formula's start.

    A text that begins with ' gets one more, so that `unguard_text` gives every text back.
    """
    return _MARK + text if text.startswith((*_FORMULA, _MARK)) else text


def unguard_text(text: str) -> str:
    """Return the text that `guard_text` was given."""
    return text.removeprefix(_MARK)


def format_rows(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV, each ended by a line feed; a cell with any kind of line end is quoted."""
    lines = _Lines()
    # Only what ends a line is quoted by the writer, so it is given both.
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    return "".join(lines)


class _Lines(list[str]):
    """Takes each row that a CSV writer writes."""

    def write(self, line: str) -> None:
        """Take a row."""
        self.append(line.removesuffix("\r\n") + "\n")
