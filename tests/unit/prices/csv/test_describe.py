"""What `describe_file` tells of a file: plain values, whatever the file is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from stockcast.errors import PricesNotFound
from stockcast.prices.csv.describe import describe_file, describe_interval, describe_order
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import open_raw


@pytest.fixture
def describe(write_csv):
    def call(*lines, **options):
        return describe_file(open_raw(write_csv(lines)), ReadOptions(**options))

    return call


def test_a_file_in_yahoo_s_layout_is_told_in_full(describe):
    told = describe(
        "Date,Open,High,Low,Close,Adj Close,Volume",
        "2021-03-11,1.25,2.5,1,1.5,1.375,100",
        "2021-03-12,1.75,3,1.5,2.75,2.5,200",
        "2021-03-15,2.5,2.75,2,2.25,2,300",
    )
    path = told.pop("file")
    assert path.endswith("data.csv")
    expected = {
        "verdict": "read",
        "why": None,
        "encoding": "utf-8",
        "delimiter": ",",
        "header": ["Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"],
        "decimal": ".",
        "thousands": "",
        "date_column": "Date",
        "time_column": None,
        "date_format": "%Y-%m-%d",
        "date_rule": "iso",
        "timezone": None,
        "interval": "daily",
        "order_in_file": "ascending",
        "ticker_column": None,
        "close_column": "Close",
        "adjusted_column": "Adj Close",
        "open_column": "Open",
        "high_column": "High",
        "low_column": "Low",
        "volume_column": "Volume",
        "undated_rows": 0,
        "rows_total": 3,
        "duplicate_dates": [],
        "tickers": [
            {
                "ticker": None,
                "rows": 3,
                "dropped": 0,
                "first_date": "2021-03-11",
                "last_date": "2021-03-15",
                "first_close": 1.5,
                "last_close": 2.25,
                "max_close": 2.75,
                "sum_close": 6.5,
                "last_open": 2.5,
                "last_volume": 300.0,
            }
        ],
    }
    assert {key: told[key] for key in expected} == expected


def test_figures_are_those_of_the_rows_in_order_of_date(describe):
    (told,) = describe("Date,Close", "2021-03-15,3", "2021-03-12,2", "2021-03-11,1")["tickers"]
    assert (told["first_date"], told["first_close"]) == ("2021-03-11", 1.0)
    assert (told["last_date"], told["last_close"]) == ("2021-03-15", 3.0)


def test_a_dated_row_without_a_price_is_dropped_and_counted(describe):
    told = describe("Date,Close", "2021-03-11,1", "2021-03-12,null", "2021-03-15,3")
    assert [(one["rows"], one["dropped"]) for one in told["tickers"]] == [(2, 1)]
    assert "unpriced-rows" in [finding["kind"] for finding in told["findings"]]


def test_a_date_that_stands_twice_is_told_and_the_file_is_read(describe):
    told = describe("Date,Close", "2021-03-11,1", "2021-03-11,2", "2021-03-12,3")
    assert told["verdict"] == "read"
    assert told["duplicate_dates"] == ["2021-03-11"]
    (finding,) = [one for one in told["findings"] if one["kind"] == "conflicting-dates"]
    assert "on_duplicate=" in finding["message"]


def test_a_choice_for_dates_that_stand_twice_needs_no_advice(describe):
    told = describe("Date,Close", "2021-03-11,1", "2021-03-11,2", on_duplicate="last")
    (finding,) = [one for one in told["findings"] if one["kind"] == "conflicting-dates"]
    assert "on_duplicate=" not in finding["message"]


def test_each_ticker_is_told_of_with_its_findings(describe):
    told = describe("Date,Close,Ticker", "2021-03-11,1,A", "2021-03-11,2,B", "2021-03-11,2,B")
    assert [(one["ticker"], one["rows"]) for one in told["tickers"]] == [("A", 1), ("B", 2)]
    assert told["ticker_column"] == "Ticker"
    assert {one["ticker"] for one in told["findings"] if one["kind"] == "duplicate-dates"} == {"B"}


def test_a_ticker_without_any_price_is_told_of_beside_the_others(describe):
    told = describe("Date,Close,Ticker", "2021-03-11,1,A", "2021-03-11,null,B")
    assert [(one["ticker"], one["rows"], one["dropped"]) for one in told["tickers"]] == [
        ("A", 1, 0),
        ("B", 0, 1),
    ]
    assert [one["ticker"] for one in told["findings"] if one["kind"] == "unpriced-ticker"] == ["B"]


def test_a_refusal_is_told_with_its_reason_and_what_to_do(describe):
    told = describe("Date,Close", "2021-03-11,1", "2021-03-12,abc")
    assert told["verdict"] == "refuse"
    assert "data.csv:3: Close is 'abc'" in told["why"]
    assert told["hint"]


def test_a_question_is_told_with_the_option_that_answers_it(describe):
    told = describe("Date,Close", "1/2/2021,1.5")
    assert told["verdict"] == "ask"
    assert "1/2/2021" in told["why"]
    assert "date_format=" in told["hint"]
    assert told["choices"] == []
    assert describe("Date,Close", "1/2/2021,1.5", date_format="dmy")["date_rule"] == "given"


def test_options_are_named_as_the_reader_of_the_description_wants(write_csv):
    def describe_as_flags(*lines):
        raw = open_raw(write_csv(lines))
        return describe_file(raw, ReadOptions(), style="command-line")

    asked = describe_as_flags("Date,Close", "1/2/2021,1.5")
    both = "--date-format '%d/%m/%Y' or --date-format '%m/%d/%Y'"
    assert asked["hint"] == f"say which: {both}"
    twice = describe_as_flags("Date,Close", "2021-03-11,1", "2021-03-11,2", "2021-03-12,3")
    (finding,) = [one for one in twice["findings"] if one["kind"] == "conflicting-dates"]
    assert finding["message"].endswith("ask for --on-duplicate first|last")


def test_a_missing_file_is_no_verdict(tmp_path, expect_refusal):
    with expect_refusal(PricesNotFound, "no such file"):
        describe_file(open_raw(tmp_path / "none.csv"), ReadOptions())


@pytest.mark.parametrize(
    "lines",
    [
        ["Date,Close", "2021-03-11,1.5", "2021-03-11,2.5"],
        ["Date,Close,Ticker", "2021-03-11,null,A", "2021-03-12,1,B"],
        ["Date,AAA,BBB", "2021-03-11,1.5,2.5"],
        ["Date,Close", "1/2/2021,1.5"],
        ["Date,Close", "2021-03-11,abc"],
        ["Date,Open,Close", "2021-03-11,1.5,null"],
        ["nothing"],
    ],
    ids=lambda lines: lines[-1],
)
def test_whatever_is_told_can_be_written_as_json(lines, describe):
    told = describe(*lines)
    written = json.loads(json.dumps(told, allow_nan=False))
    assert written.keys() == told.keys()
    assert written["verdict"] == told["verdict"]


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (np.timedelta64(1, "s"), "1s"),
        (np.timedelta64(1, "m"), "1min"),
        (np.timedelta64(5, "m"), "5min"),
        (np.timedelta64(1, "h"), "hourly"),
        (np.timedelta64(4, "h"), "240min"),
        (np.timedelta64(1, "D"), "daily"),
        (np.timedelta64(7, "D"), "weekly"),
        (np.timedelta64(30, "D"), "monthly"),
        (np.timedelta64(91, "D"), "quarterly"),
        (np.timedelta64(365, "D"), "yearly"),
    ],
)
def test_an_interval_is_called_by_its_usual_step(step, name):
    start = np.datetime64("2021-03-11", "us")
    assert describe_interval(start + np.arange(9) * step) == name


def test_one_bar_has_no_interval():
    assert describe_interval(np.array(["2021-03-11"], "datetime64[us]")) is None


@pytest.mark.parametrize(
    ("days", "order"),
    [
        ([1, 2, 3], "ascending"),
        ([1, 1, 2], "ascending"),
        ([3, 2, 2], "descending"),
        ([1, 3, 2], "mixed"),
        ([1], "ascending"),
    ],
)
def test_the_order_of_the_rows_is_named(days, order):
    dates = np.datetime64("2021-03-01", "us") + np.array(days) * np.timedelta64(1, "D")
    assert describe_order(dates) == order
