"""Files ─▶ histories: what is found, what is refused, and where."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys

import numpy as np
import pytest

from stockcast.errors import PricesNotFound, SeveralTickers, UnreadablePrices
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import choose_one, read_prices

TWO_TICKERS = [
    "Date,Close,Ticker",
    "2013-02-27,1,GOOG",
    "2013-02-27,10,IBM",
    "2013-02-28,2,GOOG",
    "2013-02-28,20,IBM",
]


def test_a_file_is_one_history_called_by_its_stem(write_csv):
    path = write_csv(["Date,Open,Close", "2013-02-27,1,2", "2013-02-28,3,4"], name="GOOG.csv")
    (history,) = read_prices([path])
    assert history.ticker == "GOOG"
    assert list(history.dates) == [np.datetime64("2013-02-27"), np.datetime64("2013-02-28")]
    assert {name: list(values) for name, values in history.columns.items()} == {
        "open": [1.0, 3.0],
        "close": [2.0, 4.0],
    }
    assert history.findings == ()
    assert [history.locate(row) for row in (0, 1)] == [f"{path}:2", f"{path}:3"]


def test_a_source_is_the_name_as_given_and_the_digest_of_the_bytes(write_csv):
    path = write_csv(["Date,Close", "2013-02-27,1"])
    (source,) = read_prices([str(path)])[0].sources
    assert source.name == str(path)
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_made_up_history_is_read_back_as_it_was(write_csv, make_history, to_yahoo):
    made_up = make_history(50)
    (history,) = read_prices([write_csv(to_yahoo(made_up))])
    assert np.array_equal(history.dates, made_up.dates)
    for name, values in made_up.columns.items():
        assert np.array_equal(history.columns[name], values)


def test_a_missing_file_is_refused_by_its_path(tmp_path, expect_refusal):
    path = tmp_path / "none.csv"
    with expect_refusal(PricesNotFound, f"no such file: {path}", hint="stdin"):
        read_prices([path])


def test_a_folder_instead_of_a_file_is_refused_by_its_path(tmp_path, expect_refusal):
    with expect_refusal(PricesNotFound, f"{tmp_path} is a folder", hint=f"{tmp_path}/*.csv"):
        read_prices([tmp_path])


def test_a_path_through_a_file_is_refused(write_csv, expect_refusal):
    path = write_csv(["Date,Close", "2013-02-27,1"]) / "below.csv"
    with expect_refusal(PricesNotFound, path):
        read_prices([path])


def test_an_empty_file_is_refused_by_its_path(write_csv, expect_refusal):
    path = write_csv("")
    with expect_refusal(UnreadablePrices, f"{path} is empty"):
        read_prices([path])


def test_a_header_alone_is_refused_by_its_path(write_csv, expect_refusal):
    path = write_csv(["Date,Close"])
    with expect_refusal(UnreadablePrices, f"{path}: a header and no rows"):
        read_prices([path])


def test_a_wrong_cell_is_refused_by_path_line_and_column(write_csv, expect_refusal):
    path = write_csv(["Date,Close", "2013-02-27,1", "2013-02-28,abc"])
    with expect_refusal(UnreadablePrices, f"{path}:3: Close is 'abc'"):
        read_prices([path])


def test_a_dash_is_stdin():
    stdin = io.BytesIO(b"Date,Close\n2013-02-27,1\n")
    (history,) = read_prices(["-"], stdin=stdin)
    assert (history.ticker, history.name) == ("stdin", "stdin")
    assert list(history.columns["close"]) == [1.0]


def test_stdin_is_called_by_the_ticker_asked_for():
    stdin = io.BytesIO(b"Date,Close\n2013-02-27,1\n")
    assert read_prices(["-"], ReadOptions(ticker="GOOG"), stdin=stdin)[0].ticker == "GOOG"


def test_stdin_is_called_what_the_caller_says_unless_a_ticker_is_asked_for():
    def read(*options, **names):
        stdin = io.BytesIO(b"Date,Close\n2013-02-27,1\n")
        return read_prices(["-"], *options, stdin=stdin, **names)

    assert read(stdin_name="IBM")[0].ticker == "IBM"
    assert read(ReadOptions(ticker="GOOG"), stdin_name="IBM")[0].ticker == "GOOG"


def test_a_ticker_column_from_stdin_says_the_ticker():
    stdin = io.BytesIO("\n".join(TWO_TICKERS).encode())
    histories = read_prices(["-"], stdin=stdin, stdin_name="AAPL")
    assert [history.ticker for history in histories] == ["GOOG", "IBM"]


def test_a_wrong_cell_from_stdin_is_refused_by_line(expect_refusal):
    with expect_refusal(UnreadablePrices, "stdin:2: Close is 'abc'"):
        read_prices(["-"], stdin=io.BytesIO(b"Date,Close\n2013-02-27,abc\n"))


def test_a_ticker_column_gives_one_history_a_ticker(write_csv):
    goog, ibm = read_prices([write_csv(TWO_TICKERS)])
    assert (goog.ticker, ibm.ticker) == ("GOOG", "IBM")
    assert list(goog.columns["close"]) == [1.0, 2.0]
    assert list(ibm.columns["close"]) == [10.0, 20.0]
    assert list(ibm.lines) == [3, 5]


@pytest.mark.parametrize("name", ["NA", "TRUE", "null", "NaN", "1", "1e5", "2013-02-28", "BRK/B"])
def test_a_ticker_is_text_whatever_it_looks_like(name, write_csv):
    path = write_csv(["Date,Close,Ticker", f"2013-02-27,1,{name}", "2013-02-27,10,IBM"])
    assert [history.ticker for history in read_prices([path])] == [name, "IBM"]


def test_histories_come_in_the_order_in_which_their_tickers_first_appear(write_csv):
    first = write_csv(["Date,Close,Ticker", "2013-02-27,1,Z", "2013-02-27,1,A"], name="1.csv")
    second = write_csv(["Date,Close,Ticker", "2013-02-27,1,M", "2013-02-28,1,A"], name="2.csv")
    assert [history.ticker for history in read_prices([first, second])] == ["Z", "A", "M"]


def test_a_ticker_asked_for_is_the_only_one_returned(write_csv):
    (history,) = read_prices([write_csv(TWO_TICKERS)], ReadOptions(ticker="IBM"))
    assert history.ticker == "IBM"
    assert list(history.columns["close"]) == [10.0, 20.0]


def test_an_unknown_ticker_is_refused_with_those_that_are_there(write_csv, expect_refusal):
    path = write_csv(TWO_TICKERS)
    with expect_refusal(UnreadablePrices, path, "no ticker 'APPL'", "GOOG, IBM", hint="ticker="):
        read_prices([path], ReadOptions(ticker="APPL"))


def test_a_file_without_a_ticker_column_is_called_by_the_ticker_asked_for(write_csv):
    path = write_csv(["Date,Close", "2013-02-27,1"], name="download (3).csv")
    assert read_prices([path], ReadOptions(ticker="GOOG"))[0].ticker == "GOOG"


def test_files_of_different_stems_are_different_tickers(write_csv):
    paths = [write_csv(["Date,Close", "2013-02-27,1"], name=f"{name}.csv") for name in "AB"]
    assert [history.ticker for history in read_prices(paths)] == ["A", "B"]


def test_the_only_history_is_chosen_whatever_its_name(make_history):
    history = make_history(3, ticker="GOOG")
    assert choose_one([history], prefer="IBM") is history


def test_of_several_histories_the_preferred_one_is_chosen(make_history):
    histories = [make_history(3, ticker=name) for name in ("GOOG", "IBM")]
    assert choose_one(histories, prefer="IBM") is histories[1]


def test_several_histories_without_a_preferred_one_are_refused_with_their_names(
    make_history, expect_refusal
):
    histories = [make_history(3, ticker=name) for name in ("GOOG", "IBM")]
    with expect_refusal(SeveralTickers, "2 tickers: GOOG, IBM", hint='ticker="GOOG"'):
        choose_one(histories, prefer="AAPL")


def test_a_hundred_tickers_are_not_all_listed(make_history, expect_refusal):
    histories = [make_history(3, ticker=f"T{number}") for number in range(100)]
    with expect_refusal(SeveralTickers, "100 tickers: T0, ", "T7, …") as caught:
        choose_one(histories)
    assert "T8" not in str(caught.value)


# Reads a large file with a wrong row near its top, in a process of its own.
READ_AND_REPORT = """
import sys
from stockcast.errors import StockcastError
from stockcast.prices.csv.reader import read_prices
try:
    read_prices([sys.argv[1]])
except StockcastError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("2013-02-28,abc,", "Close is 'abc'"),
        ("2013-02-28,1", "2 cells in this row"),
    ],
)
def test_a_process_that_refuses_a_large_file_ends_by_itself(bad, message, write_csv):
    rows = f"2013-02-28,1,{'x' * 1000}\n" * 30_000
    path = write_csv(f"Date,Close,X\n{bad}\n{rows}", name="large.csv")
    ended = subprocess.run(
        [sys.executable, "-c", READ_AND_REPORT, path], capture_output=True, text=True, timeout=20
    )
    assert f"large.csv:2: {message}" in ended.stdout
    assert ended.stderr == ""
    assert ended.returncode == UnreadablePrices.exit_code
