"""What a long job reports, whoever listens."""

from __future__ import annotations

from typing import Protocol


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
