"""What is told of models, and of the demo that makes one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.progress import Event
from stockcast.report import wording

if TYPE_CHECKING:
    from stockcast.forecast.inspection import Inspection
    from stockcast.model.model import Model


@dataclass(frozen=True)
class NetworkInspected(Event):
    """A network's gates and memory were looked at."""

    seen: Inspection

    @property
    def text(self) -> str:
        """Say how far back it remembers."""
        return f"how far back it remembers: {wording.describe_reach(self.seen)}"


@dataclass(frozen=True)
class ModelExported(Event):
    """A model was written for another program."""

    format: str
    interface: str

    @property
    def text(self) -> str:
        """Say what the file takes and gives."""
        return f"{self.format}: {self.interface}"


@dataclass(frozen=True)
class ModelRestored(Event):
    """The model before the present one is in its place again."""

    path: Path
    model: Model
    left: int

    @property
    def text(self) -> str:
        """Say whose it is and how many earlier ones are left."""
        left = "1 earlier one is" if self.left == 1 else f"{self.left} earlier ones are"
        return (
            f"{self.path} is the model of {self.model.name} trained to "
            f"{self.model.provenance.last_date} again; {left} left"
        )


@dataclass(frozen=True)
class DemoStep(Event):
    """The demo does what a command does.

    Attributes:
        call: the command, as `errors.command` gives it.
        meaning: what it does.
    """

    call: str
    meaning: str

    @property
    def text(self) -> str:
        """Say both."""
        return f"{self.call}: {self.meaning}"
