"""Rows ─▶ ascending bars, each date once: what is sorted, dropped, left out or refused."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.errors import DuplicateDates, UnreadablePrices
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import read_prices

DIFFERING = [
    "Date,Close",
    "2013-02-26,1",
    "2013-02-27,2",
    "2013-02-27,3",
    "2013-02-28,4",
]


def read_one(path, *options):
    (history,) = read_prices([path], *options)
    return history


def list_days(history):
    return [str(date)[:10] for date in history.dates]


def list_kinds(history):
    return [finding.kind for finding in history.findings]


def test_ascending_rows_are_taken_without_a_finding(write_csv):
    history = read_one(write_csv(["Date,Close", "2013-02-27,1", "2013-02-28,2"]))
    assert history.findings == ()


def test_dates_out_of_order_are_sorted_with_a_finding(write_csv):
    path = write_csv(["Date,Close", "2013-02-25,1", "2013-02-27,3", "2013-02-26,2", "2013-02-28,4"])
    history = read_one(path)
    assert list_days(history) == ["2013-02-25", "2013-02-26", "2013-02-27", "2013-02-28"]
    assert list(history.columns["close"]) == [1.0, 2.0, 3.0, 4.0]
    assert list(history.lines) == [2, 4, 3, 5]
    (finding,) = history.findings
    assert (finding.kind, finding.count) == ("unsorted-dates", 1)
    assert f"{path}:4" in finding.message
    assert "sorted" in finding.message


def test_the_newest_row_first_is_sorted_with_a_finding_that_says_so(write_csv):
    path = write_csv(["Date,Close", "2013-02-28,3", "2013-02-27,2", "2013-02-26,1"])
    history = read_one(path)
    assert list(history.columns["close"]) == [1.0, 2.0, 3.0]
    (finding,) = history.findings
    assert (finding.kind, finding.count) == ("unsorted-dates", 2)
    assert f"{path}: newest row first" in finding.message


def test_times_of_one_day_are_sorted_too(write_csv):
    path = write_csv(["Date,Close", "2013-02-28 10:30,2", "2013-02-28 09:30,1"])
    assert list(read_one(path).columns["close"]) == [1.0, 2.0]


def test_a_repeated_row_is_dropped_with_a_finding(write_csv):
    path = write_csv(["Date,Close,Volume", "2013-02-27,1,5", "2013-02-28,2,6", "2013-02-28,2,6"])
    history = read_one(path)
    assert list(history.columns["close"]) == [1.0, 2.0]
    (finding,) = history.findings
    assert (finding.kind, finding.count) == ("duplicate-dates", 1)
    assert f"{path}: 1 row repeats a date with the same values; dropped" in finding.message


def test_a_repeated_row_with_the_same_gaps_is_dropped_too(write_csv):
    path = write_csv(["Date,Close,Volume", "2013-02-28,2,", "2013-02-28,2,"])
    assert len(read_one(path)) == 1


def test_one_date_with_different_prices_is_refused_with_both_lines_and_both_ways_out(
    write_csv, expect_refusal
):
    path = write_csv(DIFFERING)
    with expect_refusal(
        DuplicateDates,
        f"{path}:4",
        f"{path}:3",
        "2013-02-27",
        hint='on_duplicate="first", or on_duplicate="last"',
    ):
        read_one(path)


def test_one_date_with_a_gap_on_one_side_is_refused(write_csv, expect_refusal):
    path = write_csv(["Date,Close,Volume", "2013-02-28,2,6", "2013-02-28,2,"])
    with expect_refusal(DuplicateDates, "2013-02-28"):
        read_one(path)


def test_more_dates_with_different_prices_are_counted(write_csv, expect_refusal):
    path = write_csv([*DIFFERING, "2013-02-28,5", "2013-02-28,6"])
    with expect_refusal(DuplicateDates, f"{path}:4", "2 more"):
        read_one(path)


@pytest.mark.parametrize(("choice", "kept", "line"), [("first", 2.0, 3), ("last", 3.0, 4)])
def test_the_first_or_last_of_two_different_rows_is_kept_on_demand(choice, kept, line, write_csv):
    history = read_one(write_csv(DIFFERING), ReadOptions(on_duplicate=choice))
    assert list_days(history) == ["2013-02-26", "2013-02-27", "2013-02-28"]
    assert list(history.columns["close"]) == [1.0, kept, 4.0]
    assert history.lines[1] == line
    (finding,) = history.findings
    assert (finding.kind, finding.count) == ("conflicting-dates", 1)
    assert f"the {choice} was kept" in finding.message


@pytest.mark.parametrize(("choice", "kept"), [("first", 1.0), ("last", 3.0)])
def test_of_three_rows_of_one_date_one_is_kept(choice, kept, write_csv):
    path = write_csv(["Date,Close", "2013-02-28,1", "2013-02-28,2", "2013-02-28,3"])
    assert list(read_one(path, ReadOptions(on_duplicate=choice)).columns["close"]) == [kept]


@pytest.mark.parametrize(("choice", "kept"), [("first", 3.0), ("last", 2.0)])
def test_first_and_last_mean_the_file_s_order_when_its_newest_row_is_first(choice, kept, write_csv):
    path = write_csv(["Date,Close", "2013-02-28,4", "2013-02-27,3", "2013-02-27,2", "2013-02-26,1"])
    history = read_one(path, ReadOptions(on_duplicate=choice))
    assert list(history.columns["close"]) == [1.0, kept, 4.0]


def test_two_tickers_on_one_date_are_no_duplicates(write_csv):
    path = write_csv(["Date,Close,Ticker", "2013-02-28,1,A", "2013-02-28,2,B"])
    assert [len(history) for history in read_prices([path])] == [1, 1]


def test_rows_without_any_price_are_left_out_with_a_finding(write_csv):
    path = write_csv(
        [
            "Date,Open,Close,Volume",
            "2013-02-26,1,2,5",
            "2013-02-27,null,null,null",
            "2013-02-28,,,0",
            "2013-03-01,3,4,6",
        ]
    )
    history = read_one(path)
    assert list_days(history) == ["2013-02-26", "2013-03-01"]
    assert list(history.lines) == [2, 5]
    (finding,) = history.findings
    assert (finding.kind, finding.count) == ("unpriced-rows", 2)
    assert f"{path}: 2 rows have no price, the first in line 3" in finding.message


def test_a_row_with_one_price_of_several_is_kept(write_csv):
    history = read_one(write_csv(["Date,Open,Close", "2013-02-27,1,", "2013-02-28,,2"]))
    assert len(history) == 2
    assert np.isnan(history.columns["close"][0])


def test_a_file_without_any_price_is_refused(write_csv, expect_refusal):
    path = write_csv(["Date,Close,Volume", "2013-02-27,,5", "2013-02-28,null,6"])
    with expect_refusal(UnreadablePrices, f"{path}: no row has a price"):
        read_one(path)


def test_an_unpriced_row_is_no_duplicate_of_a_priced_one(write_csv):
    path = write_csv(["Date,Close", "2013-02-28,null", "2013-02-28,2"])
    history = read_one(path)
    assert list(history.columns["close"]) == [2.0]
    assert list_kinds(history) == ["unpriced-rows"]


def test_files_of_one_ticker_are_joined_by_date(write_csv):
    newer = write_csv(["Date,Close", "2013-02-27,3", "2013-02-28,4"], name="b.csv")
    older = write_csv(["Date,Close", "2013-02-25,1", "2013-02-26,2"], name="a.csv")
    (history,) = read_prices([newer, older], ReadOptions(ticker="GOOG"))
    assert list(history.columns["close"]) == [1.0, 2.0, 3.0, 4.0]
    assert [history.locate(row) for row in range(4)] == [
        f"{older}:2",
        f"{older}:3",
        f"{newer}:2",
        f"{newer}:3",
    ]
    assert [source.name for source in history.sources] == [str(newer), str(older)]


def test_files_with_a_ticker_column_are_joined_ticker_by_ticker(write_csv):
    older = write_csv(
        ["Date,Close,Ticker", "2013-02-27,1,A", "2013-02-27,10,B"], name="2013-02-27.csv"
    )
    newer = write_csv(
        ["Date,Close,Ticker", "2013-02-28,20,B", "2013-02-28,2,A"], name="2013-02-28.csv"
    )
    first, second = read_prices([older, newer])
    assert list(first.columns["close"]) == [1.0, 2.0]
    assert list(second.columns["close"]) == [10.0, 20.0]
    assert first.findings == second.findings == ()


def test_rows_that_two_files_share_are_dropped_with_a_finding(write_csv):
    older = write_csv(["Date,Close", "2013-02-26,1", "2013-02-27,2"], name="a.csv")
    newer = write_csv(["Date,Close", "2013-02-27,2", "2013-02-28,3"], name="b.csv")
    (history,) = read_prices([older, newer], ReadOptions(ticker="GOOG"))
    assert list(history.columns["close"]) == [1.0, 2.0, 3.0]
    assert "duplicate-dates" in list_kinds(history)


@pytest.mark.parametrize(("choice", "kept"), [("first", 0.25), ("last", 0.75)])
def test_first_and_last_mean_the_file_s_order_on_each_of_many_dates(choice, kept, write_csv):
    days = [f"2013-{month:02}-{day:02}" for month in range(12, 0, -1) for day in range(28, 0, -1)]
    rows = [
        f"{day},{number + part}" for number, day in enumerate(days, 1) for part in (0.25, 0.5, 0.75)
    ]
    history = read_one(write_csv(["Date,Close", *rows]), ReadOptions(on_duplicate=choice))
    expected = [number + kept for number in range(len(days), 0, -1)]
    assert list(history.columns["close"]) == expected


@pytest.mark.parametrize(("choice", "kept"), [("first", 2.0), ("last", 2.5)])
def test_of_two_files_that_disagree_the_first_or_last_named_wins_on_demand(
    choice, kept, write_csv, expect_refusal
):
    older = write_csv(["Date,Close", "2013-02-26,1", "2013-02-27,2"], name="a.csv")
    newer = write_csv(["Date,Close", "2013-02-27,2.5", "2013-02-28,3"], name="b.csv")
    with expect_refusal(DuplicateDates, f"{older}:3", f"{newer}:2"):
        read_prices([older, newer], ReadOptions(ticker="GOOG"))
    (history,) = read_prices([older, newer], ReadOptions(ticker="GOOG", on_duplicate=choice))
    assert list(history.columns["close"]) == [1.0, kept, 3.0]


def test_files_of_one_ticker_with_different_columns_are_refused(write_csv, expect_refusal):
    first = write_csv(["Date,Close", "2013-02-27,1"], name="a.csv")
    second = write_csv(["Date,Close,Volume", "2013-02-28,2,5"], name="b.csv")
    with expect_refusal(UnreadablePrices, first, second, "volume", hint="one layout"):
        read_prices([first, second], ReadOptions(ticker="GOOG"))


def test_files_of_one_ticker_may_have_their_columns_in_another_order(write_csv):
    first = write_csv(["Date,Open,Close", "2013-02-27,1,2"], name="a.csv")
    second = write_csv(["Close,Open,Date", "4,3,2013-02-28"], name="b.csv")
    (history,) = read_prices([first, second], ReadOptions(ticker="GOOG"))
    assert list(history.columns["open"]) == [1.0, 3.0]
    assert list(history.columns["close"]) == [2.0, 4.0]
