import io
import zipfile

import numpy as np
import pytest

from stockcast.exporting.npz_file import serialize_npz
from stockcast.model.file import load_model
from stockcast.networks.cells import CELLS
from stockcast.windows.moves import MARKET_REGRESSORS, REGRESSORS
from stockcast.windows.signals import SIGNALS


def open_npz(content):
    return np.load(io.BytesIO(content), allow_pickle=False)


@pytest.mark.parametrize("cell", CELLS)
def test_every_weight_is_there_under_its_name(cell, make_history, make_model):
    model = make_model(make_history(), cell=cell)
    arrays = open_npz(serialize_npz(model))
    kind = "gru" if cell == "gru" else "lstm"
    for number, layer in enumerate(model.weights.layers):
        name = kind if number == 0 else f"{kind}_{number}"
        for part in CELLS[cell].list_shapes(inputs=1, units=1):
            np.testing.assert_array_equal(arrays[f"{name}/{part}"], getattr(layer, part))
            assert arrays[f"{name}/{part}"].dtype == np.float32
    np.testing.assert_array_equal(arrays["dense/kernel"], model.weights.head_kernel)
    np.testing.assert_array_equal(arrays["dense/bias"], model.weights.head_bias)
    assert arrays["cell"] == cell


def test_the_scalers_and_what_they_scale_go_along(make_history, make_model):
    model = make_model(
        make_history(), target="price", features=("close", "volume"), column="close", window=9
    )
    arrays = open_npz(serialize_npz(model))
    assert arrays["scaler/low"].tolist() == [scaler.low for scaler in model.scalers]
    assert arrays["scaler/high"].tolist() == [scaler.high for scaler in model.scalers]
    assert arrays["features"].tolist() == ["close", "volume"]
    assert (arrays["ticker"], arrays["column"], arrays["target"]) == ("MADEUP", "close", "price")
    assert arrays["window"] == 9


def test_what_the_network_sees_beside_its_features_is_named(make_history, make_model):
    assert open_npz(serialize_npz(make_model(make_history())))["signals"].tolist() == []
    arrays = open_npz(serialize_npz(make_model(make_history(), loss="qlike")))
    assert arrays["signals"].tolist() == list(SIGNALS)
    assert arrays["dense/kernel"].shape == (4, 2)


def test_a_log_returns_scaler_is_its_deviation(make_history, make_model):
    model = make_model(make_history())
    arrays = open_npz(serialize_npz(model))
    assert arrays["scaler/deviation"].tolist() == [model.scalers[0].deviation]


def test_the_path_and_how_far_answers_are_believed_go_along(make_history, make_model):
    model = make_model(make_history(300), loss="qlike", horizon=2)
    arrays = open_npz(serialize_npz(model))
    assert arrays["path/by_range"].tolist() == [list(row) for row in model.path.by_range]
    assert arrays["path/by_return"].shape == (2, REGRESSORS)
    assert (arrays["horizon"], arrays["loss"]) == (2, "qlike")
    assert not {name for name in arrays.files if "shrinkage" in name or "market" in name}
    arrays = open_npz(serialize_npz(load_model("pretrained")))
    assert arrays["path/by_market"].shape == (1, REGRESSORS + MARKET_REGRESSORS)
    assert arrays["shrinkage/which_way"].tolist() == [0.0]
    np.testing.assert_array_equal(arrays["dense/kernel"][:, 0], 0.0)


def test_a_model_without_a_path_has_none(make_history, make_model):
    arrays = open_npz(serialize_npz(make_model(make_history(), target="price")))
    assert not [name for name in arrays.files if name.startswith(("path", "shrinkage"))]


def test_no_clock_is_inside(make_history, make_model):
    content = serialize_npz(make_model(make_history()))
    assert content == serialize_npz(make_model(make_history()))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
