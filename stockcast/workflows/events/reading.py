"""What is told of prices as they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from stockcast.plurals import count_of
from stockcast.prices.covariates import find_known
from stockcast.prices.findings import Finding
from stockcast.prices.history import PriceHistory, format_date
from stockcast.progress import Event, Level


@dataclass(frozen=True)
class HistoryRead(Event):
    """A price history was read."""

    history: PriceHistory

    @property
    def text(self) -> str:
        """Say how many rows, from when to when."""
        dates = self.history.dates
        return (
            f"read {self.history.name}: {count_of(len(dates), 'row')}, "
            f"{format_date(dates[0])} to {format_date(dates[-1])}"
        )


@dataclass(frozen=True)
class CovariatesRead(Event):
    """Other prices are seen beside a history."""

    history: PriceHistory

    @property
    def text(self) -> str:
        """Say of each how many of the bars it has, and until when, a line each."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The sentences of it."""
        covariates, dates = self.history.covariates, self.history.dates
        sentences = []
        for one in () if covariates is None else covariates.histories:
            known = (find_known(one, dates) >= 0).sum()
            shared = int(np.isin(dates, one.dates).sum())
            told = f"beside {one.name}: {count_of(len(one), 'row')} to {format_date(one.dates[-1])}"
            if missing := int(known) - shared:
                have = "sees" if missing == 1 else "see"
                told += f"; {count_of(missing, 'bar')} without its own {have} its newest before"
            sentences.append(told)
        return sentences


@dataclass(frozen=True)
class FindingMade(Event):
    """Something odd was found in the prices."""

    level: ClassVar[Level] = "warning"
    finding: Finding

    @property
    def text(self) -> str:
        """Say what."""
        return self.finding.message
