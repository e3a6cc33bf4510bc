"""How far the price will move, as ONNX nodes: the path, the signals, and what older models have."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from stockcast.exporting.onnx_graph import DOUBLE, GraphBuilder, Value, join
from stockcast.exporting.onnx_moves import BarMoves
from stockcast.windows.features import VOLUME_SPAN, Signal
from stockcast.windows.har import FARTHEST as FARTHEST_LOG
from stockcast.windows.har import HarPath
from stockcast.windows.moves import LEAST_DEVIATION, MOST_RANGED, SPANS, YEAR
from stockcast.windows.signals import FARTHEST
from stockcast.windows.volatility import DECAY, RECENT, SPAN

_WEEK, _MONTH, _QUARTER = SPANS[1:4]


def add_path(graph: GraphBuilder, moves: BarMoves, path: HarPath) -> Value:
    """Add nodes that forecast from each bar how far the price will have moved; see `HarPath`.

    Returns:
        (batch, rows, horizon) the standard deviation of the log return up to each step.
    """
    steps = 0.5 * np.log(np.arange(1, path.horizon + 1))
    year = moves.year.log().widen(2) + graph.wrap(graph.add_constant(steps))
    own, one = _list_regressors(moves, by_range=True), moves.year * 0.0 + 1.0
    logs = _multiply(graph, [*_list_regressors(moves, by_range=False), one], path.by_return)
    if path.by_range is not None:
        of_range = _multiply(graph, [*own, one], path.by_range)
        logs = moves.has_range.widen(2).choose(of_range, logs)
    if path.by_market is not None:
        beside = _multiply(graph, [*own, *_list_market_regressors(moves), one], path.by_market)
        logs = (moves.has_range & moves.has_market).widen(2).choose(beside, logs)
    bounded = logs.at_least(year - FARTHEST_LOG).at_most(year + FARTHEST_LOG)
    return bounded.exp().at_least(LEAST_DEVIATION)


def add_blend(graph: GraphBuilder, moves: BarMoves, horizon: int) -> Value:
    """Add nodes that estimate what models without a path go by; see `estimate_volatility`.

    Returns:
        (batch, horizon) the standard deviation of the log return from the newest bar to each step.
    """
    variance = _blend(graph, moves, moves.returns * moves.returns, DECAY["close"])
    newest = moves.bars.rows - 1
    has_range = moves.bars.measure_share(moves.ranged, SPAN).cut(newest, newest + 1) > MOST_RANGED
    variance = has_range.choose(_blend(graph, moves, moves.of_range, DECAY["range"]), variance)
    steps = graph.wrap(graph.add_constant(np.sqrt(np.arange(1, horizon + 1))))
    return variance.sqrt().at_least(LEAST_DEVIATION) * steps


def add_signals(moves: BarMoves, deviations: Value, names: tuple[Signal, ...]) -> list[Value]:
    """Add nodes for what the network sees of each bar's moves; see `compute_signals`.

    Args:
        moves: of the bars.
        deviations: (batch, rows) of the path, one step ahead.
        names: of the signals wanted.

    Returns:
        (batch, rows) each.
    """
    signals = [SIGNALS[name](moves, deviations) for name in names]
    return [one.fill(0.0).at_least(-FARTHEST).at_most(FARTHEST) for one in signals]


def _multiply(
    graph: GraphBuilder, regressors: list[Value], rows: tuple[tuple[float, ...], ...]
) -> Value:
    """(batch, rows) each ─▶ (batch, rows, horizon)."""
    return join(regressors).apply("MatMul", graph.wrap(graph.add_constant(np.array(rows).T)))


def _list_regressors(moves: BarMoves, *, by_range: bool) -> list[Value]:
    """Return those of `windows.moves.Regressors`, without the constant."""
    average = moves.bars.average
    columns = _average_logs(moves) if by_range else _log_averages(moves)
    columns += [moves.falls, average(moves.falls, _WEEK), average(moves.falls, _MONTH)]
    volume = moves.volume
    ratios = (
        volume - average(volume, _MONTH),
        average(volume, _WEEK) - average(volume, _QUARTER),
    )
    # Rows before a history have no falls; nothing that counts may become NaN by way of them.
    return [one.fill(0.0) for one in (*columns, *ratios)]


def _average_logs(moves: BarMoves) -> list[Value]:
    means = [moves.bars.average(moves.log_scales, span) for span in SPANS]
    longer = moves.year.log()
    for number in reversed(range(len(means))):
        longer = means[number] = means[number].fill(longer)
    return means


def _log_averages(moves: BarMoves) -> list[Value]:
    means = [moves.bars.average(moves.returns.size(), span) for span in SPANS]
    year = (means[-1] > 0.0).choose(means[-1], LEAST_DEVIATION)
    return [
        (mean.fill(year) + year * (0.3 / math.sqrt(span))).log()
        for mean, span in zip(means, SPANS, strict=True)
    ]


def _list_market_regressors(moves: BarMoves) -> list[Value]:
    average, falls = moves.bars.average, moves.market_falls
    columns = [average(moves.market_scales, span) for span in SPANS]
    return [one.fill(0.0) for one in (*columns, falls, average(falls, _WEEK))]


def _blend(graph: GraphBuilder, moves: BarMoves, variances: Value, decay: float) -> Value:
    """(batch, rows) ─▶ (batch, 1): the recent mean at the newest bar, drawn to the year's."""
    recent, year = (_average_weighted(graph, moves, variances, one) for one in (decay, 1.0))
    return recent * RECENT + year * (1 - RECENT)


def _average_weighted(
    graph: GraphBuilder, moves: BarMoves, variances: Value, decay: float
) -> Value:
    """Return the weighted mean of the newest SPAN known variances; 0 if there is none."""
    back = np.arange(moves.bars.rows - 1, -1, -1.0)
    weights = graph.wrap(graph.add_constant(np.where(back < SPAN, decay**back, 0.0)))
    known = variances.is_known()
    sums = (known.choose(variances, 0.0) * weights).add_up()
    return (sums / (known.choose(weights, 0.0)).add_up()).fill(0.0)


SIGNALS: dict[Signal, Callable[[BarMoves, Value], Value]] = {
    "log-scale": lambda moves, _: moves.log_scales - moves.year.log(),
    "over-night": lambda moves, _: moves.over_night / moves.year,
    "path": lambda moves, deviations: (deviations / moves.year).log(),
    "relative-volume": lambda moves, _: (
        moves.volume - moves.bars.average(moves.volume, VOLUME_SPAN)
    ),
    "market-scale": lambda moves, _: (
        moves.market_scales - moves.bars.average(moves.market_scales, YEAR)
    ),
    "market-return": lambda moves, _: moves.compared_market,
    "has-market": lambda moves, _: moves.has_market.cast(DOUBLE),
}
"""Each signal, from the moves and what the path forecasts one step ahead."""
