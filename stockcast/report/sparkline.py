"""Sparklines: a row of numbers as a row of characters, a word-sized picture (Tufte 2006)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


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


def _pick(value: float, low: float, high: float, heights: str) -> str:
    if not math.isfinite(value):
        return " "
    if low == high:
        return heights[len(heights) // 2]
    share = (value - low) / (high - low)
    return heights[min(int(share * len(heights)), len(heights) - 1)]
