"""One CSV's cells: what is a date, what is a number, and where a wrong one stands."""

from __future__ import annotations

import hashlib
import io
from contextlib import closing

import numpy as np
import pytest

from stockcast.errors import AmbiguousPrices, UnreadablePrices
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.reader import open_raw, read_tables

PADDING = "x" * 1000  # an unused cell, so that few rows are many megabytes


def read(*lines, **options):
    return read_bytes("\n".join(lines).encode(), **options)


def read_bytes(content, **options):
    (table,) = read_tables(RawFile("data.csv", spool=io.BytesIO(content)), ReadOptions(**options))
    return table


def test_yahoo_s_layout_is_read_as_it_stands():
    table = read(
        "Date,Open,High,Low,Close,Adj Close,Volume",
        "2013-02-27,1.5,2,1.25,1.75,1.625,100",
        "2013-02-28,1.75,2.5,1.5,2.25,2.125,0",
    )
    assert list(table.dates) == [np.datetime64("2013-02-27"), np.datetime64("2013-02-28")]
    assert {name: list(values) for name, values in table.columns.items()} == {
        "open": [1.5, 1.75],
        "high": [2.0, 2.5],
        "low": [1.25, 1.5],
        "close": [1.75, 2.25],
        "adj_close": [1.625, 2.125],
        "volume": [100.0, 0.0],
    }
    assert list(table.lines) == [2, 3]
    assert table.ticker is None
    assert table.ticker_codes is None


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0.1", 0.1),
        ("18.171785354614258", 18.171785354614258),
        ("1e-5", 1e-5),
        ("1E5", 1e5),
        ("-2.5", -2.5),
        ("+2.5", 2.5),
        (".5", 0.5),
        ("5.", 5.0),
        (" 7 ", 7.0),
        ('"8"', 8.0),
        ("123456789012345678", 123456789012345678.0),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("5e-324", 5e-324),
    ],
)
def test_a_number_is_read_to_the_last_bit(cell, number):
    assert read("Date,Close", f"2013-02-28,{cell}").columns["close"][0] == number


@pytest.mark.parametrize(
    "cell", ["", "null", "NULL", "nan", "NaN", "N/A", "na", " ", "-", "--", ".", "#N/A", "None"]
)
def test_a_missing_value_is_nan(cell):
    table = read("Date,Close,Open", f"2013-02-28,{cell},1")
    assert np.isnan(table.columns["close"][0])


@pytest.mark.parametrize(
    "cell",
    [
        "abc",
        "1_000",
        "0x10",
        "1.2.3",
        "1,2,3",
        "5 apples",
        "inf",
        "-Infinity",
        "1e999",
        "2013-02-28",
        "true",
        pytest.param("１２", id="full-width digits"),
        pytest.param("٣", id="an Arabic digit"),
    ],
)
def test_text_where_a_number_must_be_is_refused_by_line_and_column(cell, expect_refusal):
    with expect_refusal(
        UnreadablePrices,
        f"data.csv:3: Close is {cell!r}",
        "expected a number",
        hint="decimal=" if any(map(str.isdigit, cell)) else "mend",
    ):
        read("Date,Close", "2013-02-27,1", f'2013-02-28,"{cell}"', "2013-03-01,1.25")


def test_a_thousands_comma_is_read_where_another_cell_shows_the_decimal_mark():
    table = read("Date,Close", '2013-02-27,"1,234"', '2013-02-28,"1,234.5"')
    assert list(table.columns["close"]) == [1234.0, 1234.5]
    assert (table.reading.marks.decimal, table.reading.marks.thousands) == (".", ",")


def test_as_many_decimal_commas_as_points_are_refused_with_a_cell_of_each(expect_refusal):
    with expect_refusal(
        UnreadablePrices,
        "data.csv: '1.25' (line 4) has a decimal point and '12,34' (line 3) a decimal comma",
    ):
        read("Date,Close", "2013-02-27,1", '2013-02-28,"12,34"', "2013-03-01,1.25")


