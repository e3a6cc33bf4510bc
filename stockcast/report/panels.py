"""Parts of pictures, each drawn on axes over dates: shared by charts and pages."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockcast.evaluation.conformal import format_level
from stockcast.forecast.intervals import Intervals
from stockcast.prices.history import Dates, Numbers
from stockcast.report.figures import ACTUAL, FORECAST
from stockcast.report.wording import describe_ahead

REFERENCE = "#808080"  # the last price: reads on white and on black
_SHADE = 0.17  # of one level; where levels lie over each other it adds up


def shade_intervals(axes: Any, dates: Dates, intervals: Intervals) -> None:
    """Shade each level between its bounds, the outer ones lighter."""
    shown = [level for level in intervals if not np.isnan(intervals[level][0]).all()]
    for depth, level in enumerate(sorted(shown, reverse=True), start=1):
        look: dict[str, Any] = {"color": FORECAST, "linewidth": 0}
        axes.fill_between(dates, *intervals[level], alpha=_SHADE, **look)
        # In the legend a level looks as it does on top of the wider ones.
        seen = 1 - (1 - _SHADE) ** depth
        label = f"{format_level(level)} % interval"
        axes.fill_between(dates[:0], [], [], alpha=seen, label=label, **look)


def draw_against_actual(
    axes: Any,
    dates: Dates,
    actual: Numbers,
    forecast: Numbers,
    last: Numbers,
    intervals: Intervals,
    *,
    step: int,
) -> None:
    """Draw forecasts, what came true, and the last price that each forecast knew.

    Args:
        axes: matplotlib's.
        dates: (n,) the dates forecast, ascending.
        actual: (n,) NaN where nothing has come true yet.
        forecast: (n,).
        last: (n,) the price known `step` bars before.
        intervals: level to lower and upper, (n,) each.
        step: bars ahead.
    """
    shade_intervals(axes, dates, intervals)
    # Wider than the forecast, which would hide it wherever the two are the same.
    axes.plot(dates, last, color=REFERENCE, linewidth=3, alpha=0.5, label="last price known")
    axes.plot(dates, actual, color=ACTUAL, linewidth=1.4, label="actual")
    ahead = describe_ahead(step)
    axes.plot(dates, forecast, color=FORECAST, linewidth=1, label=f"forecast, {ahead}")
    axes.set_ylabel("price")
    axes.margins(x=0.01)


def measure_gain(actual: Numbers, forecast: Numbers, last: Numbers) -> Numbers:
    """Return what forecasts have gained on the last price so far, as a share of its error.

    The running sum of (last − actual)² − (forecast − actual)², divided by the sum of all
    (last − actual)²: the curve of Goyal & Welch 2008, which ends at the out-of-sample R² of
    Campbell & Thompson 2008. It rises where the forecasts are better, falls where they are worse.

    Args:
        actual: (n,) in time order; NaN where nothing has come true yet, which counts for neither.
        forecast: (n,).
        last: (n,).

    Returns:
        (n,) shares; all 0 if the price never moved.
    """
    of_last = np.nan_to_num((last - actual) ** 2)
    gained = of_last - np.nan_to_num((forecast - actual) ** 2)
    total = float(of_last.sum())
    gain: Numbers = np.cumsum(gained) / total if total else np.zeros(len(actual))
    return gain


def draw_volatility(axes: Any, dates: Dates, moves: Numbers, volatility: Numbers) -> None:
    """Draw how far the price moved, and how far it was expected to.

    Args:
        axes: to draw on.
        dates: (n,).
        moves: (n,) absolute log returns that came true, in percent; NaN where not yet.
        volatility: (n,) their standard deviations as forecast, in percent.
    """
    axes.margins(x=0.01)
    axes.vlines(dates, 0, moves, color=ACTUAL, alpha=0.5, linewidth=1.2, label="moved by")
    axes.plot(dates, volatility, color=FORECAST, linewidth=1.6, label="volatility forecast")
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")


def draw_gain(axes: Any, dates: Dates, gain: Numbers) -> None:
    """Draw one `measure_gain`, coloured by its sign."""
    percent = 100 * gain
    axes.axhline(0, color=REFERENCE, linewidth=1)
    for colour, part in ((ACTUAL, np.maximum(percent, 0)), (FORECAST, np.minimum(percent, 0))):
        axes.fill_between(dates, 0, part, color=colour, alpha=0.3, linewidth=0)
    axes.plot(dates, percent, color=ACTUAL if percent[-1] >= 0 else FORECAST, linewidth=1.2)
    axes.margins(x=0.01)
    axes.set_ylabel("gain on the\nlast price, %")
