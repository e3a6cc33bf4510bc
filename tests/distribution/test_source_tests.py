"""The tests that the source distribution brings."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile

from tests.distribution.archives import MARKS
from tests.support import ROOT

pytestmark = MARKS


def test_nothing_that_tests_read_is_missing(archives):
    with tarfile.open(archives[1]) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    kept = subprocess.run(
        ["git", "ls-files", "tests", "stockcast", "manual", "docs", "sample_data"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    there = {name for name in kept if not (ROOT / name).is_symlink()}
    assert len(there) > 500
    assert there <= names


def test_the_tests_of_the_source_distribution_pass(archives, tmp_path):
    with tarfile.open(archives[1]) as source:
        source.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    pytest_there = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    # Of those that read what stands beside the tests: prices, presets, models and made-up files.
    some = ["tests/golden", "tests/unit/test_recipe.py", "tests/unit/prices/csv/test_reader.py"]
    done = subprocess.run(
        [*pytest_there, *some], cwd=folder, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout[-2000:]
