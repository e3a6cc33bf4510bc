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
