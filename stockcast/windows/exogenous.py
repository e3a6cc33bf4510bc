"""What the network sees beside a ticker's own bars: the calendar ahead, and other prices."""

from __future__ import annotations

import numpy as np

from stockcast.prices.history import PriceHistory
from stockcast.windows.calendar_features import compute_calendar
from stockcast.windows.covariates import compute_covariates
from stockcast.windows.features import Columns
from stockcast.windows.windowing import Array


def compute_exogenous(
    history: PriceHistory, columns: Columns, first: int, last: int, *, horizon: int
) -> Array:
    """Return the calendar features and the covariates at bars first … last − 1 of a history.

    Args:
        history: with its covariates.
        columns: which of them are seen.
        first: row of the first bar.
        last: row after the last bar.
        horizon: steps ahead that are forecast.

    Returns:
        (last − first, inputs) float32, in the order of `Columns.inputs`; they need no scaler.

    Raises:
        UnreadablePrices: bars are not of a day, or a covariate's price has no logarithm.
        CovariateMismatch: the history has no such covariate, or it lacks the column.
        CovariateGap: a covariate is not known at a bar, or too old.
    """
    ahead = compute_calendar(history, columns.calendar, first, last, horizon=horizon)
    beside = compute_covariates(history, columns.covariates, first, last)
    return np.concatenate([ahead, beside], axis=1)
