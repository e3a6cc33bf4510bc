"""What one run of the command knows about its stderr: what to say there, how, and on what."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from stockcast.cli.output.cleaning import clean
from stockcast.cli.output.stream import LastingStream, open_stderr

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


@dataclass
class Terminal:
    """The stderr of one run.

    The options' callbacks set the first four while the command line is read.

    Attributes:
        quiet: only warnings and errors.
        verbose: more than usual.
        debug: a traceback with an error.
        as_json: a JSON object a line instead of text; until the command line is read, what the
            environment says.
        command: the command that runs; empty until it is known.
        bar: what counts tickers on the terminal while rows come.
    """

    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    as_json: bool = field(default_factory=lambda: os.environ.get("STOCKCAST_LOG_FORMAT") == "json")
    command: str = ""
    bar: Progress | None = None

    @cached_property
    def stream(self) -> LastingStream:
        """The stream that all of it goes to."""
        return open_stderr()

    @cached_property
    def console(self) -> Console:
        """The one Rich console on it, made on first use: lines in a log do not pay for it."""
        from stockcast.cli.output.rich_console import open_console

        return open_console(self.stream)

    @property
    def is_watched(self) -> bool:
        """Whether somebody sits at a terminal and sees each message as it comes."""
        return not (self.as_json or self.stream.is_plain) and self.console.is_terminal

    def write_line(self, text: str, style: str = "") -> None:
        """Write a line, on a terminal in a style."""
        if self.stream.is_plain:
            self.stream.write(f"{clean(text)}\n")
            self.stream.flush()
        else:
            self.console.print(text, style=style)


_current: ContextVar[Terminal] = ContextVar("terminal")


def get_terminal() -> Terminal:
    """Return the terminal of the run that this is part of; outside of any, one that stays."""
    try:
        return _current.get()
    except LookupError:
        terminal = Terminal()
        _current.set(terminal)
        return terminal


@contextmanager
def open_terminal() -> Iterator[Terminal]:
    """Give a run a terminal of its own, that knows nothing of earlier runs.

    Example:
        >>> with open_terminal() as terminal:
        ...     terminal.quiet = True
        ...     get_terminal().quiet
        True
    """
    terminal = Terminal()
    token = _current.set(terminal)
    try:
        yield terminal
    finally:
        _current.reset(token)
