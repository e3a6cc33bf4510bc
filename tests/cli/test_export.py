"""`stockcast export` as a process of its own."""

import io
import json
import os
import pty
import re
import runpy
import shutil
import subprocess
import sys

import numpy as np
import onnx
import pytest

from tests.support import ROOT, SAMPLES, run_stockcast, write_untrained_model


@pytest.fixture
def model(tmp_path, small_model):
    return shutil.copy(small_model, tmp_path / "FB.safetensors")


def list_files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_file_lands_beside_the_model_and_its_path_on_stdout(tmp_path, model):
    run = run_stockcast("export", "FB.safetensors", "--to", "onnx", cwd=tmp_path)
    assert run.returncode == 0
    assert run.stdout == b"FB.onnx\n"
    assert b"takes 'windows', scaled float32 (batch, 20, 1)" in run.stderr
    assert list_files(tmp_path) == ["FB.onnx", "FB.safetensors"]
    onnx.checker.check_model(onnx.load(tmp_path / "FB.onnx"), full_check=True)


def test_the_suffix_says_the_format(tmp_path, model):
    run = run_stockcast("export", model, "-o", tmp_path / "deep" / "FB.NPZ")
    assert run.stdout.decode() == f"{tmp_path}/deep/FB.NPZ\n"
    assert np.load(tmp_path / "deep" / "FB.NPZ")["lstm/kernel"].shape == (1, 32)


def test_quiet_leaves_the_path_alone(tmp_path, model):
    run = run_stockcast("export", model, "--to", "npz", "-q")
    assert (run.stdout.decode(), run.stderr) == (f"{tmp_path}/FB.npz\n", b"")


@pytest.mark.parametrize("to", ["npz", "onnx"])
def test_a_dash_sends_the_bytes_to_a_pipe_and_nothing_else(to, tmp_path, model):
    piped = run_stockcast("export", model, "--to", to, "-o", "-")
    assert run_stockcast("export", model, "--to", to).returncode == 0
    assert piped.returncode == 0
    assert piped.stdout == (tmp_path / f"FB.{to}").read_bytes()


@pytest.mark.process
def test_bytes_do_not_fill_a_terminal(model):
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "stockcast", "export", model, "--to", "npz", "-o", "-"]
    run = subprocess.run(command, stdout=slave, stderr=subprocess.PIPE)
    os.close(slave)
    assert run.returncode == 2
    assert b"name a file, or pipe it" in run.stderr
    os.close(master)


