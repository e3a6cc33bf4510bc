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
from tests.support import ROOT, SAMPLES
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
codes = []
for number, arguments in enumerate(json.loads(sys.argv[1])):
    child = os.fork()
    if not child:
        for descriptor, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"{sys.argv[2]}/{number}.{name}", os.O_WRONLY | os.O_CREAT), descriptor)
        sys.argv = ["stockcast", *arguments]
        main()
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(codes))
"""
TINY = ["--layers", "1", "--units", "3", "--window", "6", "--epochs", "2"]


def run_all(commands, cwd, said):
    """Run commands one after the other, each in a process of its own.

    Returns:
        their exit codes, and what each wrote on stdout and stderr.
    """
    commands = [[str(one) for one in arguments] for arguments in commands]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(commands), str(said)],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [
        (code, *((said / f"{number}.{name}").read_text() for name in ("out", "err")))
        for number, code in enumerate(json.loads(done.stdout))
    ]


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
    (tmp_path / "said").mkdir()
    for code, _, said in run_all(commands, tmp_path, tmp_path / "said"):
        assert code == 0, said
    assert (tmp_path / "m.npz").is_file()


REFUSED = [
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
]


@pytest.fixture(scope="module")
def refused(small_model, tmp_path_factory):
    """What came of REFUSED, and what is in their folder before and after."""
    folder, said = tmp_path_factory.mktemp("refused"), tmp_path_factory.mktemp("said")
    shutil.copy(small_model, folder / "m.safetensors")
    rows = [["Date", "Close"], ["2012-01-02", 1.5]]
    (folder / "book.xlsx").write_bytes(write_xlsx({"A": rows}))
    before = sorted(folder.iterdir())
    done = run_all([arguments for arguments, _ in REFUSED], folder, said)
    return done, before, sorted(folder.iterdir())


@pytest.mark.parametrize(
    "number", range(len(REFUSED)), ids=[f"{one[0][0]}-{one[1]}" for one in REFUSED]
)
def test_what_needs_an_extra_names_it(number, refused):
    code, out, err = refused[0][number]
    assert (code, out) == (2, ""), err
    assert f"pip install 'stockcast-lstm[{REFUSED[number][1]}]'" in " ".join(err.split())
    assert "Traceback" not in err


def test_what_needs_an_extra_writes_nothing(refused):
    _, before, after = refused
    assert before == after


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
