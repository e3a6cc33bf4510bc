"""A command line that is wrong is answered like any other mistake: what, where, what to do next."""

from __future__ import annotations

import json

import pytest

from tests.support import run_stockcast

WRONG = {
    "predict --horizn 5": ("no such option --horizn", "did you mean --horizon? stockcast predict"),
    "predict a.csv -z": ("no such option -z", "  stockcast predict --help"),
    "predict a.csv --lock-wait 5": ("no such option --lock-wait", "  stockcast predict --help"),
    "backtest a.csv --recipe fast": ("no such option --recipe", "did you mean --models?"),
    "train a.csv --models fast": ("no such option --models", "did you mean --recipe?"),
    "preditc a.csv": ("no such command preditc", "did you mean predict? stockcast --help"),
    "--horizn 5": ("no such option --horizn", "stockcast --help"),
    "prepare a.csv": ("missing option --output", "stockcast prepare --help"),
    "tune a.csv --model fast": ("no such option --model", "did you mean --models?"),
    "train a.csv --jobs 0": ("--jobs is '0', expected at least 1", "--help"),
    "check": ("missing argument PRICES", "stockcast check --help"),
    "rollback a b c": ("nothing to be done with b c", "stockcast rollback --help"),
    "predict a.csv --horizon": ("--horizon needs a value", "stockcast predict --help"),
    "predict a.csv --quiet=5": ("--quiet takes no value", "stockcast predict --help"),
    "predict a.csv --horizon five": ("--horizon is 'five', expected a whole number", "--help"),
    "train a.csv --dropout x": ("--dropout is 'x', expected a number", "--help"),
    "predict a.csv --format xml": (
        "--format is 'xml', expected one of 'csv', 'json', 'jsonl'",
        "stockcast predict --help says what there is",
    ),
}


def refuse(*arguments, **env):
    run = run_stockcast(*arguments, env=env)
    assert (run.returncode, run.stdout) == (2, b"")
    return run.stderr.decode().splitlines()


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_command_line_says_what_is_wrong_and_what_to_do_next(line):
    message, hint = WRONG[line]
    first, second = refuse(*line.split())
    assert first == f"error: {message}"
    assert hint in second


def test_a_wrong_value_in_the_environment_is_called_by_its_variable():
    first, _ = refuse("predict", "a.csv", STOCKCAST_HORIZON="x")
    assert first == "error: STOCKCAST_HORIZON is 'x', expected a whole number"


def test_in_a_log_of_json_that_is_asked_for_in_the_wrong_line_it_is_json_too():
    (line,) = refuse("predict", "--log-format", "json", "--nope")
    assert json.loads(line)["message"] == "no such option --nope"


def test_a_switch_in_the_environment_that_is_none_is_told():
    first, _ = refuse("predict", "a.csv", STOCKCAST_QUIET="maybe")
    assert first == "error: STOCKCAST_QUIET is 'maybe', expected true or false"


def test_words_of_the_user_stand_as_they_are():
    first, _ = refuse("rollback", "a", "b (Possible x")
    assert first == "error: nothing to be done with b (Possible x"


def test_in_a_log_of_json_a_wrong_command_line_is_a_line_of_json():
    (line,) = refuse("predict", "--horizn", "5", STOCKCAST_LOG_FORMAT="json")
    told = json.loads(line)
    assert told["message"] == "no such option --horizn"
    assert told["hint"].startswith("did you mean --horizon?")
    assert (told["level"], told["command"], told["exit"]) == ("error", "predict", 2)
