import json
from dataclasses import replace

import numpy as np
import onnx
import pytest

from stockcast.errors import UsageError
from stockcast.exporting import onnx_path, onnx_scaling
from stockcast.exporting.onnx_file import serialize_onnx
from stockcast.model.file import load_model
from stockcast.networks.cells import CELLS, CellWeights
from stockcast.networks.network import Weights
from stockcast.windows.scaling import KINDS
from stockcast.windows.signals import POOLED_SIGNALS


def open_graph(content):
    return onnx.load_from_string(content)


def list_dimensions(value):
    return [one.dim_param or one.dim_value for one in value.type.tensor_type.shape.dim]


REST = ["open", "high", "low", "close", "volume"]


@pytest.mark.parametrize(
    ("fields", "rows", "columns"),
    [
        ({"target": "price"}, 251, ["adj_close", *REST]),
        ({"target": "log-return"}, 274, ["adj_close", *REST]),
        ({"target": "log-return", "window": 300}, 301, ["adj_close", *REST]),
        ({"loss": "qlike"}, 281, ["adj_close", *REST]),
        (
            {"features": ("volume", "close"), "column": "close"},
            274,
            ["volume", "close", "open", "high", "low"],
        ),
    ],
)
def test_a_graph_with_scaling_takes_what_price_and_volatility_depend_on(
    fields, rows, columns, make_history, make_model
):
    model = make_model(make_history(400), **fields)
    document = open_graph(serialize_onnx(model, with_scaling=True))
    graph = document.graph
    assert [one.name for one in graph.input] == ["bars"]
    assert list_dimensions(graph.input[0]) == ["batch", rows, len(columns)]
    assert [one.name for one in graph.output] == ["forecast", "volatility"]
    for value in graph.output:
        assert list_dimensions(value) == ["batch", 1]
    for value in (*graph.input, *graph.output):
        assert value.type.tensor_type.elem_type == onnx.TensorProto.DOUBLE
    said = {one.key: one.value for one in document.metadata_props}
    assert json.loads(said["inputs"]) == {"bars": columns}
    assert json.loads(said["outputs"]) == {"forecast": "price", "volatility": "percent"}


def test_a_graph_that_knows_a_market_takes_it_beside_the_bars():
    document = open_graph(serialize_onnx(load_model("pretrained"), with_scaling=True))
    assert [one.name for one in document.graph.input] == ["bars", "market"]
    assert list_dimensions(document.graph.input[1]) == ["batch", 333, 2]
    said = {one.key: one.value for one in document.metadata_props}
    assert json.loads(said["inputs"])["market"] == ["log_scale", "return"]


def test_every_signal_and_every_kind_of_scaler_has_its_nodes():
    assert set(onnx_path.SIGNALS) == set(POOLED_SIGNALS)
    assert set(onnx_scaling.MEASURES) == set(KINDS)


def test_a_graph_of_what_says_how_far_takes_signals_too(make_history, make_model):
    model = make_model(make_history(), loss="qlike", horizon=3)
    graph = open_graph(serialize_onnx(model, with_scaling=False)).graph
    assert list_dimensions(graph.input[0]) == ["batch", 8, 5]
    assert list_dimensions(graph.output[0]) == ["batch", 6]


@pytest.mark.parametrize("cell", CELLS)
def test_a_graph_without_scaling_is_single_precision_throughout(cell, make_history, make_model):
    model = make_model(make_history(), cell=cell)
    graph = open_graph(serialize_onnx(model, with_scaling=False)).graph
    assert list_dimensions(graph.input[0]) == ["batch", 8, 1]
    assert list_dimensions(graph.output[0]) == ["batch", 1]
    floats = {onnx.TensorProto.FLOAT, onnx.TensorProto.INT64}
    assert {constant.data_type for constant in graph.initializer} == floats
    operators = [node.op_type for node in graph.node]
    assert operators.count("GRU" if cell == "gru" else "LSTM") == 2
    assert "Dropout" not in operators


@pytest.mark.parametrize("cell", CELLS)
def test_an_operator_is_told_of_its_cells_kind(cell, make_history, make_model):
    content = serialize_onnx(make_model(make_history(), cell=cell), with_scaling=False)
    node = next(one for one in open_graph(content).graph.node if one.op_type in ("LSTM", "GRU"))
    attributes = {one.name: one.i for one in node.attribute}
    expected = {"hidden_size": 4}
    if cell == "gru":
        expected["linear_before_reset"] = 1
    if cell.startswith("cifg"):
        expected["input_forget"] = 1
    assert attributes == expected
    assert len(node.input) == (8 if "peephole" in cell else 4)


def test_the_metadata_say_all_that_the_model_file_says(make_history, make_model):
    model = make_model(make_history(), target="price")
    document = open_graph(serialize_onnx(model, with_scaling=False))
    said = {one.key: one.value for one in document.metadata_props}
    assert said["ticker"] == "MADEUP"
    assert json.loads(said["recipe"]) == model.recipe.to_dict()
    (scaler,) = model.scalers
    assert json.loads(said["scalers"]) == [
        {"kind": "min-max", "low": scaler.low, "high": scaler.high}
    ]
    assert json.loads(said["columns"])["features"] == ["adj_close"]
    assert json.loads(said["provenance"])["last_date"] == model.provenance.last_date
    assert json.loads(said["skill"]) is None
    assert json.loads(said["inputs"]) == {"windows": ["adj_close"]}
    assert json.loads(said["outputs"]) == {"answers": "scaled"}


def test_it_asks_for_no_more_than_a_runtime_of_2021_has(make_history, make_model):
    document = open_graph(serialize_onnx(make_model(make_history()), with_scaling=True))
    assert [(one.domain, one.version) for one in document.opset_import] == [("", 13)]
    assert document.ir_version == 7


def test_more_weights_than_a_file_holds_are_refused(make_history, make_model, expect_refusal):
    model = make_model(make_history())
    zeros = np.broadcast_to(np.float32(0), (4096, 4 * 4096))  # takes no memory
    layer = CellWeights(kernel=zeros, recurrent_kernel=zeros, bias=np.zeros(4 * 4096))
    weights = Weights("lstm", (layer,) * 8, np.zeros((4096, 1)), np.zeros(1))
    with expect_refusal(UsageError, "4,296,048,648 bytes", hint="npz"):
        serialize_onnx(replace(model, weights=weights), with_scaling=False)
