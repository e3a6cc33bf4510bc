"""Picture of a model's skill on each of many tickers, beside what chance alone might give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stockcast.plurals import count_of
from stockcast.prices.history import Numbers
from stockcast.report.figures import ACTUAL, FORECAST, SMALL, make_figure, render_svg
from stockcast.report.panels import REFERENCE

_SIZE = (10.5, 4.0)  # inches
_MOST_NAMES = 40  # tickers that have room for their names
_FAR = 1.5  # times the widest band; what lies beyond is drawn at the edge


@dataclass(frozen=True)
class Dots:
    """One model's skill on many tickers.

    Attributes:
        names: of the tickers.
        skills: (n,) 1 − RMSE / RMSE of the last price; above 0 is better.
        lower: (n,) below this a ticker's skill is more than bad luck; NaN where that is unknown.
        upper: (n,) above this it is more than luck.
        sides: (n,) 1 better by more than chance, −1 worse, 0 neither.
    """

    names: Sequence[str]
    skills: Numbers
    lower: Numbers
    upper: Numbers
    sides: Numbers


def find_band(
    skills: Numbers, p_values: Numbers, counts: Numbers, limit: float
) -> tuple[Numbers, Numbers]:
    """Find how far from 0 each skill would have to be for its p to be below a limit.

    The Diebold-Mariano statistic t grows with the gain in squared error, 1 − (1 − skill)², and a
    p of `limit` takes t* of it, so the gain would have to be t* / t times as large.

    Args:
        skills: (n,) found.
        p_values: (n,) two-sided p of each.
        counts: (n,) forecasts behind each.
        limit: p below which a difference is more than chance.

    Returns:
        (n,) lower and upper, below and above 0; NaN where p is 0 or 1 and tells nothing of it.
    """
    from scipy.special import stdtrit

    known = (p_values > 0) & (p_values < 1) & (counts > 1) & (skills != 0)
    found = -stdtrit(counts[known] - 1, p_values[known] / 2)
    needed = -stdtrit(counts[known] - 1, limit / 2)
    gain = np.abs(1 - (1 - skills[known]) ** 2) * needed / found
    lower, upper = np.full(len(skills), np.nan), np.full(len(skills), np.nan)
    lower[known] = 1 - np.sqrt(1 + gain)
    upper[known] = 1 - np.sqrt(np.maximum(1 - gain, 0))
    return lower, upper


def chart_tickers(dots: Dots) -> str:
    """Draw a dot a ticker, the worst first, over the bars within which it is no different."""
    order = np.argsort(dots.skills, kind="stable")
    skills, sides = 100 * dots.skills[order], dots.sides[order]
    lower, upper = 100 * dots.lower[order], 100 * dots.upper[order]
    places = np.arange(len(order))

    def draw(axes: Any) -> None:
        axes.bar(
            places, upper - lower, bottom=lower, width=1.0, color=REFERENCE, alpha=0.25,
            label="would be no different from the last price",
        )  # fmt: skip
        axes.axhline(0, color=REFERENCE, linewidth=1)
        low, high = _find_limits(skills, lower, upper)
        for side, look in (
            (0, {"color": REFERENCE, "marker": "o", "label": "no different"}),
            (1, {"color": ACTUAL, "marker": "^", "label": "better"}),
            (-1, {"color": FORECAST, "marker": "v", "label": "worse"}),
        ):
            here = sides == side
            if here.any():
                axes.scatter(places[here], np.clip(skills[here], low, high), s=26, zorder=3, **look)
        spare = 0.06 * (high - low)
        axes.set_ylim(low - spare, high + spare)
        axes.set_ylabel("RMSE below the last price's, %")
        axes.margins(x=0.02)
        if len(order) <= _MOST_NAMES:
            names = [dots.names[place] for place in order]
            axes.set_xticks(places, names, rotation=90 if len(order) > 8 else 0, fontsize=SMALL)
        else:
            axes.set_xticks([])
            axes.set_xlabel(f"{count_of(len(order), 'ticker')}, the worst first")
        # Above the axes, where no dot can be below it.
        axes.legend(
            loc="lower right", bbox_to_anchor=(1, 1), ncols=4, frameon=False, borderaxespad=0.2
        )

    with make_figure(on_page=True, figsize=_SIZE) as figure:
        draw(figure.add_subplot())
        return render_svg(figure)


def _find_limits(skills: Numbers, lower: Numbers, upper: Numbers) -> tuple[float, float]:
    """Return how far down and up the picture reaches; a few dots far out do not flatten it."""
    low, high = float(skills.min()), float(skills.max())
    band = np.concatenate([lower, upper])
    widest = float(np.nanmax(np.abs(band))) if np.isfinite(band).any() else 0.0
    inner = np.quantile(skills, [0.02, 0.98])
    low = max(low, min(float(inner[0]), -_FAR * widest))
    high = min(high, max(float(inner[1]), _FAR * widest))
    spare = max(widest, 0.1)
    return min(low, -spare), max(high, spare)
