"""`stockcast` alone, and `--version`: what a first look at the command shows."""

import re
from importlib import metadata

import pytest

from stockcast import __version__
from stockcast.cli.app import COMMANDS
from tests.support import run_stockcast


def test_without_a_command_an_overview_is_on_stderr():
    run = run_stockcast()
    assert run.returncode == 2
    assert run.stdout == b""
    lines = run.stderr.decode().splitlines()
    assert lines[0] == f"stockcast {__version__}: a price CSV in, a forecast CSV out"
    for name in ("train", "predict", "backtest"):
        assert any(line.startswith(f"  stockcast {name} prices.csv") for line in lines)
        assert COMMANDS[name].split()[0] in run.stderr.decode()


def test_every_command_of_the_overview_is_one():
    typed = re.findall(r"^  stockcast (\S+)", run_stockcast().stderr.decode(), re.MULTILINE)
    assert typed == ["train", "predict", "backtest", "demo", "--help", "train"]
    assert set(typed) <= {*COMMANDS, "--help"}


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_no_line_of_the_overview_is_longer_than_the_terminal(columns):
    lines = run_stockcast(env={"COLUMNS": str(columns)}).stderr.decode().splitlines()
    # What does not go to a terminal is not folded, and so neither is the title.
    assert max(map(len, lines[1:])) <= columns
    assert lines == [line.rstrip() for line in lines]
    assert b"\x1b" not in run_stockcast(env={"COLUMNS": str(columns)}).stderr


def test_a_json_log_has_a_line_a_command_of_the_overview():
    run = run_stockcast(env={"STOCKCAST_LOG_FORMAT": "json"})
    assert len(run.stderr.splitlines()) == 7
    assert all(line.startswith(b'{"time": ') for line in run.stderr.splitlines())


@pytest.mark.slow
def test_the_version_stands_alone_on_the_first_line_and_others_that_matter_on_the_second():
    run = run_stockcast("--version")
    assert (run.returncode, run.stderr) == (0, b"")
    first, second = run.stdout.decode().splitlines()
    assert first == f"stockcast {__version__}"
    assert f", numpy {metadata.version('numpy')}, llvmlite {metadata.version('llvmlite')}" in second


def test_the_version_of_what_is_not_installed_is_left_out(monkeypatch):
    found = metadata.version

    def find_but_tensorflow(name):
        if name == "tensorflow":
            raise metadata.PackageNotFoundError(name)
        return found(name)

    monkeypatch.setattr(metadata, "version", find_but_tensorflow)
    assert b"tensorflow" not in run_stockcast("--version").stdout
