"""Folds by date, of one ticker or of many: what is trained on is before what is judged.

The dates of all tickers are one row of time, so that no ticker's fold covers a day that is still
ahead in another's.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.backtesting.plan import Fold
from stockcast.errors import TooShort, UsageError, option
from stockcast.plurals import count_of
from stockcast.prices.history import Dates, PriceHistory, format_date

MOST_DATES = 250
"""Dates in a fold by default, about a year of trading days; all folds together are at most half."""


@dataclass(frozen=True)
class DateFolds:
    """Where the folds begin and end, and the test span after them.

    Attributes:
        edges: (folds + 1,) the first date of each fold; last the first date after them.
        dates: (n,) every date in the folds, ascending, of whichever ticker.
    """

    edges: Dates
    dates: Dates

    @property
    def count(self) -> int:
        """How many folds there are."""
        return len(self.edges) - 1

    def cut(self, history: PriceHistory, horizon: int) -> tuple[PriceHistory, tuple[Fold, ...]]:
        """Cut one ticker's bars before the end of the last fold, and group its cutoffs.

        A forecast belongs to the fold that its first date lies in; what it forecasts lies before
        the end of the last fold in any case.

        Args:
            history: the ticker's bars, later ones among them.
            horizon: steps ahead.

        Returns:
            the bars before the end, and a fold each; one in which it has no cutoff is empty.
        """
        rows = np.searchsorted(history.dates, self.edges)
        known = history.select(np.arange(rows[-1]))
        last = len(known) - horizon + 1  # the row after the last cutoff
        return known, tuple(
            Fold(0, np.arange(first, min(end, last), dtype=np.int64))
            for first, end in itertools.pairwise(rows)
        )


def place_folds(
    histories: Sequence[PriceHistory], *, folds: int, test: float, horizon: int
) -> tuple[DateFolds, DateFolds]:
    """Place the folds of a search, and the span after them that it may not see.

    The folds are those of scikit-learn's `TimeSeriesSplit` with a `test_size`: equally many dates
    each, one after the other up to the test span, each trained on all that is before it.

    Args:
        histories: the tickers' bars.
        folds: how many, at least 1.
        test: share (float) or number (int) of the newest dates that are kept for the end.
        horizon: steps ahead.

    Returns:
        the folds, and the test span as one fold.

    Raises:
        UsageError: no test span.
        TooShort: too few dates.
    """
    if not test:
        raise UsageError(
            f"{option('test', 0)}: a search needs a span that no trial has seen",
            hint="leave it out, or give a share such as 0.1",
        )
    dates = np.unique(np.concatenate([one.dates for one in histories]))
    held = test if isinstance(test, int) else max(horizon, math.floor(len(dates) * test))
    known = len(dates) - int(held)
    size = min(MOST_DATES, known // (2 * folds))
    if held < horizon or size < horizon:
        needed = 2 * folds * horizon
        raise TooShort(
            f"{count_of(len(dates), 'date')} have no room for {count_of(folds, 'fold')} and a test "
            f"span of {held:,}: {needed:,} and the test span are the least",
            hint=f"give more history, or fewer {option('folds')}",
        )
    first = known - folds * size
    edges = dates[first + size * np.arange(folds + 1)]
    test_span = DateFolds(np.array([dates[known], dates[-1] + 1]), dates[known:])
    return DateFolds(edges, dates[first:known]), test_span


def describe_folds(folds: DateFolds) -> str:
    """Say how many folds there are, and from when to when."""
    each = len(folds.dates) // folds.count
    return (
        f"{count_of(folds.count, 'fold')} of {each:,} dates, "
        f"{format_date(folds.dates[0])} to {format_date(folds.dates[-1])}"
    )


def locate_dates(dates: Dates, among: Dates) -> NDArray[np.int64]:
    """Return the place of each of some dates among ascending ones that they are all part of."""
    return np.searchsorted(among, dates)
