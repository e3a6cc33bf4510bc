"""What an ONNX graph of a model takes and gives: in a line, and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stockcast.model.model import Model


def describe_onnx(model: Model, *, with_scaling: bool) -> str:
    """Say in one line what the graph takes and gives."""
    from stockcast.exporting.describe import (
        ANSWERS,
        CALENDAR,
        FORECAST,
        MARKET,
        MARKET_COLUMNS,
        PRICE_BARS,
        VOLATILITY,
        WINDOWS,
        lay_out_bars,
    )

    if not with_scaling:
        window, inputs = model.recipe.window, len(model.columns.inputs)
        return (
            f"takes {WINDOWS!r}, scaled float32 (batch, {window}, {inputs}), "
            f"gives {ANSWERS!r}, scaled float32 (batch, {len(model.weights.head_bias)})"
        )
    layout = lay_out_bars(model)
    rows, columns = layout.rows, layout.columns
    beside = (
        f" and {MARKET!r}, float64 (batch, {rows}, {len(MARKET_COLUMNS)}): "
        f"{', '.join(MARKET_COLUMNS)}"
        if layout.takes_market
        else ""
    )
    if names := model.columns.calendar_inputs:
        beside += (
            f" and {CALENDAR!r}, float64 (batch, {model.recipe.window}, {len(names)}): of the day "
            f"after each bar {', '.join(names)}"
        )
    beside += _describe_covariates(model)
    return (
        f"takes {PRICE_BARS!r}, float64 (batch, {rows}, {len(columns)}): the last {rows} bars' "
        f"{', '.join(columns)}{beside}, oldest first, NaN where unknown; "
        f"gives {FORECAST!r} and {VOLATILITY!r} (percent), "
        f"float64 (batch, {model.recipe.horizon})"
    )


def _describe_covariates(model: Model) -> str:
    from stockcast.exporting.describe import DATES, lay_out_covariates

    layouts = lay_out_covariates(model)
    if not layouts:
        return ""
    names = ", ".join(repr(one.input) for one in layouts)
    return (
        f" and {DATES!r}, float64 (batch, {model.recipe.window + 1}): when the newest bars were, "
        f"and {names}, float64 (batch, {layouts[0].rows}, …): its last "
        f"{layouts[0].rows} bars'"
    )


def describe_tensors(model: Model, *, with_scaling: bool) -> dict[str, str]:
    """Say to programs what the graph takes and gives: JSON of names to columns, and to units."""
    from stockcast.exporting.describe import (
        ANSWERS,
        CALENDAR,
        DATE,
        DATES,
        FORECAST,
        MARKET,
        MARKET_COLUMNS,
        PRICE_BARS,
        VOLATILITY,
        WINDOWS,
        lay_out_bars,
        lay_out_covariates,
    )

    if not with_scaling:
        takes = {WINDOWS: list(model.columns.inputs)}
        gives = {ANSWERS: "scaled"}
    else:
        layout = lay_out_bars(model)
        takes = {PRICE_BARS: list(layout.columns)}
        if layout.takes_market:
            takes[MARKET] = list(MARKET_COLUMNS)
        if names := model.columns.calendar_inputs:
            takes[CALENDAR] = list(names)
        if layouts := lay_out_covariates(model):
            takes[DATES] = [DATE]
            takes |= {one.input: list(one.columns) for one in layouts}
        gives = {FORECAST: "price", VOLATILITY: "percent"}
    return {"inputs": json.dumps(takes), "outputs": json.dumps(gives)}
