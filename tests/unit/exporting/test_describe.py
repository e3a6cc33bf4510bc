import re
from dataclasses import replace

import pytest

from stockcast.exporting.describe import list_layer_names, name_model
from stockcast.exporting.formats import describe_interface
from stockcast.windows.scaling import Deviation, MinMax

SCOPE = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.-]*")  # what TensorFlow takes, and no slash


@pytest.fixture
def model(make_history, make_model):
    return make_model(make_history())


def test_layers_are_numbered_as_keras_does():
    assert list_layer_names("lstm", 3) == ["lstm", "lstm_1", "lstm_2"]
    assert list_layer_names("cifg-peephole", 1) == ["lstm"]
    assert list_layer_names("gru", 2) == ["gru", "gru_1"]


def test_a_models_name_tells_whose_it_is_and_what_scales(model):
    named = replace(model, ticker="GOOG", scalers=(Deviation(0.02129834),))
    assert name_model(named) == "stockcast_GOOG_log-return_adj_close_deviation_0.02129834"


def test_the_numbers_in_a_name_read_back_exactly(make_history, make_model):
    model = make_model(make_history(), target="price")
    low, high = 0.1 + 0.2, 1.0e22
    name = name_model(replace(model, scalers=(MinMax(low, high),)))
    found = re.fullmatch(r".*_low_(.+)_high_(.+)", name)
    assert (float(found[1]), float(found[2])) == (low, high)


@pytest.mark.parametrize("ticker", ["^GSPC", "BRK/B", "日経 225", "a=b+c", "0700.HK"])
def test_any_tickers_name_is_one_that_keras_takes(ticker, model):
    assert SCOPE.fullmatch(name_model(replace(model, ticker=ticker, scalers=(Deviation(1e30),))))


def test_the_interface_says_how_many_bars_a_graph_takes(make_history, make_model):
    model = make_model(make_history(), features=("close", "volume"), column="close")
    said = describe_interface(model, "onnx", with_scaling=True)
    shown = "'bars', float64 (batch, 274, 5): the last 274 bars' close, volume, open, high, low"
    assert shown in said
    assert "gives 'forecast' and 'volatility' (percent), float64 (batch, 1)" in said
    assert "(batch, 8, 2)" in describe_interface(model, "onnx", with_scaling=False)
    assert "(batch, 8, 2)" in describe_interface(model, "keras", with_scaling=False)
