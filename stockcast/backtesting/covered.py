"""Which of the dates that recorded forecasts have a backtest walks: those that all of them have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.recorded import PlacedForecasts
from stockcast.errors import TooShort, UnusableForecasts, UsageError, option
from stockcast.plurals import count_of
from stockcast.prices.history import PriceHistory, format_date

Cutoffs = NDArray[np.int64]


@dataclass(frozen=True)
class CoveredDates:
    """What became of the dates that recorded forecasts have.

    Attributes:
        recorded: dates that any of them forecast and that have come true.
        unshared: of these left out, as not all of them forecast it.
        early: of these left out, as another candidate needs more bars before it.
        pending: forecasts whose bar the prices do not have yet.
        outside: forecasts from before the first bar.
    """

    recorded: int
    unshared: int
    early: int
    pending: int
    outside: int

    @property
    def left_out(self) -> int:
        """Dates that came true and are not judged."""
        return self.unshared + self.early

    @property
    def text(self) -> str:
        """Say how many dates are left out and why; empty where none is."""
        reasons = (
            (self.unshared, "not forecast by all"),
            (self.early, "with too few bars before for the other models"),
        )
        parts = [f"{count:,} {why}" for count, why in reasons if count]
        said = []
        if parts:
            said.append(
                f"of {count_of(self.recorded, 'recorded date')} {self.left_out:,} left out: "
                + ", ".join(parts)
            )
        if self.pending:
            said.append(f"{count_of(self.pending, 'forecast')} yet to come true")
        if self.outside:
            said.append(f"{count_of(self.outside, 'forecast')} from before the first bar")
        return "; ".join(said)


def choose_covered(
    history: PriceHistory,
    placed: Sequence[PlacedForecasts],
    *,
    horizon: int,
    options: CutoffOptions,
    needed: int,
    reason: str,
) -> tuple[Cutoffs, CoveredDates]:
    """Return the cutoffs from which all recorded forecasts look so far ahead, and what is left out.

    Args:
        history: the bars.
        placed: at least one.
        horizon: steps ahead.
        options: of these cutoffs the newest, those from a date on, or so many bars apart.
        needed: bars that must be known before a cutoff.
        reason: whose need that is.

    Raises:
        UnusableForecasts: one does not look so far ahead, or they have no date in common.
        TooShort: too few bars are known before all of them.
        UsageError: the options leave none, or ask for more than there are.
    """
    each = [_list_cutoffs(history, one, horizon) for one in placed]
    every = np.unique(np.concatenate(each))
    shared: Cutoffs = reduce(np.intersect1d, each)
    if not len(shared):
        names = " and ".join(one.name for one in placed)
        raise UnusableForecasts(
            f"{history.name}: {names} have no date in common",
            hint="compare forecasts of the same dates, or each in a backtest of its own",
        )
    cutoffs = shared[shared >= needed]
    if not len(cutoffs):
        raise TooShort(
            f"{history.name}: {count_of(int(shared[-1]), 'row')} before the newest recorded "
            f"forecast: {reason}",
            hint="give it more history, or compare with what needs less, such as drift",
        )
    covered = CoveredDates(
        recorded=len(every),
        unshared=len(every) - len(shared),
        early=len(shared) - len(cutoffs),
        pending=max(one.pending for one in placed),
        outside=max(one.outside for one in placed),
    )
    return _apply_options(history, cutoffs, options), covered


def _list_cutoffs(history: PriceHistory, one: PlacedForecasts, horizon: int) -> Cutoffs:
    cutoffs = one.list_cutoffs(horizon)
    if len(cutoffs):
        return cutoffs
    if not one.steps:
        beside = f"{one.pending:,} yet to come true, {one.outside:,} from before its first bar"
        raise UnusableForecasts(
            f"{history.name}: {one.name} has no forecast that came true ({beside})",
            hint=f"the bars are of {format_date(history.dates[0])} to "
            f"{format_date(history.dates[-1])}",
        )
    steps = ", ".join(map(str, one.steps[:8]))
    raise UnusableForecasts(
        f"{history.name}: {one.name} has no forecast {count_of(horizon, 'step')} ahead, only "
        f"{steps}",
        hint=f"compare what it has: {option('horizon', one.steps[-1])}",
    )


def _apply_options(history: PriceHistory, cutoffs: Cutoffs, options: CutoffOptions) -> Cutoffs:
    """Return the cutoffs that are asked for."""
    start = options.find_start()
    if start is not None:
        found = cutoffs[history.dates[cutoffs] >= start]
        if not len(found):
            newest = format_date(history.dates[cutoffs[-1]])
            raise UsageError(
                f"{history.name}: no recorded forecast from {format_date(start)} on",
                hint=f"the newest is of {newest}",
            )
        cutoffs = found
    if options.step > 1:
        kept = [int(cutoffs[-1])]  # the newest one, as without recorded forecasts
        for cutoff in cutoffs[-2::-1]:
            if kept[-1] - cutoff >= options.step:
                kept.append(int(cutoff))
        cutoffs = np.array(kept[::-1], dtype=np.int64)
    if options.folds is not None:
        if options.folds > len(cutoffs):
            raise UsageError(
                f"{option('folds')} is {options.folds:,}, and the recorded forecasts of "
                f"{history.name} have {count_of(len(cutoffs), 'date')}",
                hint=f"give {option('folds', len(cutoffs))} or fewer, or leave it out",
            )
        cutoffs = cutoffs[-options.folds :]
    return cutoffs


def find_gap(cutoffs: Cutoffs) -> int:
    """Return the fewest bars between two cutoffs; 1 where there is one cutoff."""
    return int(np.diff(cutoffs).min(initial=np.iinfo(np.int64).max)) if len(cutoffs) > 1 else 1
