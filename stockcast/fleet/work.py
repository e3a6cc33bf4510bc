"""One ticker's work: a pure function that any process of any machine can run."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from stockcast.errors import StockcastError, TimedOut, option
from stockcast.evaluation.skill import Skill
from stockcast.windows.series import WindowedSeries


class Named(Protocol):
    """A task of any kind."""

    @property
    def name(self) -> str:
        """What to call it; no two tasks of a run have the same."""


Job = TypeVar("Job", bound=Named)
Made = TypeVar("Made")


@dataclass(frozen=True)
class Task:
    """What one ticker's model follows from.

    Attributes:
        name: what to call it; no two tasks of a run have the same.
        series: its windowed series, with the recipe.
        timeout: seconds after which to give it up, at the end of an epoch; None: never.
    """

    name: str
    series: WindowedSeries
    timeout: float | None = None


@dataclass(frozen=True)
class Outcome(Generic[Made]):
    """What became of a task.

    Attributes:
        name: of the task.
        content: what was made, for a training the bytes of the model file; None where it failed,
            or where there was nothing to do.
        skill: of a training, how the model did on the held-out span; None if nothing was held out.
        epochs: of a training, epochs run.
        seconds: the work took, without waiting for its turn.
        error: why it failed; None where it did not.
    """

    name: str
    content: Made | None = None
    skill: Skill | None = None
    epochs: int = 0
    seconds: float = 0.0
    error: StockcastError | None = None


def train_task(task: Task) -> Outcome[bytes]:
    """Train one ticker's model: series and recipe with its seed ─▶ the bytes of its model file.

    The same task gives the same bytes in whichever process it runs. What is wrong with the data
    is an outcome too, not an exception.
    """
    from stockcast.model.file import serialize_model
    from stockcast.training.fit import train_series

    began = time.monotonic()
    try:
        model = train_series(task.series, progress=Deadline(task.name, began, task.timeout))
    except StockcastError as error:
        # A traceback would keep the series in memory, and no process sends one to another.
        seconds, error = time.monotonic() - began, error.with_traceback(None)
        return Outcome(task.name, seconds=seconds, error=error)
    return Outcome(
        task.name,
        content=serialize_model(model),
        skill=model.skill,
        epochs=model.provenance.epochs,
        seconds=time.monotonic() - began,
    )


class Deadline:
    """A progress that gives a task up when its time is over.

    Args:
        name: of the task.
        began: when, by `time.monotonic`.
        limit: seconds from then; None: never.
        unit: what a step of the progress is.
    """

    def __init__(
        self, name: str, began: float, limit: float | None, *, unit: str = "epoch"
    ) -> None:
        self._name = name
        self._began = began
        self._limit = limit
        self._unit = unit

    def begin(self, task: str, total: int) -> None:
        """Nothing is over yet."""

    def advance(self, step: int, figures: dict[str, float]) -> None:  # noqa: ARG002 — the protocol's
        """Look at the clock after each step."""
        self.look(f"in {self._unit} {step}")

    def end(self) -> None:
        """Nothing to put away."""

    def look(self, where: str) -> None:
        """Look at the clock.

        Raises:
            TimedOut: time is over; the message says where.
        """
        if self._limit is not None and time.monotonic() - self._began > self._limit:
            raise TimedOut(
                f"{self._name}: not done after {self._limit:g} s, {where}",
                hint=f"give it longer: {option('timeout')}, or a smaller recipe",
            )
