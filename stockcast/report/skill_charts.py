"""Pictures of how good forecasts were, for pages: plain arrays in, SVG out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.evaluation.conformal import format_level
from stockcast.forecast.intervals import Intervals
from stockcast.prices.history import Dates, Numbers
from stockcast.report.coverage import Coverage
from stockcast.report.figures import ACTUAL, FORECAST, make_figure, render_svg, show_dates
from stockcast.report.panels import REFERENCE, draw_against_actual, draw_gain, draw_volatility

# Okabe & Ito's, those that read on white and on black, and patterns to tell them apart in grey.
COLOURS = (FORECAST, ACTUAL, "#009e73", "#cc79a7", "#b8860b", "#56b4e9")
_PATTERNS = ("-", "--", "-.", ":")
_SIZE = (10.5, 4.0)  # inches; a page shows 10.5 of them at the size of its own text
_BINS = 60
_FAR = -20.0  # percent; a model that is so much worse is no match for the others
_DOT = 40.0  # points squared


def chart_prices(
    dates: Dates,
    actual: Numbers,
    forecast: Numbers,
    last: Numbers,
    intervals: Intervals,
    *,
    step: int,
) -> str:
    """Draw forecasts `step` bars ahead against what came true; arguments (n,)."""

    def draw(axes: Any) -> None:
        draw_against_actual(axes, dates, actual, forecast, last, intervals, step=step)
        axes.legend(loc="best")

    return _render(draw, over_dates=True)


def chart_gains(dates: Dates, gains: Mapping[str, Numbers]) -> str:
    """Draw what each model has gained on the last price so far.

    Args:
        dates: (n,).
        gains: name to (n,), of `panels.measure_gain`.
    """

    def draw(axes: Any) -> None:
        if len(gains) == 1:
            draw_gain(axes, dates, next(iter(gains.values())))
            return
        axes.margins(x=0.01)
        _draw_curves(axes, dates, gains)
        axes.set_ylabel("gain on the last price, %")
        axes.legend(loc="best")

    return _render(draw, over_dates=True)


def chart_volatility(dates: Dates, moves: Numbers, volatility: Numbers) -> str:
    """Draw how far the price moved, and how far it was expected to.

    Args:
        dates: (n,).
        moves: (n,) absolute log returns that came true, in percent; NaN where not yet.
        volatility: (n,) their standard deviations as forecast, in percent.
    """

    def draw(axes: Any) -> None:
        draw_volatility(axes, dates, moves, volatility)
        axes.set_ylabel("% of the price")

    return _render(draw, over_dates=True)


def chart_residuals(actual: Numbers, forecast: Numbers, last: Numbers) -> str:
    """Draw how often a forecast was off by how much, beside the last price; arguments (n,).

    Residuals are actual − forecast, in percent of the last price known; above 0, the forecast was
    too low. The outermost half percent at each side are counted in the outermost bars.
    """
    known = ~np.isnan(actual)
    scale = 100 / last[known]
    of_forecast = (actual - forecast)[known] * scale
    of_last = (actual - last)[known] * scale
    both = np.concatenate([of_forecast, of_last])
    low, high = np.quantile(both, [0.005, 0.995])
    spare = 0.5 if low == high else 0.0
    edges = np.linspace(low - spare, high + spare, 1 + min(_BINS, 8 + len(of_forecast) // 8))

    def draw(axes: Any) -> None:
        for values, look in (
            (of_forecast, {"color": FORECAST, "alpha": 0.5, "label": "this model"}),
            (of_last, {"color": REFERENCE, "histtype": "step", "linewidth": 1.6,
                       "label": "repeating the last price"}),
        ):  # fmt: skip
            axes.hist(np.clip(values, edges[0], edges[-1]), edges, **look)
        axes.axvline(0, color=REFERENCE, linewidth=1, linestyle=":")
        axes.set_xlabel("actual − forecast, % of the last price")
        axes.set_ylabel("forecasts")
        axes.legend(loc="best")

    return _render(draw)


def chart_coverage(coverage: Coverage) -> str:
    """Draw the share of prices within each interval over time, beside its level.

    A dot is as large as its period has prices.
    """
    sizes = coverage.counts / coverage.counts.max()

    def draw(axes: Any) -> None:
        places = np.arange(len(coverage.periods))
        for (level, shares), look in zip(coverage.shares.items(), _looks(), strict=False):
            axes.axhline(100 * level, color=look["color"], linewidth=1, linestyle=":")
            label = f"within the {format_level(level)} % interval"
            axes.plot(places, 100 * shares, label=label, **look)
            axes.scatter(places, 100 * shares, s=_DOT * sizes, color=look["color"], zorder=3)
        every = max(1, -(-len(places) // 12))
        axes.set_xticks(places[::every], coverage.periods[::every])
        axes.set_ylim(min(45.0, axes.get_ylim()[0]), 103)
        axes.set_ylabel("prices within, %")
        axes.legend(loc="lower left")

    return _render(draw)


def chart_losses(figures: Mapping[str, list[float]], best_epoch: int) -> str:
    """Draw each loss over the epochs, and mark the epoch whose weights were kept.

    Args:
        figures: name to its value after each epoch, as `progress.Recorder` keeps them.
        best_epoch: from 1.
    """
    names = {"loss": "training (with dropout)", "val": "validation"}

    def draw(axes: Any) -> None:
        for (name, values), look in zip(figures.items(), _looks(), strict=False):
            epochs = np.arange(1, len(values) + 1)
            marker = "o" if len(values) <= 40 else ""
            label = names.get(name, name)
            axes.plot(epochs, values, marker=marker, markersize=3.5, label=label, **look)
        axes.axvline(best_epoch, color=REFERENCE, linestyle=":", label=f"kept: epoch {best_epoch}")
        axes.set_xlabel("epoch")
        axes.set_ylabel("mean squared error, scaled")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(loc="best")

    return _render(draw)


def chart_steps(steps: NDArray[np.int64], skills: Mapping[str, Numbers]) -> str:
    """Draw each model's skill against the last price, step by step ahead.

    Args:
        steps: (horizon,) bars ahead.
        skills: name to (horizon,) 1 − RMSE / RMSE of the last price.
    """

    def draw(axes: Any) -> None:
        _draw_curves(axes, steps, skills, marker="o", markersize=4)
        axes.set_xlabel("steps ahead")
        axes.set_ylabel("RMSE below the last price's, %")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(loc="best")

    return _render(draw)


def _draw_curves(axes: Any, places: Any, curves: Mapping[str, Numbers], **look: Any) -> None:
    """Draw shares in percent; where some stay near 0, those that do not leave the picture."""
    axes.axhline(0, color=REFERENCE, linewidth=1)
    lows = {name: 100 * float(np.nanmin(curve, initial=0.0)) for name, curve in curves.items()}
    near = [name for name in curves if lows[name] >= _FAR]
    for (name, curve), own in zip(curves.items(), _looks(), strict=False):
        gone = near and name not in near
        label = f"{name} (leaves below, to −{-lows[name]:.0f} %)" if gone else name
        axes.plot(places, 100 * curve, label=label, **own, **look)
    if near and len(near) < len(curves):
        low = min(lows[name] for name in near)
        high = max(0.0, *(100 * float(np.nanmax(curve)) for curve in curves.values()))
        spare = 0.1 * max(high - low, 1.0)
        axes.set_ylim(low - spare, high + spare)


def _looks() -> Any:
    """Yield colours and patterns; no two are the same until both have come round."""
    for colour, number in zip(cycle(COLOURS), range(len(COLOURS) * len(_PATTERNS)), strict=False):
        yield {"color": colour, "linestyle": _PATTERNS[number % len(_PATTERNS)]}


def _render(draw: Callable[[Any], None], *, over_dates: bool = False) -> str:
    with make_figure(on_page=True, figsize=_SIZE) as figure:
        axes = figure.add_subplot()
        draw(axes)
        if over_dates:
            show_dates(axes.xaxis)
        return render_svg(figure)
