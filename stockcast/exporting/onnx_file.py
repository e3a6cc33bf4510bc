"""Model ─▶ .onnx, checked before it is handed out."""

from __future__ import annotations

import json

import onnx
from onnx import ModelProto, helper

import stockcast
from stockcast.errors import UsageError, option
from stockcast.exporting.describe import ANSWERS, WINDOWS
from stockcast.exporting.onnx_description import describe_onnx, describe_tensors
from stockcast.exporting.onnx_forecast import add_forecast
from stockcast.exporting.onnx_graph import FLOAT, GraphBuilder
from stockcast.exporting.onnx_network import add_network
from stockcast.model.metadata import Metadata
from stockcast.model.model import Model

# Of early 2021, the first where Squeeze takes its axes as it does today: whatever runs ONNX has it.
_OPSET = 13
_IR_VERSION = 7
_LARGEST = 2_000_000_000  # bytes of weights; a file of this kind ends at 2 GiB


def serialize_onnx(model: Model, *, with_scaling: bool) -> bytes:
    """Return the bytes of an .onnx file.

    Raises:
        UsageError: the weights are more than such a file holds.
    """
    size = sum(array.nbytes for array in model.believed.to_arrays().values())
    if size > _LARGEST:
        raise UsageError(
            f"{size:,} bytes of weights are more than an ONNX file holds ({_LARGEST:,})",
            hint=f"{option('to', 'npz')} has no such limit",
        )
    graph = build_graph(model, with_scaling=with_scaling)
    onnx.checker.check_model(graph, full_check=True)
    return bytes(graph.SerializeToString(deterministic=True))


def build_graph(model: Model, *, with_scaling: bool) -> ModelProto:
    """Build the graph, with all that the model file says of the model in its metadata."""
    builder = GraphBuilder()
    if with_scaling:
        add_forecast(builder, model)
    else:
        weights, inputs = model.believed, len(model.columns.inputs)
        windows = builder.take(WINDOWS, FLOAT, ["batch", model.recipe.window, inputs])
        answers = add_network(builder, windows, weights)
        builder.give(answers, ANSWERS, FLOAT, ["batch", len(weights.head_bias)])
    document = helper.make_model(
        builder.finish("stockcast"),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="stockcast",
        producer_version=stockcast.__version__,
        doc_string=describe_onnx(model, with_scaling=with_scaling),
    )
    tensors = describe_tensors(model, with_scaling=with_scaling)
    helper.set_model_props(document, describe_model(model) | tensors)
    return document


def describe_model(model: Model) -> dict[str, str]:
    """Return the model file's metadata as ONNX has them: texts; all but the ticker are JSON."""
    fields = Metadata.from_model(model).model_dump(mode="json", exclude={"format"})
    return {
        key: value if key == "ticker" else json.dumps(value, ensure_ascii=False)
        for key, value in fields.items()
    }
