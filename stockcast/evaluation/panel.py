"""One forecast over many tickers: what tickers of one date have in common must count once.

The tickers of one date move together, so their errors are no independent sample: 480 of them may
tell no more than 5 would. What is tested is therefore one series, a total a date (Timmermann & Zhu
2019; the idea is that of Driscoll & Kraay 1998).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from stockcast.evaluation.significance import diebold_mariano_of_gains
from stockcast.prices.history import Dates, Numbers

_MOST = 0.95  # of all forecasts; what a ticker that paused for weeks spans is no measure


def square_errors(actual: Numbers, forecast: Numbers, last: Numbers) -> Numbers:
    """Squared errors in shares of the last price, so that no ticker counts for its price.

    Args:
        actual: (n,) prices that came true.
        forecast: (n,) forecasts of them.
        last: (n,) the last price that each forecast knew.

    Returns:
        (n,) ((forecast − actual) / last)², 0.0004 for 2 %; NaN where the last price is 0.
    """
    known = last != 0
    shares = np.divide(forecast - actual, last, out=np.full(len(last), np.nan), where=known)
    squares: Numbers = shares**2
    return squares


def add_up(keys: NDArray[np.int64], values: Numbers) -> tuple[NDArray[np.int64], Numbers]:
    """Add up rows that have the same key, in their order.

    Args:
        keys: (n, k) whole numbers, a key a row.
        values: (n, m).

    Returns:
        keys (u, k), ascending, each once, and sums (u, m).
    """
    found, place = np.unique(keys, axis=0, return_inverse=True)
    sums = np.zeros((len(found), values.shape[1]))
    np.add.at(sums, place.reshape(-1), values)
    return found, sums


def count_overlap(cutoffs: Dates, dates: Dates, counts: Numbers) -> int:
    """Return over how many dates of a panel a forecast reaches, those of the longest 5 % left out.

    The gains of two dates share a part of what came true if less than that many lie between them.
    It is the horizon where all tickers have the same dates; more where calendars differ, or where
    cutoffs are some bars apart and not the same bars of each ticker.

    Args:
        cutoffs: (n,) the last date that forecasts knew.
        dates: (n,) the date that they are for, after the cutoff.
        counts: (n,) how many forecasts there are with these two.

    Returns:
        at least 1.
    """
    every = np.unique(dates)
    reach = np.searchsorted(every, dates) - np.searchsorted(every, cutoffs, side="right") + 1
    order = np.argsort(reach, kind="stable")
    share = np.cumsum(counts[order]) / counts.sum()
    return max(1, int(reach[order][np.searchsorted(share, _MOST)]))


def panel_diebold_mariano(dates: Dates, gains: Numbers, *, step: int = 1) -> tuple[float, float]:
    """Test whether a forecast and a reference have the same squared error over many tickers.

    The gains of a date are added up over its tickers, and the test of Diebold & Mariano (1995),
    with the corrections that `diebold_mariano` has, is done on that one series. So it does not
    matter how closely tickers move together (Timmermann & Zhu 2019, whose averages over a date's
    tickers are these totals where each date has as many). Each forecast counts once: a date on
    which one ticker alone was forecast does not outweigh one with hundreds.

    Args:
        dates: (n,) the dates forecast, in any order; a date stands as often as it has tickers.
        gains: (n,) the reference's squared error minus the forecast's; of one forecast, or the
            sum of several of that date.
        step: dates that a forecast reaches over, see `count_overlap`.

    Returns:
        the statistic, above 0 where the forecast is better than the reference, and its two-sided
        p; (0, 1) and (±∞, 0) as for `diebold_mariano`.
    """
    _, totals = add_up(dates.astype(np.int64)[:, None], gains[:, None])
    return diebold_mariano_of_gains(totals[:, 0], step=step)


def pool_skill(losses: Numbers, reference: Numbers) -> float | None:
    """1 − RMSE / RMSE of the reference, over all forecasts; above 0 is better than it.

    Args:
        losses: (n,) sums of squared errors; of one date or many.
        reference: (n,) likewise of the reference.

    Returns:
        the skill, with the sign that `panel_diebold_mariano` gives these losses; None if the
        reference was never wrong.
    """
    of_reference = float(reference.sum())
    if not of_reference:
        return None
    return 1.0 - math.sqrt(float(losses.sum()) / of_reference)


def average_ratios(ratios: Numbers) -> float:
    """Geometric mean of (n,) ratios, n at least 1; 0 if one of them is.

    Half and double come to 1, whichever of the two is the reference (Fleming & Wallace 1986).
    """
    if not ratios.all():
        return 0.0
    return math.exp(float(np.log(ratios).mean()))
