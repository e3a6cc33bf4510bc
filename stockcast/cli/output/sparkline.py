"""A small picture of the forecast under it, for a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from stockcast.cli.output import console

if TYPE_CHECKING:
    from stockcast.forecast.forecaster import Forecast
    from stockcast.model.model import Model
    from stockcast.prices.history import PriceHistory


def show_next(trained: Model, history: PriceHistory, forecast: Forecast) -> None:
    """Show the last bars and the forecast on stderr, if it is a terminal."""
    if not _has_terminal():
        return
    from stockcast.report.sparkline import choose_marks, draw_next

    past = history.columns[trained.columns.target].tolist()
    marks = choose_marks(sys.stderr.encoding)
    console.say(draw_next(past, forecast, width=_measure_width(), marks=marks))


def show_span(forecast: Forecast) -> None:
    """Show the newest prices that came true over the forecasts of them, one step ahead."""
    if not _has_terminal():
        return
    from stockcast.report.sparkline import choose_marks, draw_span

    marks = choose_marks(sys.stderr.encoding)
    for line in draw_span(forecast, width=_measure_width(), marks=marks):
        console.say(line)


def _has_terminal() -> bool:
    # FORCE_COLOR makes a file a terminal to Rich, but nobody sits at it.
    return not console.is_quiet() and console.is_watched() and sys.stderr.isatty()


def _measure_width() -> int:
    return console.get_console().width - 1
