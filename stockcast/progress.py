"""What a long piece of work tells: events, progress, counts; and who is told."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, ClassVar, Literal, Protocol, Self

from stockcast.errors import render_options


class Progress(Protocol):
    """Told what a long job does; the CLI draws it, the library is silent."""

    def begin(self, task: str, total: int) -> None:
        """Start `task`, which takes at most `total` steps."""

    def advance(self, step: int, figures: dict[str, float]) -> None:
        """Step `step` (from 1) is done, with its figures, such as a loss."""

    def end(self) -> None:
        """The job is over, finished or not."""


class Silent:
    """A Progress that says nothing: the default of every library function."""

    def begin(self, task: str, total: int) -> None:
        """Say nothing."""

    def advance(self, step: int, figures: dict[str, float]) -> None:
        """Say nothing."""

    def end(self) -> None:
        """Say nothing."""


class Recorder:
    """A Progress that keeps each step's figures, and passes everything on.

    Args:
        listener: who else is told; default: nobody.

    Attributes:
        figures: name to its value at each step.
    """

    def __init__(self, listener: Progress | None = None) -> None:
        self._listener = listener or Silent()
        self.figures: dict[str, list[float]] = {}

    def begin(self, task: str, total: int) -> None:
        """Pass it on."""
        self._listener.begin(task, total)

    def advance(self, step: int, figures: dict[str, float]) -> None:
        """Keep the figures, and pass them on."""
        for name, value in figures.items():
            self.figures.setdefault(name, []).append(value)
        self._listener.advance(step, figures)

    def end(self) -> None:
        """Pass it on."""
        self._listener.end()


class Event:
    """Something that a piece of work tells whoever listens; each kind is a class of its own.

    Attributes:
        level: how much it matters: info, warning, or error.
        is_for_logs: whether somebody who watches a terminal has seen it in another form.
    """

    level: ClassVar[Literal["info", "warning", "error"]] = "info"
    is_for_logs: ClassVar[bool] = False

    @property
    def text(self) -> str:
        """What happened, in a sentence."""
        raise NotImplementedError

    @property
    def fields(self) -> dict[str, Any]:
        """The figures in it, by name, for machines."""
        return {}

    def __str__(self) -> str:
        return render_options(self.text)


class TickerProgress:
    """Counts tickers while a block runs; whoever shows the count overrides `show`.

    Args:
        total: how many there are, as far as is known.

    Attributes:
        total: likewise; a file may hold more of them than expected.
        begun: tickers whose turn has come.
        done: tickers that are done, well or not.
        failed: those that failed.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.begun = 0
        self.done = 0
        self.failed = 0
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop showing it."""

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self._started

    def begin(self) -> None:
        """Count a ticker whose turn has come."""
        self.begun += 1
        self.total = max(self.total, self.begun)
        self.show()

    def finish(self, *, failed: bool) -> None:
        """Count a ticker that is done."""
        self.done += 1
        self.failed += failed
        self.show()

    def show(self) -> None:
        """Show the count; here nobody looks."""


class Observer:
    """Whoever is told what a long piece of work does; this one keeps silent.

    The command line draws it on stderr. To log instead, override what you need:

        class Logging(Observer):
            def notify(self, event):
                logging.info("%s", event)
    """

    def notify(self, event: Event) -> None:
        """Something happened."""

    def open_progress(self, *, unit: str = "epoch", task: str = "") -> Progress:  # noqa: ARG002
        """Return what is told of the steps of one job.

        Args:
            unit: what a step is.
            task: what to call the job; empty: what it calls itself.
        """
        return Silent()

    def count_tickers(self, task: str, total: int, *, most: int = 0) -> TickerProgress:  # noqa: ARG002
        """Return what counts the tickers of one job.

        Args:
            task: what is done with them.
            total: how many there are, as far as is known.
            most: how many are worked on at once; 0 if that is not known.
        """
        return TickerProgress(total)

    def waiting(self, reason: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Return a block in which something takes a moment."""
        return nullcontext()


SILENT = Observer()
