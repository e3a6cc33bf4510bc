"""A plain file is read as the judges would read it, or left to them."""

from __future__ import annotations

import datetime
import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stockcast.errors import StockcastError
from stockcast.prices.csv.judges import judge_tables
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.plain import read_plain
from stockcast.prices.csv.raw import RawFile

pytestmark = pytest.mark.slow

NAMES = st.sampled_from(
    [
        *("Open", "High", "Low", "Close", "Adj Close", "Volume", "open", "CLOSE*", "Close/Last"),
        *("Price", "Dividends", "Stock Splits", "Unixtime", "Timestamp", "Time", "Ticker", "Name"),
        *("Close_AAPL", "Close_MSFT", "Prev Close", "o", "h", "l", "c", "", "X", "20130228", "1.5"),
    ]
)
ODD_CELLS = st.sampled_from(
    [
        *("", " ", ".", "-", "1.", ".5", "-0", "-.5", "1-2", "+1", "1e3", "1e999", "9" * 400),
        *("nan", "null", "1,5", '"1.5"', "1.234", "1.234.567", "0x1", "1_0", "１", "A", "12:30"),
        *("2013-02-28", "2013-02-30", "2013-13-01", "2013-2-28", "20130228", "28.02.2013", "--"),
        *("0000-01-01", "9999-12-31", "2013-02-28 09:30", "2013-02-28T00:00:00Z", "1362009600"),
    ]
)


@st.composite
def draw_lines(draw):
    """A header and rows of a day and numbers, all plain."""
    names = draw(st.lists(NAMES, min_size=1, max_size=6))
    if draw(st.booleans()):
        names = draw(st.permutations(["Open", "High", "Low", "Close", "Volume"]))
    decimals = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
    number = st.one_of(
        *(st.decimals(-50, 2000, places=places).map(str) for places in decimals),
        st.integers(0, 10**12).map(str),
    )
    days = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)).map(str)
    rows = draw(st.lists(st.tuples(days, *[number] * len(names)).map(list), min_size=1, max_size=8))
    first = draw(st.sampled_from(["Date", "date", "Datum", "Day", "timestamp", "X"]))
    return [[first, *names], *rows]


@st.composite
def draw_content(draw):
    """The bytes of a plain file, with nothing or little in it disturbed."""
    lines = draw(draw_lines())
    for _ in range(draw(st.integers(0, 2))):
        row = draw(st.integers(0, len(lines) - 1))
        lines[row][draw(st.integers(0, len(lines[row]) - 1))] = draw(ODD_CELLS)
    if draw(st.integers(0, 4)) == 0:
        extra = draw(st.sampled_from([[], ["end"], ["", ""]]))
        lines.insert(draw(st.integers(0, len(lines))), extra)
    delimiter = draw(st.sampled_from([",", ";", ";", "\t", "|"]))
    if delimiter != "," and draw(st.booleans()):
        lines = [[cell.replace(".", ",") for cell in row] for row in lines]
    quoted = draw(st.sampled_from([0, 0, 0, 2, 3]))  # none, all, some
    if quoted:
        lines = [
            [f'"{cell}"' if quoted == 2 or draw(st.booleans()) else cell for cell in row]
            for row in lines
        ]
    end = draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\r\r\n"]))
    text = end.join(map(delimiter.join, lines)) + draw(
        st.sampled_from(["", end, end, end, 2 * end])
    )
    content = bytearray(text.encode())
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        content[draw(st.integers(0, len(content) - 1))] = draw(
            st.one_of(st.integers(0, 255), st.sampled_from(b',.-;|\t" \n\r0123456789'))
        )
    return bytes(content)


def to_bits(values):
    """Bit patterns, in which −0 differs from 0."""
    return values.view(np.int64)


@pytest.fixture(scope="module")
def check_reading(attempt):
    def check(content):
        raw = RawFile("any.csv", spool=io.BytesIO(content))
        plain = read_plain(raw, ReadOptions())
        if plain is None:
            return
        judged = attempt(judge_tables, raw, ReadOptions())
        assert not isinstance(judged, StockcastError), judged
        (table,) = judged
        assert plain.source == table.source
        assert np.array_equal(plain.dates, table.dates)
        assert np.array_equal(plain.lines, table.lines)
        assert plain.columns.keys() == table.columns.keys()
        for name, values in table.columns.items():
            assert np.array_equal(to_bits(plain.columns[name]), to_bits(values))
        sample = table.reading.dialect.sample[:1]
        dialect = replace(table.reading.dialect, sample=sample)
        assert plain.reading == replace(table.reading, dialect=dialect)
        assert (plain.ticker, plain.tickers, plain.ticker_codes) == (table.ticker, [], None)
        assert table.ticker_codes is None

    return check


@given(content=draw_content())
@example(content=b"Date,Close,Open\n2013-02-28,1.234,1.500\n2013-03-01,12,1.234\n")
@example(content=b"Date,Unixtime,Close\n2013-02-28,1362009600,1.5\n")
@example(content=b"Date,Timestamp,Close\n2013-02-28,1362009600,1.5\n")
@example(content=b"X,Close\n2013-02-28,1.5\n2013-03-01,1.25\n")
@example(content=b"Date;Close\n2013-02-28;1,234\n2013-03-01;1234,567\n")
@example(content=b'"Date","Close"\n"2013-02-28","0.234"\n"2013-03-01","12.345"\n')
def test_a_file_like_a_plain_one_is_read_as_the_judges_read_it(content, check_reading):
    check_reading(content)


@given(
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=2),
)
def test_a_plain_file_with_any_bytes_changed_is_read_as_the_judges_read_it(
    changes, make_history, to_yahoo, check_reading
):
    content = bytearray("\n".join(to_yahoo(make_history(20))).encode())
    for place, byte in changes:
        content[place % len(content)] = byte
    check_reading(bytes(content))
