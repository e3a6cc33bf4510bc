"""What is told of forecasts, and of what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stockcast.errors import option
from stockcast.plurals import count_of
from stockcast.progress import Event


@dataclass(frozen=True)
class SessionsChosen(Event):
    """Which days are forecast.

    Attributes:
        rhythm: of the bars, in words; None where an exchange's calendar was asked for.
        code: of that exchange.
        has_holidays: whether holidays are forecast like any day.
    """

    rhythm: str | None
    code: str = ""
    has_holidays: bool = False

    @property
    def text(self) -> str:
        """Say which."""
        if self.rhythm is None:
            return f"dates: sessions of {self.code}"
        known = f"; holidays are not left out ({option('calendar')})" if self.has_holidays else ""
        return f"dates: {self.rhythm}, as the bars come{known}"


@dataclass(frozen=True)
class ForecastsRecorded(Event):
    """Forecasts were appended to a ledger.

    Attributes:
        ledger: the file.
        forecasts: how many were to be recorded.
        added: how many were not there already.
    """

    ledger: Path
    forecasts: int
    added: int

    @property
    def text(self) -> str:
        """Say whether they were there already."""
        what = "this forecast" if self.forecasts == 1 else "these forecasts"
        return f"recorded in {self.ledger}" if self.added else f"{self.ledger} has {what} already"


@dataclass(frozen=True)
class ForecastsScored(Event):
    """A ledger's forecasts were held against prices."""

    scored: int
    pending: int

    @property
    def text(self) -> str:
        """Say how many came true, and how many are to."""
        came, verb = count_of(self.scored, "forecast"), "is" if self.pending == 1 else "are"
        return f"{came} came true, {self.pending:,} {verb} pending"
