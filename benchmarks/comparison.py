"""Two sides measured in turn, and what they come to."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Literal

_REST = 0.3  # seconds between two turns, so that the other side's threads have gone to sleep

TABLE_HEAD = """\
| what | ours | rival | ratio | spread | reach | reached |
| --- | --- | --- | --- | --- | --- | --- |"""


@dataclass(frozen=True)
class Comparison:
    """One row of the table.

    Attributes:
        what: the measured thing, and against what.
        ours: one figure a round, in `unit`.
        rival: the same rounds' figures.
        unit: s, ms, or MB (of a million bytes).
        meaning: what the ratio says. `speed` is rival / ours, at least `reach`; `cost` is
            ours / rival, at most `reach`.
        reach: the ratio to reach.
    """

    what: str
    ours: tuple[float, ...]
    rival: tuple[float, ...]
    unit: Literal["s", "ms", "MB"]
    meaning: Literal["speed", "cost"]
    reach: float

    @property
    def ratio(self) -> float:
        """The ratio of the two medians."""
        return self._divide(median(self.ours), median(self.rival))

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio of a round."""
        ratios = [self._divide(*pair) for pair in zip(self.ours, self.rival, strict=True)]
        return min(ratios), max(ratios)

    @property
    def reached(self) -> bool:
        """Whether the ratio is as far as it should be."""
        return self.ratio >= self.reach if self.meaning == "speed" else self.ratio <= self.reach

    def _divide(self, ours: float, rival: float) -> float:
        return rival / ours if self.meaning == "speed" else ours / rival


def take_turns(
    name: str, sides: Mapping[str, Callable[[], float]], *, rounds: int
) -> dict[str, tuple[float, ...]]:
    """Measure the sides one after the other, round after round: A B A B …

    Args:
        name: of the benchmark, for the progress on stderr.
        sides: name to a function that runs the side once and returns its figure.
        rounds: how often.

    Returns:
        each side's figures, one a round.
    """
    figures: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(1, rounds + 1):
        for side, run in sides.items():
            time.sleep(_REST)
            figures[side].append(run())
        shown = ", ".join(f"{side} {values[-1]:.3g}" for side, values in figures.items())
        print(f"{name} {number}/{rounds}: {shown}", file=sys.stderr, flush=True)
    return {side: tuple(values) for side, values in figures.items()}


def format_row(comparison: Comparison) -> str:
    """Return one row of the Markdown table that `TABLE_HEAD` begins."""
    ours, rival = (
        f"{_shorten(median(side))} {comparison.unit}"
        for side in (comparison.ours, comparison.rival)
    )
    low, high = comparison.spread
    bound = "≥" if comparison.meaning == "speed" else "≤"
    cells = (
        comparison.what,
        ours,
        rival,
        f"{comparison.ratio:.2f}",
        f"{low:.2f}–{high:.2f}",
        f"{bound} {comparison.reach:g}",
        "yes" if comparison.reached else "no",
    )
    return f"| {' | '.join(cells)} |"


def _shorten(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
