"""stderr: messages, progress, tables and errors, on the terminal of the run that says them.

Every text that comes here may name options as `errors.option` does: they are written as flags.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stockcast.cli.output.cleaning import clean
from stockcast.cli.output.terminal import get_terminal
from stockcast.errors import render_options

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID
    from rich.table import Table


def get_console() -> Console:
    """Return the run's one console on stderr."""
    return get_terminal().console


def is_quiet() -> bool:
    """Whether only warnings and errors are wanted."""
    return get_terminal().quiet


def is_json() -> bool:
    """Whether each message is a JSON object, and a table none at all."""
    return get_terminal().as_json


def is_watched() -> bool:
    """Whether somebody sits at a terminal and sees each message as it comes."""
    return get_terminal().is_watched


def say(message: str, *, style: str = "", **fields: Any) -> None:
    """Tell the user something, unless --quiet; the fields are for --log-format json."""
    if not is_quiet():
        _tell("info", message, _fold(message), style, fields)


def log(message: str, **fields: Any) -> None:
    """Write something with its time to a log, and nothing to a terminal."""
    if not is_quiet() and not is_watched():
        _tell("info", message, f"{tell_time()} {_fold(message)}", "", fields)


def show(table: Table) -> None:
    """Show a table of figures that messages tell too; JSON has those alone."""
    if not is_quiet() and not is_json():
        get_console().print(table)


def warn(message: str, **fields: Any) -> None:
    """Tell the user something that --quiet does not silence."""
    _tell("note", message, f"note: {_fold(message)}", "yellow", fields)


def show_error(message: str, hint: str = "", *, code: int = 1, **fields: Any) -> None:
    """Say what went wrong and what to do next."""
    hint = render_options(hint, "command-line")
    hints = {"hint": hint} if hint else {}
    shown = {**hints, "exit": code, **fields}
    _tell("error", message, f"error: {_fold(message)}", "bold red", shown)
    if hint and not is_json():
        get_terminal().write_line(f"  {_fold(hint)}")


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on a terminal that something takes a moment."""
    if is_quiet() or not is_watched():
        yield
        return
    with get_console().status(what):
        yield


@contextmanager
def making_room() -> Iterator[None]:
    """Take the bar away while rows go to the terminal that it is on."""
    bar = get_terminal().bar
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
    terminal = get_terminal()
    if not terminal.as_json:
        terminal.write_line(text, style)
    elif message:
        record = {
            "time": tell_time(), "level": level, "command": terminal.command, "message": message,
        }  # fmt: skip
        written = {
            name: render_options(value, "command-line") if isinstance(value, str) else value
            for name, value in (record | fields).items()
        }
        terminal.stream.write(json.dumps(written) + "\n")
        terminal.stream.flush()


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
        if is_quiet() or not is_watched():
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn(f"{self._unit} {{task.completed}}/{{task.total}}", markup=False),
            TextColumn("{task.fields[figures]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=get_console(),
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
        if get_terminal().verbose or step == 1 or step % max(1, self._total // 10) == 0:
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
