"""What any workflow tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from stockcast.progress import Event, Level


@dataclass(frozen=True)
class Note(Event):
    """A step that has no figures of its own."""

    message: str

    @property
    def text(self) -> str:
        """Return the message."""
        return self.message


@dataclass(frozen=True)
class Waiting(Note):
    """Another run holds the lock; the message says who."""


@dataclass(frozen=True)
class Warned(Note):
    """Something is odd and nothing failed."""

    level: ClassVar[Level] = "warning"
