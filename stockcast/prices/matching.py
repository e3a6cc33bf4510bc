"""Which column of a history some prices were taken from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.history import Numbers, PriceHistory
from stockcast.recipe import PriceColumn

# Where prices fit several columns alike, the one that a recipe would choose.
_PREFERRED: tuple[PriceColumn, ...] = ("adj_close", "close", "open", "high", "low")


def match_column(history: PriceHistory, rows: NDArray[np.int64], prices: Numbers) -> PriceColumn:
    """Return the name of the column in which most of some prices stand.

    Args:
        history: the bars.
        rows: (n,) where each price should stand.
        prices: (n,) prices, with round-trip precision.

    Example:
        >>> from stockcast.prices.csv.reader import read_prices
        >>> (history,) = read_prices("sample_data/GOOG.csv")
        >>> match_column(history, np.array([0, 5]), history.columns["open"][[0, 5]])
        'open'
    """
    names = [name for name in _PREFERRED if name in history.columns]
    same = [int(np.isclose(history.columns[name][rows], prices, rtol=1e-9).sum()) for name in names]
    return names[same.index(max(same))]
