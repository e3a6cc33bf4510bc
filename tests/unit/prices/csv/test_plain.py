"""Plain files: which are, and which are left to the judges."""

from __future__ import annotations

import io

import numpy as np
import pytest

from stockcast.errors import UnreadablePrices
from stockcast.prices.csv.judges import judge_tables
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.plain import read_plain
from stockcast.prices.csv.raw import RawFile

HEADER = "Date,Open,High,Low,Close,Adj Close,Volume"
ROWS = ("2013-02-27,1.5,2,1.25,1.75,1.625,100", "2013-02-28,1.75,2.5,1.5,2.25,2.125,0")


def read(*lines, **options):
    content = lines[0] if isinstance(lines[0], bytes) else "\n".join(lines).encode()
    return read_plain(RawFile("data.csv", spool=io.BytesIO(content)), ReadOptions(**options))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_days_and_numbers_are_read(end, last):
    table = read((end.join([HEADER, *ROWS]) + end * last).encode())
    assert list(table.dates) == [np.datetime64("2013-02-27"), np.datetime64("2013-02-28")]
    assert list(table.columns["adj_close"]) == [1.625, 2.125]
    assert list(table.columns["volume"]) == [100, 0]
    assert list(table.lines) == [2, 3]
    assert table.reading.dialect.sample == (
        ("2013-02-27", "1.5", "2", "1.25", "1.75", "1.625", "100"),
    )


@pytest.mark.parametrize(
    "lines",
    [
        ("Date;Close", "2013-02-27;1,5", "2013-02-28;12,345"),
        ("Date\tClose", "2013-02-27\t1,5", "2013-02-28\t12,345"),
        ("Date|Close", "2013-02-27|1.5", "2013-02-28|12.345"),
        ('"Date";"Close"', '"2013-02-27";"1,5"', '"2013-02-28";"12,345"'),
        ('Date,"Close"', '2013-02-27,"1.5"', '"2013-02-28",12.345'),
    ],
)
def test_other_delimiters_decimal_commas_and_quotes_are_plain_too(lines):
    table = read(*lines)
    assert list(table.columns["close"]) == [1.5, 12.345]
    assert table.reading.dialect.delimiter in lines[0]
    assert table.reading.marks.decimal == ("," if "1,5" in lines[1] else ".")
    assert table.reading.dialect.sample[0][1] in ("1,5", "1.5")


@pytest.mark.parametrize("number", ["0.234", "1234.567", "-0.001"])
def test_three_decimals_are_plain_where_some_number_proves_the_mark(number):
    table = read("Date,Close", "2013-02-27,12.345", f"2013-02-28,{number}")
    assert list(table.columns["close"]) == [12.345, float(number)]


def test_what_is_read_can_be_changed_in_place():
    table = read(HEADER, *ROWS)
    table.columns["close"][0] = 3
    table.dates[0] = np.datetime64("2013-02-26")
    assert table.columns["open"][0] == 1.5


@pytest.mark.parametrize(
    "lines",
    [
        (HEADER,),
        (HEADER, ""),
        (HEADER, *ROWS, "", ROWS[0]),
        (HEADER, *ROWS, "2013-03-01,1.5,2,1.25,1.75,1.625"),
        (HEADER, *ROWS, "2013-03-01,1.5,2,1.25,1.75,1.625,"),
        (HEADER, *ROWS, "2013-03-01,1.5,2,1.25,1.75,1.625,nan"),
        (HEADER, *ROWS, "2013-03-01,1.5,2,1.25,1.75,1.625,1e3"),
        (HEADER, *ROWS, "2013-03-01,1.5,2,1.25,1.75,1.625, 1"),
        (HEADER, *ROWS, "2013-02-29,1.5,2,1.25,1.75,1.625,1"),
        (HEADER, *ROWS, "2013-3-1,1.5,2,1.25,1.75,1.625,1"),
        (HEADER, *ROWS, f"2013-03-01,1.5,2,1.25,1.75,1.625,{'9' * 400}"),
        ("Date;Close", "2013-02-28,1.5"),
        ("Date;Close", "2013-02-28;1,234"),  # thousands, perhaps
        ("Date;Open;Close", "2013-02-28;1,5;1.5"),
        ("Date;Close, adj", "2013-02-28;1,5"),
        ("Date,Volume", "2013-02-28,1.5"),
        ("Date,Close_A,Close_B", "2013-02-28,1.5,2.5"),
        ("Date,Timestamp,Close", "2013-02-28,1362009600,1.5"),
        ("Date,Ticker,Close", "2013-02-28,600000,1.5"),
        ("Close,Date", "1.5,2013-02-28"),
        ("2013-02-27,1.5", "2013-02-28,1.5"),
        ('"Date","Close', "2013-02-28,1.5"),
        ("Date,Close", '2013-02-28,"1.5'),
        ("Date,Close", '2013-02-28,"1,5"'),
        ("\ufeffDate,Close", "2013-02-28,1.5"),
        ("Date,Open,High", "2013-02-28,1.5,2.5"),
        ("Date,PRC", "2013-02-28,1.5"),
        ("Date,Close", "2013-02-28,1.234"),  # thousands, perhaps
        ("Notice", "Date,Close", "2013-02-28,1.5"),
    ],
)  # fmt: skip
def test_anything_else_is_left_to_the_judges(lines):
    assert read(*lines) is None


def test_a_file_of_more_than_one_block_is_left_to_the_judges():
    assert read(HEADER, *ROWS * 15_000) is None


@pytest.mark.parametrize(
    "options",
    [
        {"decimal": "."},
        {"wide": True},
        {"column": "Volume"},
        {"date_column": "Date"},
        {"date_format": "ymd"},
        {"encoding": "utf-16"},
        {"header": False},
    ],
)
def test_a_file_that_the_user_says_something_of_is_left_to_the_judges(options):
    assert read(HEADER, *ROWS, **options) is None


def test_a_name_for_the_ticker_and_which_duplicate_to_keep_are_no_matter_of_the_file():
    assert read(HEADER, *ROWS, ticker="A", on_duplicate="last") is not None
    assert read(HEADER, *ROWS, column="Open") is not None


def test_rows_that_another_mark_separates_are_refused_and_not_left_out():
    content = "\n".join([HEADER, *ROWS, *(row.replace(",", ";") for row in ROWS)]).encode()
    raw = RawFile("data.csv", spool=io.BytesIO(content))
    with pytest.raises(UnreadablePrices, match=r"data\.csv:4: 1 cell in this row"):
        judge_tables(raw, ReadOptions())
