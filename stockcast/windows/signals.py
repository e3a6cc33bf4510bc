"""Signals: inputs that say how far bars moved, beside the year before them; they need no scaler."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stockcast.prices.history import Numbers
from stockcast.windows.features import VOLUME_SPAN, Signal
from stockcast.windows.moves import YEAR, Moves, average_newest, compare_market_returns
from stockcast.windows.windowing import Array

FARTHEST = 8.0  # a crash is far, a wrong price is not farther


def compute_signals(moves: Moves, deviations: Numbers, names: tuple[Signal, ...]) -> Array:
    """Return what the network sees of each bar's moves.

    Args:
        moves: of the bars.
        deviations: (rows,) what the path forecasts at each bar, one step ahead.
        names: of the signals wanted.

    Returns:
        (rows, signals) float32, from −8 to 8; 0 where a bar does not say.
    """
    columns = [_SIGNALS[name](moves, deviations) for name in names]
    table = np.column_stack(columns) if columns else np.empty((len(moves), 0))
    known = np.where(np.isfinite(table), table, 0.0)
    signals: Array = np.clip(known, -FARTHEST, FARTHEST).astype(np.float32)
    return signals


def _compare_scale(moves: Moves, _: Numbers) -> Numbers:
    """Return the log of a bar's scale over the year's."""
    logs: Numbers = moves.log_scales - np.log(moves.year)
    return logs


def _compare_night(moves: Moves, _: Numbers) -> Numbers:
    """Return the return over night in the year's deviations."""
    nights: Numbers = moves.over_night / moves.year
    return nights


def _compare_path(moves: Moves, deviations: Numbers) -> Numbers:
    """Return the log of what the path forecasts over the year's scale."""
    logs: Numbers = np.log(deviations / moves.year)
    return logs


def _compare_volume(moves: Moves, _: Numbers) -> Numbers:
    """Return the log of a bar's volume less its mean over VOLUME_SPAN bars."""
    logs: Numbers = moves.volume - average_newest(moves.volume, VOLUME_SPAN)
    return logs


def _compare_market_scale(moves: Moves, _: Numbers) -> Numbers:
    """Return the market's log scale less its mean over the year."""
    logs: Numbers = moves.market_scales - average_newest(moves.market_scales, YEAR)
    return logs


def _compare_market_return(moves: Moves, _: Numbers) -> Numbers:
    """Return the market's return in the deviations of its year."""
    return compare_market_returns(moves)


def _has_market(moves: Moves, _: Numbers) -> Numbers:
    """Return 1 where the market is known."""
    return moves.has_market.astype(np.float64)


_SIGNALS: dict[Signal, Callable[[Moves, Numbers], Numbers]] = {
    "log-scale": _compare_scale,
    "over-night": _compare_night,
    "path": _compare_path,
    "relative-volume": _compare_volume,
    "market-scale": _compare_market_scale,
    "market-return": _compare_market_return,
    "has-market": _has_market,
}

MARKET_SIGNALS: tuple[Signal, ...] = ("market-scale", "market-return", "has-market")
"""Those that follow from what all tickers did."""

POOLED_SIGNALS = tuple(_SIGNALS)
"""Names of a pooled model's signals, in the order of the network's inputs."""

SIGNALS = tuple(name for name in POOLED_SIGNALS if name not in MARKET_SIGNALS)
"""Names of the signals of one ticker's model."""
