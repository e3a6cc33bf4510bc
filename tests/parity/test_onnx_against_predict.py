"""Exported graphs in onnxruntime, and in ONNX' own reference, against `stockcast predict`."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from stockcast.exporting.formats import export_model
from stockcast.forecast.forecaster import forecast_span
from stockcast.model.file import load_model
from stockcast.networks.cells import CELLS
from stockcast.prices.csv.reader import read_prices
from stockcast.windows.features import compute_features, count_warmup
from stockcast.windows.model_inputs import WindowScaling
from stockcast.windows.scaling import scale_features
from stockcast.windows.windowing import cut_windows
from tests.support import SAMPLES, run_stockcast, write_untrained_model

FB = SAMPLES / "FB.csv"
CLOSE = 1e-5  # relative
TARGETS = ["price", "log-return", "relative"]

# Features and target price of a model.
SEEN = {
    "one column": {},
    "another column": {"column": "open"},
    "all prices": {"features": ("open", "high", "low", "close"), "column": "low"},
    "with volume": {"features": ("volume", "close", "open"), "column": "close"},
}


@pytest.fixture(scope="module")
def history():
    return read_prices([FB])[0]


@pytest.fixture(scope="module")
def write_model(tmp_path_factory):
    def write(**fields):
        return load_model(
            write_untrained_model(tmp_path_factory.mktemp("m") / "FB.safetensors", FB, **fields)
        )

    return write


def run_graph(content, inputs):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (name,) = (one.name for one in session.get_inputs())
    (answers,) = session.run(None, {name: inputs})
    return answers


def cut_bars(model, history):
    """Every stretch of bars that one forecast needs, the newest bar left out."""
    columns = np.stack([history.columns[name] for name in model.columns.features], axis=1)
    rows = model.recipe.window + count_warmup(model.columns.features, model.recipe.target)
    bars = np.lib.stride_tricks.sliding_window_view(columns[:-1], rows, axis=0).swapaxes(1, 2)
    return bars[:, :, 0] if bars.shape[2] == 1 else bars


def assert_forecasts_as_predict(forecasts, model, history):
    """The prices agree, and so does what each adds to the last one."""
    rows = model.recipe.window + count_warmup(model.columns.features, model.recipe.target)
    expected = forecast_span(model, history, start=history.dates[rows])
    shape = (-1, model.recipe.horizon)
    prices, last = (part.reshape(shape) for part in (expected.forecast, expected.last_prices))
    assert forecasts.shape == prices.shape
    np.testing.assert_allclose(forecasts, prices, rtol=CLOSE)
    moves = prices - last
    assert np.ptp(moves) > 0.001
    np.testing.assert_allclose(forecasts - last, moves, atol=1e-4 * np.ptp(moves), rtol=0)


def scale_windows(model, history):
    """Every scaled window, and the last price that each knows."""
    table = compute_features(history, model.columns, model.recipe.target)
    windows = cut_windows(scale_features(table.values, model.scalers), window=model.recipe.window)
    last = table.prices[model.recipe.window - 1 :]
    scaling = WindowScaling.from_scalers(model.scalers, model.columns.target_index)
    return np.ascontiguousarray(scaling.inputs(windows))[:-1], last[:-1]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("target", TARGETS)
def test_scaled_windows_are_answered_as_predict_answers_them(cell, target, write_model, history):
    model = write_model(cell=cell, target=target, layers=3)
    windows, last = scale_windows(model, history)
    answers = run_graph(export_model(model, "onnx"), windows)
    forecasts = model.scalers[0].get_scale().to_prices(answers, last)
    assert_forecasts_as_predict(forecasts, model, history)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("target", TARGETS)
def test_from_price_to_price_a_graph_forecasts_as_predict_does(cell, target, write_model, history):
    model = write_model(cell=cell, target=target)
    content = export_model(model, "onnx", with_scaling=True)
    forecasts = run_graph(content, cut_bars(model, history))
    assert forecasts.dtype == np.float64
    assert_forecasts_as_predict(forecasts, model, history)


@pytest.mark.parametrize("seen", SEEN.values(), ids=SEEN)
@pytest.mark.parametrize("target", TARGETS)
def test_every_feature_is_scaled_inside_the_graph_as_outside(seen, target, write_model, history):
    model = write_model(target=target, **seen)
    content = export_model(model, "onnx", with_scaling=True)
    forecasts = run_graph(content, cut_bars(model, history))
    assert_forecasts_as_predict(forecasts, model, history)


@pytest.mark.parametrize("target", TARGETS)
def test_every_step_ahead_is_in_the_graph(target, write_model, history):
    model = write_model(target=target, horizon=3)
    content = export_model(model, "onnx", with_scaling=True)
    forecasts = run_graph(content, cut_bars(model, history))
    assert forecasts.shape[1] == 3
    assert_forecasts_as_predict(forecasts, model, history)


@pytest.mark.parametrize("cell", CELLS)
def test_onnx_own_reference_reads_the_graph_as_onnxruntime_does(cell, write_model, history):
    """It does not know `input_forget`: the coupled gate is right without it."""
    model = write_model(cell=cell)
    content = export_model(model, "onnx", with_scaling=True)
    bars = cut_bars(model, history)[:5]
    (forecasts,) = ReferenceEvaluator(onnx.load_from_string(content)).run(None, {"prices": bars})
    np.testing.assert_allclose(forecasts, run_graph(content, bars), rtol=1e-7)


@pytest.mark.parametrize(("window", "layers"), [(1, 1), (2, 1), (1, 3)])
@pytest.mark.parametrize("cell", CELLS)
def test_the_smallest_network_is_exported_too(cell, window, layers, write_model, history):
    model = write_model(cell=cell, window=window, layers=layers, units=1)
    content = export_model(model, "onnx", with_scaling=True)
    forecasts = run_graph(content, cut_bars(model, history))
    assert_forecasts_as_predict(forecasts, model, history)


@pytest.mark.slow
def test_a_trained_models_graph_forecasts_the_next_day_as_the_command_does(tmp_path, history):
    path = tmp_path / "FB.safetensors"
    recipe = ["--recipe", "configs/fast.toml", "--epochs", 2]
    assert run_stockcast("train", FB, "-o", path, *recipe).returncode == 0
    run = run_stockcast("export", path, "--with-scaling", "-o", tmp_path / "FB.onnx")
    assert run.returncode == 0, run.stderr
    rows = json.loads(run_stockcast("predict", FB, "-m", path, "--format", "json").stdout)
    model = load_model(path)
    prices = history.columns["adj_close"][-model.recipe.window - 1 :][np.newaxis]
    ((forecast,),) = run_graph((tmp_path / "FB.onnx").read_bytes(), prices)
    assert forecast == pytest.approx(rows[0]["forecast"], rel=CLOSE)
