"""Checking from Python: how each file is read, as values; nothing is raised for a bad one."""

from __future__ import annotations

import pytest

import stockcast as sc
from stockcast.errors import PricesNotFound
from tests.support import SAMPLES

FB = SAMPLES / "FB.csv"


def test_a_file_that_reads_says_how_and_what_is_in_it():
    (found,) = sc.check(FB)
    assert (found.file, found.verdict) == (str(FB), "read")
    assert found.description["decimal"] == "."
    frame = found.to_frame()
    assert len(frame) == 1
    assert frame["rows"].tolist() == [196]
    assert frame["last_close"].tolist() == [27.78]


def test_a_description_is_of_each_file_in_its_order(write_csv):
    bad = write_csv(["Date,Close", "2013-02-28,x"])
    found = sc.check([bad, FB, bad])  # named twice, described once
    assert [one.file for one in found] == [str(bad), str(FB)]
    assert [one.verdict for one in found] == ["refuse", "read"]


def test_a_file_that_cannot_be_read_says_why_and_has_no_rows(write_csv):
    bad = write_csv(["Date,Close", "2013-02-28,x"])
    (found,) = sc.check(bad)
    assert "Close is 'x'" in found.description["why"]
    assert found.findings == []
    assert found.to_frame().empty


def test_a_file_that_is_not_there_is_described_too(tmp_path):
    missing = tmp_path / "none.csv"
    (found,) = sc.check(missing)
    assert found.verdict == "refuse"
    assert found.description["why"] == f"no such file: {missing}"


def test_a_pattern_that_matches_nothing_is_refused(tmp_path):
    with pytest.raises(PricesNotFound):
        sc.check(str(tmp_path / "*.csv"))


def test_a_question_is_answered_by_an_option_that_is_named_as_the_caller_writes_it(write_csv):
    path = write_csv(["Date,Close", "01/02/2013,1.5", "02/02/2013,1.6", "03/02/2013,1.7"])
    (asked,) = sc.check(path)
    assert asked.verdict == "ask"
    assert "date_format=" in asked.description["hint"]
    (told,) = sc.check(path, style="command-line")
    assert "--date-format" in told.description["hint"]
    (answered,) = sc.check(path, reading=sc.ReadOptions(date_format="%d/%m/%Y"))
    assert answered.verdict == "read"
    assert answered.to_frame()["last_date"].tolist() == ["2013-02-03"]


def test_findings_are_sentences(write_csv):
    path = write_csv(["Date,Close", "2013-02-26,10", "2013-02-27,10", "2013-02-28,1000"])
    (found,) = sc.check(path)
    assert len(found.findings) == len(found.description["findings"]) >= 1
    assert all(sentence.startswith(str(path)) for sentence in found.findings)
