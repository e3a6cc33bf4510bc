"""Market: how far and which way all tickers together moved on each date."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Dates, Numbers

FEWEST = 20
"""Tickers that a market is made of, at least: the mean of a handful is their own."""


@dataclass(frozen=True)
class Market:
    """Means over tickers, a row a date.

    Attributes:
        dates: (rows,) datetime64[us], ascending, each once.
        log_scales: (rows,) mean log scale of a bar; NaN where it is not known.
        returns: (rows,) mean log return; NaN where it is not known.
    """

    dates: Dates
    log_scales: Numbers
    returns: Numbers

    def look_up(self, dates: Dates) -> tuple[Numbers, Numbers]:
        """Return log scales and returns on dates, (n,) each; NaN where there is none of a date."""
        if not len(self.dates):
            return np.full(len(dates), np.nan), np.full(len(dates), np.nan)
        rows = np.minimum(np.searchsorted(self.dates, dates), len(self.dates) - 1)
        found = self.dates[rows] == dates
        return (
            np.where(found, self.log_scales[rows], np.nan),
            np.where(found, self.returns[rows], np.nan),
        )

    def alter_later(self, date: np.datetime64) -> Market:
        """Return another market after a date, to find out whether anything depends on it."""
        later = self.dates > date
        return Market(
            self.dates,
            np.where(later, self.log_scales + 1.5, self.log_scales),
            np.where(later, -2 * self.returns, self.returns),
        )

    def remove_later(self, date: np.datetime64) -> Market:
        """Return what is known of it on a date."""
        known = self.dates <= date
        return Market(self.dates[known], self.log_scales[known], self.returns[known])


class MarketBuilder:
    """Adds up tickers, one at a time; of each date it keeps four sums.

    Args:
        fewest: tickers that a date needs.
    """

    def __init__(self, fewest: int = FEWEST) -> None:
        self._fewest = fewest
        self._dates: Dates = np.empty(0, dtype="datetime64[us]")
        self._sums: NDArray[np.float64] = np.empty((0, 4))  # scales, how many; returns, how many

    def add(self, dates: Dates, log_scales: Numbers, returns: Numbers) -> None:
        """Add a ticker's bars, (rows,) each, ascending; NaN where something is not known."""
        columns = []
        for values in (log_scales, returns):
            known = np.isfinite(values)
            columns += [np.where(known, values, 0.0), known.astype(np.float64)]
        every = np.union1d(self._dates, dates)
        sums = np.zeros((len(every), 4))
        sums[np.searchsorted(every, self._dates)] = self._sums
        sums[np.searchsorted(every, dates)] += np.column_stack(columns)
        self._dates, self._sums = every, sums

    def finish(self) -> Market:
        """Return the means of the dates that have enough tickers."""
        scales, scale_count, returns, return_count = self._sums.T
        enough = (scale_count >= self._fewest) & (return_count >= self._fewest)
        return Market(
            self._dates[enough],
            scales[enough] / scale_count[enough],
            returns[enough] / return_count[enough],
        )
