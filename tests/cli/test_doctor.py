"""`stockcast doctor`: lines on stderr, JSON on stdout, an exit code for cron."""

from __future__ import annotations

import json

import pytest

from tests.support import run_stockcast

pytestmark = pytest.mark.slow


def test_a_line_a_check_on_stderr_and_nothing_on_stdout(tmp_path):
    run = run_stockcast("doctor", tmp_path)
    assert (run.returncode, run.stdout) == (0, b"")
    assert b"models' folder" in run.stderr


def test_json_is_a_row_a_check(tmp_path):
    run = run_stockcast("doctor", tmp_path, "--format", "json")
    rows = json.loads(run.stdout)
    assert {"name", "state", "found", "advice"} == set(rows[0])
    assert {row["state"] for row in rows} <= {"ok", "note"}


def test_what_is_wrong_is_exit_1_and_the_only_thing_that_quiet_says():
    run = run_stockcast("doctor", "/proc/self", "-q")
    assert run.returncode == 1
    assert b"models' folder" in run.stderr
    assert b"pretrained" not in run.stderr


def test_a_json_log_has_a_line_a_check(tmp_path):
    run = run_stockcast("doctor", tmp_path, "--log-format", "json")
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert {"stockcast", "processor", "calendars"} <= {line["name"] for line in lines}
