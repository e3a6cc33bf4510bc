"""Frames ─▶ histories: the same as the same rows in a CSV file."""

from __future__ import annotations

import decimal
import io

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.errors import (
    AmbiguousPrices,
    DuplicateDates,
    PriceError,
    SeveralTickers,
    UnreadablePrices,
)
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.frames import read_frame, read_frames
from tests.support import SAMPLES

FB = SAMPLES / "FB.csv"


@pytest.fixture(scope="module")
def history():
    return read_prices(FB)[0]


@pytest.fixture
def frame():
    return pd.read_csv(FB, parse_dates=["Date"])


def assert_same(found, expected):
    """The same bars; where they came from may differ."""
    np.testing.assert_array_equal(found.dates, expected.dates)
    assert found.columns.keys() == expected.columns.keys()
    for name, values in expected.columns.items():
        np.testing.assert_array_equal(found.columns[name], values, err_msg=name)
    assert [one.kind for one in found.findings] == [one.kind for one in expected.findings]


def list_alike(frame):
    """The same bars in every kind of frame."""
    indexed = frame.set_index("Date")
    return {
        "column": frame,
        "index": indexed,
        "nameless index": indexed.rename_axis(None),
        "zone": indexed.tz_localize("America/New_York"),
        "text": frame.astype({"Date": str}),
        "objects": frame.assign(Date=frame["Date"].dt.date).astype({"Close": object}),
        "periods": indexed.to_period("D"),
        "decimals": frame.assign(Close=[decimal.Decimal(repr(one)) for one in frame["Close"]]),
        "nullable": frame.convert_dtypes(),
        "arrow types": frame.convert_dtypes(dtype_backend="pyarrow"),
        "arrow": pa.Table.from_pandas(frame),
        "polars": pl.from_pandas(frame),
        "duckdb": duckdb.from_df(frame),
    }


KINDS = (
    "column", "index", "nameless index", "zone", "text", "objects", "periods", "decimals",
    "nullable", "arrow types", "arrow", "polars", "duckdb",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_of_any_kind_gives_what_its_csv_file_gives(kind, frame, history):
    assert_same(read_frame(list_alike(frame)[kind], ticker="FB"), history)


@pytest.mark.slow
def test_prices_in_long_rows_are_a_history_a_ticker(frame, history):
    long = pd.concat([frame.assign(ticker="FB"), frame.assign(ticker="B")])
    found = read_frames(long.astype({"ticker": "category"}))
    assert [one.ticker for one in found] == ["FB", "B"]
    assert_same(found[0], history)
    assert_same(read_frame(long, ticker="B"), history)
    with pytest.raises(SeveralTickers, match="2 tickers: FB, B"):
        read_frame(long)


@pytest.mark.slow
def test_two_levels_of_columns_are_a_history_a_ticker(frame, history):
    indexed = frame.set_index("Date")
    by_ticker = pd.concat({"FB": indexed, "B": indexed}, axis=1)
    for wide in (by_ticker, by_ticker.swaplevel(axis=1)):
        found = read_frames(wide)
        assert [one.ticker for one in found] == ["FB", "B"]
        assert_same(found[1], history)


def test_two_levels_of_which_none_names_prices_are_refused(frame):
    odd = pd.concat({"a": frame[["Date"]].rename(columns={"Date": "b"})}, axis=1)
    with pytest.raises(UnreadablePrices, match="2 levels, expected one of prices"):
        read_frames(odd)


def test_a_column_a_ticker_is_asked_about_and_read_with_wide(frame):
    wide = frame.set_index("Date")[["Close"]].rename(columns={"Close": "FB"})
    wide["B"] = 2 * wide["FB"]
    with pytest.raises(AmbiguousPrices, match="2 columns could be the close") as caught:
        read_frames(wide)
    assert "wide=True" in caught.value.hint
    found = read_frames(wide, ReadOptions(wide=True))
    assert [one.ticker for one in found] == ["FB", "B"]
    np.testing.assert_array_equal(found[1].columns["close"], 2 * found[0].columns["close"])


def test_nixtlas_names_are_known(frame, history):
    named = {"Date": "ds", "Adj Close": "y"}
    long = frame[[*named]].rename(columns=named).assign(unique_id="FB")
    (found,) = read_frames(long)
    assert found.ticker == "FB"
    np.testing.assert_array_equal(found.columns["close"], history.columns["adj_close"])


def test_times_of_day_stay(frame):
    days = pd.date_range("2013-01-02 09:30", periods=5, freq="5min")
    found = read_frame(pd.DataFrame({"close": [1.0, 2.0, 3.0, 4.0, 5.5]}, days))
    np.testing.assert_array_equal(found.dates, days.to_numpy().astype("datetime64[us]"))


def test_numbers_with_three_decimals_are_not_taken_for_thousands():
    days = pd.bdate_range("2013-01-01", periods=3)
    found = read_frame(pd.DataFrame({"close": [1.125, 2.375, 3.625]}, days))
    assert found.columns["close"].tolist() == [1.125, 2.375, 3.625]


@pytest.mark.slow
def test_missing_prices_and_unsorted_rows_are_found_as_in_a_file(frame):
    frame.loc[3, ["Open", "High", "Low", "Close", "Adj Close", "Volume"]] = np.nan
    found = read_frame(frame.iloc[::-1])
    assert [one.kind for one in found.findings] == ["unpriced-rows", "unsorted-dates"]
    assert len(found) == len(frame) - 1


def test_a_date_that_stands_twice_is_asked_about(frame):
    twice = pd.concat([frame, frame.iloc[[5]].assign(Close=1.0)])
    with pytest.raises(DuplicateDates, match="stands here and at frame:7"):
        read_frame(twice)
    assert len(read_frame(twice, ReadOptions(on_duplicate="first"))) == len(frame)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop(columns="Date"), "no date column"),
        (lambda frame: frame[["Date"]], "Date alone, expected dates and prices"),
        (lambda frame: frame.astype({"Close": object}).replace({38.2318: "x"}), "frame:2.*'x'"),
        (lambda frame: frame.replace({34.03: np.inf}), "frame:3.*inf"),
        (lambda frame: frame.iloc[:0], "a header and no rows"),
        (lambda _: [1, 2, 3], "list is no frame"),
    ],
)
def test_a_frame_that_cannot_be_read_is_refused_with_its_place(change, said, frame):
    with pytest.raises(PriceError, match=said):
        read_frames(change(frame))


