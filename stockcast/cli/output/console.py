"""stderr: messages, progress, tables and errors; quiet, verbose, debug and JSON in one place.

Every text that comes here may name options as `errors.option` does: they are written as flags.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stockcast.errors import render_options

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID
    from rich.table import Table

quiet = False
verbose = False
debug = False
as_json = os.environ.get("STOCKCAST_LOG_FORMAT") == "json"
command = ""
bar: RichProgress | None = None  # what counts tickers on the terminal while rows come

_console: Console | None = None


def get_console() -> Console:
    """Return the one console on stderr."""
    global _console  # noqa: PLW0603 — made on first use, so that --help does not pay for it
    if _console is None:
        from stockcast.cli.output.terminal import open_console

        _console = open_console()
    return _console


def clean(text: str) -> str:
    r"""Return text that is only shown: what would move, colour or reorder becomes such as \x1b.

    Names come out of files, and a terminal does what the characters in them say. Line feeds stay.
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in "\n\xa0\u202f" else ascii(one)[1:-1] for one in text
    )


def say(message: str, *, style: str = "", **fields: Any) -> None:
    """Tell the user something, unless --quiet; the fields are for --log-format json."""
    if not quiet:
        _tell("info", message, _fold(message), style, fields)


def log(message: str, **fields: Any) -> None:
    """Tell something with its time to whoever reads a log, and to nobody at a terminal."""
    if not quiet and not is_watched():
        _tell("info", message, f"{tell_time()} {_fold(message)}", "", fields)


def is_watched() -> bool:
    """Whether somebody sits at a terminal and sees each message as it comes."""
    return not as_json and get_console().is_terminal


def show(table: Table) -> None:
    """Show a table of figures that messages tell too; JSON has those alone."""
    if not quiet and not as_json:
        get_console().print(table)


def warn(message: str) -> None:
    """Tell the user something that --quiet does not silence."""
    _tell("note", message, f"note: {_fold(message)}", "yellow", {})


def show_error(message: str, hint: str = "", *, code: int = 1) -> None:
    """Say what went wrong and what to do next."""
    hint = render_options(hint, "command-line")
    fields = {"hint": hint} if hint else {}
    _tell("error", message, f"error: {_fold(message)}", "bold red", {**fields, "exit": code})
    if hint and not as_json:
        get_console().print(f"  {_fold(hint)}")


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on a terminal that something takes a moment."""
    if quiet or not is_watched():
        yield
        return
    with get_console().status(what):
        yield


@contextmanager
def making_room() -> Iterator[None]:
    """Take the bar away while rows go to the terminal that it is on."""
    if bar is None or sys.stdout is None or not sys.stdout.isatty():
        yield
        return
    bar.stop()
    yield
    bar.start()


def tell_time() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tell(level: str, message: str, text: str, style: str, fields: dict[str, Any]) -> None:
    if not as_json:
        get_console().print(text, style=style)
    elif message:
        record = {"time": tell_time(), "level": level, "command": command, "message": message}
        written = {
            name: render_options(value, "command-line") if isinstance(value, str) else value
            for name, value in (record | fields).items()
        }
        get_console().file.write(json.dumps(written) + "\n")
        get_console().file.flush()


def _fold(message: str) -> str:
    r"""Write flags, and line feeds as \n: no part of a message passes for one of its own."""
    return render_options(message, "command-line").replace("\n", "\\n")


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
        self._fields: dict[str, Any] = {}

    def begin(self, task: str, total: int) -> None:
        """Start the bar."""
        self._task, self._total = self._named or task, total
        console = get_console()
        if quiet or not is_watched():
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn(f"{self._unit} {{task.completed}}/{{task.total}}", markup=False),
            TextColumn("{task.fields[figures]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
        )
        self._bar.start()
        self._id = self._bar.add_task(clean(self._task), total=total, figures="")

    def advance(self, step: int, figures: dict[str, float]) -> None:
        """Show a step's figures, such as an epoch's losses."""
        text = " ".join(f"{name} {value:.4f}" for name, value in figures.items())
        if self._bar is not None and self._id is not None:
            self._bar.update(self._id, completed=step, figures=text)
            return
        self._unsaid = f"{self._task} {self._unit} {step}/{self._total} {text}".rstrip()
        self._fields = {"task": self._task, self._unit: step, "of": self._total, **figures}
        if verbose or step == 1 or step % max(1, self._total // 10) == 0:
            self._say_line()

    def end(self) -> None:
        """Take the bar away, or say where training stopped."""
        if self._bar is not None:
            self._bar.stop()
        elif self._unsaid:
            self._say_line()

    def _say_line(self) -> None:
        log(self._unsaid, **self._fields)
        self._unsaid = ""
