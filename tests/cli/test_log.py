"""stderr off a terminal: lines with their time, or a JSON object a line; names are only shown."""

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from stockcast.cli.output.cleaning import clean
from tests.support import CONFIGS, SAMPLES, run_stockcast

FAST = ["--recipe", CONFIGS / "fast.toml", "--epochs", "2", "--seed", "3"]
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
ESCAPES = "\x1b[31mRED\x1b[0m\x1b]0;title\x07\x9b2J\u202ekcats\u202c"


def read_log(run):
    return [json.loads(line) for line in run.stderr.decode().splitlines()]


@pytest.mark.slow
def test_every_message_of_a_training_is_a_json_object_a_line(tmp_path):
    path = tmp_path / "FB.safetensors"
    run = run_stockcast("train", SAMPLES / "FB.csv", *FAST, "-o", path, "--log-format", "json")
    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout.decode() == f"{path}\n"
    log = read_log(run)
    for record in log:
        assert list(record)[:4] == ["time", "level", "command", "message"]
        assert re.fullmatch(STAMP, record["time"])
        assert record["command"] == "train"
    epochs = [record for record in log if "epoch" in record]
    assert [(one["task"], one["epoch"], one["of"]) for one in epochs] == [
        ("train FB", 1, 2),
        ("train FB", 2, 2),
    ]
    assert all(one["loss"] > 0 and one["val"] > 0 for one in epochs)
    last = log[-1]
    assert (last["level"], last["ticker"], last["epochs"]) == ("info", "FB", 2)
    assert last["model"] == str(path)
    assert {"skill", "verdict", "seconds", "best_epoch"} <= set(last)


def test_the_environment_sets_the_form_for_every_command(tmp_path, small_model):
    json_please = {"STOCKCAST_LOG_FORMAT": "json"}
    run = run_stockcast("predict", SAMPLES / "FB.csv", "-m", small_model, env=json_please)
    assert run.returncode == 0
    assert [(one["level"], one["command"]) for one in read_log(run)] == [("info", "predict")]
    run = run_stockcast("rollback", tmp_path / "none", env=json_please)
    (error,) = read_log(run)
    assert (error["level"], error["exit"], run.returncode) == ("error", 5, 5)
    assert "hint" in error


@pytest.mark.slow
def test_what_is_wrong_with_an_option_is_told_as_a_later_option_says(tmp_path):
    for command in ("predict", "check"):
        wrong = [command, SAMPLES / "FB.csv", "--delimiter", "two", "--log-format", "json"]
        run = run_stockcast(*wrong)
        (error,) = read_log(run)
        assert (error["level"], error["command"], error["exit"]) == ("error", command, 2)
        run = run_stockcast(*wrong[:-2], "--debug")
        assert run.stderr.startswith(b"Traceback")
        assert run.stderr.splitlines()[-1].startswith((b"error: --delimiter", b"  "))


def test_a_run_knows_nothing_of_the_run_before(small_model):
    arguments = ["show", small_model]
    assert run_stockcast(*arguments, "-q", "--log-format", "json", "--debug").stderr == b""
    run = run_stockcast(*arguments)
    assert run.stderr.startswith(str(small_model).encode())


def test_a_description_is_one_line_of_a_json_log(small_model):
    (record,) = read_log(run_stockcast("show", small_model, "--log-format", "json"))
    document = json.loads(run_stockcast("show", small_model, "--format", "json").stdout)
    assert record["description"] == document


def test_notes_and_errors_have_their_level(tmp_path, small_model):
    run = run_stockcast("predict", SAMPLES / "IBM.csv", "-m", small_model, "--log-format", "json")
    assert "note" in {one["level"] for one in read_log(run)}
    run = run_stockcast("predict", tmp_path / "no.csv", "-m", small_model, "--log-format", "json")
    (error,) = read_log(run)
    assert (error["level"], error["exit"], run.returncode) == ("error", 4, 4)


@pytest.mark.slow
def test_each_of_many_that_fails_has_the_exit_code_of_its_own_error(tmp_path, small_model):
    bad = tmp_path / "bad.csv"
    bad.write_text("Date,Close\n2020-01-01,x\n")
    run = run_stockcast(
        "backtest", SAMPLES / "FB.csv", bad, "--models", "drift", "--log-format", "json"
    )
    first, last = (one for one in read_log(run) if one["level"] == "error")
    assert (first["exit"], last["exit"], run.returncode) == (4, 3, 3)


