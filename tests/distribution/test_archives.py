"""The wheel and the source distribution: the same bytes each time, complete, and they work."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.distribution.archives import MARKS, MOMENT, build, run
from tests.support import ROOT

pytestmark = MARKS


@pytest.fixture(scope="module")
def names(archives):
    with zipfile.ZipFile(archives[0]) as wheel:
        return set(wheel.namelist())


def test_the_same_bytes_come_of_the_same_files(archives, tmp_path):
    for one, again in zip(archives, build(tmp_path), strict=True):
        assert one.name == again.name
        assert one.read_bytes() == again.read_bytes()


def test_the_wheel_has_what_the_program_reads_and_nothing_else(names):
    for path in (
        "stockcast/py.typed",
        "stockcast/sample/GOOG.csv",
        "stockcast/presets/default.toml",
        "stockcast/report/templates/page.html",
    ):
        assert path in names
    assert any(name.startswith("stockcast/pretrained/") and "safetensors" in name for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"stockcast", "stockcast_lstm"}
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


@pytest.mark.parametrize(
    "path",
    [
        "share/man/man1/stockcast.1",
        "share/man/man1/stockcast-train.1",
        "share/bash-completion/completions/stockcast",
        "share/zsh/site-functions/_stockcast",
        "share/fish/vendor_completions.d/stockcast.fish",
    ],
)
def test_manual_and_completions_are_installed_where_a_shell_looks(path, installed):
    assert (installed / path).is_file()


def test_an_installed_wheel_trains_and_forecasts_far_from_the_source(installed, tmp_path):
    shown = run(installed, "stockcast", "--version", cwd=tmp_path)
    assert shown.stdout.startswith("stockcast "), shown.stderr
    code = "import stockcast; print(stockcast.__file__)"
    assert str(installed) in run(installed, "python", "-c", code, cwd=tmp_path).stdout
    prices = ROOT / "sample_data" / "FB.csv"
    trained = run(installed, "stockcast", "train", prices, "--recipe", "fast", "-q", cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    for model in ("models/FB.safetensors", "pretrained"):
        forecast = run(installed, "stockcast", "predict", prices, "-m", model, "-q", cwd=tmp_path)
        assert forecast.returncode == 0, forecast.stderr
        assert len(forecast.stdout.splitlines()) == 2


def test_the_source_distribution_holds_its_tests_and_documents(archives):
    with tarfile.open(archives[1]) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    for path in ("tests/support.py", "docs/index.md", "sample_data/FB.csv", "README.md", "LICENSE"):
        assert path in names


def test_a_wheel_made_of_the_source_distribution_is_the_same(archives, tmp_path):
    with tarfile.open(archives[1]) as source:
        source.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again"],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": MOMENT},
        check=True,
        capture_output=True,
    )
    (again,) = (tmp_path / "again").iterdir()
    with zipfile.ZipFile(archives[0]) as one, zipfile.ZipFile(again) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())
        assert all(one.read(name) == other.read(name) for name in one.namelist())
