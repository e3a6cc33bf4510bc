"""The wheel and the source distribution: the same bytes each time, complete, and they work."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout"),
]

MOMENT = "1764288000"  # SOURCE_DATE_EPOCH


def build(folder: Path) -> tuple[Path, Path]:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": MOMENT},
        check=True,
        capture_output=True,
    )
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def names(archives):
    with zipfile.ZipFile(archives[0]) as wheel:
        return set(wheel.namelist())


@pytest.fixture(scope="module")
def installed(archives, tmp_path_factory):
    """The wheel in an environment of its own, beside this one's libraries."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install"]
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*pip, *options, archives[0]], check=True, capture_output=True)
    libraries = folder / "libraries"
    libraries.mkdir()
    for one in Path(sysconfig.get_path("purelib")).iterdir():
        if not one.name.startswith(("stockcast", "_editable", "__editable__", "_stockcast")):
            (libraries / one.name).symlink_to(one)
    (site / "libraries.pth").write_text(f"{libraries}\n")
    return folder


def run(installed, name, *arguments, cwd):
    """Run a program of the environment as somebody would who has nothing else."""
    command = [installed / "bin" / name, *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment)


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
