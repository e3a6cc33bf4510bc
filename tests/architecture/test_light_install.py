"""A light install, none of the extras: it trains, forecasts, backtests; what needs one says so."""

import importlib
import json
import shutil
import subprocess
import sys
import tomllib

import pytest

from stockcast.errors import MissingLibrary
from stockcast.imports import EXTRAS
from tests.support import ROOT, SAMPLES, run_stockcast
from tests.workbooks import write_xlsx

pytestmark = pytest.mark.process

# What Python finds where a library is not installed.
WITHOUT = """
import sys
from stockcast.imports import EXTRAS
for name in ("keras", "dask", *(name for names in EXTRAS.values() for name in names)):
    sys.modules[name] = None
import json, os
from stockcast.cli.app import main
for arguments in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        sys.argv = ["stockcast", *arguments]
        main()
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(" ".join(arguments))
"""
TINY = ["--layers", "1", "--units", "3", "--window", "6", "--epochs", "2"]


def run_all(commands, cwd):
    """Run commands one after the other, each in a process of its own, until one fails."""
    commands = [[str(one) for one in arguments] for arguments in commands]
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(commands)],
        cwd=cwd,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def without_extras(monkeypatch):
    """As WITHOUT does, in the tests' own process."""
    for name in ("keras", "dask", *(name for names in EXTRAS.values() for name in names)):
        monkeypatch.setitem(sys.modules, name, None)


def test_it_trains_forecasts_backtests_and_looks_at_the_gates(tmp_path):
    commands = (
        ["train", SAMPLES / "FB.csv", *TINY, "-o", "m.safetensors"],
        ["predict", SAMPLES / "FB.csv", "-m", "m.safetensors"],
        ["backtest", SAMPLES / "FB.csv", *TINY, "--folds", "2"],
        ["inspect", "m.safetensors", SAMPLES / "FB.csv"],
        ["export", "m.safetensors", "--to", "npz", "-o", "m.npz"],
        [
            "train",
            SAMPLES / "FB.csv",
            SAMPLES / "IBM.csv",
            *TINY,
            "--pooled",
            "-o",
            "p.safetensors",
        ],
        ["train", SAMPLES / "FB.csv", SAMPLES / "IBM.csv", *TINY, "--no-yardsticks", "-o", "many"],
        ["predict", SAMPLES / "FB.csv", SAMPLES / "IBM.csv", "-m", "many"],
        ["score", "--help"],
    )
    done = run_all(commands, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m.npz").is_file()


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (
            ["train", SAMPLES / "FB.csv", *TINY, "--engine", "tensorflow", "-o", "new.safetensors"],
            "tensorflow",
        ),
        (["export", "m.safetensors", "--to", "keras", "-o", "m.keras"], "tensorflow"),
        (["export", "m.safetensors", "--to", "onnx", "-o", "m.onnx"], "onnx"),
        (["train", SAMPLES / "FB.csv", *TINY, "--report", "page.html"], "charts"),
        (["predict", SAMPLES / "FB.csv", "-m", "m.safetensors", "--chart", "c.png"], "charts"),
        (["inspect", "m.safetensors", SAMPLES / "FB.csv", "--chart", "gates.png"], "charts"),
        (["backtest", SAMPLES / "FB.csv", "--models", "drift", "--report", "b.html"], "charts"),
        (["train", SAMPLES / "FB.csv", SAMPLES / "IBM.csv", *TINY, "--jobs", "2"], "cluster"),
        (["tune", SAMPLES / "FB.csv"], "tune"),
        (["train", "book.xlsx"], "excel"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
@pytest.mark.usefixtures("without_extras")
def test_what_needs_an_extra_names_it_and_writes_nothing(arguments, extra, small_model, tmp_path):
    shutil.copy(small_model, tmp_path / "m.safetensors")
    rows = [["Date", "Close"], ["2012-01-02", 1.5]]
    (tmp_path / "book.xlsx").write_bytes(write_xlsx({"A": rows}))
    before = sorted(tmp_path.iterdir())
    done = run_stockcast(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    said = done.stderr.decode()
    assert f"pip install 'stockcast-lstm[{extra}]'" in " ".join(said.split())
    assert "Traceback" not in said
    assert done.stdout == b""
    assert sorted(tmp_path.iterdir()) == before


def test_the_estimator_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.delitem(sys.modules, "stockcast.sklearn", raising=False)
    with pytest.raises(MissingLibrary, match="LSTMRegressor needs scikit-learn") as caught:
        importlib.import_module("stockcast.sklearn")
    assert caught.value.hint == "pip install 'stockcast-lstm[sklearn]'"


def test_an_extra_is_named_as_the_package_has_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert set(EXTRAS) == set(extras) - {"all", "bench", "dev", "docs"}
    (everything,) = extras["all"]
    assert set(everything.removeprefix("stockcast-lstm[").rstrip("]").split(",")) == set(EXTRAS)
