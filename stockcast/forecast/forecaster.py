"""One-step forecasts: of the next session, or of every date in a span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stockcast.errors import ModelMismatch, TooShort, UsageError
from stockcast.model.model import Model
from stockcast.prices.calendar import next_session
from stockcast.prices.history import Dates, Numbers, PriceHistory, format_date
from stockcast.recurrent.network import Weights, run_network
from stockcast.windows.features import FeatureTable, compute_features, count_warmup
from stockcast.windows.scaling import Scaler, prices_from_answers, scale_features
from stockcast.windows.windowing import Array, cut_windows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Forecast:
    """One-step forecasts of one ticker.

    Attributes:
        ticker: its name.
        dates: (n,) datetime64[us], the dates forecast.
        forecast: (n,) price units.
        last_dates: (n,) the newest date that each forecast knew.
        last_prices: (n,) the price on it.
        actual: (n,) the price that came true; NaN where it has not yet.
    """

    ticker: str
    dates: Dates
    forecast: Numbers
    last_dates: Dates
    last_prices: Numbers
    actual: Numbers

    def to_frame(self) -> pd.DataFrame:
        """Return the forecasts as a DataFrame, a row a forecast."""
        import pandas as pd

        return pd.DataFrame(
            {
                "ticker": self.ticker,
                "date": self.dates,
                "forecast": self.forecast,
                "last_date": self.last_dates,
                "last_price": self.last_prices,
                "actual": self.actual,
            }
        )


def forecast_next(model: Model, history: PriceHistory) -> Forecast:
    """Forecast the session after the newest bar.

    Raises:
        ModelMismatch: the history lacks a column of the model.
        TooShort: the history has fewer bars than one window needs.
    """
    require_before(model, history, len(history))
    needed = count_needed(model)
    table, forecasts = _forecast_after_windows(model, history, len(history) - needed, len(history))
    return Forecast(
        ticker=history.ticker,
        dates=np.array([next_session(history.dates)]),
        forecast=forecasts,
        last_dates=table.dates[-1:],
        last_prices=table.prices[-1:],
        actual=np.array([np.nan]),
    )


def forecast_span(
    model: Model,
    history: PriceHistory,
    *,
    start: np.datetime64,
    end: np.datetime64 | None = None,
) -> Forecast:
    """Forecast every bar from `start` to `end` one step ahead, each from the bars before it.

    Args:
        model: the model.
        history: bars up to and including the span.
        start: first date forecast.
        end: last date forecast; default: the newest.

    Raises:
        UsageError: no bar lies in the span.
        ModelMismatch: the history lacks a column of the model.
        TooShort: too few bars before `start` for one window.
    """
    first, last = find_span(history, start, end)
    require_before(model, history, first)
    table, forecasts = _forecast_after_windows(model, history, first - count_needed(model), last)
    window = model.recipe.window
    return Forecast(
        ticker=history.ticker,
        dates=table.dates[window:],
        forecast=forecasts[:-1],
        last_dates=table.dates[window - 1 : -1],
        last_prices=table.prices[window - 1 : -1],
        actual=table.prices[window:],
    )


def forecast_windows(
    weights: Weights, scaler: Scaler, values: Array, last_prices: Numbers, *, window: int
) -> Numbers:
    """Forecast the price right after each window of a scaled series.

    Args:
        weights: the network's.
        scaler: the target's.
        values: (rows, features), scaled.
        last_prices: (rows − window + 1,) the price on each window's last row.
        window: timesteps a window.

    Returns:
        (rows − window + 1,) prices.
    """
    answers = run_network(cut_windows(values, window=window), weights)
    return prices_from_answers(answers, last_prices, scaler)


def scale_bars(
    model: Model, history: PriceHistory, first: int, last: int
) -> tuple[FeatureTable, Array]:
    """Return what the network sees of bars first … last − 1: unscaled, and scaled float32.

    Other bars play no part, so that a forecast costs what its window costs.

    Raises:
        ModelMismatch: the history lacks a column of the model.
    """
    if missing := [name for name in model.columns.features if name not in history.columns]:
        raise ModelMismatch(
            f"{history.name} has no {missing[0]} column, which the model was trained on "
            f"({', '.join(model.columns.features)})",
            hint="give a CSV with that column, or train a model on this one",
        )
    recent = history.select(np.arange(first, last))
    table = compute_features(recent, model.columns, model.recipe.target)
    return table, scale_features(table.values, model.scalers)


def count_needed(model: Model) -> int:
    """Return how many bars one forecast needs before it."""
    return model.recipe.window + count_warmup(model.columns.features, model.recipe.target)


def find_span(
    history: PriceHistory, start: np.datetime64, end: np.datetime64 | None
) -> tuple[int, int]:
    """Return the first row of a span of dates, and the row after its last.

    Raises:
        UsageError: no bar lies in the span.
    """
    first = int(np.searchsorted(history.dates, start))
    last = len(history) if end is None else int(np.searchsorted(history.dates, end, side="right"))
    if first >= last:
        until = "its end" if end is None else format_date(end)
        raise UsageError(
            f"{history.name} has no bar from {format_date(start)} to {until}",
            hint=f"it has {format_date(history.dates[0])} to {format_date(history.dates[-1])}",
        )
    return first, last


def require_before(model: Model, history: PriceHistory, row: int) -> None:
    """Raise unless there are enough bars before a row for one window.

    Raises:
        TooShort: there are not.
    """
    needed = count_needed(model)
    if row >= needed:
        return
    if row == len(history):
        raise TooShort(
            f"{history.name}: {row} rows, this model needs {needed} to forecast",
            hint="give it more history",
        )
    earliest = format_date(history.dates[needed]) if needed < len(history) else None
    raise TooShort(
        f"{history.name}: {row} rows before {format_date(history.dates[row])}, "
        f"this model needs {needed}",
        hint=f"start at {earliest} or later" if earliest else "give it more history",
    )


def _forecast_after_windows(
    model: Model, history: PriceHistory, first: int, last: int
) -> tuple[FeatureTable, Numbers]:
    """Forecast after each window of bars first … last − 1; with the features it saw."""
    table, values = scale_bars(model, history, first, last)
    forecasts = forecast_windows(
        model.weights,
        model.scalers[model.columns.target_index],
        values,
        table.prices[model.recipe.window - 1 :],
        window=model.recipe.window,
    )
    return table, forecasts
