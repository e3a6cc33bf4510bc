"""`stockcast models` and `stockcast rollback` as processes of their own."""

import csv
import io
import json
import subprocess
import sys

import pytest

from tests.support import SAMPLES, run_stockcast, write_untrained_model

HOLD = """
import sys, time
from pathlib import Path
from stockcast.files.lock import hold_lock
with hold_lock(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(120)
"""


@pytest.fixture
def place(tmp_path):
    """Three models, one after the other, in one place."""
    from stockcast.model.store import publish_model

    path = tmp_path / "models" / "FB.safetensors"
    for window in (20, 21, 22):
        new = write_untrained_model(tmp_path / "new", SAMPLES / "FB.csv", window=window)
        publish_model(new.read_bytes(), path)
    return path


def read_window(place):
    from stockcast.model.file import load_model

    return load_model(place).recipe.window


@pytest.mark.slow
def test_models_are_listed_as_csv_behind_a_pipe(place, tmp_path):
    run = run_stockcast("models", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    (row,) = csv.DictReader(io.StringIO(run.stdout.decode()))
    assert list(row) == [
        "model", "ticker", "trained_to", "skill", "verdict", "bytes", "written_at", "age_days",
        "earlier", "problem",
    ]  # fmt: skip
    assert (row["model"], row["ticker"]) == ("models/FB.safetensors", "FB")
    assert (row["trained_to"], row["skill"], row["earlier"]) == ("2013-01-03", "", "2")
    assert int(row["bytes"]) == place.stat().st_size
    assert 0 <= float(row["age_days"]) < 1
    assert run.stderr == b""


@pytest.mark.slow
def test_json_has_the_same_and_a_table_is_on_stderr(place, tmp_path):
    run = run_stockcast("models", place.parent, "--format", "json")
    (row,) = json.loads(run.stdout)
    assert (row["ticker"], row["skill"], row["earlier"]) == ("FB", None, 2)
    run = run_stockcast("models", place.parent, "--format", "table")
    assert run.stdout == b""
    assert "trained to" in run.stderr.decode()
    assert "2013-01-03" in run.stderr.decode()


@pytest.mark.slow
def test_a_damaged_model_is_listed_with_the_others_and_is_exit_5(place):
    place.with_name("BAD.safetensors").write_bytes(place.read_bytes()[:100])
    run = run_stockcast("models", place.parent, "--format", "json")
    assert run.returncode == 5
    bad, good = json.loads(run.stdout)
    assert "BAD.safetensors" in bad["problem"]
    assert good["problem"] is None
    assert b"error: " in run.stderr


@pytest.mark.slow
def test_a_json_log_has_a_damaged_models_exit_code(place):
    place.with_name("BAD.safetensors").write_bytes(place.read_bytes()[:100])
    run = run_stockcast("models", place.parent, "--log-format", "json")
    (error,) = (json.loads(line) for line in run.stderr.splitlines())
    assert (error["level"], error["command"], error["exit"], run.returncode) == (
        "error", "models", 5, 5,
    )  # fmt: skip
    assert "BAD.safetensors" in error["message"]


@pytest.mark.slow
def test_a_json_log_has_a_line_a_model_instead_of_the_table(place):
    run = run_stockcast("models", place.parent, "--log-format", "json", "--format", "table")
    (row,) = (json.loads(line) for line in run.stderr.splitlines())
    assert (row["model"], row["ticker"], row["earlier"]) == (str(place), "FB", 2)


def test_a_folder_without_models_has_a_header_and_one_that_is_missing_is_exit_5(tmp_path):
    run = run_stockcast("models", tmp_path)
    assert run.returncode == 0
    assert run.stdout.startswith(b"model,ticker,")
    assert run.stdout.count(b"\n") == 1
    assert b"no models in" in run.stderr
    run = run_stockcast("models", cwd=tmp_path)
    assert run.returncode == 5
    assert b"no folder models" in run.stderr


@pytest.mark.slow
def test_rolling_back_prints_the_path_and_says_where_it_went(place, tmp_path):
    for window, left in ((21, b"1 earlier one is left"), (20, b"0 earlier ones are left")):
        run = run_stockcast("rollback", "models/FB.safetensors", cwd=tmp_path)
        assert run.returncode == 0, run.stderr.decode()
        assert run.stdout == b"models/FB.safetensors\n"
        assert left in run.stderr
        assert read_window(place) == window
    run = run_stockcast("rollback", place)
    assert run.returncode == 5
    assert run.stdout == b""
    assert b"no model before" in run.stderr
    assert read_window(place) == 20


@pytest.mark.process
def test_another_run_that_writes_there_is_exit_11_and_told(place):
    with subprocess.Popen([sys.executable, "-c", HOLD, place], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"ready\n"
        for arguments in ([], ["--lock-wait", "0.1s"]):
            run = run_stockcast("rollback", place, *arguments)
            assert run.returncode == 11
            assert run.stdout == b""
            assert f"process {holder.pid}" in " ".join(run.stderr.decode().split())
        holder.kill()
    assert read_window(place) == 22
    assert run_stockcast("rollback", place).returncode == 0
