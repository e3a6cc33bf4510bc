"""A machine without TensorFlow trains, forecasts, backtests and exports."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.support import SAMPLES

pytestmark = pytest.mark.process

# What Python finds where a library is not installed; commands up to the first that fails.
WITHOUT = """
import json, sys
for name in ("tensorflow", "keras", "sklearn"):
    sys.modules[name] = None
from stockcast.cli.app import run
for arguments in json.loads(sys.argv[1]):
    try:
        run(arguments)
    except SystemExit as end:
        if end.code:
            raise
"""
TINY = ["--layers", "1", "--units", "3", "--window", "6", "--epochs", "2"]


def run(*commands, cwd):
    listed = [list(map(str, arguments)) for arguments in commands]
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(listed)],
        cwd=cwd,
        capture_output=True,
        text=True,
    )


def test_it_trains_forecasts_backtests_and_looks_at_the_gates(tmp_path):
    fb, ibm = SAMPLES / "FB.csv", SAMPLES / "IBM.csv"
    done = run(
        ["train", fb, *TINY, "-o", "m.safetensors"],
        ["predict", fb, "-m", "m.safetensors"],
        ["backtest", fb, *TINY, "--folds", "2"],
        ["inspect", "m.safetensors", fb],
        ["export", "m.safetensors", "--to", "npz", "-o", "m.npz"],
        ["train", fb, ibm, *TINY, "--pooled", "-o", "p.safetensors"],
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m.npz").is_file()
    assert (tmp_path / "p.safetensors").is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", SAMPLES / "FB.csv", *TINY, "--engine", "tensorflow", "-o", "new.safetensors"],
        ["export", "m.safetensors", "--to", "keras", "-o", "m.keras"],
    ],
    ids=["train", "export"],
)
def test_what_needs_it_says_so_and_writes_nothing(arguments, tmp_path, small_model):
    shutil.copy(small_model, tmp_path / "m.safetensors")
    before = sorted(tmp_path.iterdir())
    done = run(arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "needs TensorFlow" in done.stderr
    assert "'.[tensorflow]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.iterdir()) == before
