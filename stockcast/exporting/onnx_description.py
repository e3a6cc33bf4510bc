"""What an ONNX graph of a model takes and gives, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stockcast.model.model import Model


def describe_onnx(model: Model, *, with_scaling: bool) -> str:
    """Say in one line what the graph takes and gives."""
    from stockcast.exporting.describe import (
        ANSWERS,
        FORECAST,
        WINDOWS,
        count_rows,
        name_unscaled_input,
    )

    window, features = model.recipe.window, model.columns.features
    if not with_scaling:
        return (
            f"takes {WINDOWS!r}, scaled float32 (batch, {window}, {len(model.columns.inputs)}), "
            f"gives {ANSWERS!r}, scaled float32 (batch, {len(model.weights.head_bias)})"
        )
    rows = count_rows(model)
    shape = f"(batch, {rows})" if len(features) == 1 else f"(batch, {rows}, {len(features)})"
    bars = "1 bar's" if rows == 1 else f"{rows} bars'"
    return (
        f"takes {name_unscaled_input(model)!r}, float64 {shape}: the last {bars} "
        f"{', '.join(features)}, oldest first; "
        f"gives {FORECAST!r}, float64 (batch, {model.recipe.horizon})"
    )
