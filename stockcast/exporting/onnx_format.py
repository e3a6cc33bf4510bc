"""A graph of ONNX operators, for any runtime, from bars to price and volatility if wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.errors import UsageError, option
from stockcast.exporting.onnx_description import describe_onnx
from stockcast.exporting.protocol import ExportFormat
from stockcast.imports import require_extra

if TYPE_CHECKING:
    from stockcast.model.model import Model


def _check(model: Model) -> None:
    from stockcast.networks.cells import CELLS

    if CELLS[model.recipe.cell].onnx_operator is None:
        raise UsageError(
            f"ONNX has no operator for the cell {model.recipe.cell}",
            hint=f"{option('to', 'npz')} writes the plain arrays",
        )


def _serialize(model: Model, *, with_scaling: bool) -> bytes:
    require_extra("onnx", option("to", "onnx"))
    from stockcast.exporting.onnx_file import serialize_onnx

    return serialize_onnx(model, with_scaling=with_scaling)


FORMAT = ExportFormat(
    "onnx",
    2,
    "every cell, float32; needs the library onnx.",
    describe_onnx,
    _serialize,
    check=_check,
    takes_prices="an ONNX graph",
)
