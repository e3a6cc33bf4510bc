"""Sparklines: a row of numbers as a row of characters, a word-sized picture (Tufte 2006)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stockcast.prices.history import format_date

if TYPE_CHECKING:
    from stockcast.forecast.forecaster import Forecast

_BARS, _STEPS = 60, 20  # characters at most, of the past and of the forecast


@dataclass(frozen=True)
class Marks:
    """The characters of a sparkline.

    Attributes:
        heights: from low to high.
        bar: between what was and what is forecast.
        arrow: from one number to the next.
    """

    heights: str
    bar: str
    arrow: str


BLOCKS = Marks("▁▂▃▄▅▆▇█", "│", "→")
ASCII = Marks("_.-=+*#@", "|", "->")


def choose_marks(encoding: str | None) -> Marks:
    """Return blocks where an encoding has them, else ASCII."""
    try:
        (BLOCKS.heights + BLOCKS.bar + BLOCKS.arrow).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return BLOCKS


def draw_next(
    past: Sequence[float], forecast: Forecast, *, width: int, marks: Marks = BLOCKS
) -> str:
    """Draw the last prices and the forecast of the next ones in a line, and say both ends of it.

    Args:
        past: prices, the newest last.
        forecast: of what follows.
        width: characters that the line may have.
        marks: what to draw with.
    """
    words = (
        f" {forecast.last_prices[0]:.6g} {marks.arrow} {forecast.forecast[-1]:.6g} "
        f"on {format_date(forecast.dates[-1])}"
    )
    ahead = thin(forecast.forecast.tolist(), _STEPS)
    room = _count_room(width, len(words) + len(ahead) + len(marks.bar))
    before, after = draw_sparklines([past[-room:], ahead], marks)
    return before + marks.bar + after + words


def draw_span(forecast: Forecast, *, width: int, marks: Marks = BLOCKS) -> list[str]:
    """Draw the newest prices that came true over the forecasts of them, one step ahead.

    Args:
        forecast: of a span of dates.
        width: characters that a line may have.
        marks: what to draw with.
    """
    room, first = _count_room(width, len("forecast ")), forecast.steps == 1
    rows = [one[first][-room:].tolist() for one in (forecast.actual, forecast.forecast)]
    actual, ahead = draw_sparklines(rows, marks)
    return [f"actual   {actual}", f"forecast {ahead}"]


def draw_sparklines(rows: Sequence[Sequence[float]], marks: Marks = BLOCKS) -> list[str]:
    """Draw rows of numbers on one scale, a character each; a gap for what is no finite number."""
    finite = [value for row in rows for value in row if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    return ["".join(_pick(value, low, high, marks.heights) for value in row) for row in rows]


def thin(values: Sequence[float], count: int) -> list[float]:
    """Return at most `count` values, evenly spread, the last one among them."""
    if len(values) <= count:
        return list(values)
    return [values[(number + 1) * len(values) // count - 1] for number in range(count)]


def _count_room(width: int, taken: int) -> int:
    """Return how many characters a line has for the past, beside what is taken."""
    return min(_BARS, max(1, width - taken))


def _pick(value: float, low: float, high: float, heights: str) -> str:
    if not math.isfinite(value):
        return " "
    if low == high:
        return heights[len(heights) // 2]
    share = (value - low) / (high - low)
    return heights[min(int(share * len(heights)), len(heights) - 1)]
