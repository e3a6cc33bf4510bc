"""The archives, built once, and environments that they are installed in."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.distribution.archives import build


@pytest.fixture(scope="session")
def archives(tmp_path_factory):
    return build(tmp_path_factory.mktemp("dist"))


def make_environment(folder, wheel):
    """Make an environment with the wheel alone; return where its packages are."""
    venv.create(folder, with_pip=False, symlinks=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install"]
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*pip, *options, wheel], check=True, capture_output=True)
    return Path(sysconfig.get_path("purelib", "venv", vars=paths))


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
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
