"""What is told of a search for a recipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from stockcast.plurals import count_of
from stockcast.progress import Event, Level

if TYPE_CHECKING:
    from stockcast.tuning.study import TrialRecord
    from stockcast.tuning.verdict import SearchVerdict


@dataclass(frozen=True)
class SearchBegun(Event):
    """A search for a recipe begins.

    Attributes:
        searched: fields of the recipe.
        tickers: whose prices.
        folds: what every trial is judged on, in words.
        test: the first date that no trial sees.
    """

    searched: tuple[str, ...]
    tickers: tuple[str, ...]
    folds: str
    test: str

    @property
    def text(self) -> str:
        """Say what is searched, and on what it is judged."""
        count = len(self.tickers)
        whose = self.tickers[0] if count == 1 else count_of(count, "ticker")
        return (
            f"searching {', '.join(self.searched)} on {whose}: each trial is judged on "
            f"{self.folds}; what is from {self.test} on, none sees"
        )


@dataclass(frozen=True)
class TrialFailed(Event):
    """A trial of a search failed, which stops no other."""

    level: ClassVar[Level] = "warning"
    number: int
    reason: str

    @property
    def text(self) -> str:
        """Say why."""
        return f"trial {self.number} failed: {self.reason}"


@dataclass(frozen=True)
class SearchInterrupted(Event):
    """A search was interrupted.

    Attributes:
        count: trials that are over.
        path: where the best recipe so far is; None: nowhere.
        storage: the database that has the trials; None: none.
    """

    count: int
    path: Path | None
    storage: Path | None

    @property
    def text(self) -> str:
        """Say what is kept."""
        said = f"interrupted after {count_of(self.count, 'trial')}"
        if self.path is not None:
            said += f"; the best so far is in {self.path}, and its test span was not looked at"
        if self.storage is not None:
            said += f"; the same command goes on from {self.storage}"
        return said


@dataclass(frozen=True)
class SearchEnded(Event):
    """A search is over, and the best of its trials was judged."""

    best: TrialRecord
    trials: tuple[TrialRecord, ...]
    verdict: SearchVerdict
    path: Path | None

    @property
    def text(self) -> str:
        """Say which trial is the best, and what the search proves."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The sentences of it."""
        from stockcast.report.tuning_wording import count_states, describe_best

        said = [f"{count_states(self.trials)}; {describe_best(self.best)}"]
        if self.path is not None:
            said.append(f"wrote {self.path}")
        return [*said, f"verdict: {self.verdict.sentence}"]
