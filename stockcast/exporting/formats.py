"""One model, any format: the library behind each is loaded only when it is asked for."""

from __future__ import annotations

from stockcast.errors import MissingLibrary, UsageError, option
from stockcast.exporting.describe import Format
from stockcast.model.model import Model
from stockcast.networks.cells import CELLS


def export_model(model: Model, to: Format, *, with_scaling: bool = False) -> bytes:
    """Return the bytes of a file in another format: the same for the same model and libraries.

    Args:
        model: the model.
        to: `keras` for a .keras file, `onnx`, or `npz` for plain arrays.
        with_scaling: let the graph take prices and give prices; `onnx` alone.

    Raises:
        UsageError: the format cannot hold this model, or no scaling.
        MissingLibrary: `onnx` is not installed.
    """
    if with_scaling and to != "onnx":
        raise UsageError(
            f"{option('with_scaling', value=True)} is not for {to}",
            hint=f"an ONNX graph alone can take prices: {option('to', 'onnx')}",
        )
    if with_scaling and model.recipe.pooled:
        raise UsageError(
            f"{option('with_scaling', value=True)} is not for a pooled model: it scales by each "
            "ticker's newest rows",
            hint="leave it out; the graph then takes scaled windows",
        )
    if to == "npz":
        from stockcast.exporting.npz_file import serialize_npz

        return serialize_npz(model)
    _require_cell(model, to)
    if to == "keras":
        from stockcast.exporting.keras_file import serialize_keras

        return serialize_keras(model)
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise MissingLibrary(
            f"{option('to', 'onnx')} needs the library onnx ({error})",
            hint="in stockcast's source folder: pip install '.[onnx]'",
        ) from None
    from stockcast.exporting.onnx_file import serialize_onnx

    return serialize_onnx(model, with_scaling=with_scaling)


def _require_cell(model: Model, to: Format) -> None:
    """Raise unless a format has what computes a model's cell; plain arrays are of any.

    Raises:
        UsageError: it has not.
    """
    name = model.recipe.cell
    cell, plain = CELLS[name], f"{option('to', 'npz')} writes the plain arrays"
    if to == "keras" and cell.keras_layer is None:
        instead = f"ONNX has one: {option('to', 'onnx')}; {plain}" if cell.onnx_operator else plain
        raise UsageError(f"Keras has no layer for the cell {name}", hint=instead)
    if to == "onnx" and cell.onnx_operator is None:
        raise UsageError(f"ONNX has no operator for the cell {name}", hint=plain)
