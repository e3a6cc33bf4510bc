"""The wheel and the source distribution: the same bytes each time, complete, and they work."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from stockcast.imports import EXTRAS
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


def make_environment(folder, wheel):
    """Make an environment with the wheel alone; return where its packages are."""
    venv.create(folder, with_pip=False, symlinks=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install"]
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*pip, *options, wheel], check=True, capture_output=True)
    return Path(sysconfig.get_path("purelib", "venv", vars=paths))


@pytest.fixture(scope="module")
def installed(archives, tmp_path_factory):
    """The wheel in an environment of its own, beside this one's libraries."""
    folder = tmp_path_factory.mktemp("environment")
    site = make_environment(folder, archives[0])
    libraries = folder / "libraries"
    libraries.mkdir()
    for one in Path(sysconfig.get_path("purelib")).iterdir():
        if not one.name.startswith(("stockcast", "_editable", "__editable__", "_stockcast")):
            (libraries / one.name).symlink_to(one)
    (site / "libraries.pth").write_text(f"{libraries}\n")
    return folder


@pytest.fixture(scope="module")
def light(archives, tmp_path_factory):
    """The wheel beside what it requires without extras, and nothing else."""
    folder = tmp_path_factory.mktemp("light")
    site = make_environment(folder, archives[0])
    (info,) = site.glob("stockcast_lstm-*.dist-info")
    for name in list_required(metadata.Distribution.at(info).requires):
        library = metadata.distribution(name)
        for top in {file.parts[0] for file in library.files} - {"..", "__pycache__"}:
            (site / top).symlink_to(library.locate_file(top))
    return folder


def list_required(requirements):
    """Return the names of the libraries that these require, and those that they do, and so on."""
    wanted, found = [Requirement(one) for one in requirements], set()
    while wanted:
        one = wanted.pop()
        if one.name not in found and (not one.marker or one.marker.evaluate({"extra": ""})):
            found.add(one.name)
            wanted += map(Requirement, metadata.requires(one.name) or ())
    return found


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


def test_the_source_distribution_holds_its_tests_and_documents(archives):
    with tarfile.open(archives[1]) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    for path in ("tests/support.py", "docs/index.md", "sample_data/FB.csv", "README.md", "LICENSE"):
        assert path in names


def test_the_tests_of_the_source_distribution_are_found_and_pass(archives, tmp_path):
    with tarfile.open(archives[1]) as source:
        source.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    pytest_there = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    # Of those that read what stands beside the tests: prices, presets, models and made-up files.
    some = ["tests/golden", "tests/unit/test_recipe.py", "tests/unit/prices/csv/test_reader.py"]
    for arguments in (["--collect-only"], some):
        done = subprocess.run(
            [*pytest_there, *arguments], cwd=folder, capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stdout[-2000:]


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
