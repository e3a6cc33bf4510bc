"""The console on stderr: whatever is shown on it is only shown, and its end is no failure."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import IO, Any, cast

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from stockcast.cli.output.cleaning import clean


def open_console() -> Console:
    """Return a console on stderr that shows every text as it is, markup and all."""
    # A closed stderr is no reason to fail.
    file = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115
    return _Console(
        file=cast("IO[str]", _Lasting(file)),
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=not file.isatty(),
    )


class _Console(Console):
    """Cleans every text on its way, in a table's cell too."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        if isinstance(renderable, str):
            renderable = clean(renderable)
        elif (
            isinstance(renderable, Text) and (plain := clean(renderable.plain)) != renderable.plain
        ):
            renderable = Text(plain, style=renderable.style, end=renderable.end)
        return super().render(renderable, options)


class _Lasting:
    """A stream that goes nowhere once its reader is gone or its disk is full: work goes on."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, text: str) -> int:
        try:
            return self._file.write(text)
        except OSError:
            return self._give_up(text)

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError:
            self._give_up("")

    def _give_up(self, text: str) -> int:
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._file.fileno())
        return len(text)
