"""A light install, none of the extras: it trains, forecasts, backtests; what needs one says so."""

import importlib
import shutil
import subprocess
import sys
import tomllib

import pytest

from stockcast.errors import MissingLibrary
from stockcast.imports import EXTRAS
from tests.support import ROOT, SAMPLES
from tests.workbooks import write_xlsx

pytestmark = pytest.mark.process

# What Python finds where a library is not installed.
WITHOUT = """
import sys
from stockcast.imports import EXTRAS
for name in ("keras", "dask", *(name for names in EXTRAS.values() for name in names)):
    sys.modules[name] = None
from stockcast.cli.app import main
sys.argv[0] = "stockcast"
main()
"""
TINY = ["--layers", "1", "--units", "3", "--window", "6", "--epochs", "2"]


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    done = run("train", SAMPLES / "FB.csv", *TINY, "-o", "m.safetensors", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "m.safetensors"


def test_it_trains_forecasts_backtests_and_looks_at_the_gates(tmp_path):
    for arguments in (
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
        ["train", SAMPLES / "FB.csv", SAMPLES / "IBM.csv", *TINY, "-o", "many"],
        ["predict", SAMPLES / "FB.csv", SAMPLES / "IBM.csv", "-m", "many"],
        ["score", "--help"],
    ):
        done = run(*arguments, cwd=tmp_path)
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
def test_what_needs_an_extra_names_it_and_writes_nothing(arguments, extra, model, tmp_path):
    shutil.copy(model, tmp_path / "m.safetensors")
    rows = [["Date", "Close"], ["2012-01-02", 1.5]]
    (tmp_path / "book.xlsx").write_bytes(write_xlsx({"A": rows}))
    before = sorted(tmp_path.iterdir())
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert f"pip install 'stockcast-lstm[{extra}]'" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
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
