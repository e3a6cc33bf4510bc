"""`stockcast demo`: what it shows is what it did, and it writes over nothing."""

import re
import shlex
import sys

import pytest

from stockcast.cli.output.demo import show_what_next
from stockcast.cli.output.terminal import open_terminal
from stockcast.workflows.demo import SAMPLE
from tests.support import SAMPLES, run_stockcast


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(place):
    """What the demo printed in an empty folder."""
    run = run_stockcast("demo", cwd=place)
    assert run.returncode == 0, run.stderr.decode()
    return run


def list_commands(stderr, prompt):
    lines = re.findall(rf"^{prompt}(stockcast .*)$", stderr.decode(), re.MULTILINE)
    return [shlex.split(line)[1:] for line in lines]


@pytest.mark.slow
def test_the_demo_prints_a_forecast_and_leaves_one_folder(shown, place):
    header, row = shown.stdout.decode().splitlines()
    assert header.startswith("ticker,date,step,forecast,lower_80,")
    assert row.startswith("GOOG,2013-03-04,1,")
    assert row.endswith(",stockcast-demo/GOOG.safetensors")
    assert [one.name for one in place.iterdir()] == ["stockcast-demo"]
    assert (place / "stockcast-demo/GOOG.csv").read_bytes() == SAMPLE.read_bytes()
    assert b"verdict: How far: " in shown.stderr


@pytest.mark.slow
def test_the_commands_that_the_demo_shows_do_what_it_did(shown, place):
    train, predict = list_commands(shown.stderr, r"\$ ")
    again = run_stockcast(*train, "--if-changed", cwd=place)
    assert again.returncode == 0
    assert b"of the same data and recipe: nothing to do" in again.stderr
    assert run_stockcast(*predict, cwd=place).stdout == shown.stdout


@pytest.mark.slow
def test_what_the_demo_says_to_try_next_works(shown, place):
    folder = place / "stockcast-demo"
    (folder / "prices.csv").write_bytes((SAMPLES / "FB.csv").read_bytes())
    commands = list_commands(shown.stderr, "  ")
    assert [one[0] for one in commands] == ["predict", "backtest", "train"]
    for one in commands:
        quick = ["--epochs", "1"] if one[0] == "train" else []
        run = run_stockcast(*one, *quick, cwd=folder)
        assert run.returncode == 0, run.stderr.decode()
    assert (folder / "next.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", ["GOOG.csv", "notes.txt"])
def test_the_demo_writes_over_nothing(tmp_path, name):
    (tmp_path / name).write_text("mine")
    run = run_stockcast("demo", tmp_path)
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"has other files in it" in run.stderr
    assert b"name another: stockcast demo DIR" in run.stderr
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {name: "mine"}


def test_a_demo_that_cannot_write_is_exit_8(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert run_stockcast("demo", tmp_path / "file").returncode == 8


def test_the_folder_to_go_on_in_is_quoted_for_a_shell(tmp_path, capsys):
    with open_terminal():
        show_what_next(tmp_path / "a b")
    assert f"  cd '{tmp_path}/a b'\n" in capsys.readouterr().err


def test_a_picture_is_only_suggested_where_it_can_be_drawn(tmp_path, capsys, monkeypatch):
    with open_terminal():
        show_what_next(tmp_path)
        assert "--horizon 5 --chart next.png\n" in capsys.readouterr().err
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        show_what_next(tmp_path)
    said = capsys.readouterr().err
    assert "--horizon 5\n" in said
    assert "draw" not in said


@pytest.mark.parametrize("setting", ["quiet", "as_json"])
def test_what_to_try_next_is_for_people(tmp_path, capsys, setting):
    with open_terminal() as terminal:
        setattr(terminal, setting, True)
        show_what_next(tmp_path)
    assert capsys.readouterr().err == ""
