"""Charts in files: the next forecast after the last bars, and forecasts against prices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.forecast.forecaster import Forecast
from stockcast.forecast.intervals import Intervals
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.prices.history import Numbers, PriceHistory, format_date
from stockcast.report.figures import (
    ACTUAL,
    FORECAST,
    check_name,
    make_figure,
    round_alike,
    save_figure,
    show_dates,
)
from stockcast.report.panels import (
    REFERENCE,
    draw_against_actual,
    draw_gain,
    draw_volatility,
    measure_gain,
    shade_intervals,
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
    """Draw the last bars, and the forecasts of the next with their intervals as a fan."""
    dates = history.dates[-_RECENT:]
    prices = history.columns[model.columns.target][-_RECENT:]
    last, count = forecast.last_prices[0], len(forecast.dates)
    # The fan opens at the last price, which is certain.
    ahead = np.concatenate([dates[-1:], forecast.dates])
    fan: Intervals = {
        level: (np.concatenate([[last], lower]), np.concatenate([[last], upper]))
        for level, (lower, upper) in forecast.intervals.items()
        if not np.isnan(lower).all()
    }
    with open_figure(path) as axes:
        axes.plot(
            dates,
            prices,
            color=ACTUAL,
            label=f"{model.columns.target}, last {count_of(len(dates), 'bar')}",
        )
        shade_intervals(axes, ahead, fan)
        axes.plot(
            ahead,
            np.concatenate([[last], forecast.forecast]),
            color=FORECAST,
            marker="D" if count == 1 else "o",
            markersize=6 if count == 1 else 3 if count <= _RECENT // 4 else 0,
            markevery=slice(1, None),
            label=f"forecast for {format_date(forecast.dates[-1])}: {forecast.forecast[-1]:.6g}",
        )
        axes.axhline(last, color=REFERENCE, linewidth=1, linestyle=":")
        axes.plot(
            dates[-1:],
            [last],
            "o",
            color=ACTUAL,
            markersize=5,
            label=f"last price, {format_date(dates[-1])}: {last:.6g}",
        )
        what = "the next session" if count == 1 else f"the next {count} sessions"
        axes.set_title(f"{forecast.ticker}: {what}", parse_math=False)
        axes.set_ylabel("price")
        axes.legend(loc="best")


def draw_span(model: Model, forecast: Forecast, path: Path) -> None:
    """Draw forecasts against the prices that came true, at the farthest step ahead.

    Below them, how far they have got ahead of repeating the last price, or behind; where they are
    the last price, how far the price moved and was expected to.
    """
    step = int(forecast.steps.max())
    of_step = forecast.select(forecast.steps == step)
    ours, theirs = round_alike(
        _root_mean_square(of_step.forecast - of_step.actual),
        _root_mean_square(of_step.last_prices - of_step.actual),
    )
    with open_figure(path, panels=2) as (top, below):
        draw_against_actual(
            top,
            of_step.dates,
            of_step.actual,
            of_step.forecast,
            of_step.last_prices,
            of_step.intervals,
            step=step,
        )
        top.set_title(
            f"{forecast.ticker}: RMSE {ours}; repeating the last price {theirs}",
            parse_math=False,
        )
        top.set_ylabel(f"price ({model.columns.target})")
        top.legend(loc="best")
        _draw_below(below, of_step)


def _draw_below(axes: Any, forecast: Forecast) -> None:
    if np.array_equal(forecast.forecast, forecast.last_prices):
        moves = 100 * np.abs(np.log(forecast.actual / forecast.last_prices))
        draw_volatility(axes, forecast.dates, moves, 100 * forecast.volatility)
        axes.set_title("how far the price moved, % of it", fontsize=10)
        return
    gain = measure_gain(forecast.actual, forecast.forecast, forecast.last_prices)
    draw_gain(axes, forecast.dates, gain)
    axes.set_title("squared error saved so far, as a share of the last price's", fontsize=10)


@contextmanager
def open_figure(path: Path, *, panels: int = 1) -> Iterator[Any]:
    """Yield axes over dates; save the figure to `path`, whole or not at all.

    Args:
        path: .png, .svg or .pdf.
        panels: axes one below the other, over the same dates; of several, all are yielded.
    """
    with make_figure(figsize=(9, 2.5 + 2 * panels)) as figure:
        ratios = [2, *[1] * (panels - 1)]
        grid = figure.subplots(panels, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
        yield grid[0] if panels == 1 else grid
        show_dates(grid[-1].xaxis)
        save_figure(figure, path)


def _root_mean_square(errors: Numbers) -> float:
    """NaN, of what has not come true, counts for nothing."""
    known = errors[~np.isnan(errors)]
    return float(np.sqrt(np.mean(known**2))) if len(known) else float("nan")
