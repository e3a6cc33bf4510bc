"""`stockcast train` in cron: what it publishes, keeps, leaves alone and waits for."""

import json
import subprocess
import sys

import pytest

from tests.support import CONFIGS, SAMPLES, run_stockcast

pytestmark = pytest.mark.slow

FAST = ["--recipe", CONFIGS / "fast.toml", "--epochs", "1"]
HOLD = """
import sys, time
from pathlib import Path
from stockcast.files.lock import hold_lock
with hold_lock(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(120)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with one trained model."""
    folder = tmp_path_factory.mktemp("cron")
    run = run_stockcast("train", SAMPLES / "FB.csv", *FAST, cwd=folder)
    assert run.returncode == 0, run.stderr.decode()
    return folder


@pytest.fixture
def place(folder):
    return folder / "models" / "FB.safetensors"


def test_the_same_data_and_recipe_are_left_alone(folder, place):
    before = place.stat()
    run = run_stockcast("train", SAMPLES / "FB.csv", *FAST, "--if-changed", cwd=folder)
    assert run.returncode == 0
    assert run.stdout == b"models/FB.safetensors\n"
    assert b"nothing to do" in run.stderr
    assert b"epoch" not in run.stderr
    assert place.stat().st_mtime_ns == before.st_mtime_ns
    run = run_stockcast(
        "train", SAMPLES / "FB.csv", *FAST, "--if-changed", "--format", "json", cwd=folder
    )
    assert json.loads(run.stdout)["ticker"] == "FB"


def test_another_recipe_is_trained_and_the_old_model_kept(folder, place, tmp_path):
    copy = tmp_path / "FB.safetensors"
    copy.write_bytes(place.read_bytes())
    run = run_stockcast(
        "train", SAMPLES / "FB.csv", *FAST, "--seed", "5", "--if-changed", "-o", copy, cwd=folder
    )
    assert run.returncode == 0
    assert b"nothing to do" not in run.stderr
    kept = tmp_path / ".history" / "FB" / "000001.safetensors"
    assert kept.read_bytes() == place.read_bytes()
    assert copy.read_bytes() != place.read_bytes()


def test_a_model_of_too_little_skill_is_not_published_and_is_exit_6(folder, place):
    before = place.read_bytes()
    run = run_stockcast(
        "train", SAMPLES / "FB.csv", *FAST, "--seed", "6", "--min-skill", "0.9", cwd=folder
    )
    assert run.returncode == 6
    assert run.stdout == b""
    text = " ".join(run.stderr.decode().split())
    assert "verdict: " in text
    assert "is not published" in text
    assert "--min-skill is 0.9" in text
    assert place.read_bytes() == before
    assert not (folder / "models" / ".history").exists()


def test_skill_that_nothing_is_held_out_for_is_refused_before_training(folder):
    run = run_stockcast(
        "train", SAMPLES / "FB.csv", *FAST, "--test", "0", "--min-skill", "0", cwd=folder
    )
    assert run.returncode == 2
    assert b"--test" in run.stderr
    assert b"epoch" not in run.stderr


def test_a_second_training_of_the_same_model_fails_before_it_trains(folder, place):
    with subprocess.Popen([sys.executable, "-c", HOLD, place], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"ready\n"
        run = run_stockcast("train", SAMPLES / "FB.csv", *FAST, cwd=folder)
        holder.kill()
    assert run.returncode == 11
    assert run.stdout == b""
    assert f"process {holder.pid}" in " ".join(run.stderr.decode().split())
    assert b"epoch" not in run.stderr


def test_a_full_disk_leaves_the_old_model_and_is_exit_8(folder, place):
    before = place.read_bytes()
    run = run_stockcast(
        "train", SAMPLES / "FB.csv", *FAST, "--seed", "7", cwd=folder,
        env={"STOCKCAST_FAULT": "after-write:1:enospc"},
    )  # fmt: skip
    assert run.returncode == 8
    assert run.stdout == b""
    assert place.read_bytes() == before
