"""What is told of backtests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stockcast.durations import format_duration
from stockcast.plurals import count_of
from stockcast.prices.history import PriceHistory, format_date
from stockcast.progress import Event
from stockcast.report import wording

if TYPE_CHECKING:
    from stockcast.backtesting.plan import Plan
    from stockcast.windows.pool import Pool


@dataclass(frozen=True)
class PoolFitBegun(Event):
    """A pooled recipe is about to be trained for a backtest, once.

    Attributes:
        name: of the recipe.
        pool: what it is trained on.
        date: the first date forecast, which it does not see.
        left_out: tickers that have too few rows before it, or other columns.
    """

    name: str
    pool: Pool
    date: np.datetime64
    left_out: int

    @property
    def text(self) -> str:
        """Say on how many rows of how many tickers."""
        left_out = self.left_out
        have = "has" if left_out == 1 else "have"
        more = f"; {left_out:,} {have} too few, or other columns" if left_out else ""
        return (
            f"{self.name} is trained once, on the {count_of(int(self.pool.edges[-1]), 'row')} of "
            f"{count_of(len(self.pool.tickers), 'ticker')} before {format_date(self.date)}{more}"
        )


@dataclass(frozen=True)
class BacktestPlanned(Event):
    """It is settled from where the prices of one ticker are forecast.

    Attributes:
        history: its bars.
        plan: its cutoffs.
        is_fitted: whether recipes are among what is compared.
    """

    history: PriceHistory
    plan: Plan
    is_fitted: bool

    @property
    def text(self) -> str:
        """Say what is forecast from where, and what is trained when, a line each."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The sentences of it."""
        plan, dates = self.plan, self.history.dates
        cutoffs = plan.cutoffs
        first = format_date(dates[cutoffs[0]])
        last = format_date(dates[cutoffs[-1] + plan.horizon - 1])
        apart = "" if plan.step == 1 else f", {plan.step} bars apart"
        sentence = (
            f"forecasting {plan.target} from {count_of(len(cutoffs), 'cutoff')}{apart}, "
            f"{wording.describe_ahead(plan.horizon)}: {first} to {last}"
        )
        left_out = "" if plan.covered is None else plan.covered.text
        fits = self._describe_fits() if self.is_fitted else ""
        return [line for line in (sentence, left_out, fits) if line]

    def _describe_fits(self) -> str:
        plan = self.plan
        rows = plan.folds[0].fitted_at - plan.folds[0].first_row
        known = count_of(rows, "row")
        if len(plan.folds) == 1:
            return f"each recipe is trained once, on the {known} before the first cutoff"
        known += "" if plan.train_rows else " and more"
        return f"each recipe is trained {len(plan.folds):,} times, on {known}"


@dataclass(frozen=True)
class LeakageChecked(Event):
    """Parts of a backtest were done again, and no forecast depended on a later row.

    Attributes:
        cutoffs: that were replayed.
        tickers: of several, how many; None of one.
    """

    cutoffs: int
    tickers: int | None = None

    @property
    def text(self) -> str:
        """Say so."""
        cutoffs = count_of(self.cutoffs, "cutoff")
        of_many = "" if self.tickers is None else f" of {count_of(self.tickers, 'ticker')}"
        return (
            f"no leakage: {cutoffs}{of_many} replayed with all later rows altered, and removed; "
            "models, forecasts and intervals are the same to the bit"
        )


@dataclass(frozen=True)
class BacktestEnded(Event):
    """The backtest of many tickers is over.

    Attributes:
        count: tickers.
        failed: those of them that could not be walked.
        seconds: it took.
    """

    count: int
    failed: int
    seconds: float

    @property
    def text(self) -> str:
        """Say how many were walked, and how many failed."""
        failed = f", {self.failed:,} failed" if self.failed else ""
        return (
            f"{count_of(self.count, 'ticker')} in {format_duration(self.seconds)}: "
            f"{self.count - self.failed:,} walked{failed}"
        )
