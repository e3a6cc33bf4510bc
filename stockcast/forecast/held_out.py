"""What a model forecasts on the rows that it was not trained on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stockcast.forecast.forecaster import Forecast
from stockcast.forecast.intervals import adapt_intervals
from stockcast.forecast.outlook import Outlook, answer_windows
from stockcast.model.model import Model
from stockcast.networks.network import Weights
from stockcast.windows.pool import Pool, PoolWindows
from stockcast.windows.series import WindowedSeries
from stockcast.windows.windowing import cut_windows

_CUT = 512  # windows of a pool cut at a time, so that memory stays small


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
    outlook = forecast_starts(series, model.believed, test)
    calibration = model.calibration if len(validation) else None
    intervals, _ = adapt_intervals(calibration, outlook, levels=levels)
    horizon = series.recipe.horizon
    rows = outlook.cutoffs[:, None] + np.arange(horizon)
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
        volatility=outlook.spread(horizon).ravel(),
    )


def forecast_pool(pool: Pool, weights: Weights, windows: PoolWindows, ticker: int) -> Outlook:
    """Forecast after each window of one ticker in a span of a pool.

    Args:
        pool: the pool.
        weights: the network's.
        windows: of the span.
        ticker: its number in the pool; it has at least one window there.

    Returns:
        cutoffs count the ticker's own rows.
    """
    first = int(pool.first_rows[ticker])
    outlook = forecast_numbered(pool, weights, windows, windows.list_of(ticker))
    return replace(outlook, cutoffs=outlook.cutoffs - first)


def forecast_numbered(
    pool: Pool, weights: Weights, windows: PoolWindows, numbers: NDArray[np.int64]
) -> Outlook:
    """Forecast after some windows of a span of a pool.

    Args:
        pool: the pool.
        weights: the network's.
        windows: of the span.
        numbers: (n,) of the windows, n at least 1.

    Returns:
        cutoffs count all tickers' rows.
    """
    tickers, starts = windows.locate(numbers)
    rows = starts + pool.recipe.window
    horizon = pool.recipe.horizon
    forecast, actual = np.empty((2, len(rows), horizon))
    last_prices, volatility = np.empty(len(rows)), np.empty((len(rows), pool.volatility.shape[1]))
    for first in range(0, len(rows), _CUT):
        part = slice(first, first + _CUT)
        last_prices[part] = pool.prices[rows[part] - 1]
        volatility[part] = pool.volatility[rows[part] - 1]
        actual[part] = pool.prices[rows[part, None] + np.arange(horizon)]
        answers = answer_windows(
            weights,
            pool.scalers,
            pool.cut(starts[part], pool.first_rows[tickers[part]]),
            last_prices[part],
            pool.columns,
            window=pool.recipe.window,
        )
        forecast[part] = answers.forecast
        volatility[part] = answers.widen(volatility[part])
        pool.release()
    return Outlook(
        cutoffs=rows,
        forecast=forecast,
        last_prices=last_prices,
        volatility=volatility,
        actual=actual,
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
    answers = answer_windows(
        weights, series.scalers, windows, last_prices, series.columns, window=window
    )
    return Outlook(
        cutoffs=cutoffs,
        forecast=answers.forecast,
        last_prices=last_prices,
        volatility=answers.widen(np.asarray(series.volatility[cutoffs - 1])),
        actual=np.asarray(series.prices[cutoffs[:, None] + np.arange(series.recipe.horizon)]),
    )
