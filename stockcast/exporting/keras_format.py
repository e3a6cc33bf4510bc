"""Standard layers, which Keras opens without this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.errors import UsageError, option
from stockcast.exporting.protocol import ExportFormat
from stockcast.imports import require_extra

if TYPE_CHECKING:
    from stockcast.model.model import Model


def _describe(model: Model, *, with_scaling: bool) -> str:  # noqa: ARG001 — never scales
    shape = f"(batch, {model.recipe.window}, {len(model.columns.inputs)})"
    return f"takes scaled windows {shape}, gives scaled (batch, {len(model.weights.head_bias)})"


def _check(model: Model) -> None:
    from stockcast.networks.cells import CELLS

    cell = CELLS[model.recipe.cell]
    if cell.keras_layer is None:
        graph = f"ONNX has one: {option('to', 'onnx')}; " if cell.onnx_operator else ""
        raise UsageError(
            f"Keras has no layer for the cell {model.recipe.cell}",
            hint=f"{graph}{option('to', 'npz')} writes the plain arrays",
        )


def _serialize(model: Model, *, with_scaling: bool) -> bytes:  # noqa: ARG001 — never scales
    require_extra("tensorflow", option("to", "keras"))
    from stockcast.exporting.keras_file import serialize_keras

    return serialize_keras(model)


FORMAT = ExportFormat(
    "keras",
    1,
    "standard layers only, LSTM or GRU; for the cells lstm and gru; needs TensorFlow.",
    _describe,
    _serialize,
    check=_check,
    opener="Keras",
)
