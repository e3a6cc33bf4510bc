"""Any history survives its CSV to the last bit; any bytes are a history or a refusal."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stockcast.errors import StockcastError
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import read_prices

pytestmark = pytest.mark.slow

PRICES = ("open", "high", "low", "close", "adj_close")
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def draw_bars(draw):
    """Dates, each once, and columns of any finite numbers; each bar has a price."""
    stamps = st.one_of(
        st.dates(datetime.date(1500, 1, 1), datetime.date(2399, 12, 31)),
        st.datetimes(datetime.datetime(1500, 1, 1), datetime.datetime(2399, 12, 31)),
    )
    dates = np.unique(
        np.array(draw(st.lists(stamps, min_size=1, max_size=12)), dtype="datetime64[us]")
    )
    names = draw(st.lists(st.sampled_from([*PRICES, "volume"]), unique=True))
    columns = {
        name: draw(hnp.arrays(np.float64, len(dates), elements=NUMBERS | st.just(np.nan)))
        for name in names
    }
    priced = draw(st.sampled_from(PRICES))
    columns[priced] = draw(hnp.arrays(np.float64, len(dates), elements=NUMBERS))
    return dates, columns


def to_bits(values):
    """Bit patterns, in which −0 differs from 0; every missing value is the same."""
    return np.where(np.isnan(values), np.int64(-1), values.view(np.int64))


@given(bars=draw_bars(), order=st.randoms())
def test_a_history_in_any_order_is_read_back_to_the_last_bit(
    bars, order, make_history, to_yahoo, scratch
):
    dates, columns = bars
    made_up = make_history(len(dates), dates=dates, columns=tuple(columns), **columns)
    header, *rows = to_yahoo(made_up)
    order.shuffle(rows)
    path = scratch / "MADEUP.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    (history,) = read_prices([path])
    assert np.array_equal(history.dates, made_up.dates)
    assert history.columns.keys() == made_up.columns.keys()
    for name, values in made_up.columns.items():
        assert np.array_equal(to_bits(history.columns[name]), to_bits(values))


@pytest.fixture(scope="module")
def check_reading(attempt, scratch):
    path = scratch / "any.csv"

    def check(content):
        path.write_bytes(content)
        outcome = attempt(read_prices, [path], ReadOptions(on_duplicate="first"))
        if isinstance(outcome, StockcastError):
            assert str(path) in str(outcome)
            assert outcome.exit_code == 4
            return
        assert outcome
        for history in outcome:
            assert (history.dates[1:] > history.dates[:-1]).all()
            for values in history.columns.values():
                assert len(values) == len(history) > 0
                assert not np.isinf(values).any()
            last = content.count(b"\n") + content.count(b"\r") + 1
        assert all(1 <= line <= last for line in history.lines)

    return check


@given(content=st.binary(max_size=300))
def test_any_bytes_are_a_history_or_a_refusal(content, check_reading):
    check_reading(content)


CELLS = st.one_of(
    st.sampled_from(
        [
            "2013-02-28",
            "2013-02-28 09:30",
            "2013-02-30",
            "9999-12-31",
            "28.02.2013",
            "2013- 02- 28",
            "Thu 2013-02-28",
            "20130228 170000",
            "102/02/28",
            "1020228",
            "28/02/2556",
            "1391/12/10",
            "平成25年2月28日",
            "0.52 Dividend",
            "Total",
            '"a\nb"',
            "1",
            "1.5",
            "-0.0",
            "1e999",
            "nan",
            "-nan",
            "inf",
            "null",
            "",
            " ",
            '"',
            '"1,5"',
            '""',
            "１",
            "1_0",
            "\ufeff1",
            "\x00",
            "A",
        ]
    ),
    st.text(max_size=4),
    st.floats().map(repr),
    st.datetimes().map(str),
)
HEADERS = st.lists(
    st.sampled_from(["Date", "Open", "Close", "Adj Close", "Volume", "Ticker", "", "X", "\ufeff"]),
    max_size=5,
)


@given(
    header=st.one_of(HEADERS, st.just(["Date", "Close"]), st.just(["Date", "Close", "Ticker"])),
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
)
@example(header=["Date", "Close"], rows=[["2013-02-28", "１"]], line_end="\n")
@example(header=["Date", "Close"], rows=[["2013-02-28", "1"]], line_end="\r")
def test_any_cells_are_a_history_or_a_refusal(header, rows, line_end, check_reading):
    text = line_end.join(",".join(cells) for cells in [header, *rows])
    check_reading(text.encode("utf-8", "surrogatepass"))


@given(
    cells=st.lists(CELLS, min_size=1, max_size=4),
    ticker=st.text(
        alphabet=st.characters(exclude_characters='",\r\n', exclude_categories=["Cs"]), min_size=1
    ),
)
def test_any_column_of_numbers_and_any_ticker_is_a_history_or_a_refusal(
    cells, ticker, check_reading
):
    rows = [f"2013-02-{day:02},{cell},{ticker}" for day, cell in enumerate(cells, 1)]
    check_reading("\n".join(["Date,Close,Ticker", *rows]).encode())


@given(
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=4),
)
def test_a_price_file_with_any_bytes_changed_is_a_history_or_a_refusal(
    flips, make_history, to_yahoo, check_reading
):
    content = bytearray("\n".join(to_yahoo(make_history(20))).encode())
    for place, change in flips:
        content[place % len(content)] ^= change
    check_reading(bytes(content))
