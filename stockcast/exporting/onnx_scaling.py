"""From bars to what the network sees, and from its answers back to prices, as ONNX nodes.

All of it is in double precision: a day's change is the small difference of two large logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from stockcast.exporting.onnx_graph import DOUBLE, FLOAT, Value, ValueFunctions, join
from stockcast.exporting.onnx_moves import Bars
from stockcast.model.model import Model
from stockcast.recipe import Target
from stockcast.windows.features import VOLUME_SPAN
from stockcast.windows.per_window import count_context
from stockcast.windows.scaling import KINDS, LEAST_SPREAD, Kind, Scale


def add_features(bars: Bars, model: Model) -> list[Value]:
    """Add nodes for what `windows.features` computes of each bar, before scaling.

    Returns:
        (batch, rows) a feature; NaN where there are too few bars before.
    """
    express = _EXPRESSED[model.recipe.target]
    is_price = model.recipe.target == "price"
    target = model.columns.target
    features = []
    for name in model.columns.features:
        column = bars.target if name == target else bars[name]
        is_ratio = name == "volume" and not is_price
        features.append(_compare_volume(bars) if is_ratio else express(bars, column))
    if not model.recipe.pooled:
        return features
    # Scaled by rows that have every feature, in the precision that pools keep them in.
    known = features[0].is_known()
    for feature in features[1:]:
        known &= feature.is_known()
    short = [feature.cast(FLOAT).cast(DOUBLE) for feature in features]
    return [known.choose(feature, math.nan) for feature in short]


def find_scales(features: list[Value], bars: Bars, model: Model) -> list[Scale]:
    """Return what features are scaled by: fitted numbers, or nodes that measure them."""
    first = bars.rows - count_context(model.scalers, model.recipe.window)
    return [
        _measure(scaler.scales_as, feature.cut(first, bars.rows))
        if scaler.is_per_window
        else scaler.get_scale()
        for scaler, feature in zip(model.scalers, features, strict=True)
    ]


def add_windows(
    features: list[Value],
    signals: list[Value],
    others: list[Value],
    scales: list[Scale],
    bars: Bars,
    model: Model,
) -> Value:
    """Add nodes from what the network sees of bars to windows.

    Args:
        features: (batch, rows) each.
        signals: (batch, rows) each.
        others: (batch, window) each, which come behind these.
        scales: one a feature.
        bars: the bars.
        model: the model.

    Returns:
        (batch, window, inputs) float32, scaled.
    """
    rows = bars.rows
    first = rows - model.recipe.window
    last = bars.target.cut(rows - 1, rows)
    if model.recipe.pooled:
        last = last.cast(FLOAT).cast(DOUBLE)
    scaled = [
        scale.scale(scale.transform.express(feature.cut(first, rows), last))
        for scale, feature in zip(scales, features, strict=True)
    ]
    return join([*scaled, *(one.cut(first, rows) for one in signals), *others]).cast(FLOAT)


def add_unscaling(answers: Value, scale: Scale, last: Value) -> Value:
    """Add nodes from answers to forecasts, (batch, horizon) float32 to float64.

    Args:
        answers: of the network.
        scale: of the target.
        last: (batch, 1) the last prices.
    """
    unscaled = scale.unscale(answers.cast(DOUBLE))
    forecast: Value = scale.transform.to_prices(unscaled, last, ValueFunctions)
    return forecast


def _compare_volume(bars: Bars) -> Value:
    """Return the log ratio of 1 + volume to 1 + its recent mean; NaN for lack of bars before."""
    volume = bars["volume"]
    known = volume.is_known()
    count = bars.add_newest(known.cast(DOUBLE), VOLUME_SPAN)
    mean = bars.add_newest(known.choose(volume, 0.0), VOLUME_SPAN) / float(VOLUME_SPAN)
    ratio = (volume + 1.0).log() - (mean + 1.0).log()
    return (count > VOLUME_SPAN - 0.5).choose(ratio, math.nan)


# Prices are left as they are, or become log ratios to the target's price of the bar before.
_EXPRESSED: dict[Target, Callable[[Bars, Value], Value]] = {
    "price": lambda _, column: column,
    "relative": lambda _, column: column,
    "log-return": lambda bars, column: (column / bars.shift(bars.target)).log(),
}


def _measure(kind: Kind, context: Value) -> Scale:
    """(batch, rows) a feature, NaN before a history begins ─▶ its scale, (batch, 1) each."""
    low, spread = MEASURES[kind](context)
    return replace(KINDS[kind].make_scale(spread, low), is_applied=False)


def _measure_edges(rows: Value) -> tuple[Value, Value]:
    """Return the lowest value, and how far the highest is above it; see `MinMax`."""
    known = rows.is_known()
    low = known.choose(rows, math.inf).find_edge("ReduceMin")
    high = known.choose(rows, -math.inf).find_edge("ReduceMax")
    return low, (high - low).at_least(high.size().at_least(1e-300) * LEAST_SPREAD)


def _measure_deviation(rows: Value) -> tuple[None, Value]:
    """Return the standard deviation of what is known; see `Deviation`."""
    known = rows.is_known()
    count = known.cast(DOUBLE).add_up().at_least(1.0)
    mean = known.choose(rows, 0.0).add_up() / count
    errors = known.choose(rows - mean, 0.0)
    return None, ((errors * errors).add_up() / count).sqrt().at_least(LEAST_SPREAD)


def _measure_change(rows: Value) -> tuple[None, Value]:
    """Return the standard deviation of the relative change from bar to bar; see `Relative`."""
    return _measure_deviation(rows.cut(1, _ALL) / rows.cut(0, -1) - 1.0)


_ALL = int(np.iinfo(np.int64).max)  # up to the end, as ONNX says it
MEASURES: dict[Kind, Callable[[Value], tuple[Value | None, Value]]] = {
    "min-max": _measure_edges,
    "deviation": _measure_deviation,
    "relative": _measure_change,
}
"""How a kind's numbers are measured on (batch, rows) of a feature, for models that are pooled."""
