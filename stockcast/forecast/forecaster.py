"""Forecasts: of the next sessions, or of every date in a span."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import ModelMismatch, option
from stockcast.evaluation.conformal import format_level
from stockcast.forecast.intervals import (
    Intervals,
    Tails,
    adapt_intervals,
    find_quantiles,
    find_tails,
    place_intervals,
    place_tails,
)
from stockcast.forecast.outlook import (
    Outlook,
    answer_windows,
    count_used,
    find_span,
    forecast_at_cutoffs,
    require_before,
    scale_bars,
)
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.prices.calendar import next_sessions
from stockcast.prices.history import Dates, Numbers, PriceHistory, format_date
from stockcast.prices.rows import list_rows
from stockcast.windows.calendar_features import NEWEST
from stockcast.windows.per_window import count_context, cut_contexts

if TYPE_CHECKING:
    import pandas as pd

Sessions = Callable[[Dates, int], Dates]  # known dates and a count ─▶ the next sessions


@dataclass(frozen=True)
class Forecast:
    """Forecasts of one ticker, a row each.

    Attributes:
        ticker: its name.
        dates: (n,) datetime64[us], the dates forecast.
        steps: (n,) bars ahead of the last one known, from 1.
        forecast: (n,) price units.
        last_dates: (n,) the newest date that each forecast knew: its cutoff.
        last_prices: (n,) the price on it.
        actual: (n,) the price that came true; NaN where it has not yet.
        intervals: level, 0 to 1 and ascending, to lower and upper, (n,) each in price units;
            NaN where the model has too few residuals to say.
        volatility: (n,) standard deviation of the log return from the last price to the one
            forecast, a share: 0.02 for 2 %.
        tails: quantile, 0 to 1 and ascending, to the price at it and the mean price beyond it, (n,)
            each in price units: value at risk and expected shortfall. NaN as for intervals.
    """

    ticker: str
    dates: Dates
    steps: NDArray[np.int64]
    forecast: Numbers
    last_dates: Dates
    last_prices: Numbers
    actual: Numbers
    intervals: Intervals
    volatility: Numbers
    tails: Tails = field(default_factory=dict)

    def select(self, rows: NDArray[np.bool_]) -> Forecast:
        """Return the forecasts of some rows."""
        return Forecast(
            ticker=self.ticker,
            dates=self.dates[rows],
            steps=self.steps[rows],
            forecast=self.forecast[rows],
            last_dates=self.last_dates[rows],
            last_prices=self.last_prices[rows],
            actual=self.actual[rows],
            intervals={
                level: (lower[rows], upper[rows])
                for level, (lower, upper) in self.intervals.items()
            },
            volatility=self.volatility[rows],
            tails={
                quantile: (at[rows], beyond[rows]) for quantile, (at, beyond) in self.tails.items()
            },
        )

    def to_columns(self) -> dict[str, Any]:
        """Return the long table's columns in their order, each (n,) but the ticker."""
        bounds = {}
        for level, (lower, upper) in self.intervals.items():
            bounds[f"lower_{format_level(level)}"] = lower
            bounds[f"upper_{format_level(level)}"] = upper
        for quantile, (at, beyond) in self.tails.items():
            bounds[f"quantile_{format_level(quantile)}"] = at
            bounds[f"shortfall_{format_level(quantile)}"] = beyond
        return {
            "ticker": self.ticker,
            "date": self.dates,
            "step": self.steps,
            "forecast": self.forecast,
            **bounds,
            "volatility": 100 * self.volatility,  # in percent
            "last_date": self.last_dates,
            "last_price": self.last_prices,
            "actual": self.actual,
        }

    def list_rows(self, *, with_actual: bool = True) -> Iterator[dict[str, Any]]:
        """Yield a row a forecast, with dates as ISO 8601.

        Args:
            with_actual: whether a row has what came true, NaN where it has not yet.
        """
        columns = self.to_columns()
        if not with_actual:
            del columns["actual"]
        return list_rows(columns)

    def to_frame(self) -> pd.DataFrame:
        """Return the forecasts as a DataFrame, a row a forecast."""
        import pandas as pd

        return pd.DataFrame(self.to_columns())

    def __repr__(self) -> str:
        count = len(self.dates)
        first = f" from {format_date(self.dates[0])} on" if count else ""
        return f"<Forecast of {self.ticker}: {count_of(count, 'row')}{first}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook: a fan where it is of one cutoff, and a table."""
        from stockcast.forecast.fan import draw_fan
        from stockcast.markup import render_table

        rows = list(self.list_rows(with_actual=not np.isnan(self.actual).all()))
        is_one = len(self.dates) > 0 and len(np.unique(self.last_dates)) == 1
        return (draw_fan(self) if is_one else "") + render_table(rows)


