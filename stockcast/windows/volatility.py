"""How much the next price is likely to move: known at each bar from it and those before it."""

from __future__ import annotations

import numpy as np

from stockcast.prices.history import Numbers, PriceHistory
from stockcast.windows.moves import BARS, measure_ranges, take_returns

SPAN = 250  # bars that count, about a year
RECENT = 0.65  # weight of the recent variance; the rest is the year's, which it returns to
DECAY = {"close": 0.94, "range": 0.90}  # a bar; a range tells more, so fewer bars do
_MOST = 0.9  # of the newest SPAN bars must have a range for ranges to be believed
_LEAST = 1e-4  # of the price: below a hundredth of a percent a still price would mean certainty


def estimate_volatility(
    history: PriceHistory, column: str, *, newest: int | None = None
) -> Numbers:
    """Return the standard deviation of the next log return, as known at each bar.

    The root of a weighted mean of each bar's variance: an exponentially weighted one (as in
    RiskMetrics, J.P. Morgan/Reuters 1996) drawn towards the mean of the newest SPAN bars (as a
    GARCH model's forecast is; Bollerslev 1986). A bar's variance is its squared log return; where
    there are open, high and low, the squared return over night and Parkinson's (1980) estimate
    from the range of the day, which know more than two closes. docs/studies.md compares them.
    Each bar's number comes from the SPAN + 1 bars that end with it, and from no other.

    Args:
        history: its columns; NaN or prices that are not above zero count as unknown.
        column: the forecast column.
        newest: of only so many bars; default: of all.

    Returns:
        (rows,) or (newest,), at least 1e-4.
    """
    count = len(history) if newest is None else newest
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = _blend(take_returns(history, column) ** 2, DECAY["close"], count)
        if all(name in history.columns for name in BARS):
            # An open's own return is not that of its day; its night is between the closes.
            whole = column if column == "adj_close" else "close"
            of_range = _measure_range(history, take_returns(history, whole))
            # Bars without a range are those of funds and fixings: their close says more.
            ranged = np.isfinite(of_range) & (history.columns["high"] > history.columns["low"])
            has_range = _average(ranged.astype(np.float64), 1.0, count) > _MOST
            variance = np.where(has_range, _blend(of_range, DECAY["range"], count), variance)
    volatility: Numbers = np.maximum(np.sqrt(variance), _LEAST)
    return volatility


def _blend(variances: Numbers, decay: float, count: int) -> Numbers:
    """(rows,) ─▶ (count,) recent mean, drawn towards the year's."""
    recent, year = (_average(variances, one, count) for one in (decay, 1.0))
    return RECENT * recent + (1 - RECENT) * year


def _measure_range(history: PriceHistory, returns: Numbers) -> Numbers:
    """(rows,) ─▶ (rows,) variance over night plus Parkinson's over the day."""
    over_night, of_day = measure_ranges(history, returns)
    variances: Numbers = over_night**2 + of_day
    return variances


def _average(variances: Numbers, decay: float, count: int) -> Numbers:
    """(rows,) ─▶ (count,) weighted mean of the newest SPAN known variances; 0 if there is none."""
    weights = decay ** np.arange(SPAN, dtype=np.float64)
    known = np.isfinite(variances)
    total = _sum_newest(known.astype(np.float64), weights, count)
    sums = _sum_newest(np.where(known, variances, 0.0), weights, count)
    mean: Numbers = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
    return mean


def _sum_newest(values: Numbers, weights: Numbers, count: int) -> Numbers:
    """(rows,) ─▶ (count,) weighted sums of the newest values, of as many as there are."""
    rows = len(values)
    if rows < count + SPAN - 1:
        return np.convolve(values, weights)[rows - count : rows]
    return np.convolve(values[rows - count - SPAN + 1 :], weights, mode="valid")
