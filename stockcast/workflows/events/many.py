"""What is told of work on many tickers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from stockcast.durations import format_duration
from stockcast.errors import StockcastError, option
from stockcast.plurals import count_of
from stockcast.progress import Event, Level


@dataclass(frozen=True)
class ManyStarted(Event):
    """Work on many tickers began.

    Attributes:
        task: what is done with them, such as `training`.
        units: how many of what, such as `5 files`.
        processes: of this machine; 0 if that is not known.
    """

    task: str
    units: str
    processes: int = 0

    @property
    def text(self) -> str:
        """Say how many, and in how many processes."""
        where = f" in {self.processes} processes" if self.processes > 1 else ""
        return f"{self.task} {self.units}{where}"


@dataclass(frozen=True)
class ManyInterrupted(Event):
    """Work on many tickers was interrupted."""

    done: int
    units: str

    @property
    def text(self) -> str:
        """Say how to continue."""
        return (
            f"interrupted: {self.done:,} of {self.units} done; the same "
            f"command with {option('if_changed', value=True)} goes on from there"
        )


@dataclass(frozen=True)
class ManyEnded(Event):
    """Work on many tickers is over.

    Attributes:
        count: tickers.
        seconds: it took.
        tally: what became of them to how many, in the order to tell it; those of 0 are left out.
    """

    count: int
    seconds: float
    tally: Mapping[str, int]

    @property
    def text(self) -> str:
        """Say how many of each."""
        tally = {status: number for status, number in self.tally.items() if number} or self.tally
        parts = ", ".join(f"{number:,} {status}" for status, number in tally.items())
        count = count_of(self.count, "ticker")
        return f"{count} in {format_duration(self.seconds)}: {parts}"


@dataclass(frozen=True)
class TickerFailed(Event):
    """One of many tickers failed; the others go on.

    Attributes:
        source: the file or folder that it comes from.
        error: why.
        name: what else to call it; empty: the source says enough.
    """

    level: ClassVar[Level] = "error"
    source: str
    error: StockcastError
    name: str = ""

    @property
    def text(self) -> str:
        """Say which and why."""
        problem = self.error.raw_message
        where = f"{self.source} ({self.name})" if self.name else self.source
        return problem if self.source in problem else f"{where}: {problem}"
