"""Files that an earlier version wrote are still read, and give the same numbers."""

import csv
import hashlib
import io
import json
import math
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.support import run_stockcast

FOLDER = Path(__file__).parent
MANIFEST = json.loads((FOLDER / "manifest.json").read_text())
FORECASTS = [case for cases in MANIFEST["predict"].values() for case in cases]


@pytest.fixture
def copy(tmp_path):
    """The golden files, where a command may write beside them."""
    return Path(shutil.copytree(FOLDER, tmp_path / "golden"))


def run(command, folder):
    """Run a recorded command line; return its exit code and what it printed."""
    done = run_stockcast(*shlex.split(command)[1:], cwd=folder)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def assert_same_table(found, expected):
    """Equal cell for cell; numbers to rounding, which differs from processor to processor."""
    ours, theirs = (list(csv.reader(io.StringIO(text))) for text in (found, expected))
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert len(one) == len(other)
        for cell, wanted in zip(one, other, strict=True):
            if cell != wanted:
                assert math.isclose(float(cell), float(wanted), rel_tol=1e-6), (cell, wanted)


@pytest.mark.parametrize("name", sorted(MANIFEST["sha256"]))
def test_a_golden_file_is_as_it_was(name):
    content = (FOLDER / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == MANIFEST["sha256"][name]


@pytest.mark.parametrize("case", FORECASTS, ids=lambda case: case["command"])
def test_an_earlier_model_forecasts_what_it_did(case, copy):
    code, stdout, stderr = run(case["command"], copy)
    assert code == 0, stderr
    assert_same_table(stdout, case["stdout"])


def test_an_earlier_ledger_is_worth_what_it_was(copy):
    code, stdout, stderr = run(MANIFEST["score"]["command"], copy)
    assert code == 0, stderr
    assert_same_table(stdout, MANIFEST["score"]["stdout"])


@pytest.mark.parametrize(
    ("folder", "options"),
    [("prepared", []), ("prepared-materialized", ["--materialize", "--target", "price"])],
)
def test_a_folder_prepared_anew_has_the_same_arrays(folder, options, copy):
    arguments = ["prepare", "inputs/MADE.csv", "--window", "10", *options, "-o", "new", "-q"]
    assert run_stockcast(*arguments, cwd=copy).returncode == 0
    names, news = (
        {path.name for path in (copy / place).glob("*.npy")} for place in (folder, "new")
    )
    if folder == "prepared":  # log returns have a path since, and its volatility
        assert np.load(copy / "new" / "volatility.npy").shape == (199, 1)
        names -= {"volatility.npy"}
        news -= {"volatility.npy", "variances.npy"}
    assert names == news
    for name in sorted(names):
        ours, theirs = np.load(copy / "new" / name), np.load(copy / folder / name)
        assert ours.dtype == theirs.dtype
        if ours.dtype.kind == "f":
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)
        else:
            assert np.array_equal(ours, theirs)


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["prepared", "prepared-materialized"])
def test_an_earlier_prepared_folder_is_trained_on(folder, copy):
    arguments = [folder, "--layers", "1", "--units", "4", "--epochs", "1", "-o", "m.safetensors"]
    done = run_stockcast("train", *arguments, cwd=copy)
    assert done.returncode == 0, done.stderr
    assert (copy / "m.safetensors").is_file()


@pytest.mark.slow
def test_a_snapshot_of_an_earlier_version_is_told_and_training_starts_anew(copy):
    code, _, stderr = run(MANIFEST["snapshot"]["command"], copy)
    assert code == 0, stderr
    assert f"{MANIFEST['snapshot']['path']} is not used" in stderr
    assert "going on from there" not in stderr
    assert not (copy / MANIFEST["snapshot"]["path"]).exists()
    assert (copy / "models" / "snapshot.safetensors").is_file()


@pytest.mark.slow
def test_a_snapshot_of_an_earlier_version_is_not_resumed_from(copy):
    code, _, stderr = run(MANIFEST["snapshot"]["command"] + " --resume", copy)
    assert code == 2
    assert "there is no snapshot to go on from" in stderr
    assert (copy / MANIFEST["snapshot"]["path"]).exists()
