"""A wheel without extras says what one with all of them says, and names those that it lacks."""

from __future__ import annotations

from stockcast.imports import EXTRAS
from tests.distribution.archives import MARKS, run
from tests.support import ROOT

pytestmark = MARKS


def test_a_light_install_says_what_a_whole_one_says(light, installed, tmp_path):
    prices = ROOT / "sample_data" / "GOOG.csv"
    tiny = ["--layers", "1", "--units", "3", "--window", "6", "--epochs", "2"]
    said = []
    for name, environment in (("light", light), ("whole", installed)):
        folder = tmp_path / name
        folder.mkdir()
        for command in (
            ["train", prices, *tiny],
            ["predict", prices],
            ["backtest", prices, "--folds", "1", "--models", "garch,drift"],
        ):
            done = run(environment, "stockcast", *command, cwd=folder)
            assert done.returncode == 0, done.stderr
            said.append((name, command[0], done.stdout, done.stderr.partition("verdict")[2]))
        said.append((name, "model", (folder / "models" / "GOOG.safetensors").read_bytes()))
    half = len(said) // 2
    assert [one[1:] for one in said[:half]] == [one[1:] for one in said[half:]]
    assert "GARCH" in said[0][3]


def test_a_light_install_brings_no_extra_and_names_the_one_that_is_needed(light, tmp_path):
    site = next((light / "lib").glob("python*/site-packages"))
    for names in EXTRAS.values():
        assert not [name for name in (*names, "keras", "dask") if (site / name).exists()]
    shown = run(light, "stockcast", "doctor", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    words = " ".join(shown.stderr.split())
    assert "extras none; not installed:" in words
    assert all(f"{name} (" in words for name in EXTRAS)
    chart = ["predict", ROOT / "sample_data" / "FB.csv", "-m", "pretrained", "--chart", "c.png"]
    done = run(light, "stockcast", *chart, cwd=tmp_path)
    assert done.returncode == 2
    assert "pip install 'stockcast-lstm[charts]'" in done.stderr
