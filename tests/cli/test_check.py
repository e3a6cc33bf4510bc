"""`stockcast check` as a process of its own."""

import json

import pytest

from tests.support import SAMPLES, run_stockcast

GERMAN = "Datum;Schluss\n13.01.2023;15.086,52\n16.01.2023;15.134,04\n"
UNCLEAR = "Date,Close\n03/01/2023,10.5\n04/02/2023,11.0\n"


@pytest.mark.slow
def test_one_file_is_one_json_document_with_all_that_was_told(tmp_path):
    prices = tmp_path / "dax.csv"
    prices.write_text(GERMAN)
    run = run_stockcast("check", prices, "--format", "json")
    told = json.loads(run.stdout)
    assert run.returncode == 0
    assert (told["verdict"], told["delimiter"], told["decimal"]) == ("read", ";", ",")
    assert (told["date_format"], told["date_rule"]) == ("%d.%m.%Y", "unique")
    assert told["tickers"][0]["last_close"] == 15134.04


def test_several_files_are_a_list_and_one_that_cannot_be_read_stops_no_other(tmp_path):
    prices = tmp_path / "unclear.csv"
    prices.write_text(UNCLEAR)
    paths = [prices, tmp_path / "no.csv", SAMPLES / "FB.csv"]
    run = run_stockcast("check", *paths, "--format", "json")
    assert run.returncode == 4
    told = json.loads(run.stdout)
    assert [entry["verdict"] for entry in told] == ["ask", "refuse", "read"]
    assert "no such file" in told[1]["why"]


def test_the_table_goes_to_stderr_and_stdout_stays_empty():
    run = run_stockcast("check", SAMPLES / "FB.csv")
    text = run.stderr.decode()
    assert run.returncode == 0
    assert run.stdout == b""
    assert "'Date' as %Y-%m-%d" in text
    assert "196" in text
    assert "2013-03-01" in text


def test_a_question_names_the_option_and_the_option_answers_it(tmp_path):
    prices = tmp_path / "unclear.csv"
    prices.write_text(UNCLEAR)
    run = run_stockcast("check", prices)
    assert run.returncode == 4
    assert b"--date-format" in run.stderr
    run = run_stockcast("check", prices, "--date-format", "%m/%d/%Y", "--format", "json")
    assert run.returncode == 0
    assert json.loads(run.stdout)["tickers"][0]["first_date"] == "2023-03-01"


def test_a_calendar_is_asked_about_and_told_once_it_is_known(tmp_path):
    prices = tmp_path / "tehran.csv"
    prices.write_text("Date,Close\n1391/12/11,10.5\n1391/12/12,11.0\n")
    run = run_stockcast("check", prices)
    assert run.returncode == 4
    assert b"would be 2013-03-01" in run.stderr
    assert b"say which: --date-format jalali or --date-format gregorian" in run.stderr
    run = run_stockcast("check", prices, "--date-format", "jalali", "--format", "json")
    told = json.loads(run.stdout)
    assert run.returncode == 0
    assert told["tickers"][0]["first_date"] == "2013-03-01"
    assert [found["kind"] for found in told["findings"]] == ["other-calendar", "old-last-bar"]


def test_quiet_still_says_what_is_refused(tmp_path):
    prices = tmp_path / "unclear.csv"
    prices.write_text(UNCLEAR)
    run = run_stockcast("check", prices, SAMPLES / "FB.csv", "-q")
    assert run.returncode == 4
    assert b"unclear.csv:2" in run.stderr
    assert b"FB.csv" not in run.stderr


@pytest.mark.slow
def test_a_json_log_has_a_line_a_finding_and_a_line_a_verdict(tmp_path):
    prices = tmp_path / "unclear.csv"
    prices.write_text(UNCLEAR)
    run = run_stockcast("check", SAMPLES / "FB.csv", prices, "--log-format", "json")
    assert (run.returncode, run.stdout) == (4, b"")
    log = [json.loads(line) for line in run.stderr.splitlines()]
    *findings, read, asked = log
    assert {one["command"] for one in log} == {"check"}
    told = json.loads(run_stockcast("check", SAMPLES / "FB.csv", "--format", "json").stdout)
    assert [one["message"] for one in findings] == [one["message"] for one in told["findings"]]
    assert {(one["level"], one["file"]) for one in findings} == {("note", told["file"])}
    assert "old-last-bar" in {one["kind"] for one in findings}
    assert (read["level"], read["file"], read["verdict"]) == ("info", told["file"], "read")
    assert read["reading"]["tickers"] == told["tickers"]
    assert (asked["level"], asked["file"], asked["verdict"]) == ("error", str(prices), "ask")
    assert asked["exit"] == 4
    assert "--date-format" in asked["hint"]
    run = run_stockcast("check", SAMPLES / "FB.csv", prices, "--log-format", "json", "-q")
    assert [json.loads(line)["verdict"] for line in run.stderr.splitlines()] == ["ask"]


def test_a_pipe_is_checked_too():
    run = run_stockcast("check", "-", "--format", "json", stdin=GERMAN.encode("cp1252"))
    assert json.loads(run.stdout)["file"] == "stdin"


def test_wrong_answers_are_wrong_usage(tmp_path):
    for arguments in (
        ["--date-format", "whenever"],
        ["--delimiter", "ab"],
        ["--encoding", "klingon"],
        ["--decimal", ",", "--thousands", ","],
    ):
        assert run_stockcast("check", SAMPLES / "FB.csv", *arguments).returncode == 2, arguments
