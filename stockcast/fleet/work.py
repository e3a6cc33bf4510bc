"""What an executor hands out, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from stockcast.errors import StockcastError, option


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


def explain_death(name: str) -> Outcome[Any]:
    """Return what became of a task whose process died each time that it was tried."""
    error = StockcastError(
        f"{name}: its process died twice",
        hint=f"is there memory enough? try fewer {option('jobs')}",
    )
    return Outcome(name, error=error)


def explain_bug(name: str, bug: BaseException) -> Outcome[Any]:
    """Return what became of a task whose work raised what it should not."""
    error = StockcastError(
        f"{name}: a bug in stockcast: {type(bug).__name__}: {bug}",
        hint=f"run it alone with {option('debug', value=True)} and report what it prints",
    )
    return Outcome(name, error=error)
