"""What an executor hands out, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from stockcast.errors import StockcastError


class Named(Protocol):
    """A task of any kind."""

    @property
    def name(self) -> str:
        """What to call it; no two tasks of a run have the same."""


Job = TypeVar("Job", bound=Named)
Made = TypeVar("Made")


@dataclass(frozen=True)
class Outcome(Generic[Made]):
    """What became of a task.

    Attributes:
        name: of the task.
        content: what was made; None where it failed.
        seconds: the work took, without waiting for its turn.
        error: why it failed; None where it did not.
    """

    name: str
    content: Made | None = None
    seconds: float = 0.0
    error: StockcastError | None = None