def test_one_decimal_comma_among_decimal_points_is_refused_by_its_line(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv:3: Close is '12,34'"):
        read("Date,Close", "2013-02-27,1.25", '2013-02-28,"12,34"', "2013-03-01,1.5")


def test_the_first_wrong_number_of_several_is_named(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv:3: Close is 'abc'"):
        read("Date,Close", "2013-02-26,1", "2013-02-27,abc", "2013-02-28,def")


def test_a_wrong_volume_is_named_by_the_file_s_own_header(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv:2: VOL.UME is '12 lots'"):
        read("Date,Close,VOL.UME", "2013-02-28,1,12 lots")


def test_text_in_a_column_of_no_use_does_not_matter():
    table = read("Date,Close,Remark", "2013-02-28,1,ex dividend")
    assert list(table.columns) == ["close"]


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("2013-02-28", "2013-02-28"),
        ("2013-02-28 00:00:00", "2013-02-28"),
        ("2013-02-28T09:30:00", "2013-02-28T09:30"),
        ("2013-02-28 09:30", "2013-02-28T09:30"),
        (" 2013-02-28 ", "2013-02-28"),
        ("2012-02-29", "2012-02-29"),
    ],
)
def test_an_iso_date_is_read_with_its_time(cell, date):
    assert read("Date,Close", f"{cell},1").dates[0] == np.datetime64(date)


@pytest.mark.parametrize("cell", ["2013-02-30", "28.02.2013", "today", "", "1.5", "2013-13-01"])
def test_a_cell_that_is_no_date_like_the_others_is_refused_by_line_and_column(cell, expect_refusal):
    with expect_refusal(UnreadablePrices, f"data.csv:3: Date is {cell!r}", hint="date_format="):
        read("Date,Close", "2013-02-27,1", f"{cell},1", "2013-03-01,1", "2013-03-04,1")


def test_a_row_without_date_and_price_is_left_out_and_counted():
    table = read("Date,Close", "2013-02-27,1", "the end of the month,", "2013-03-01,2")
    assert list(table.columns["close"]) == [1.0, 2.0]
    assert list(table.lines) == [2, 4]
    assert list(table.reading.undated_lines) == [3]


@pytest.mark.parametrize(("row", "cells"), [("2013-02-28,1", 2), ("2013-02-28,1,2,3", 4)])
def test_a_ragged_row_is_refused_by_line_with_both_counts(row, cells, expect_refusal):
    with expect_refusal(
        UnreadablePrices, f"data.csv:3: {cells} cells in this row, expected 3", hint="damaged"
    ):
        read("Date,Open,Close", "2013-02-27,1,1", row, "2013-03-01,1,1", "2013-03-04,1,1")


def test_a_ragged_row_that_is_not_utf8_is_refused_by_line_without_any_other_noise(
    expect_refusal, capfd
):
    with expect_refusal(UnreadablePrices, "data.csv:3", "3 cells in this row, expected 2"):
        read_bytes(b"Date,Close\n2013-02-27,1\n2013-02-28,\xff,3\n2013-03-01,2\n")
    assert capfd.readouterr() == ("", "")


def test_an_empty_file_is_refused(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv is empty", hint="header"):
        read_bytes(b"")


def test_a_file_of_blank_lines_is_refused_as_empty(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv is empty"):
        read_bytes(b"\n  \n\n")


@pytest.mark.parametrize("content", [b"Date,Close", b"Date,Close\n", b"Date,Close\r\n"])
def test_a_header_alone_is_refused(content, expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv: a header and no rows", hint="cut short"):
        read_bytes(content)


def test_no_date_column_is_refused_in_the_header_s_line(expect_refusal):
    with expect_refusal(
        UnreadablePrices, "data.csv:1: no date column", "'Open', 'Close'", hint="date_column="
    ):
        read("Open,Close", "1,2", "3,4")


def test_no_price_column_is_refused_in_the_header_s_line(expect_refusal):
    with expect_refusal(
        UnreadablePrices, "data.csv:1: no price column", "'Date', 'Volume'", hint="column="
    ):
        read("Date,Volume", "2013-02-28,100")


def test_a_header_of_many_columns_is_not_written_out_whole(expect_refusal):
    header = ",".join(f"c{number}" for number in range(500))
    with expect_refusal(UnreadablePrices, "'c11'") as caught:
        read(header, ",".join(["x"] * 500), ",".join(["y"] * 500))
    assert "'c12'" not in str(caught.value)


def test_a_file_without_a_header_is_read_by_what_its_cells_show():
    table = read("2013-02-27,1", "2013-02-28,2")
    assert list(table.columns["close"]) == [1.0, 2.0]
    assert list(table.lines) == [1, 2]
    assert table.reading.layout.notes == ("no header: read column 2 as the close",)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"PK\x03\x04\x14\x00\x00\x00", id="a spreadsheet"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", id="a picture"),
        pytest.param(b"Date\x00,Close\n2013-02-28,1\n", id="a zero byte"),
        pytest.param(b"\x00" * 100, id="nothing but zero bytes"),
    ],
)
def test_bytes_that_are_no_text_are_refused(content, expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv"):
        read_bytes(content)


def test_a_cell_that_is_no_utf8_is_refused_as_the_text_that_it_is(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv:2: Close is 'é'"):
        read_bytes(b"Date,Close\n2013-02-28,\xe9\n2013-03-01,1\n")


def test_a_header_that_is_no_utf8_is_read_as_latin_1():
    table = read_bytes(b"Date,Cl\xf4ture,Volume\n2013-02-28,1.5,7\n2013-03-01,2.5,8\n")
    assert list(table.columns["close"]) == [1.5, 2.5]
    assert table.reading.encoding == "cp1252"


def test_text_that_the_given_encoding_does_not_know_is_refused(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv: not text in utf-8", hint="encoding="):
        read_bytes(b"Date,Cl\xf4ture\n2013-02-28,1\n", encoding="utf-8")


def test_a_date_that_can_be_two_days_is_asked_about_with_the_option_that_settles_it(expect_refusal):
    with expect_refusal(
        AmbiguousPrices, "data.csv:2: Date '01/02/2013'", hint='date_format="%d/%m/%Y"'
    ):
        read("Date,Close", "01/02/2013,1", "01/03/2013,2")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbfDate,Close\n2013-02-28,1.5\n", id="byte order mark"),
        pytest.param(b"Date,Close\r\n2013-02-28,1.5\r\n", id="CR LF line ends"),
        pytest.param(b"Date,Close\n2013-02-28,1.5", id="no line end at the end"),
        pytest.param(b'"Date","Close"\n"2013-02-28","1.5"\n', id="quotes"),
        pytest.param(b"Date,Close\r2013-02-28,1.5\r", id="CR line ends"),
        pytest.param(b"Date,Close\r\r\n2013-02-28,1.5\r\r\n", id="CR CR LF line ends"),
        pytest.param("Date,Close\n2013-02-28,1.5\n".encode("utf-16"), id="UTF-16"),
        pytest.param(b" Date , Close \n 2013-02-28 , 1.5 \n", id="spaces"),
    ],
)
def test_harmless_differences_between_writers_do_not_matter(content):
    table = read_bytes(content)
    assert list(table.dates) == [np.datetime64("2013-02-28")]
    assert list(table.columns["close"]) == [1.5]


def test_the_digest_is_that_of_the_file_s_bytes():
    content = b"\xef\xbb\xbfDate,Close\r\n2013-02-28,1.5\r\n"
    assert read_bytes(content).source.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.slow
def test_the_digest_of_a_file_of_many_blocks_is_that_of_all_its_bytes():
    row = f"2013-02-28,1,{PADDING}\n".encode()
    content = b"Date,Close,X\n" + row * 10_000
    table = read_bytes(content)
    assert len(table.dates) == 10_000
    assert table.source.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bad", "parts"),
    [
        ("2013-02-28,abc,", ["data.csv:9002: Close is 'abc'"]),
        ("soon,1,", ["data.csv:9002: Date is 'soon'"]),
        ("2013-02-28,1", ["data.csv:9002: 2 cells in this row"]),
    ],
)
def test_a_wrong_row_far_into_a_large_file_is_refused_by_its_line(bad, parts, expect_refusal):
    row = f"2013-02-28,1,{PADDING}\n"
    content = "Date,Close,X\n" + row * 9000 + bad + "\n" + row * 3
    with expect_refusal(UnreadablePrices, *parts):
        read_bytes(content.encode())


def test_tickers_are_numbered_in_the_order_in_which_they_appear():
    table = read("Date,Close,Ticker", "2013-02-28,1,B", "2013-02-28,2,A", "2013-03-01,3,B")
    assert table.tickers == ["B", "A"]
    assert list(table.ticker_codes) == [0, 1, 0]


def test_a_file_on_disk_and_the_same_bytes_from_a_pipe_give_the_same_table(write_csv):
    path = write_csv(["Date,Close", "2013-02-27,1.5", "2013-02-28,2.5"])
    (from_disk,) = read_tables(open_raw(path), ReadOptions())
    with closing(open_raw("-", io.BytesIO(path.read_bytes()))) as raw:
        (piped,) = read_tables(raw, ReadOptions())
    assert (from_disk.source.name, piped.source.name) == (str(path), "stdin")
    assert from_disk.source.sha256 == piped.source.sha256
    assert np.array_equal(from_disk.dates, piped.dates)
    assert np.array_equal(from_disk.columns["close"], piped.columns["close"])


def test_a_file_may_be_read_twice():
    raw = RawFile("data.csv", spool=io.BytesIO(b"Date,Close\n2013-02-28,1.5\n"))
    first, second = (read_tables(raw, ReadOptions())[0] for _ in range(2))
    assert list(first.columns["close"]) == list(second.columns["close"]) == [1.5]
