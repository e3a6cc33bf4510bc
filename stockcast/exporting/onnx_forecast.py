"""All between bars and what `predict` prints of them, as ONNX nodes."""

from __future__ import annotations

import math

from stockcast.exporting.describe import (
    CALENDAR,
    FORECAST,
    MARKET,
    MARKET_COLUMNS,
    PRICE_BARS,
    VOLATILITY,
    BarsLayout,
    lay_out_bars,
)
from stockcast.exporting.onnx_covariates import add_covariates
from stockcast.exporting.onnx_graph import DOUBLE, GraphBuilder, Value
from stockcast.exporting.onnx_moves import BarMoves, measure_bars, take_bars
from stockcast.exporting.onnx_network import add_head, add_layers
from stockcast.exporting.onnx_path import add_blend, add_path, add_signals
from stockcast.exporting.onnx_scaling import add_features, add_unscaling, add_windows, find_scales
from stockcast.model.model import Model


def add_forecast(graph: GraphBuilder, model: Model) -> None:
    """Add a model from bars, with the market beside them, to its forecast and volatility."""
    layout, columns, weights = lay_out_bars(model), model.columns, model.believed
    name = graph.take(PRICE_BARS, DOUBLE, ["batch", layout.rows, len(layout.columns)])
    bars = take_bars(graph, name, layout, columns.target)
    moves = measure_bars(bars, columns.target, _take_market(graph, layout))
    volatility, signals = _follow_path(graph, moves, model)
    features = add_features(bars, model)
    scales = find_scales(features, bars, model)
    others = [*_take_calendar(graph, model), *add_covariates(graph, model)]
    windows = add_windows(features, signals, others, scales, bars, model)
    hidden = add_layers(graph, windows.name, weights)
    head, kernel, bias = weights.head, weights.head_kernel, weights.head_bias
    answers = graph.wrap(add_head(graph, hidden, head.locate(kernel), head.locate(bias)))
    last = bars.target.cut(layout.rows - 1, layout.rows)
    forecast = add_unscaling(answers, scales[columns.target_index], last)
    scale_kernel, scale_bias = head.widen(kernel), head.widen(bias)
    if scale_kernel is not None and scale_bias is not None:
        ratios = graph.wrap(add_head(graph, hidden, scale_kernel, scale_bias))
        volatility = _widen(volatility, ratios, moves, model)
    # Where a window has a gap nothing is known, whatever a runtime's operators make of NaN.
    is_whole = windows.cast(DOUBLE).add_up(axis=1).add_up(axis=2).narrow(2).is_known()
    for value, to in ((forecast, FORECAST), (volatility * 100.0, VOLATILITY)):
        known = is_whole.choose(value, math.nan)
        graph.give(known.name, to, DOUBLE, ["batch", model.recipe.horizon])


def _take_market(graph: GraphBuilder, layout: BarsLayout) -> tuple[Value, Value] | None:
    """Return mean log scales and returns of all tickers, (batch, rows) each."""
    if not layout.takes_market:
        return None
    shape: list[str | int] = ["batch", layout.rows, len(MARKET_COLUMNS)]
    table = graph.wrap(graph.take(MARKET, DOUBLE, shape))
    scales, returns = (table.cut(place, place + 1, axis=2).narrow(2) for place in (0, 1))
    return scales, returns


def _take_calendar(graph: GraphBuilder, model: Model) -> list[Value]:
    """Return what the calendar says of each timestep, (batch, window) each."""
    names = model.columns.calendar_inputs
    if not names:
        return []
    table = graph.wrap(graph.take(CALENDAR, DOUBLE, ["batch", model.recipe.window, len(names)]))
    return [table.cut(place, place + 1, axis=2).narrow(2) for place in range(len(names))]


def _follow_path(graph: GraphBuilder, moves: BarMoves, model: Model) -> tuple[Value, list[Value]]:
    """Return the (batch, horizon) volatility without the network's part, and its signals."""
    if model.path is None:
        return add_blend(graph, moves, model.recipe.horizon), []
    deviations = add_path(graph, moves, model.path)
    ahead = deviations.cut(0, 1, axis=2).narrow(2)
    newest = moves.bars.rows - 1
    return (
        deviations.cut(newest, newest + 1).narrow(1),
        add_signals(moves, ahead, model.columns.signals),
    )


def _widen(volatility: Value, ratios: Value, moves: BarMoves, model: Model) -> Value:
    """Return the volatility as the network has it; see `Answers.widen`."""
    widened = volatility * ratios.cast(DOUBLE).exp()
    if model.path is None or model.path.by_range is None:
        return widened
    # It was trained on ranges, and keeps silent where there are none.
    newest = moves.bars.rows - 1
    return moves.has_range.cut(newest, newest + 1).choose(widened, volatility)
