"""From prices to what the network sees, and from its answers back to prices, as ONNX nodes.

All of it is in double precision: a day's change is the small difference of two large logarithms.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stockcast.exporting.onnx_graph import DOUBLE, FLOAT, GraphBuilder, Value, ValueFunctions
from stockcast.model.model import Model
from stockcast.windows.features import VOLUME_SPAN, count_warmup


def add_scaling(graph: GraphBuilder, bars: str, model: Model) -> str:
    """Add nodes from bars to windows.

    Args:
        graph: the graph.
        bars: (batch, rows, features) float64, in price units, oldest first; rows are the window's
            and those before it that its first row needs.
        model: whose features and scalers these are.

    Returns:
        (batch, window, features) float32, scaled.
    """
    add = {"price": _add_prices, "log-return": _add_log_ratios, "relative": _add_relative}
    values = add[model.recipe.target](graph, bars, model)
    scales = [scaler.get_scale() for scaler in model.scalers]
    lows = [scale.offset or 0.0 for scale in scales]
    if any(lows):
        values = graph.add("Sub", values, graph.add_constant(np.array(lows), "low"))
    spreads = graph.add_constant(np.array([scale.spread for scale in scales]))
    return graph.add("Cast", graph.add("Div", values, spreads), to=FLOAT)


def add_unscaling(graph: GraphBuilder, answers: str, bars: str, model: Model) -> str:
    """Add nodes from the network's answers to forecasts, (batch, horizon) float32 to float64."""
    target = model.columns.target_index
    scale = model.scalers[target].get_scale()
    numbers = [
        None if number is None else graph.wrap(graph.add_constant(np.array(number), label))
        for number, label in ((scale.spread, "spread"), (scale.offset, "low"))
    ]
    in_graph = replace(scale, spread=numbers[0], offset=numbers[1])
    unscaled = in_graph.unscale(graph.wrap(graph.add("Cast", answers, to=DOUBLE)))
    last = None
    if scale.transform.is_change:
        newest = graph.add("Gather", bars, graph.add_constant(np.array(-1)), axis=1)
        last = graph.wrap(graph.slice_axis(newest, 1, target, target + 1))
    forecast: Value = scale.transform.to_prices(unscaled, last, ValueFunctions)
    return forecast.name


def _add_prices(_: GraphBuilder, bars: str, __: Model) -> str:
    """The network sees prices as they are, scaled."""
    return bars


def _add_relative(graph: GraphBuilder, bars: str, model: Model) -> str:
    """Add each price of a window as its scaler expresses it beside the last one."""
    features, target = model.columns.features, model.columns.target_index
    rows = model.recipe.window + count_warmup(features, model.recipe.target)
    last = graph.slice_axis(graph.slice_axis(bars, 1, rows - 1, rows), 2, target, target + 1)
    columns = []
    for position, name in enumerate(features):
        column = graph.slice_axis(bars, 2, position, position + 1)
        if name == "volume":
            columns.append(_add_volume_ratio(graph, column, model, rows))
            continue
        recent = graph.wrap(graph.slice_axis(column, 1, rows - model.recipe.window, rows))
        transform = model.scalers[position].get_scale().transform
        columns.append(transform.express(recent, graph.wrap(last)).name)
    return columns[0] if len(columns) == 1 else graph.add("Concat", *columns, axis=2)


def _add_volume_ratio(graph: GraphBuilder, volume: str, model: Model, rows: int) -> str:
    """Add the log ratio of 1 + volume to 1 + its recent mean."""
    recent = graph.slice_axis(volume, 1, rows - model.recipe.window, rows)
    mean = _add_mean_volume(graph, volume, rows)
    return graph.add("Log", graph.add("Div", _add_one(graph, recent), _add_one(graph, mean)))


def _add_log_ratios(graph: GraphBuilder, bars: str, model: Model) -> str:
    """Add what `windows.features` computes for log returns."""
    features, target = model.columns.features, model.columns.target_index
    warmup = count_warmup(features, model.recipe.target)
    rows = model.recipe.window + warmup
    before = graph.slice_axis(bars, 1, warmup - 1, rows - 1)
    before = graph.slice_axis(before, 2, target, target + 1)
    ratios = []
    for position, name in enumerate(features):
        column = graph.slice_axis(bars, 2, position, position + 1)
        if name == "volume":
            ratios.append(_add_volume_ratio(graph, column, model, rows))
            continue
        recent = graph.slice_axis(column, 1, warmup, rows)
        ratios.append(graph.add("Log", graph.add("Div", recent, before)))
    return ratios[0] if len(ratios) == 1 else graph.add("Concat", *ratios, axis=2)


def _add_mean_volume(graph: GraphBuilder, volume: str, rows: int) -> str:
    """(batch, rows, 1) ─▶ (batch, window, 1): the mean of each bar's newest VOLUME_SPAN."""
    time = graph.add_constant(np.array(1))
    until = graph.add("CumSum", volume, time)
    before = graph.add("CumSum", volume, time, exclusive=1)
    total = graph.add(
        "Sub",
        graph.slice_axis(until, 1, VOLUME_SPAN - 1, rows),
        graph.slice_axis(before, 1, 0, rows - VOLUME_SPAN + 1),
    )
    return graph.add("Div", total, graph.add_constant(np.array(float(VOLUME_SPAN))))


def _add_one(graph: GraphBuilder, name: str) -> str:
    return graph.add("Add", name, graph.add_constant(np.array(1.0)))
