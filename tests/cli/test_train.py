"""`stockcast train`: what it writes and says."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from stockcast.networks.cells import CELLS
from tests.support import CONFIGS, SAMPLES, run_process, run_stockcast

pytestmark = pytest.mark.slow

FAST = ["--recipe", CONFIGS / "fast.toml", "--epochs", "2"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """One run in an empty folder, in a process that starts TensorFlow; and that folder."""
    folder = tmp_path_factory.mktemp("train")
    return run_process("train", SAMPLES / "FB.csv", *FAST, cwd=folder), folder


def test_stdout_is_the_models_path_and_nothing_else(trained):
    run, folder = trained
    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout == b"models/FB.safetensors\n"
    names = {path.name for path in (folder / "models").iterdir()}
    assert names == {"FB.safetensors", ".FB.safetensors.lock"}


def test_stderr_says_what_was_read_how_training_went_and_what_it_is_worth(trained):
    lines = trained[0].stderr.decode().splitlines()
    assert "196 rows, 2012-05-18 to 2013-03-01" in lines[0]
    assert "forecasting adj_close" in lines[1]
    assert lines[2].endswith("Z train FB epoch 1/2 " + lines[2].split("epoch 1/2 ")[1])
    assert any("RMSE" in line and "MAE" in line for line in lines)
    assert any("repeating the last price" in line for line in lines)
    stamp, text = lines[-1].split(" ", 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp)
    assert re.fullmatch(
        r"trained FB epochs 2/2 skill -?\d\.\d{4} models/FB\.safetensors \d+\.\d s verdict: .+",
        text,
    )


def test_a_library_says_nothing_on_either_stream(trained):
    text = trained[0].stderr.decode()
    for word in ("tensorflow", "oneDNN", "WARNING", "cpu_feature", "absl", "\x1b"):
        assert word not in text


def test_json_has_every_figure(tmp_path):
    run = run_stockcast(
        "train", SAMPLES / "FB.csv", *FAST, "--format", "json", "-q", "-o", tmp_path / "m.st"
    )
    result = json.loads(run.stdout)
    assert list(result) == [
        "model", "ticker", "rows", "epochs", "best_epoch", "seconds", "rmse", "mae",
        "last_price_rmse", "last_price_mae", "skill", "direction", "how_far",
        "volatilities", "verdict",
    ]  # fmt: skip
    assert result["ticker"] == "FB"
    assert result["epochs"] == 2
    assert result["skill"] == pytest.approx(1 - result["rmse"] / result["last_price_rmse"])
    assert run.stderr == b""


def test_a_pipe_and_a_prepared_folder_train_the_same_network_as_the_file(tmp_path, trained):
    data = (SAMPLES / "FB.csv").read_bytes()
    piped = run_stockcast("train", "-", *FAST, "--ticker", "FB", stdin=data, cwd=tmp_path)
    assert piped.stdout == b"models/stdin.safetensors\n", piped.stderr.decode()
    prepared = run_stockcast(
        "prepare", SAMPLES / "FB.csv", "-o", tmp_path / "FB", "--recipe", CONFIGS / "fast.toml"
    )
    assert prepared.returncode == 0
    folder = run_stockcast("train", tmp_path / "FB", "--epochs", "2", cwd=tmp_path)
    assert folder.stdout == b"models/FB.safetensors\n", folder.stderr.decode()
    models = [tmp_path / "models" / "stdin.safetensors", tmp_path / "models" / "FB.safetensors"]
    expected = (trained[1] / "models" / "FB.safetensors").read_bytes()
    assert [model.read_bytes() == expected for model in models] == [True, True]


def test_a_flag_wins_over_the_environment_and_that_over_the_recipe(tmp_path):
    run = run_stockcast(
        "train", SAMPLES / "FB.csv", *FAST[:2], "--units", "3", "--format", "json",
        env={"STOCKCAST_EPOCHS": "1", "STOCKCAST_UNITS": "9"}, cwd=tmp_path,
    )  # fmt: skip
    assert json.loads(run.stdout)["epochs"] == 1
    from stockcast.model.file import load_model

    recipe = load_model(tmp_path / "models" / "FB.safetensors").recipe
    assert (recipe.units, recipe.layers) == (3, 1)


@pytest.mark.parametrize("cell", CELLS)
def test_each_cell_is_trained_and_forecasts(tmp_path, cell):
    trained = run_stockcast("train", SAMPLES / "FB.csv", *FAST, "--cell", cell, cwd=tmp_path)
    assert trained.stdout == b"models/FB.safetensors\n", trained.stderr.decode()
    assert b"epoch 2/2" in trained.stderr
    from stockcast.model.file import load_model

    model = load_model(tmp_path / "models" / "FB.safetensors")
    assert model.recipe.cell == cell
    arrays = model.weights.to_arrays()
    assert all(array.any() for array in arrays.values())  # peepholes too, which start at zero
    assert model.skill.rmse < 1.5 * model.skill.last_price_rmse
    forecast = run_stockcast("predict", SAMPLES / "FB.csv", cwd=tmp_path)
    header, row = forecast.stdout.decode().splitlines()
    price = float(row.split(",")[header.split(",").index("forecast")])
    assert 0.8 * 27.78 < price < 1.2 * 27.78  # the last close


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_an_interrupted_training_leaves_the_old_model_and_no_half_file(tmp_path, number, code):
    model = tmp_path / "old.safetensors"
    model.write_bytes(b"the old one")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "stockcast",
            "train",
            SAMPLES / "FB.csv",
            "-o",
            model,
            "-v",
            "--epochs",
            "100000",
            "--patience",
            "0",
            "--units",
            "4",
            "--window",
            "5",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    lines = []
    deadline = time.monotonic() + 120
    while not any(b"epoch 3/" in line for line in lines):
        assert time.monotonic() < deadline
        lines.append(process.stderr.readline())
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == code
    assert stdout == b""
    assert b"Traceback" not in stderr
    assert model.read_bytes() == b"the old one"
    kept = {model.name, f".{model.name}.lock", f".{model.name}.checkpoint"}
    assert {path.name for path in tmp_path.iterdir()} == kept


def test_a_disk_that_cannot_be_written_is_said_with_its_own_code(tmp_path):
    (tmp_path / "file").write_text("in the way")
    run = run_stockcast("train", SAMPLES / "FB.csv", *FAST, "-o", tmp_path / "file" / "m.st")
    assert run.returncode == 8
    assert run.stdout == b""
    assert b"cannot write" in run.stderr
