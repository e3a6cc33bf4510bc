"""stderr as a stream that lasts: what goes there is only shown, and its end is no failure."""

from __future__ import annotations

import os
import sys
from typing import IO, Any

# With one of these Rich may take a pipe for a terminal.
_FORCING = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


class LastingStream:
    """A stream that goes nowhere once its reader is gone or its disk is full: work goes on.

    Args:
        file: where it goes till then; None: nowhere.
    """

    def __init__(self, file: IO[str] | None) -> None:
        self._file = file or open(os.devnull, "w")  # noqa: PTH123, SIM115

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    @property
    def is_plain(self) -> bool:
        """Whether lines alone go there, as into a log or a pipe, and nothing is drawn."""
        return not (self._file.isatty() or any(name in os.environ for name in _FORCING))

    def write(self, text: str) -> int:
        """Write text."""
        try:
            return self._file.write(text)
        except OSError:
            return self._give_up(text)

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            self._file.flush()
        except OSError:
            self._give_up("")

    def _give_up(self, text: str) -> int:
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._file.fileno())
        return len(text)


def open_stderr() -> LastingStream:
    """Return this process's stderr; a closed one is no reason to fail."""
    return LastingStream(sys.stderr)
