"""`stockcast show` as a process of its own."""

import hashlib
import json
import re

import numpy as np
import pytest

from stockcast.evaluation.skill import judge_forecasts
from stockcast.model.file import load_model, save_model
from stockcast.networks.cells import CELLS
from tests.support import SAMPLES, run_stockcast, write_untrained_model


def show(path, *arguments):
    run = run_stockcast("show", path, *arguments)
    assert run.returncode == 0, run.stderr
    return run


def read_table(path):
    run = show(path)
    assert run.stdout == b""
    return re.sub(r" +\n", "\n", re.sub(r" +", " ", run.stderr.decode()))


@pytest.fixture
def judged_model(tmp_path, make_history, make_model):
    random = np.random.default_rng(0)
    actual, last = random.uniform(40, 60, size=(2, 50))
    skill = judge_forecasts(actual, actual + 1.0, last)
    path = tmp_path / "M.safetensors"
    save_model(make_model(make_history(), skill=skill, epochs=7), path)
    return path


def test_a_model_is_told_on_stderr(small_model):
    model = load_model(small_model)
    said = read_table(small_model)
    assert "ticker FB\n" in said
    assert f"adj_close: log returns divided by {model.scalers[0].deviation:.6g}\n" in said
    assert "recipe default with window 20, layers 2, units 8\n" in said
    provenance = model.provenance
    assert f"{provenance.first_date} to {provenance.last_date}" in said
    assert "not judged" in said
    assert hashlib.sha256(small_model.read_bytes()).hexdigest() in said
    assert "lstm_1 8 8 544" in said
    assert "in all 873" in said


def test_the_verdict_and_the_figures_behind_it_are_told(judged_model):
    skill = load_model(judged_model).skill
    said = read_table(judged_model)
    assert f"verdict {skill.verdict}" in said
    assert f"RMSE 1, repeating the last price {skill.last_price_rmse:.4g}" in said
    assert "3 epochs, the weights of epoch 2" in said
    assert "versions stockcast 0.0.0" in said


def test_json_has_every_digit_and_all_of_the_metadata(judged_model):
    run = show(judged_model, "--format", "json")
    assert run.stderr == b""
    said = json.loads(run.stdout)
    model = load_model(judged_model)
    assert said["file"] == str(judged_model)
    assert said["bytes"] == judged_model.stat().st_size
    assert said["sha256"] == hashlib.sha256(judged_model.read_bytes()).hexdigest()
    assert said["recipe"] == model.recipe.to_dict()
    assert said["scalers"] == [{"kind": "deviation", "deviation": model.scalers[0].deviation}]
    assert said["provenance"]["data_sha256"] == model.provenance.data_sha256
    assert said["skill"]["rmse"] == model.skill.rmse
    assert said["verdict"] == model.skill.verdict
    assert [layer["name"] for layer in said["layers"]] == ["lstm", "lstm_1", "dense"]


@pytest.mark.parametrize("cell", CELLS)
def test_every_parameter_of_every_cell_is_counted(cell, tmp_path):
    path = write_untrained_model(tmp_path / "m.safetensors", SAMPLES / "FB.csv", cell=cell)
    said = json.loads(show(path, "--format", "json").stdout)
    arrays = load_model(path).weights.to_arrays().values()
    assert said["parameters"] == sum(array.size for array in arrays)
    assert said["parameters"] == sum(layer["parameters"] for layer in said["layers"])


@pytest.mark.slow
def test_what_scales_each_feature_is_said_in_words(tmp_path):
    seen = {"features": ("open", "close", "volume"), "column": "close"}
    path = write_untrained_model(tmp_path / "m.safetensors", SAMPLES / "FB.csv", **seen)
    said = read_table(path)
    assert "the next close, from open, close, volume" in said
    assert "open: log ratios to the previous close, divided by" in said
    assert "close: log returns divided by" in said
    assert "volume: log ratios to the mean of 20 bars, divided by" in said
    assert "recipe ohlcv with features open close volume" in said
    path = write_untrained_model(tmp_path / "m.safetensors", SAMPLES / "FB.csv", target="price")
    low, high = (vars(load_model(path).scalers[0])[name] for name in ("low", "high"))
    assert f"adj_close from {low:.6g} to {high:.6g} becomes 0 to 1" in read_table(path)


def test_the_nearest_preset_is_named(tmp_path):
    path = write_untrained_model(
        tmp_path / "m.safetensors",
        SAMPLES / "FB.csv",
        target="price",
        loss="squared-error",
        patience=0,
        validation=0,
    )
    assert "recipe classic with window 20, layers 2, units 8\n" in read_table(path)


@pytest.mark.parametrize(("layers", "told"), [(1, "1 lstm layer of"), (2, "2 lstm layers of")])
def test_one_layer_is_not_called_layers(layers, told, tmp_path):
    path = write_untrained_model(tmp_path / "m.safetensors", SAMPLES / "FB.csv", layers=layers)
    assert f"network {told}" in read_table(path)


def test_quiet_shows_nothing_and_a_foreign_file_is_refused(tmp_path, small_model):
    run = show(small_model, "-q")
    assert (run.stdout, run.stderr) == (b"", b"")
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes(b"nothing of the kind")
    assert run_stockcast("show", foreign).returncode == 5
    assert run_stockcast("show", tmp_path / "none.safetensors").returncode == 5