def forecast_next(
    model: Model,
    history: PriceHistory,
    *,
    horizon: int | None = None,
    levels: tuple[float, ...] = (),
    quantiles: tuple[float, ...] = (),
    sessions: Sessions = next_sessions,
) -> Forecast:
    """Forecast the sessions after the newest bar.

    Args:
        model: the model.
        history: at least as many bars as one window needs.
        horizon: steps ahead; default: the model's own. Beyond those, forecasts are fed back.
        levels: of the intervals, 0 to 1.
        quantiles: one-sided ones, 0 to 1.
        sessions: what finds the dates of the next sessions.

    Raises:
        ModelMismatch: the history lacks a column of the model, or the forecasts of one with
            several features or covariates would have to be fed back.
        TooShort: the history has fewer bars than one window needs.
    """
    dates = sessions(history.dates, horizon or model.recipe.horizon)
    outlook = forecast_at_cutoffs(model, history, np.array([len(history)]))
    return build_forecast(model, history, outlook, dates=dates, levels=levels, quantiles=quantiles)


def build_forecast(
    model: Model,
    history: PriceHistory,
    outlook: Outlook,
    *,
    dates: Dates,
    levels: tuple[float, ...],
    quantiles: tuple[float, ...] = (),
) -> Forecast:
    """Make a forecast of what a model answers after the newest bar.

    Args:
        model: the model.
        history: its bars.
        outlook: after the newest bar alone.
        dates: (horizon,) of the sessions to forecast.
        levels: of the intervals, 0 to 1.
        quantiles: one-sided ones, 0 to 1.

    Raises:
        ModelMismatch: forecasts of a model with several features or covariates would have to be
            fed back.
    """
    horizon = len(dates)
    forecast = outlook.forecast
    if horizon > forecast.shape[1]:
        forecast = _feed_back(model, history, forecast, dates)
    forecast = forecast[:, :horizon]
    placing = forecast, outlook.last_prices, _lengthen(outlook.volatility, horizon)
    scores = find_quantiles(model.calibration, levels, horizon=horizon)
    residuals = find_tails(model.calibration, quantiles, horizon=horizon)
    intervals, tails = place_intervals(*placing, scores), place_tails(*placing, residuals)
    return Forecast(
        ticker=history.ticker,
        dates=dates,
        steps=np.arange(1, horizon + 1),
        forecast=forecast[0],
        last_dates=np.repeat(history.dates[-1:], horizon),
        last_prices=np.repeat(outlook.last_prices, horizon),
        actual=np.full(horizon, np.nan),
        intervals={level: (lower[0], upper[0]) for level, (lower, upper) in intervals.items()},
        volatility=outlook.spread(horizon)[0],
        tails={quantile: (at[0], beyond[0]) for quantile, (at, beyond) in tails.items()},
    )


