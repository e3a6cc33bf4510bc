"""What a model forecasts on the rows that it was not trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stockcast.forecast.forecaster import Forecast
from stockcast.forecast.intervals import follow_quantiles, place_intervals
from stockcast.forecast.outlook import Outlook, forecast_windows
from stockcast.model.model import Model
from stockcast.recurrent.network import Weights
from stockcast.windows.series import WindowedSeries
from stockcast.windows.windowing import cut_windows


def forecast_held_out(
    model: Model, series: WindowedSeries, *, levels: tuple[float, ...] = ()
) -> Forecast | None:
    """Forecast the test span of the series that a model was trained on, each bar as it comes.

    Intervals adapt as those of `forecast_span` do. Where there was no validation span the model
    was calibrated on the test span itself; its scores are then left out, so that no interval
    knows what it is to hold.

    Args:
        model: the model.
        series: what it was trained on.
        levels: of the intervals, 0 to 1.

    Returns:
        forecasts by cutoff and then by step; None if nothing was held out.
    """
    _, validation, test = series.list_starts()
    if not len(test):
        return None
    outlook = forecast_starts(series, model.weights, test)
    quantiles = follow_quantiles(
        model.calibration if len(validation) else None,
        outlook.actual,
        outlook.forecast,
        outlook.last_prices,
        outlook.volatility,
        cutoffs=outlook.cutoffs,
        levels=levels,
    )
    horizon = series.recipe.horizon
    rows = outlook.cutoffs[:, None] + np.arange(horizon)
    intervals = place_intervals(
        outlook.forecast, outlook.last_prices, outlook.volatility, quantiles
    )
    return Forecast(
        ticker=series.ticker,
        dates=series.dates[rows].ravel(),
        steps=np.tile(np.arange(1, horizon + 1), len(test)),
        forecast=outlook.forecast.ravel(),
        last_dates=np.repeat(series.dates[outlook.cutoffs - 1], horizon),
        last_prices=np.repeat(outlook.last_prices, horizon),
        actual=outlook.actual.ravel(),
        intervals={
            level: (lower.ravel(), upper.ravel()) for level, (lower, upper) in intervals.items()
        },
    )


def forecast_starts(series: WindowedSeries, weights: Weights, starts: NDArray[np.int64]) -> Outlook:
    """Forecast after each window of a series.

    Args:
        series: the series.
        weights: the network's.
        starts: (n,) first row of each window, consecutive, n at least 1; `horizon` rows follow
            the last window.
    """
    window = series.recipe.window
    cutoffs = starts + window
    windows = cut_windows(series.values, window=window)[starts[0] : starts[-1] + 1]
    last_prices = np.asarray(series.prices[cutoffs - 1])
    return Outlook(
        cutoffs=cutoffs,
        forecast=forecast_windows(weights, series.scalers, windows, last_prices, series.columns),
        last_prices=last_prices,
        volatility=np.asarray(series.volatility[cutoffs - 1]),
        actual=np.asarray(series.prices[cutoffs[:, None] + np.arange(series.recipe.horizon)]),
    )
