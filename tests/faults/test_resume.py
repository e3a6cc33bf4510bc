"""A training that was ended at any moment, and run again."""

import os
import random
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.faults.support import KILLED, list_leftovers
from tests.support import (
    CONFIGS,
    ROOT,
    SAMPLES,
    run_process,
    run_stockcast,
    write_untrained_model,
)

pytestmark = pytest.mark.slow

SMALL = [
    "--recipe", CONFIGS / "fast.toml", "--units", "4", "--window", "10", "--epochs", "40",
    "--patience", "0", "-v",
]  # fmt: skip
KINDS = {
    "lstm": [],
    "gru": ["--cell", "gru"],
    "no validation": ["--validation", "0"],
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a kind's model, trained without a break."""
    made = {}

    def get(kind):
        if kind not in made:
            path = tmp_path_factory.mktemp("whole") / "FB.safetensors"
            run = run_stockcast("train", SAMPLES / "FB.csv", *SMALL, *KINDS[kind], "-o", path)
            assert run.returncode == 0, run.stderr.decode()
            made[kind] = path.read_bytes()
        return made[kind]

    return get


def train(folder, *arguments, env=None):
    path = folder / "FB.safetensors"
    return run_stockcast("train", SAMPLES / "FB.csv", *SMALL, *arguments, "-o", path, env=env)


def end_after(folder, epoch, signum, *arguments, wait=0.0):
    """Train in a process that gets a signal once it has reported an epoch, or a moment later."""
    command = [sys.executable, "-m", "stockcast", "train", SAMPLES / "FB.csv", *SMALL, *arguments]
    with subprocess.Popen(
        [*map(str, command), "-o", str(folder / "FB.safetensors")],
        cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        for line in process.stderr:
            if f"epoch {epoch}/".encode() in line:
                break
        time.sleep(wait)
        os.kill(process.pid, signum)
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err.decode()


def list_names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_killed_at_random_moments_ends_in_the_same_bytes(kind, tmp_path, whole):
    expected = whole(kind)
    moments = random.Random(kind)
    for epoch in (1, 7):
        options = [*KINDS[kind], "--checkpoint-every", "1"]
        wait = moments.uniform(0, 0.05)
        code, out, _ = end_after(tmp_path, epoch, signal.SIGKILL, *options, wait=wait)
        assert (code, out) == (KILLED, b"")
        assert "FB.safetensors" not in list_names(tmp_path)
    run = train(tmp_path, *KINDS[kind])
    assert run.returncode == 0, run.stderr.decode()
    assert b"found a snapshot of the same data and recipe" in run.stderr
    assert (tmp_path / "FB.safetensors").read_bytes() == expected
    assert list_names(tmp_path) == [".FB.safetensors.lock", "FB.safetensors"]


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_training_told_to_end_writes_its_snapshot_and_goes_on_from_there(
    signum, code, tmp_path, whole
):
    ended, out, err = end_after(tmp_path, 3, signum, "--checkpoint-every", "0")
    assert (ended, out) == (code, b"")
    assert "Traceback" not in err
    assert list_names(tmp_path) == [".FB.safetensors.checkpoint", ".FB.safetensors.lock"]
    run = train(tmp_path, "--resume")
    assert run.returncode == 0, run.stderr.decode()
    assert (tmp_path / "FB.safetensors").read_bytes() == whole("lstm")
    assert list_names(tmp_path) == [".FB.safetensors.lock", "FB.safetensors"]


def test_ctrl_c_writes_the_snapshot_too(tmp_path):
    code, out, err = end_after(tmp_path, 3, signal.SIGINT)
    assert (code, out) == (130, b"")
    assert re.search(
        r"interrupted after epoch \d+: the same command goes on from the snapshot", err
    )
    assert ".FB.safetensors.checkpoint" in list_names(tmp_path)


def test_a_run_killed_while_it_writes_a_snapshot_leaves_the_one_before(tmp_path, whole):
    run = run_process(
        "train", SAMPLES / "FB.csv", *SMALL, "--checkpoint-every", "5",
        "-o", tmp_path / "FB.safetensors", env={"STOCKCAST_FAULT": "before-rename:2:kill"},
    )  # fmt: skip
    assert run.returncode == KILLED
    again = train(tmp_path, "--resume")
    assert b"after epoch 5" in again.stderr
    assert (tmp_path / "FB.safetensors").read_bytes() == whole("lstm")
    assert list_leftovers(tmp_path) == []


def test_resume_without_a_snapshot_is_exit_2_before_anything_is_trained(tmp_path):
    run = train(tmp_path, "--resume")
    assert run.returncode == 2
    assert b"--resume" in run.stderr
    assert b"epoch" not in run.stderr
    assert "FB.safetensors" not in list_names(tmp_path)


def test_a_snapshot_of_another_recipe_is_told_once_and_not_used(tmp_path):
    end_after(tmp_path, 2, signal.SIGTERM)
    run = train(tmp_path, "--epochs", "2")
    assert run.returncode == 0
    text = " ".join(run.stderr.decode().split())
    assert text.count(".FB.safetensors.checkpoint is not used: it is of other data") == 1
    assert "found a snapshot" not in text
    end_after(tmp_path, 2, signal.SIGTERM)
    run = train(tmp_path, "--epochs", "2", "--resume")
    assert run.returncode == 2


def test_a_full_disk_under_a_snapshot_is_exit_8(tmp_path):
    run = train(
        tmp_path, "--checkpoint-every", "1", env={"STOCKCAST_FAULT": "after-write:1:enospc"}
    )
    assert run.returncode == 8
    assert b"No space left" in run.stderr
    assert list_leftovers(tmp_path) == []


def test_warm_start_begins_with_a_models_weights(tmp_path):
    start = write_untrained_model(
        tmp_path / "start.safetensors", SAMPLES / "FB.csv", window=10, layers=1, units=4
    )
    options = ["--epochs", "1", "--warm-start", start]
    run = train(tmp_path, *options, "--learning-rate", "1e-30")
    assert run.returncode == 0, run.stderr.decode()

    from stockcast.model.file import load_model

    trained, first = (
        load_model(path).weights.to_arrays() for path in (tmp_path / "FB.safetensors", start)
    )
    assert all((trained[name] == first[name]).all() for name in first)


def test_warm_start_of_another_shape_is_exit_5(tmp_path):
    start = write_untrained_model(
        tmp_path / "start.safetensors", SAMPLES / "FB.csv", layers=1, units=5
    )
    run = train(tmp_path, "--warm-start", start)
    assert run.returncode == 5
    assert b"the weights to start from have" in run.stderr
    (tmp_path / "start.safetensors").write_bytes(b"no model")
    assert train(tmp_path, "--warm-start", start).returncode == 5
    assert train(tmp_path, "--warm-start", tmp_path / "none").returncode == 5
    assert "FB.safetensors" not in list_names(tmp_path)


# What fits GARCH would be loaded by each process; SMALL is judged beside it.
MANY = [
    "--recipe", CONFIGS / "fast.toml", "--patience", "0", "--checkpoint-every", "1",
    "--no-yardsticks",
]  # fmt: skip
SNAPSHOTS = ".[ABC].safetensors.checkpoint"


def write_many(folder, make_history, to_yahoo):
    folder.mkdir()
    for seed, name in enumerate(("A", "B", "C")):
        (folder / f"{name}.csv").write_text(
            "\n".join(to_yahoo(make_history(400, seed=seed))) + "\n"
        )
    return folder


@pytest.fixture
def many(make_history, to_yahoo, tmp_path):
    """A folder of three tickers' prices."""
    return write_many(tmp_path / "prices", make_history, to_yahoo)


@pytest.fixture(scope="module")
def whole_many(make_history, to_yahoo, tmp_path_factory):
    """The bytes of their models, trained for 30 epochs without a break."""
    folder = tmp_path_factory.mktemp("many")
    prices = write_many(folder / "prices", make_history, to_yahoo)
    options = [*MANY, "--epochs", "30", "--jobs", "1"]
    run = run_stockcast("train", prices, *options, "-o", folder / "whole")
    assert run.returncode == 0, run.stderr.decode()
    return read_models(folder / "whole")


def read_models(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}


def kill_with_snapshots(folder, *arguments, count):
    """Train many, and kill every process of the run once so many snapshots are there."""
    command = [sys.executable, "-m", "stockcast", "train", *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 120
        while len(list(folder.glob(SNAPSHOTS))) < count:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("jobs", [1, 2])
def test_many_tickers_killed_go_on_from_their_snapshots_and_end_in_the_same_bytes(
    jobs, many, whole_many, tmp_path
):
    options = [*MANY, "--epochs", "30", "--jobs", str(jobs)]
    folder = tmp_path / "models"
    kill_with_snapshots(folder, many, *options, "-o", folder, count=jobs)
    begun = [path.name.split(".")[1] for path in folder.glob(SNAPSHOTS)]
    run = run_stockcast("train", many, *options, "--resume", "--if-changed", "-o", folder)
    assert run.returncode == 0, run.stderr.decode()
    for name in begun:
        assert f"{name} went on from its snapshot after epoch" in run.stderr.decode()
    assert read_models(folder) == whole_many
    assert not list(folder.glob(SNAPSHOTS))
    assert list_leftovers(folder) == []


def test_a_damaged_snapshot_of_one_of_many_is_told_and_not_used(many, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / ".B.safetensors.checkpoint").write_bytes(b"no snapshot")
    run = run_stockcast("train", many, *MANY, "--epochs", "2", "--jobs", "1", "-o", folder)
    assert run.returncode == 0, run.stderr.decode()
    text = " ".join(run.stderr.decode().split())
    assert text.count(".B.safetensors.checkpoint is not used") == 1
    assert "note: B: " in text
    assert not list(folder.glob(SNAPSHOTS))


def test_a_ticker_whose_process_dies_goes_on_in_a_new_one_from_its_snapshot(many, tmp_path):
    (many / "C.csv").unlink()  # of three this process too would publish often enough to die
    options = [*MANY, "--epochs", "3", "--jobs", "1"]
    run = run_stockcast("train", many, *options, "-o", tmp_path / "whole")
    assert run.returncode == 0, run.stderr.decode()
    folder = tmp_path / "models"
    run = run_process(
        "train", many, *options, "-o", folder, env={"STOCKCAST_FAULT": "before-rename:3:kill"}
    )
    assert run.returncode == 0, run.stderr.decode()
    assert "A went on from its snapshot after epoch 2" in run.stderr.decode()
    assert read_models(folder) == read_models(tmp_path / "whole")


def test_a_ticker_whose_process_dies_twice_fails_and_stops_no_other(many, tmp_path):
    (many / "C.csv").unlink()
    folder = tmp_path / "models"
    run = run_process(
        "train", many, *MANY, "--epochs", "3", "--jobs", "1", "-o", folder,
        env={"STOCKCAST_FAULT": "before-rename:1:kill"},
    )  # fmt: skip
    text = " ".join(run.stderr.decode().split())
    assert run.returncode not in (0, KILLED), text
    assert [f"{name}: its process died twice" in text for name in "AB"] == [True] * 2
    assert "2 of 2 tickers failed" in text
