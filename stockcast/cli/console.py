"""stderr: messages, progress, tables and errors; quiet, verbose and debug in one place."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

quiet = False
verbose = False
debug = False

_console: Console | None = None


def get_console() -> Console:
    """Return the one console on stderr."""
    global _console  # noqa: PLW0603 — made on first use, so that --help does not pay for it
    if _console is None:
        from rich.console import Console

        # A closed stderr is no reason to fail.
        file = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115
        _console = Console(file=file, highlight=False, soft_wrap=not file.isatty())
    return _console


def say(message: str, *, style: str = "") -> None:
    """Tell the user something, unless --quiet."""
    if not quiet:
        get_console().print(message, style=style, markup=False)


def warn(message: str) -> None:
    """Tell the user something that --quiet does not silence."""
    get_console().print(f"note: {message}", style="yellow", markup=False)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on a terminal that something takes a moment."""
    if quiet or not get_console().is_terminal:
        yield
        return
    with get_console().status(what):
        yield


def show_error(message: str, hint: str = "") -> None:
    """Say what went wrong and what to do next."""
    console = get_console()
    console.print(f"error: {message}", style="bold red", markup=False)
    if hint:
        console.print(f"  {hint}", markup=False)


class TrainingProgress:
    """A bar with epoch and losses on a terminal; elsewhere a few timestamped lines.

    Args:
        unit: what a step is.
        task: what to call the job; default: what it calls itself.
    """

    def __init__(self, unit: str = "epoch", task: str = "") -> None:
        self._unit = unit
        self._named = task
        self._bar: RichProgress | None = None
        self._id: TaskID | None = None
        self._task = ""
        self._total = 0
        self._unsaid = ""

    def begin(self, task: str, total: int) -> None:
        """Start the bar."""
        self._task, self._total = self._named or task, total
        console = get_console()
        if quiet or not console.is_terminal:
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn(f"{self._unit} {{task.completed}}/{{task.total}}"),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
        )
        self._bar.start()
        self._id = self._bar.add_task(self._task, total=total, figures="")

    def advance(self, step: int, figures: dict[str, float]) -> None:
        """Show a step's figures, such as an epoch's losses."""
        text = " ".join(f"{name} {value:.4f}" for name, value in figures.items())
        if self._bar is not None and self._id is not None:
            self._bar.update(self._id, completed=step, figures=text)
            return
        self._unsaid = f"{self._task} {self._unit} {step}/{self._total} {text}".rstrip()
        if verbose or step == 1 or step % max(1, self._total // 10) == 0:
            self._say_line()

    def end(self) -> None:
        """Take the bar away, or say where training stopped."""
        if self._bar is not None:
            self._bar.stop()
        elif self._unsaid:
            self._say_line()

    def _say_line(self) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        say(f"{now} {self._unsaid}")
        self._unsaid = ""
