"""How a price file is read, in lines and rows."""

from __future__ import annotations

from stockcast.report.reading_wording import (
    TICKER_TITLES,
    list_findings,
    list_lines,
    list_tickers,
    strip_name,
)
from stockcast.workflows.checking import check


def describe(write_csv, *lines):
    (checked,) = check(write_csv(lines))
    return checked.description


def test_a_reading_is_described_line_by_line(write_csv):
    entry = describe(write_csv, "Date;Close", "2021-03-11;1,5", "2021-03-12;2,5")
    assert dict(list_lines(entry)) == {
        "text": f"{entry['encoding']}, delimiter ';', a header",
        "dates": "'Date' as %Y-%m-%d: year first, so nothing to settle",
        "numbers": "decimal ','",
        "columns": "close 'Close'",
        "rows": "2, daily, ascending",
    }


def test_tickers_beyond_the_most_are_counted(write_csv):
    rows = [f"2021-03-{day},1.5,T{number}" for number in range(4) for day in (11, 12)]
    entry = describe(write_csv, "Date,Close,Ticker", *rows)
    shown = list_tickers(entry, most=3)
    assert shown[0] == ("T0", "2", "0", "2021-03-11", "2021-03-12", "1.5", "1.5")
    assert len(shown[0]) == len(TICKER_TITLES)
    assert shown[3:] == [("… and 1 more",)]
    assert len(list_tickers(entry, most=4)) == 4


def test_findings_of_one_kind_are_one_sentence():
    found = [
        {"kind": "gap", "message": "a.csv:5: a gap"},
        {"kind": "jump", "message": "a.csv has a jump"},
        {"kind": "gap", "message": "a.csv:9: a gap"},
    ]
    sentences = list_findings({"file": "a.csv", "findings": found})
    assert sentences == ["line 5: a gap (and 1 more)", "has a jump"]


def test_the_name_of_a_file_is_taken_as_it_is():
    assert strip_name("a+b.csv:5: x", "a+b.csv") == "line 5: x"
