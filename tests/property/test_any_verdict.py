"""For any header and any table: what check says of a file is what happens to it."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import stockcast as sc
from stockcast.errors import (
    AmbiguousPrices,
    ConstantPrices,
    DuplicateDates,
    PriceError,
    StockcastError,
    TooShort,
)

pytestmark = pytest.mark.slow

NAMES = st.sampled_from(
    [
        *("Open", "High", "Low", "Close", "Adj Close", "Volume", "Last", "Price", "Latest", "LTP"),
        *("Value", "Prev Close", "PREV. CLOSE", "VWAP", "Change", "%Change", "Turnover", "Index"),
        *("Foo", "Bar", "AAPL", "Close_AAPL", "Close_MSFT", "AAPL Close", "Open_AAPL", "", "PRC"),
        *("Time", "Ticker", "o", "h", "l", "c", "Şimdi", "Açılış", "Cao", "KL", "Laatste", "終値"),
    ]
)
CELLS = st.one_of(
    st.decimals(1, 2000, places=2).map(str),
    st.decimals(1, 2000, places=3).map(str),
    st.integers(0, 10**7).map(str),
    st.sampled_from(["", "", "null", "-0.5", "0", "1.2%", "-0.4%", "x", "12:30", "0.01", "-0.02"]),
)


@st.composite
def draw_lines(draw):
    """A header and some days of cells, each column of one kind but for a few cells."""
    names = draw(st.lists(NAMES, min_size=1, max_size=7))
    first = draw(st.sampled_from(["Date", "Datum", "Tarih", "X", "Timestamp"]))
    count = draw(st.integers(5, 9))
    day = datetime.date(2021, 3, 15)
    days = [day + datetime.timedelta(days=number) for number in range(count)]
    columns = []
    for _ in names:
        kind = draw(st.sampled_from(["price", "volume", "return", "percent", "any", "empty"]))
        cell = {
            "price": st.decimals(19, 21, places=2).map(str),
            "volume": st.integers(1000, 10**7).map(str),
            "return": st.decimals("-0.1", "0.1", places=4).map(str),
            "percent": st.decimals(-9, 9, places=2).map("{}%".format),
            "any": CELLS,
            "empty": st.just(""),
        }[kind]
        columns.append(draw(st.lists(cell, min_size=count, max_size=count)))
    rows = [[str(day), *cells] for day, *cells in zip(days, *columns, strict=True)]
    for _ in range(draw(st.integers(0, 2))):
        row = draw(st.integers(0, count - 1))
        rows[row][draw(st.integers(1, len(names)))] = draw(CELLS)
    return [[first, *names], *rows]


@pytest.fixture(scope="module")
def compare_verdicts(attempt, scratch):
    """Check and prepare one file with the same options; a few rows are enough to prepare."""
    path = scratch / "any.csv"
    sizes = {"target": "price", "window": 1, "validation": 0, "test": 0}

    def compare(lines, column=None, **options):
        path.write_text("\n".join(map(",".join, lines)) + "\n")
        (told,) = sc.check(path, reading=sc.ReadOptions(column=column, **options))
        fields = {} if column is None else {"column": column}
        done = attempt(
            sc.prepare, path, scratch / "out", reading=sc.ReadOptions(**options), **fields, **sizes
        )
        kinds = {found["kind"] for found in told.description.get("findings", [])}
        if isinstance(done, DuplicateDates):
            assert "conflicting-dates" in kinds
        if not isinstance(done, StockcastError) or isinstance(
            done, TooShort | ConstantPrices | DuplicateDates
        ):
            assert told.verdict == "read", told.description["why"]
            return told
        assert isinstance(done, PriceError)
        if told.verdict == "read":
            # Of several tickers, some can be used and one cannot.
            assert len(told.description["tickers"]) > 1
            messages = [found["message"] for found in told.description["findings"]]
            assert str(done) in messages
            return told
        assert told.verdict == ("ask" if isinstance(done, AmbiguousPrices) else "refuse")
        assert told.description["why"] == str(done)
        assert told.description["hint"] == done.hint
        if isinstance(done, AmbiguousPrices):
            assert told.description["choices"] == list(done.choices)
        return told

    return compare


def make_rows(*columns):
    days = [str(datetime.date(2021, 3, 15) + datetime.timedelta(days=n)) for n in range(6)]
    return [list(row) for row in zip(days, *columns, strict=True)]


PRICES = ["20.25", "20.75", "21.5", "20.12", "19.75", "19.5"]
HALF = ["20.25", "20.75", "21.5", "", "", ""]
RETURNS = ["0.01", "-0.02", "0.015", "-0.01", "0.005", "-0.002"]


@given(lines=draw_lines(), wide=st.booleans())
@example(lines=[["Date", "High", "Low"], *make_rows(PRICES, PRICES)], wide=False)
@example(lines=[["Date", "Open", "Close"], *make_rows(PRICES, HALF)], wide=False)
@example(lines=[["Date", "Close", "Adj Close"], *make_rows(PRICES, HALF)], wide=False)
@example(lines=[["Date", "Close"], *make_rows(RETURNS)], wide=False)
@example(lines=[["Date", "VWAP"], *make_rows(PRICES)], wide=False)
def test_what_check_says_of_any_table_is_what_prepare_does(lines, wide, compare_verdicts):
    compare_verdicts(lines, wide=wide)


@given(lines=draw_lines(), number=st.integers(0, 6))
@example(lines=[["Date", "Open", "High"], *make_rows(PRICES, PRICES)], number=0)
@example(lines=[["Date", "Close"], *make_rows(RETURNS)], number=0)
def test_a_column_that_is_named_gets_one_verdict_too(lines, number, compare_verdicts):
    names = lines[0][1:]
    compare_verdicts(lines, column=names[number % len(names)] or "none")


@given(lines=draw_lines())
@example(lines=[["Date", "Open", "High", "Low", "Foo"], *make_rows(*[PRICES] * 4)])
def test_a_column_that_a_question_offers_is_an_answer_to_it(lines, compare_verdicts):
    asked = compare_verdicts(lines)
    for choice in asked.description.get("choices", []):
        answered = compare_verdicts(lines, column=choice)
        assert answered.verdict != "ask" or answered.description["choices"] == []
