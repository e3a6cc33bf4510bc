"""Header names ─▶ canonical column names."""

from __future__ import annotations

import pytest

from stockcast.errors import UnreadablePrices
from stockcast.prices.columns import match_columns


def test_yahoo_s_header_is_known_by_name_and_place():
    header = ["Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"]
    assert match_columns(header, where="data.csv:1") == {
        "date": 0,
        "open": 1,
        "high": 2,
        "low": 3,
        "close": 4,
        "adj_close": 5,
        "volume": 6,
    }


def test_columns_are_found_by_name_whatever_their_order():
    assert match_columns(["Volume", "Close", "Date"], where="") == {
        "volume": 0,
        "close": 1,
        "date": 2,
    }


@pytest.mark.parametrize(
    "cell",
    [
        "Adj Close",
        "adj_close",
        "ADJ CLOSE",
        "Adj. Close",
        "Adj Close*",
        "Adjusted Close",
        "adjClose",
    ],
)
def test_case_spaces_and_punctuation_of_a_name_do_not_count(cell):
    assert match_columns(["date", cell], where="") == {"date": 0, "adj_close": 1}


@pytest.mark.parametrize("cell", ["Ticker", "symbol", "SYMBOL"])
def test_a_ticker_column_is_known(cell):
    assert match_columns(["Date", "Close", cell], where="")["ticker"] == 2


def test_columns_of_no_use_are_passed_over():
    assert match_columns(["", "Date", "Dividends", "Close"], where="") == {"date": 1, "close": 3}


def test_no_date_column_is_refused_with_the_header(refuses):
    with refuses(
        UnreadablePrices, "data.csv:1", "no date column", "'Day'", "'Close'", hint="Date,Open"
    ):
        match_columns(["Day", "Close"], where="data.csv:1")


def test_no_price_column_is_refused_with_the_header(refuses):
    with refuses(UnreadablePrices, "data.csv:1", "no price column", "'Volume'", hint="Adj Close"):
        match_columns(["Date", "Volume"], where="data.csv:1")


def test_two_columns_of_one_name_are_refused_with_both(refuses):
    with refuses(UnreadablePrices, "data.csv:1", "the close", "'Close'", "'CLOSE'", hint="rename"):
        match_columns(["Date", "Close", "CLOSE"], where="data.csv:1")


def test_a_header_of_many_columns_is_not_written_out_whole(refuses):
    with refuses(UnreadablePrices, "'c11'") as caught:
        match_columns([f"c{number}" for number in range(500)], where="data.csv:1")
    assert "'c12'" not in str(caught.value)
