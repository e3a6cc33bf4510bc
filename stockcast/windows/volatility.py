"""How much the next price is likely to move: known at each bar from it and those before it."""

from __future__ import annotations

import numpy as np

from stockcast.prices.history import Numbers, PriceHistory

DECAY = 0.94  # a day; J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th ed., 1996
SPAN = 200  # bars that count: the weight of all older ones together is 4 in a million
_LEAST = 1e-4  # of the price: below a hundredth of a percent a still price would mean certainty


def estimate_volatility(history: PriceHistory, column: str) -> Numbers:
    """Return the standard deviation of the next log return, as known at each bar.

    The root of the exponentially weighted mean of each bar's variance over the newest SPAN bars.

    Args:
        history: its columns; NaN or prices that are not above zero count as unknown.
        column: the forecast column.

    Returns:
        (rows,) at least 1e-4.
    """
    prices = history.columns[column]
    with np.errstate(divide="ignore", invalid="ignore"):
        variances = np.diff(np.log(prices), prepend=np.nan) ** 2
    return _smooth(variances)


def _smooth(variances: Numbers) -> Numbers:
    """(rows,) ─▶ (rows,) root of the weighted mean of the newest SPAN known variances."""
    weights = DECAY ** np.arange(SPAN)[::-1]
    known = np.isfinite(variances)
    padded = np.concatenate([np.zeros(SPAN - 1), np.where(known, variances, 0.0)])
    counted = np.concatenate([np.zeros(SPAN - 1), known])
    cut = np.lib.stride_tricks.sliding_window_view
    total = cut(counted, SPAN) @ weights
    sums = cut(padded, SPAN) @ weights
    mean = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
    volatility: Numbers = np.maximum(np.sqrt(mean), _LEAST)
    return volatility
