"""A search that is killed: the trials that were over stay, and it ends as if nothing had been."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.faults.support import KILLED
from tests.support import run_process

pytestmark = [pytest.mark.slow, pytest.mark.process]

SEARCH = [
    "tune", "A.csv", "B.csv", "--layers", "1", "--units", "2", "--epochs", "2", "--patience", "0",
    "--validation", "0", "--folds", "2", "--seeds", "1", "--trials", "20", "--space", "space.toml",
]  # fmt: skip
SPACE = "window = [5, 10]\nlearning_rate = { from = 0.001, to = 0.05, log = true }\n"


@pytest.fixture
def folder(write_csv, make_history, to_yahoo, tmp_path):
    """A folder with the prices of two tickers and a space in it."""
    for seed, name in enumerate("AB"):
        write_csv(to_yahoo(make_history(250, seed=seed)), f"{name}.csv")
    write_csv(SPACE, "space.toml")
    return tmp_path


def count_trials(path):
    """Return how many trials a database has; 0 while there is none."""
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute("SELECT COUNT(*) FROM trials").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def interrupt(folder, trials, number):
    """Start the search, and send it a signal once there are so many trials."""
    with subprocess.Popen(
        [sys.executable, "-m", "stockcast", *SEARCH, "--storage", "study.db"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ,
    ) as process:
        while count_trials(folder / "study.db") < trials:
            assert process.poll() is None, process.stderr.read().decode()
            time.sleep(0.02)
        process.send_signal(number)
        stderr = process.stderr.read().decode()
    return process.returncode, stderr


def test_a_search_killed_twice_ends_with_the_bytes_of_one_that_was_not(folder):
    assert run_process(*SEARCH, "-o", "whole.toml", cwd=folder).returncode == 0
    for trials in (4, 11):
        assert interrupt(folder, trials, signal.SIGKILL)[0] == KILLED
        assert not (folder / "best.toml").exists()
    run = run_process(*SEARCH, "--storage", "study.db", cwd=folder)
    assert run.returncode == 0, run.stderr.decode()
    assert b"trials already: going on from there" in run.stderr
    assert count_trials(folder / "study.db") == 20
    assert (folder / "best.toml").read_bytes() == (folder / "whole.toml").read_bytes()


def test_ctrl_c_keeps_the_trials_that_are_over_and_the_best_of_them(folder):
    code, said = interrupt(folder, 3, signal.SIGINT)
    assert code in (130, -signal.SIGINT)
    assert "the same command goes on from study.db" in said
    assert "was not looked at" in (folder / "best.toml").read_text()
    assert count_trials(folder / "study.db") >= 3


def test_two_searches_do_not_write_to_one_database(folder):
    with subprocess.Popen(
        [sys.executable, "-m", "stockcast", *SEARCH, "--storage", "study.db"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        while count_trials(folder / "study.db") < 1:
            assert process.poll() is None, process.stderr.read().decode()
            time.sleep(0.02)
        run = run_process(*SEARCH, "--storage", "study.db", cwd=folder)
        process.kill()
    assert run.returncode == 11
    assert b"study.db is in the hands of another run" in run.stderr
