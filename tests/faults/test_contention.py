"""Several runs at once."""

import os
import signal
import subprocess
import sys

import pytest

from stockcast.errors import Locked
from stockcast.files.lock import hold_lock
from stockcast.ledger.file import read_ledger
from stockcast.model.file import load_model, serialize_model
from stockcast.model.store import list_earlier
from tests.faults.support import list_leftovers, start_code
from tests.support import ROOT

pytestmark = pytest.mark.process

HOLD = """
import sys, time
from pathlib import Path
from stockcast.files.lock import hold_lock
with hold_lock(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(120)
"""
APPEND = """
import sys
from stockcast.ledger.entry import Entry
from stockcast.ledger.file import append_entries
for step in range(1, 21):
    append_entries(sys.argv[1], [Entry("2026-01-02T03:04:05Z", "f" * 64, sys.argv[2],
        "2013-03-01", step, "2013-03-04", 1.0, 2.0)])
"""
PUBLISH = """
import sys
from pathlib import Path
from stockcast.model.store import publish_model
for source in sys.argv[2:]:
    publish_model(Path(source).read_bytes(), sys.argv[1], keep=100, wait=60)
"""


def run_together(code, *argument_lists):
    processes = [
        subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT)
        for arguments in argument_lists
    ]
    assert [process.wait(timeout=120) for process in processes] == [0] * len(processes)


def test_runs_that_append_at_once_lose_no_row_and_tear_none(tmp_path):
    ledger = tmp_path / "ledger.csv"
    run_together(APPEND, *((ledger, f"T{number}") for number in range(4)))
    keys = {(entry.ticker, entry.step) for entry in read_ledger(ledger).entries}
    assert keys == {(f"T{number}", step) for number in range(4) for step in range(1, 21)}
    assert ledger.read_bytes().count(b"\n") == 81


def test_runs_that_publish_at_once_keep_every_model(tmp_path, make_history, make_model):
    history = make_history()
    sources = []
    for seed in range(12):
        sources.append(tmp_path / f"{seed}.bin")
        sources[-1].write_bytes(serialize_model(make_model(history, weight_seed=seed)))
    place = tmp_path / "models" / "MADEUP.safetensors"
    run_together(PUBLISH, *((place, *sources[first::3]) for first in range(3)))
    load_model(place)
    kept = {path.read_bytes() for path in (place, *list_earlier(place))}
    assert kept == {source.read_bytes() for source in sources}
    assert list_leftovers(tmp_path) == []


def test_a_second_run_fails_at_once_and_names_the_first(tmp_path):
    place = tmp_path / "GOOG.safetensors"
    with start_code(HOLD, place) as process:
        with pytest.raises(Locked) as caught, hold_lock(place):
            pytest.fail("both hold it")
        message = str(caught.value)
        assert f"process {process.pid} on {os.uname().nodename}, since 20" in message
        assert "lock_wait=300" in caught.value.hint


def test_a_second_run_may_wait_and_is_told_for_whom(tmp_path):
    place = tmp_path / "GOOG.safetensors"
    told = []
    with (
        start_code(HOLD, place) as process,
        pytest.raises(Locked),
        hold_lock(place, wait=0.2, on_wait=told.append),
    ):
        pytest.fail("both hold it")
    assert len(told) == 1
    assert f"process {process.pid}" in told[0]


def test_the_lock_of_a_run_that_died_is_free(tmp_path):
    place = tmp_path / "GOOG.safetensors"
    with start_code(HOLD, place) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=60)
        with hold_lock(place):
            assert f"process {os.getpid()} " in (tmp_path / ".GOOG.safetensors.lock").read_text()


def test_a_run_that_waits_gets_the_lock_when_the_other_dies(tmp_path):
    place = tmp_path / "GOOG.safetensors"
    with start_code(HOLD, place) as process:
        with hold_lock(place, wait=60, on_wait=lambda _: process.kill()):
            pass
        assert process.wait(timeout=60) == -signal.SIGKILL


def test_reading_waits_for_nobody(tmp_path, make_history, make_model):
    place = tmp_path / "MADEUP.safetensors"
    place.write_bytes(serialize_model(make_model(make_history())))
    with start_code(HOLD, place) as process:
        assert load_model(place).ticker == "MADEUP"
        assert process.poll() is None  # it holds the lock to the end
