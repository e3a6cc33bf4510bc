"""What is said on stderr names options as flags, for people and in JSON."""

import json

import pytest

from stockcast.cli.output import console
from stockcast.cli.output.terminal import open_terminal
from stockcast.errors import option


@pytest.fixture(autouse=True)
def terminal():
    """A terminal of the test's own."""
    with open_terminal() as terminal:
        yield terminal


@pytest.mark.parametrize("tell", [console.say, console.warn, console.show_error, console.log])
def test_a_message_names_options_as_flags(tell, capsys):
    tell(f"name {option('date_column')} first")
    assert "name --date-column first\n" in capsys.readouterr().err


def test_a_hint_names_options_as_flags(capsys):
    console.show_error("no date column", f"name it with {option('date_column')}")
    assert capsys.readouterr().err == "error: no date column\n  name it with --date-column\n"


def test_json_names_options_as_flags(capsys, terminal):
    terminal.as_json = True
    console.show_error(f"{option('folds', 0)} is none", f"leave {option('folds')} out")
    record = json.loads(capsys.readouterr().err)
    assert (record["message"], record["hint"]) == ("--folds 0 is none", "leave --folds out")


def test_a_line_feed_in_a_suggested_value_starts_no_new_message(capsys):
    console.show_error("two tickers", f"name one: {option('ticker', chr(10) + 'error: no')}")
    assert capsys.readouterr().err == "error: two tickers\n  name one: --ticker '\\nerror: no'\n"


def test_a_nul_that_is_no_option_is_shown_and_not_written(capsys):
    console.say("A\0B\0C\0D")
    assert capsys.readouterr().err == "A\\x00B\\x00C\\x00D\n"