def test_any_other_suffix_is_taken_where_the_format_is_said(tmp_path, model):
    run = run_stockcast("export", model, "--to", "onnx", "-o", tmp_path / "model.bin")
    assert run.returncode == 0
    onnx.load(tmp_path / "model.bin")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "export to what?"),
        (["-o", "FB.bin"], "FB.bin does not say what to export to"),
        (["-o", "-"], "- does not say what to export to"),
        (["--to", "onnx", "-o", "FB.npz"], "contradict"),
        (["--to", "keras", "-o", "FB.h5"], "Keras opens only files that end in .keras"),
        (["--to", "npz", "-o", "FB.safetensors"], "FB.safetensors is the model file itself"),
        (["--to", "npz", "--with-scaling"], "--with-scaling is not for npz"),
        (["--to", "torch"], "torch"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(arguments, said, tmp_path, model):
    before = (tmp_path / "FB.safetensors").read_bytes()
    run = run_stockcast("export", "FB.safetensors", *arguments, cwd=tmp_path)
    assert run.returncode == 2
    assert said in run.stderr.decode()
    assert run.stdout == b""
    assert list_files(tmp_path) == ["FB.safetensors"]
    assert (tmp_path / "FB.safetensors").read_bytes() == before


def test_a_cell_without_a_keras_layer_is_sent_to_onnx(tmp_path):
    model = write_untrained_model(
        tmp_path / "m.safetensors", SAMPLES / "FB.csv", cell="cifg-peephole"
    )
    run = run_stockcast("export", model, "--to", "keras")
    assert run.returncode == 2
    assert b"cifg-peephole" in run.stderr
    assert b"--to onnx" in run.stderr
    assert list_files(tmp_path) == ["m.safetensors"]


def test_a_file_that_is_no_model_and_a_place_that_cannot_be_written(tmp_path, model):
    (tmp_path / "no.safetensors").write_bytes(b"no model at all")
    assert run_stockcast("export", tmp_path / "no.safetensors", "--to", "npz").returncode == 5
    assert run_stockcast("export", tmp_path / "none", "--to", "npz").returncode == 5
    taken = tmp_path / "file"
    taken.touch()
    run = run_stockcast("export", model, "--to", "npz", "-o", taken / "FB.npz")
    assert run.returncode == 8
    assert list_files(tmp_path) == ["FB.safetensors", "file", "no.safetensors"]


@pytest.fixture
def run_example(tmp_path, capsys, monkeypatch):
    """Run one of docs/export.md's Python examples where its files lie; return what it prints."""
    text = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.syspath_prepend(tmp_path)

    def run(opener):
        for example in examples:
            if module := re.match(r"# (\w+\.py)\n", example):
                (tmp_path / module[1]).write_text(example)
        (script,) = (one for one in examples if opener in one)
        (tmp_path / "example.py").write_text(script)
        monkeypatch.chdir(tmp_path)
        runpy.run_path("example.py")
        return [float(word) for word in capsys.readouterr().out.split()]

    yield run
    sys.modules.pop("how_far", None)


@pytest.fixture
def goog(tmp_path):
    """A folder as docs/export.md has it: sample data, a model, and what its forecast is."""
    (tmp_path / "sample_data").symlink_to(SAMPLES)
    model = write_untrained_model(tmp_path / "models" / "GOOG.safetensors", SAMPLES / "GOOG.csv")
    run = run_stockcast("predict", SAMPLES / "GOOG.csv", "-m", model, "--format", "json")
    (row,) = json.loads(run.stdout)
    return model, pytest.approx([row["forecast"], row["volatility"]], rel=1e-6)


@pytest.mark.slow
def test_the_onnx_example_of_the_docs_forecasts_as_predict_does(goog, run_example):
    model, expected = goog
    assert run_stockcast("export", model, "--to", "onnx", "--with-scaling").returncode == 0
    assert run_example("models/GOOG.onnx") == expected


@pytest.mark.slow
def test_the_example_with_a_market_forecasts_as_predict_does(tmp_path, goog, run_example):
    made = tmp_path / "pretrained.onnx"
    run = run_stockcast("export", "pretrained", "--to", "onnx", "--with-scaling", "-o", made)
    assert run.returncode == 0
    prices, market = SAMPLES / "GOOG.csv", SAMPLES / "IBM.csv"
    model = ["-m", "pretrained", "--market", market, "--format", "json"]
    (row,) = json.loads(run_stockcast("predict", prices, *model).stdout)
    found = run_example("pretrained.onnx")
    assert found == pytest.approx([row["forecast"], row["volatility"]], rel=1e-6)


@pytest.mark.slow
def test_the_keras_example_of_the_docs_forecasts_as_predict_does(tmp_path, goog, run_example):
    model, expected = goog
    run = run_stockcast("export", model, "-o", tmp_path / "goog.keras")
    assert run.returncode == 0
    assert run.stdout.decode() == f"{tmp_path}/goog.keras\n"
    # TensorFlow's own start is not silenced by us: only what the command says stands here.
    assert run.stderr == b"keras: takes scaled windows (batch, 20, 1), gives scaled (batch, 1)\n"
    assert run_stockcast("export", model, "-o", tmp_path / "goog.npz").returncode == 0
    assert run_example("keras.models") == expected


@pytest.mark.slow
def test_the_numpy_example_of_the_docs_forecasts_as_predict_does(tmp_path, goog, run_example):
    model, expected = goog
    run = run_stockcast("export", model, "--to", "npz", "-o", "-")
    assert np.load(io.BytesIO(run.stdout))["ticker"] == "GOOG"
    (tmp_path / "goog.npz").write_bytes(run.stdout)
    assert run_example("def sigmoid") == expected
