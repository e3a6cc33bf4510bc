"""The chart of a ledger: how its forecasts have done over time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from stockcast.evaluation.volatility_metrics import qlike_losses
from stockcast.ledger.entry import Levels
from stockcast.ledger.join import Joined
from stockcast.ledger.score import measure_drift
from stockcast.prices.history import Numbers
from stockcast.report.figures import ACTUAL, FORECAST, make_figure, save_figure, show_dates
from stockcast.report.wording import describe_ahead

_FEWEST, _LONGEST = 20, 250  # forecasts in one point
_MOST = 7  # tickers drawn
# Okabe & Ito's palette without its yellow, which white paper swallows, and its vermilion.
_COLOURS = (ACTUAL, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")
_WORSE = FORECAST
_STYLES = ("-", "--", "-.", ":")


def draw_scores(all_joined: Sequence[Joined], levels: Levels, path: Path) -> None:
    """Draw the skill of each ticker's forecasts in a window that moves over the dates.

    Below it, where the forecasts have intervals, the share of prices within them; and where they
    say how far the price will move, how much less QLIKE they lost than RiskMetrics. Of many
    tickers, those with the most forecasts are drawn.
    """
    enough = [joined for joined in all_joined if len(joined) >= _FEWEST]
    drawn = sorted(enough, key=len, reverse=True)[:_MOST]
    far = [one for one in drawn if one.spread.known.sum() >= _FEWEST]
    panels = 1 + bool(levels) + bool(far)
    with make_figure(figsize=(9, 2.5 + 2 * panels)) as figure:
        top, *below = figure.subplots(panels, sharex=True, squeeze=False)[:, 0]
        _prepare_skill(top, _describe(all_joined, enough, drawn))
        if levels:
            _prepare_coverage(below[0], levels)
        if far:
            below[-1].axhline(0, color="gray", linewidth=1, linestyle=":")
            below[-1].set_ylabel("QLIKE saved, %\n(0: RiskMetrics)")
        for joined, colour in zip(drawn, _COLOURS, strict=False):
            _draw_skill(top, joined, colour)
            if levels:
                _draw_coverage(below[0], joined, colour)
            if any(joined is one for one in far):
                _draw_spread(below[-1], joined, colour)
        lowest = (below or [top])[-1].xaxis
        if drawn:
            top.legend(loc="best")
            show_dates(lowest)
        else:  # it would show the dates from 1970 on
            lowest.set_ticks([])
        save_figure(figure, path)


def _prepare_skill(axes: Any, title: str) -> None:
    axes.axhline(0, color="gray", linewidth=1, linestyle=":")
    axes.set_title(title, parse_math=False)
    axes.set_ylabel("skill, % (0: the last price)")


def _prepare_coverage(axes: Any, levels: Levels) -> None:
    for level, style in zip(levels, cycle(_STYLES), strict=False):
        axes.axhline(level, color="gray", linewidth=1, linestyle=":")
        axes.plot([], [], color="gray", linestyle=style, label=f"{level:g} % intervals")
    axes.set_ylabel("prices within, %")
    axes.legend(loc="best")


def _draw_skill(axes: Any, joined: Joined, colour: str) -> None:
    window = _choose_window(joined)
    errors = _roll((joined.forecast - joined.actual) ** 2, window)
    last = _roll((joined.last - joined.actual) ** 2, window)
    skill = 100 * (1 - np.sqrt(np.divide(errors, last, out=np.ones_like(last), where=last > 0)))
    dates = joined.dates[window - 1 :]
    name = joined.ticker if joined.step == 1 else f"{joined.ticker}, {describe_ahead(joined.step)}"
    axes.plot(dates, skill, color=colour, label=f"{name}, {window} forecasts a point")
    drift = measure_drift(joined)
    if drift is None or not (worse := drift.statistics < -drift.critical).any():
        return
    # The test may look at fewer, newer forecasts than the line; both end on the same date.
    worse = np.concatenate([np.zeros(len(skill), dtype=bool), worse])[-len(skill) :]
    label = "worse than chance explains"
    if label in axes.get_legend_handles_labels()[1]:
        label = ""
    axes.plot(dates[worse], skill[worse], ".", color=_WORSE, label=label)


def _draw_coverage(axes: Any, joined: Joined, colour: str) -> None:
    window = _choose_window(joined)
    actual = joined.actual[:, np.newaxis]
    inside = (joined.lower <= actual) & (actual <= joined.upper)
    for level, style in zip(range(inside.shape[1]), cycle(_STYLES)):
        share = 100 * _roll(inside[:, level].astype(np.float64), window)
        axes.plot(joined.dates[window - 1 :], share, color=colour, linestyle=style)


def _draw_spread(axes: Any, joined: Joined, colour: str) -> None:
    spread = joined.spread.select(joined.spread.known)
    window = min(_choose_window(joined), len(spread.true))
    ours, theirs = (
        _roll(qlike_losses(spread.true, one), window) for one in (spread.variance, spread.ewma)
    )
    dates = joined.dates[joined.spread.known]
    axes.plot(dates[window - 1 :], 100 * (1 - ours / theirs), color=colour)


def _choose_window(joined: Joined) -> int:
    return min(max(_FEWEST, len(joined) // 3), _LONGEST)


def _roll(values: Numbers, window: int) -> Numbers:
    """Return the mean of each `window` values that follow one another: (n − window + 1,)."""
    mean: Numbers = sliding_window_view(values, window).mean(axis=1)
    return mean


def _describe(all_joined: Sequence[Joined], enough: list[Joined], drawn: list[Joined]) -> str:
    count = sum(len(joined) for joined in all_joined)
    if not drawn:
        return f"{count} recorded forecasts came true, {_FEWEST} are needed for a line"
    more = f", {len(drawn)} of {len(enough)} tickers" if len(enough) > len(drawn) else ""
    return f"What {count:,} recorded forecasts were worth{more}"