@pytest.mark.slow
def test_what_a_frame_holds_has_a_digest_that_follows_from_it_alone(frame, history):
    found = read_frame(frame)
    assert found.sources == read_frame(frame.copy()).sources
    assert found.sources != read_frame(frame.iloc[:-1]).sources
    assert found.sources[0].name == "frame"


def test_an_open_file_a_pattern_and_a_folder_are_read(tmp_path, history):
    (tmp_path / "FB.csv").write_bytes(FB.read_bytes())
    with FB.open("rb") as file:
        assert_same(read_prices(file)[0], history)
    (held,) = read_prices([io.BytesIO(FB.read_bytes())])
    assert_same(held, history)
    assert held.ticker == "file"
    for named in (f"{tmp_path}/*.csv", tmp_path, [tmp_path / "FB.csv"]):
        (found,) = read_prices(named)
        assert found.ticker == "FB"
        assert_same(found, history)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(
            st.dates(np.datetime64("1990-01-01").item(), np.datetime64("2030-01-01").item()),
            st.none() | st.floats(0.01, 1e9),
            st.none() | st.integers(0, 10**12),
        ),
        min_size=2,
        max_size=20,
        unique_by=lambda row: row[0],
    )
)
def test_the_same_rows_give_the_same_history_from_a_file_and_from_a_frame(rows):
    frame = pd.DataFrame(rows, columns=["date", "close", "volume"]).astype(
        {"close": float, "volume": "Int64"}
    )
    text = frame.to_csv(index=False).encode()
    options = ReadOptions(decimal=".", delimiter=",", encoding="utf-8")
    outcomes = []
    for read in (lambda: read_prices(io.BytesIO(text), options)[0], lambda: read_frame(frame)):
        try:
            outcomes.append(read())
        except PriceError as error:
            outcomes.append(type(error))
    if isinstance(outcomes[0], type):
        assert outcomes[0] is outcomes[1]
    else:
        assert_same(outcomes[1], outcomes[0])
