"""A small picture of the forecast under it, for a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from stockcast.cli.output import console

if TYPE_CHECKING:
    from stockcast.forecast.forecaster import Forecast
    from stockcast.model.model import Model
    from stockcast.prices.history import PriceHistory

_BARS, _STEPS = 60, 20  # characters at most, of the past and of the forecast


def draw_sparkline_next(trained: Model, history: PriceHistory, forecast: Forecast) -> None:
    """Show the last bars and the forecast on stderr, if it is a terminal."""
    if not _has_terminal():
        return
    from stockcast.prices.history import format_date
    from stockcast.report.sparkline import choose_marks, draw_sparklines, thin

    marks = choose_marks(sys.stderr.encoding)
    words = (
        f" {forecast.last_prices[0]:.6g} {marks.arrow} {forecast.forecast[-1]:.6g} "
        f"on {format_date(forecast.dates[-1])}"
    )
    ahead = thin(forecast.forecast.tolist(), _STEPS)
    room = _count_room(len(words) + len(ahead) + len(marks.bar))
    bars = history.columns[trained.columns.target][-room:].tolist()
    past, future = draw_sparklines([bars, ahead], marks)
    console.say(past + marks.bar + future + words)


def draw_sparkline_span(forecast: Forecast) -> None:
    """Show the newest prices that came true over the forecasts of them, one step ahead."""
    if not _has_terminal():
        return
    from stockcast.report.sparkline import choose_marks, draw_sparklines

    room = _count_room(len("forecast "))
    first = forecast.steps == 1
    rows = [forecast.actual[first][-room:].tolist(), forecast.forecast[first][-room:].tolist()]
    actual, forecast_line = draw_sparklines(rows, choose_marks(sys.stderr.encoding))
    console.say(f"actual   {actual}")
    console.say(f"forecast {forecast_line}")


def _has_terminal() -> bool:
    # FORCE_COLOR makes a file a terminal to Rich, but nobody sits at it.
    return not console.is_quiet() and console.is_watched() and sys.stderr.isatty()


def _count_room(taken: int) -> int:
    """Return how many characters a line has for the past, beside what is taken."""
    return min(_BARS, max(1, console.get_console().width - 1 - taken))