def test_quiet_leaves_notes_and_errors(small_model):
    run = run_stockcast(
        "predict", SAMPLES / "FB.csv", "-m", small_model, "--log-format", "json", "-q"
    )
    assert run.stderr == b""


def test_another_form_is_wrong_usage(small_model):
    run = run_stockcast("predict", SAMPLES / "FB.csv", "-m", small_model, "--log-format", "xml")
    assert run.returncode == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GOOG", "GOOG"),
        ("Ærø 株価 +1 234,5 ✓", "Ærø 株価 +1 234,5 ✓"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x07\x08\x7f\x9b", r"\x07\x08\x7f\x9b"),
        ("a\rb\tc", r"a\rb\tc"),
        ("\u202elive\u202c", r"\u202elive\u202c"),
        ("\udcff", r"\udcff"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_what_would_steer_a_terminal_is_shown_instead(text, shown):
    assert clean(text) == shown


IN_TURN = """
import json, sys
from stockcast.cli.app import run
for arguments in json.loads(sys.argv[1]):
    try:
        run(arguments)
    except SystemExit:
        sys.stdout.flush()
    print("\\f", end="", flush=True)
"""


def run_on_terminal(*commands, cwd):
    """Run commands with all streams on a terminal, and return what it got of each."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", IN_TURN, json.dumps([list(map(str, one)) for one in commands])],
        stdin=side, stdout=side, stderr=side, cwd=cwd, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(side)
    parts = []
    while True:
        try:
            part = os.read(main, 1 << 16)
        except OSError:  # Linux says so at the end
            break
        if not part:
            break
        parts.append(part)
    os.close(main)
    assert process.wait(timeout=60) == 0
    *shown, rest = b"".join(parts).decode().split("\f")
    assert not rest
    return shown


def write_hostile(path, ticker):
    head, *rows = (SAMPLES / "FB.csv").read_text().splitlines()
    path.write_text("\n".join([f"Ticker,{head}", *(f"{ticker},{row}" for row in rows), ""]))
    return path


@pytest.mark.process
@pytest.mark.parametrize("ticker", [ESCAPES, "[red]x[/red]", ":smile:", "../../x", "=cmd()"])
def test_a_hostile_ticker_is_shown_on_a_terminal_and_does_nothing_there(
    ticker, tmp_path, small_model
):
    prices = write_hostile(tmp_path / "data.csv", ticker)
    commands = (
        ["check", prices],
        ["predict", prices, "-m", small_model],
        ["predict", prices, "-m", small_model, "--ticker", "none"],
        ["score", tmp_path / "none", prices],
    )
    for arguments, shown in zip(commands, run_on_terminal(*commands, cwd=tmp_path), strict=True):
        assert shown.strip(), arguments
        assert not re.search(r"[\x07\x08\x7f\x80-\x9f\u202a-\u202e]|\x1b\]", shown), arguments
        assert "\x1b[31m" not in shown
        if arguments[0] == "check":
            wanted = ticker if ticker.isprintable() else r"\x1b[31mRED"
            assert wanted[:12] in shown
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv"]


@pytest.mark.parametrize("ticker", ["=cmd()", "+1", "-1", "@x", "=1+1|' /C calc'!A0"])
def test_a_formula_in_a_ticker_never_begins_a_cell(ticker, tmp_path, small_model):
    prices = write_hostile(tmp_path / "data.csv", ticker)
    run = run_stockcast("predict", prices, "-m", small_model, "--ledger", tmp_path / "ledger.csv")
    assert run.returncode == 0, run.stderr.decode()
    for line in (run.stdout + (tmp_path / "ledger.csv").read_bytes()).decode().splitlines():
        assert not any(cell.lstrip('"').startswith(("=", "+", "@")) for cell in line.split(","))


def test_a_line_break_in_a_name_makes_no_line_of_its_own(tmp_path, small_model):
    path = tmp_path / "a\n2026-11-22T06:00:01Z trained FB.csv"
    run = run_stockcast("predict", path, "-m", small_model)
    assert run.returncode == 4
    assert not [line for line in run.stderr.decode().splitlines() if line.startswith("2026")]
    path.write_bytes((SAMPLES / "FB.csv").read_bytes())
    run = run_stockcast("predict", path, "-m", small_model)
    assert run.returncode == 0
    assert not [line for line in run.stderr.decode().splitlines() if line.startswith("2026")]
