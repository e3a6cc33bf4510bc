"""`stockcast prepare` as a process of its own."""

import csv
import io
import json

import numpy as np
import pytest

from tests.support import SAMPLES, run_stockcast


@pytest.mark.slow
def test_one_line_a_ticker_and_arrays_that_any_program_can_open(tmp_path):
    out = tmp_path / "out"
    run = run_stockcast(
        "prepare", SAMPLES / "FB.csv", SAMPLES / "GOOG.csv", "-o", out, "--materialize"
    )
    assert run.returncode == 0, run.stderr.decode()
    rows = list(csv.DictReader(io.StringIO(run.stdout.decode())))
    assert list(rows[0]) == ["ticker", "rows", "windows", "first_date", "last_date", "path"]
    assert [row["ticker"] for row in rows] == ["FB", "GOOG"]
    for row in rows:
        folder = out / row["ticker"]
        assert row["path"] == str(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        series = np.load(folder / "series.npy", mmap_mode="r")
        assert series.shape == (int(row["rows"]), 1)
        assert len(np.load(folder / "windows.npy", mmap_mode="r")) == int(row["windows"])
        total = 0
        for span in ("train", "validation", "test"):
            inputs = np.load(folder / f"X_{span}.npy", mmap_mode="r")
            targets = np.load(folder / f"y_{span}.npy", mmap_mode="r")
            assert inputs.shape == (manifest["spans"][span]["windows"], 60, 1)
            assert targets.shape == (len(inputs), 1)
            total += len(inputs)
        assert total == int(row["windows"])


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_says_the_same(tmp_path, form):
    run = run_stockcast("prepare", SAMPLES / "FB.csv", "-o", tmp_path / "out", "--format", form)
    result = json.loads(run.stdout)
    row = result[0] if form == "json" else result
    assert (row["ticker"], row["rows"], row["windows"]) == ("FB", 195, 135)


@pytest.mark.slow
def test_preparing_again_replaces_the_folder_and_nothing_else(tmp_path):
    out = tmp_path / "out"
    for window in (60, 30):
        run = run_stockcast("prepare", SAMPLES / "FB.csv", "-o", out, "--window", window)
        assert run.returncode == 0
    assert json.loads((out / "manifest.json").read_text())["recipe"]["window"] == 30
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    run = run_stockcast("prepare", SAMPLES / "FB.csv", "-o", tmp_path)
    assert run.returncode == 8
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
