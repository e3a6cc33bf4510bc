"""Charts with matplotlib: the next forecast after the last bars, and forecasts against prices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.forecast.forecaster import Forecast
from stockcast.model.model import Model
from stockcast.prices.history import PriceHistory, format_date
from stockcast.report.figures import (
    ACTUAL,
    FORECAST,
    check_name,
    make_figure,
    save_figure,
    show_dates,
)

FORMATS = (".png", ".svg", ".pdf")
_RECENT = 120  # bars before the next forecast


def check_chart_name(path: Path) -> None:
    """Refuse a chart's file name before any work is done for it.

    Raises:
        UsageError: its suffix is none of FORMATS.
    """
    check_name(path, FORMATS)


def draw_next(model: Model, history: PriceHistory, forecast: Forecast, path: Path) -> None:
    """Draw the last bars and the next session's forecast."""
    dates = history.dates[-_RECENT:]
    prices = history.columns[model.columns.target][-_RECENT:]
    with _axes_over_dates(path) as axes:
        axes.plot(
            dates, prices, color=ACTUAL, label=f"{model.columns.target}, last {len(dates)} bars"
        )
        axes.plot(
            forecast.dates,
            forecast.forecast,
            "D",
            color=FORECAST,
            markersize=6,
            label=f"forecast for {format_date(forecast.dates[0])}: {forecast.forecast[0]:.2f}",
        )
        axes.axhline(forecast.last_prices[0], color="gray", linewidth=1, linestyle=":")
        axes.annotate(
            f"last price {forecast.last_prices[0]:.2f}",
            (dates[0], forecast.last_prices[0]),
            textcoords="offset points",
            xytext=(0, 4),
            color="gray",
        )
        axes.set_title(f"{forecast.ticker}: the next session", parse_math=False)
        axes.set_ylabel("price")
        axes.legend(loc="best")


def draw_span(model: Model, forecast: Forecast, path: Path) -> None:
    """Draw one-step forecasts against the prices that came true."""
    error = float(np.sqrt(np.mean((forecast.forecast - forecast.actual) ** 2)))
    last = float(np.sqrt(np.mean((forecast.last_prices - forecast.actual) ** 2)))
    with _axes_over_dates(path) as axes:
        axes.plot(forecast.dates, forecast.actual, color=ACTUAL, label="actual")
        axes.plot(
            forecast.dates,
            forecast.forecast,
            color=FORECAST,
            linewidth=1,
            label="forecast, one step ahead",
        )
        axes.set_title(
            f"{forecast.ticker}: RMSE {error:.4g}; repeating the last price {last:.4g}",
            parse_math=False,
        )
        axes.set_ylabel(f"price ({model.columns.target})")
        axes.legend(loc="best")


@contextmanager
def _axes_over_dates(path: Path) -> Iterator[Any]:
    """Yield axes over dates; save the figure to `path`, whole or not at all."""
    with make_figure() as figure:
        axes = figure.add_subplot()
        yield axes
        show_dates(axes.xaxis)
        save_figure(figure, path)