def forecast_span(
    model: Model,
    history: PriceHistory,
    *,
    start: np.datetime64,
    end: np.datetime64 | None = None,
    horizon: int | None = None,
    levels: tuple[float, ...] = (),
    quantiles: tuple[float, ...] = (),
    sessions: Sessions = next_sessions,
) -> Forecast:
    """Forecast every bar from `start` to `end` from the bars before it.

    A model of several steps ahead forecasts that many from each. Intervals adapt: each comes
    from what was known before its bar.

    Args:
        model: the model.
        history: bars up to and including the span.
        start: first date forecast.
        end: last date forecast one step ahead; default: the newest.
        horizon: steps ahead, at most the model's own; default: those.
        levels: of the intervals, 0 to 1.
        quantiles: one-sided ones, 0 to 1.
        sessions: what finds the dates after the newest bar.

    Raises:
        UsageError: no bar lies in the span.
        ModelMismatch: the history lacks a column of the model, or the model looks less far ahead.
        TooShort: too few bars before `start` for one window.
    """
    horizon = horizon or model.recipe.horizon
    if horizon > model.recipe.horizon:
        raise ModelMismatch(
            f"horizon {horizon} from each bar of a span, and the model's own is "
            f"{model.recipe.horizon}",
            hint=f"train it with {option('horizon', horizon)}",
        )
    first, last = find_span(history, start, end)
    require_before(model, history, first)
    outlook = forecast_at_cutoffs(model, history, np.arange(first, last)).cut_steps(horizon)
    intervals, tails = adapt_intervals(
        model.calibration, outlook, levels=levels, quantiles=quantiles
    )
    dates = history.dates
    if last - 1 + horizon > len(dates):
        dates = np.concatenate([dates, sessions(dates, last - 1 + horizon - len(dates))])
    rows = outlook.cutoffs[:, None] + np.arange(horizon)
    return Forecast(
        ticker=history.ticker,
        dates=dates[rows].ravel(),
        steps=np.tile(np.arange(1, horizon + 1), len(outlook.cutoffs)),
        forecast=outlook.forecast.ravel(),
        last_dates=np.repeat(history.dates[outlook.cutoffs - 1], horizon),
        last_prices=np.repeat(outlook.last_prices, horizon),
        actual=outlook.actual.ravel(),
        intervals={
            level: (lower.ravel(), upper.ravel()) for level, (lower, upper) in intervals.items()
        },
        volatility=outlook.spread(horizon).ravel(),
        tails={quantile: (at.ravel(), beyond.ravel()) for quantile, (at, beyond) in tails.items()},
    )


def _lengthen(volatility: Numbers, horizon: int) -> Numbers:
    """(n, steps) ─▶ (n, 1) or (n, horizon): quantiles grow beyond the last step, and not these."""
    steps = volatility.shape[1]
    if steps == 1:
        return volatility
    return volatility[:, np.minimum(np.arange(horizon), steps - 1)]


def _feed_back(model: Model, history: PriceHistory, forecast: Numbers, dates: Dates) -> Numbers:
    """Go on beyond the model's own horizon, taking forecasts for prices, (1, len(dates)).

    What bars to come will have moved is not known, so a model that sees it says no more: the price
    stays where its last step is.

    Raises:
        ModelMismatch: the model sees other columns, which no one forecasts.
    """
    columns = model.columns
    if len(columns.features) > 1 or columns.covariates:
        beside = [one.name for one in columns.covariates]
        raise ModelMismatch(
            f"this model forecasts {count_of(model.recipe.horizon, 'step')} ahead, not "
            f"{len(dates):,}: to go on it would need forecasts of "
            f"{', '.join([*columns.features, *beside])}",
            hint=f"train it with {option('horizon', len(dates))}, or forecast from one column",
        )
    if model.columns.signals:
        return forecast[:, np.minimum(np.arange(len(dates)), forecast.shape[1] - 1)]
    target = model.columns.target
    oldest = max(0, len(history) - count_used(model) - NEWEST)
    recent = history.select(np.arange(oldest, len(history)))
    rows = count_context(model.scalers, model.recipe.window)
    while forecast.shape[1] < len(dates):
        count = forecast.shape[1]
        extended = replace(
            recent,
            dates=np.concatenate([recent.dates, dates[:count]]),
            columns={target: np.concatenate([recent.columns[target], forecast[0]])},
            lines=np.concatenate([recent.lines, np.zeros(count, np.int32)]),
            files=np.concatenate([recent.files, np.zeros(count, np.int16)]),
        )
        first = max(0, len(extended) - count_used(model))
        table, values = scale_bars(model, extended, first, len(extended))
        further = answer_windows(
            model.believed,
            model.scalers,
            cut_contexts(values, rows=rows, count=1),
            table.prices[-1:],
            model.columns,
            window=model.recipe.window,
        ).forecast
        forecast = np.concatenate([forecast, further], axis=1)
    return forecast
