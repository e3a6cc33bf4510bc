"""`stockcast predict`, several steps ahead: horizons, intervals, calendars, the sketch."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys

import pytest

from tests.support import SAMPLES, run_stockcast, write_untrained_model

FB, GOOG = SAMPLES / "FB.csv", SAMPLES / "GOOG.csv"


def read_rows(run):
    assert run.returncode == 0, run.stderr.decode()
    return list(csv.DictReader(io.StringIO(run.stdout.decode())))


@pytest.fixture(scope="module")
def three_steps(tmp_path_factory):
    """A model of three steps ahead for FB.csv."""
    return write_untrained_model(tmp_path_factory.mktemp("three") / "FB.safetensors", FB, horizon=3)


@pytest.fixture(scope="module")
def uncalibrated(tmp_path_factory):
    """A model with ten residuals for FB.csv."""
    path = tmp_path_factory.mktemp("few") / "FB.safetensors"
    return write_untrained_model(path, FB, residuals=10)


def test_a_model_of_several_steps_forecasts_them_all(three_steps):
    rows = read_rows(run_stockcast("predict", FB, "-m", three_steps))
    assert [(row["date"], row["step"]) for row in rows] == [
        ("2013-03-04", "1"),
        ("2013-03-05", "2"),
        ("2013-03-06", "3"),
    ]
    assert {row["last_date"] for row in rows} == {"2013-03-01"}


@pytest.mark.slow
def test_a_smaller_horizon_is_the_start_of_the_larger(three_steps):
    rows = read_rows(run_stockcast("predict", FB, "-m", three_steps))
    assert rows[:2] == read_rows(run_stockcast("predict", FB, "-m", three_steps, "--horizon", 2))


@pytest.mark.slow
def test_a_horizon_beyond_the_models_goes_on_from_its_own_forecasts(small_model):
    (one,) = read_rows(run_stockcast("predict", FB, "-m", small_model))
    rows = read_rows(run_stockcast("predict", FB, "-m", small_model, "--horizon", 7))
    assert [int(row["step"]) for row in rows] == list(range(1, 8))
    assert rows[0] == one
    assert rows[-1]["date"] == "2013-03-12"
    widths = [float(row["upper_95"]) - float(row["lower_95"]) for row in rows]
    assert widths == sorted(widths)


def test_a_model_of_five_features_goes_no_further_than_its_own_horizon(tmp_path):
    model = write_untrained_model(
        tmp_path / "m.safetensors", FB, features=("open", "high", "low", "close", "volume")
    )
    run = run_stockcast("predict", FB, "-m", model, "--horizon", 2)
    assert (run.returncode, run.stdout) == (5, b"")
    assert b"volume" in run.stderr
    assert b"--horizon 2" in run.stderr


@pytest.mark.parametrize("horizon", ["0", "-1", "1001", "x"])
def test_a_horizon_that_is_none_is_wrong_usage(small_model, horizon):
    run = run_stockcast("predict", FB, "-m", small_model, f"--horizon={horizon}")
    assert (run.returncode, run.stdout) == (2, b"")


def test_a_span_has_every_step_from_each_of_its_bars(three_steps):
    rows = read_rows(run_stockcast("predict", FB, "-m", three_steps, "--from", "2013-02-27"))
    assert [(row["last_date"], row["step"], row["date"]) for row in rows[:4]] == [
        ("2013-02-26", "1", "2013-02-27"),
        ("2013-02-26", "2", "2013-02-28"),
        ("2013-02-26", "3", "2013-03-01"),
        ("2013-02-27", "1", "2013-02-28"),
    ]
    assert (rows[-1]["date"], rows[-1]["actual"]) == ("2013-03-05", "")
    assert len(rows) == 9


def test_a_span_of_fewer_steps_than_the_models_has_those(three_steps):
    run = run_stockcast("predict", FB, "-m", three_steps, "--from", "2013-02-27", "--horizon", 1)
    assert [row["step"] for row in read_rows(run)] == ["1", "1", "1"]


def test_a_span_of_more_steps_than_the_models_is_refused_with_its_own(three_steps):
    run = run_stockcast("predict", FB, "-m", three_steps, "--from", "2013-02-27", "--horizon", 4)
    assert (run.returncode, run.stdout) == (5, b"")
    assert b"own is 3" in run.stderr


def test_levels_asked_for_are_the_interval_columns(small_model):
    (row,) = read_rows(
        run_stockcast("predict", FB, "-m", small_model, "--level", "97.5", "--level", "50")
    )
    assert [name for name in row if name.startswith(("lower", "upper"))] == [
        "lower_50",
        "upper_50",
        "lower_97.5",
        "upper_97.5",
    ]
    bounds = [float(row[name]) for name in ("lower_97.5", "lower_50", "forecast", "upper_50")]
    assert bounds == sorted(bounds)


def test_no_levels_are_no_columns(small_model):
    (row,) = read_rows(run_stockcast("predict", FB, "-m", small_model, "--level", "none"))
    assert not [name for name in row if name.startswith(("lower", "upper"))]


def test_levels_come_from_the_environment_too(small_model):
    run = run_stockcast("predict", FB, "-m", small_model, env={"STOCKCAST_LEVEL": "60 70"})
    assert "upper_60" in read_rows(run)[0]


@pytest.mark.slow
def test_default_levels_without_enough_residuals_are_empty_and_said_so(uncalibrated):
    run = run_stockcast("predict", FB, "-m", uncalibrated)
    (row,) = read_rows(run)
    assert row["lower_80"]
    assert (row["lower_95"], row["upper_95"]) == ("", "")
    assert b"10 residuals, level 95 needs 19" in run.stderr
    run = run_stockcast("predict", FB, "-m", uncalibrated, "--format", "json")
    assert json.loads(run.stdout)[0]["upper_95"] is None


def test_a_level_asked_for_without_enough_residuals_is_an_error(uncalibrated):
    run = run_stockcast("predict", FB, "-m", uncalibrated, "--level", "95")
    assert (run.returncode, run.stdout) == (5, b"")
    assert b"level 95 needs 19" in run.stderr


@pytest.mark.slow
def test_holidays_of_a_calendar_are_left_out(small_model):
    run = run_stockcast("predict", FB, "-m", small_model, "--horizon", 20, "--calendar", "XNYS")
    dates = [row["date"] for row in read_rows(run)]
    assert dates[-2:] == ["2013-03-28", "2013-04-01"]  # Good Friday lies between
    assert b"sessions of XNYS" in run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--horizon", 20], ["--calendar", "auto", "--horizon", 20]])
def test_without_a_calendar_weekdays_go_on_and_stderr_says_so(small_model, arguments):
    run = run_stockcast("predict", FB, "-m", small_model, *arguments)
    assert read_rows(run)[-1]["date"] == "2013-03-29"
    assert b"every weekday" in run.stderr


def test_one_step_without_a_calendar_says_nothing_of_days(small_model):
    assert b"weekday" not in run_stockcast("predict", FB, "-m", small_model).stderr


@pytest.mark.slow
def test_an_unknown_calendar_is_refused_with_near_misses_before_anything_is_read():
    run = run_stockcast("predict", "missing.csv", "--calendar", "XNYX")
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"XNYS" in run.stderr


@pytest.mark.slow
def test_a_newest_bar_that_is_no_session_is_noted(small_model, write_csv):
    lines = FB.read_text().splitlines()
    newest = max(lines[1:])
    prices = write_csv([*lines, newest.replace(newest[:10], "2013-03-03")], "FB.csv")  # a Sunday
    run = run_stockcast("predict", prices, "-m", small_model, "--calendar", "XNYS")
    assert read_rows(run)[0]["date"] == "2013-03-04"
    assert b"2013-03-03, the newest bar, is no session of XNYS" in run.stderr


def run_on_terminal(*arguments, encoding="utf-8"):
    """Run the command with stderr on a terminal of 80 columns; return stdout and stderr."""
    ours, theirs = pty.openpty()
    run = subprocess.run(
        [sys.executable, "-m", "stockcast", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONIOENCODING": encoding, "TERM": "dumb", "COLUMNS": "80"},
    )
    os.close(theirs)
    told = b""
    try:
        while part := os.read(ours, 65536):
            told += part
    except OSError:  # the terminal's other end is closed
        pass
    os.close(ours)
    assert run.returncode == 0, told
    return run.stdout, told.decode(encoding)


@pytest.mark.process
def test_on_a_terminal_a_sparkline_stands_under_the_forecast(small_model):
    stdout, told = run_on_terminal("predict", FB, "-m", small_model, "--horizon", 5)
    last = told.rstrip().splitlines()[-1]
    past, _, ahead = last.partition("│")
    assert set(past) <= set("▁▂▃▄▅▆▇█")
    assert set(ahead[:5]) <= set("▁▂▃▄▅▆▇█")
    assert ahead[5:].startswith(" 27.78 → ")
    assert ahead.endswith("on 2013-03-08")
    assert len(last) < 80
    assert "▁".encode() not in stdout


@pytest.mark.process
def test_a_terminal_without_blocks_gets_ascii(small_model):
    _, told = run_on_terminal("predict", FB, "-m", small_model, encoding="ascii")
    assert " 27.78 -> " in told.rstrip().splitlines()[-1]


@pytest.mark.process
def test_a_span_s_sparklines_are_what_came_true_over_what_was_forecast(small_model):
    _, told = run_on_terminal("predict", FB, "-m", small_model, "--from", "2013-02-01")
    actual, forecast = told.rstrip().splitlines()[-2:]
    assert actual.startswith("actual   ")
    assert forecast.startswith("forecast ")
    assert len(actual) == len(forecast) == len("actual   ") + 20


@pytest.mark.process
def test_quiet_leaves_the_sparkline_out(small_model):
    assert run_on_terminal("predict", FB, "-m", small_model, "-q")[1] == ""


def test_no_sparkline_where_stderr_is_no_terminal(small_model):
    run = run_stockcast("predict", FB, "-m", small_model, env={"FORCE_COLOR": "1"})
    assert "▁".encode() not in run.stderr
    assert "→".encode() not in run.stderr
