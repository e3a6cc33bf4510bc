"""Charts with matplotlib: the next forecast after the last bars, and forecasts against prices."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from stockcast.errors import UsageError
from stockcast.files import replace_file
from stockcast.forecast.forecaster import Forecast
from stockcast.model.model import Model
from stockcast.prices.history import PriceHistory, format_date

FORMATS = (".png", ".svg", ".pdf")
_RECENT = 120  # bars before the next forecast
# Okabe & Ito's blue and vermilion, told apart with any colour vision and on both page colours.
_ACTUAL, _FORECAST = "#0072b2", "#d55e00"
_STYLE = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "figure.constrained_layout.use": True,
    "figure.dpi": 150,
    "figure.figsize": (9, 4.5),
    "font.size": 10,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "svg.hashsalt": "stockcast",  # the same picture is the same bytes
}


def check_chart_name(path: Path) -> None:
    """Refuse a chart's file name before any work is done for it.

    Raises:
        UsageError: its suffix is none of FORMATS.
    """
    if path.suffix.lower() not in FORMATS:
        raise UsageError(
            f"--chart is {str(path)!r}, expected a name that ends in {', '.join(FORMATS)}"
        )


def draw_next(model: Model, history: PriceHistory, forecast: Forecast, path: Path) -> None:
    """Draw the last bars and the next session's forecast."""
    dates = history.dates[-_RECENT:]
    prices = history.columns[model.columns.target][-_RECENT:]
    with open_figure(path) as axes:
        axes.plot(
            dates, prices, color=_ACTUAL, label=f"{model.columns.target}, last {len(dates)} bars"
        )
        axes.plot(
            forecast.dates,
            forecast.forecast,
            "D",
            color=_FORECAST,
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
    with open_figure(path) as axes:
        axes.plot(forecast.dates, forecast.actual, color=_ACTUAL, label="actual")
        axes.plot(
            forecast.dates,
            forecast.forecast,
            color=_FORECAST,
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
def open_figure(path: Path, *, panels: int = 1) -> Iterator[Any]:
    """Yield axes over dates; save the figure to `path`, whole or not at all.

    Args:
        path: .png, .svg or .pdf.
        panels: axes one below the other, over the same dates; of several, all are yielded.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # A ticker in a script that the font lacks is drawn as boxes; that is all it deserves.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure = Figure(figsize=(9, 2.5 + 2 * panels))
        FigureCanvasAgg(figure)
        all_axes = figure.subplots(panels, sharex=True, squeeze=False)[:, 0]
        axes = all_axes[-1]
        yield axes if panels == 1 else all_axes
        locator = AutoDateLocator()
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        # A date inside the file would make the same picture different bytes every day.
        undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
        with replace_file(path) as temporary:
            figure.savefig(temporary, metadata=undated.get(path.suffix.lower()))
