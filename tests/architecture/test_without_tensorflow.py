"""A machine without TensorFlow trains, forecasts, backtests and exports."""

import subprocess
import sys

import pytest

from tests.support import SAMPLES

pytestmark = pytest.mark.process

# What Python finds where a library is not installed.
WITHOUT = """
import sys
for name in ("tensorflow", "keras", "sklearn"):
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
    ):
        done = run(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "m.npz").is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", SAMPLES / "FB.csv", *TINY, "--engine", "tensorflow", "-o", "new.safetensors"],
        ["export", "m.safetensors", "--to", "keras", "-o", "m.keras"],
    ],
    ids=["train", "export"],
)
def test_what_needs_it_says_so_and_writes_nothing(arguments, tmp_path):
    assert (
        run("train", SAMPLES / "FB.csv", *TINY, "-o", "m.safetensors", cwd=tmp_path).returncode == 0
    )
    before = sorted(tmp_path.iterdir())
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "needs TensorFlow" in done.stderr
    assert "'.[tensorflow]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.iterdir()) == before
