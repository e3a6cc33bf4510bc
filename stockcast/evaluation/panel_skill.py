"""The verdict of one model over many tickers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from stockcast.evaluation.lag import SMALLEST_SKILL
from stockcast.evaluation.metrics import direction_hit_rate
from stockcast.evaluation.panel import (
    add_up,
    count_overlap,
    panel_diebold_mariano,
    pool_skill,
)
from stockcast.evaluation.skill import Skill
from stockcast.prices.history import Dates, Numbers


class PanelErrors:
    """Adds up the errors of many tickers' forecasts, in shares of the last price of each.

    What is kept is a row a pair of cutoff and date, however many tickers there are.
    """

    def __init__(self) -> None:
        self._pairs: NDArray[np.int64] = np.empty((0, 2), dtype=np.int64)
        # Sums of: 1, squares and absolutes of the model and of the last price, squares of what
        # the model forecast, directions that were right.
        self._sums: Numbers = np.empty((0, 7))

    def add(
        self, actual: Numbers, forecast: Numbers, last: Numbers, *, cutoffs: Dates, dates: Dates
    ) -> None:
        """Add one ticker's forecasts; those whose last price is not above 0 are left out.

        Args:
            actual: (n,) prices that came true.
            forecast: (n,) forecasts of them.
            last: (n,) the last price that each forecast knew.
            cutoffs: (n,) the date of that price.
            dates: (n,) the date that each forecast is for.
        """
        known = last > 0
        if not known.any():
            return
        actual, forecast, last = actual[known], forecast[known], last[known]
        error, move, predicted = (
            (actual - forecast) / last,
            (actual - last) / last,
            forecast / last - 1,
        )
        rate = direction_hit_rate(actual, forecast, last)
        sums = [np.ones(len(last)), error**2, move**2, np.abs(error), np.abs(move), predicted**2]
        rates = np.full(len(last), 0.0 if math.isnan(rate) else rate)
        pairs = np.column_stack([cutoffs[known], dates[known]]).astype(np.int64)
        self._pairs, self._sums = add_up(
            np.concatenate([self._pairs, pairs]),
            np.concatenate([self._sums, np.column_stack([*sums, rates])]),
        )

    def judge(self) -> Skill | None:
        """Return the skill over all that was added; None if nothing was.

        Its p is that of the test on totals by date, so it does not matter how closely tickers
        move together; no lag is looked for.
        """
        if not len(self._pairs):
            return None
        count, squares, of_last, absolutes, of_last_absolutes, predicted, hits = self._sums.T
        cutoffs, dates = self._pairs.astype("datetime64[us]").T
        step = count_overlap(cutoffs, dates, count)
        total = count.sum()
        rmse, last_rmse = (math.sqrt(part.sum() / total) for part in (squares, of_last))
        return Skill(
            count=int(total),
            rmse=rmse,
            mae=float(absolutes.sum() / total),
            last_price_rmse=last_rmse,
            last_price_mae=float(of_last_absolutes.sum() / total),
            skill=pool_skill(squares, of_last),
            direction=float(hits.sum() / total),
            p_value=panel_diebold_mariano(dates, of_last - squares, step=step)[1],
            repeats=math.sqrt(predicted.sum() / total) < SMALLEST_SKILL * last_rmse
            or not predicted.any(),
        )
