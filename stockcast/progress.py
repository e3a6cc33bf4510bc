"""Events, progress and counts of long work, and the observer that receives them."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, ClassVar, Literal, Protocol, Self

from stockcast.errors import Style, render_options

Level = Literal["info", "warning", "error"]


class Progress(Protocol):
    """Receives the steps of a long job. The command line draws them; the library's is silent."""

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
        listener: receives the same; default: nobody.

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
    """Something that happened during long work; each kind is a class of its own.

    Attributes:
        level: info, warning or error.
        is_for_logs: whether a terminal shows it in another form already, so that only logs need it.
    """

    level: ClassVar[Level] = "info"
    is_for_logs: ClassVar[bool] = False

    @property
    def text(self) -> str:
        """What happened, in a sentence."""
        raise NotImplementedError

    @property
    def lines(self) -> list[str]:
        """The sentences of it, a line each."""
        return [self.text]

    @property
    def fields(self) -> dict[str, Any]:
        """The figures in it, by name, for machines."""
        return {}

    def __str__(self) -> str:
        return render_options(self.text)


class TickerProgress:
    """Counts tickers while a block runs. To display the count, override `show`.

    Args:
        total: how many are expected.

    Attributes:
        total: how many are expected; it grows where files hold more tickers than that.
        begun: tickers whose turn has come.
        done: tickers that are done, well or not.
        failed: those that failed.
    """

    def __init__(self, total: int) -> None:
        self.total: int = total
        self.begun: int = 0
        self.done: int = 0
        self.failed: int = 0
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
        """Seconds since the count was made."""
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
        """Show the count. Does nothing here."""


class Observer:
    """Receives what happens during long work; this one ignores it.

    The command line's observer writes to stderr. To log instead, override what you need:

        class Logging(Observer):
            def notify(self, event):
                logging.info("%s", event)

    Attributes:
        style: how the front end names options.
    """

    style: ClassVar[Style] = "python"

    def notify(self, event: Event) -> None:
        """Receive an event."""

    def open_progress(self, *, unit: str = "epoch", task: str = "") -> Progress:  # noqa: ARG002
        """Return what receives the steps of one job.

        Args:
            unit: what a step is.
            task: what to call the job; empty: what it calls itself.
        """
        return Silent()

    def count_tickers(self, task: str, total: int, *, most: int = 0) -> TickerProgress:  # noqa: ARG002
        """Return what counts the tickers of one job.

        Args:
            task: what is done with them.
            total: how many are expected.
            most: how many are worked on at once; 0 if unknown.
        """
        return TickerProgress(total)

    def waiting(self, reason: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Return a block in which something takes a moment."""
        return nullcontext()


SILENT = Observer()
