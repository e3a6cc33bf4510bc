"""Parquet, Feather and Arrow: typed columns are taken as they are, names are judged as in CSV."""

from __future__ import annotations

import datetime
import hashlib
import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

import stockcast as sc
from stockcast.errors import AmbiguousPrices, DuplicateDates, UnreadablePrices
from stockcast.prices.containers import packed

DAYS = [datetime.date(2013, 1, day) for day in (2, 3, 4, 7)]
CLOSES = [1.5, 2.25, 3.0, 2.0]


def write_parquet(table):
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def write_feather(table):
    stream = io.BytesIO()
    feather.write_feather(table, stream)
    return stream.getvalue()


def write_ipc(table):
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()


KINDS = {"Parquet": write_parquet, "Feather": write_feather, "IPC stream": write_ipc}
each_kind = pytest.mark.parametrize("kind", KINDS)


def to_table(history):
    names = {"close": "Close", "adj_close": "Adj Close"}
    columns = {names.get(name, name): values for name, values in history.columns.items()}
    return pa.table({"Date": history.dates, **columns, "note": [["x"]] * len(history)})


@each_kind
def test_a_typed_file_is_read_as_the_same_rows_in_csv_are(kind, plain, read, read_stream):
    content = KINDS[kind](to_table(plain))
    history = read(content)
    assert history.hash_rows() == plain.hash_rows()
    assert (history.lines == plain.lines).all()
    assert history.sources[0].sha256 == hashlib.sha256(content).hexdigest()
    assert read_stream(content).hash_rows() == plain.hash_rows()


def test_the_first_version_of_feather_is_called_what_it_is(read, expect_refusal):
    with expect_refusal(UnreadablePrices, "Feather's first version", hint="Feather 2"):
        read(b"FEA1" + bytes(100) + b"FEA1")


DATES = {
    "date32": pa.array(DAYS, pa.date32()),
    "date64": pa.array(DAYS, pa.date64()),
    "seconds": pa.array(DAYS, pa.date32()).cast(pa.timestamp("s")),
    "nanoseconds": pa.array(DAYS, pa.date32()).cast(pa.timestamp("ns")),
    "a zone": pa.array(
        [datetime.datetime(day.year, day.month, day.day, 5) for day in DAYS],
        pa.timestamp("us", "America/New_York"),
    ),
    "text": pa.array([f"{day:%Y/%m/%d}" for day in DAYS]),
    "a dictionary": pa.array([str(day) for day in DAYS]).dictionary_encode(),
    "bytes": pa.array([str(day).encode() for day in DAYS], pa.binary()),
    "numbers": pa.array([int(f"{day:%Y%m%d}") for day in DAYS]),
}


@each_kind
@pytest.mark.parametrize("dates", DATES.values(), ids=DATES)
def test_dates_of_any_type_are_dates(kind, dates, read):
    history = read(KINDS[kind](pa.table({"Date": dates, "Close": CLOSES})))
    assert history.dates.astype("datetime64[D]").tolist() == DAYS
    assert history.columns["close"].tolist() == CLOSES


def test_a_date_with_a_zone_is_what_the_clock_there_showed(read):
    at = pa.array([datetime.datetime(2013, 1, 2, 14, 30)], pa.timestamp("us", "America/New_York"))
    history = read(write_parquet(pa.table({"Date": at, "Close": [1.5]})))
    assert history.dates[0] == np.datetime64("2013-01-02T09:30")


NUMBERS = {
    "float32": pa.array(CLOSES, pa.float32()),
    "a decimal": pa.array([str(one) for one in CLOSES]).cast(pa.decimal128(10, 2)),
    "text": pa.array([str(one).replace(".", ",") for one in CLOSES]),
    "integers": pa.array([15, 22, 30, 20], pa.int16()),
}


@pytest.mark.parametrize("numbers", NUMBERS.values(), ids=NUMBERS)
def test_prices_of_any_type_are_numbers(numbers, read):
    history = read(write_parquet(pa.table({"Date": DAYS, "Close": numbers})))
    wanted = [15, 22, 30, 20] if pa.types.is_integer(numbers.type) else CLOSES
    assert history.columns["close"].tolist() == wanted


def test_a_price_of_32_bits_is_the_decimal_that_was_meant(read):
    table = pa.table({"Date": DAYS, "Close": pa.array([1.1, 2.2, 3.3, 0.7], pa.float32())})
    assert read(write_parquet(table)).columns["close"].tolist() == [1.1, 2.2, 3.3, 0.7]


@each_kind
def test_names_are_judged_as_in_csv(kind, read, expect_refusal):
    table = pa.table({"Datum": DAYS, "Eins": CLOSES, "Zwei": CLOSES})
    with expect_refusal(AmbiguousPrices, "'Eins', 'Zwei'", hint="column="):
        read(KINDS[kind](table))
    assert read(KINDS[kind](table), column="Zwei").columns["close"].tolist() == CLOSES
    with expect_refusal(UnreadablePrices, "no date column"):
        read(KINDS[kind](pa.table({"Eins": ["a", "b"], "Close": CLOSES[:2]})))


@each_kind
def test_order_and_duplicates_are_judged_as_in_csv(kind, read, expect_refusal):
    twice = pa.table({"Date": [DAYS[1], DAYS[0], DAYS[1]], "Close": [1.0, 2.0, 3.0]})
    with expect_refusal(DuplicateDates, "GOOG.bin:4", "2013-01-03", hint="on_duplicate="):
        read(KINDS[kind](twice))
    history = read(KINDS[kind](twice), on_duplicate="last")
    assert history.columns["close"].tolist() == [2.0, 3.0]
    assert {found.kind for found in history.findings} == {"unsorted-dates", "conflicting-dates"}


@each_kind
def test_missing_prices_are_missing_and_infinite_ones_are_refused(kind, read, expect_refusal):
    table = pa.table({"Date": DAYS, "Close": [1.5, None, np.nan, 2.0], "Open": CLOSES})
    close = read(KINDS[kind](table)).columns["close"]
    assert np.isnan(close).tolist() == [False, True, True, False]
    table = pa.table({"Date": DAYS, "Close": [1.5, 2.0, np.inf, 2.0]})
    with expect_refusal(UnreadablePrices, "GOOG.bin:4", "inf"):
        read(KINDS[kind](table))


def test_a_missing_date_is_judged_as_in_csv(read, expect_refusal):
    table = pa.table({"Date": [DAYS[0], None, DAYS[2]], "Close": [1.5, None, 2.0]})
    assert read(write_parquet(table)).lines.tolist() == [2, 4]
    with expect_refusal(UnreadablePrices, "GOOG.bin:3"):
        read(write_parquet(table.set_column(1, "Close", [[1.5, 1.75, 2.0]])))


@each_kind
def test_many_tickers_stand_below_each_other_or_in_columns(kind, tmp_path):
    path = tmp_path / "many.bin"
    path.write_bytes(
        KINDS[kind](pa.table({"Symbol": ["B", "A", "B"], "Date": DAYS[:3], "Close": CLOSES[:3]}))
    )
    second, first = sc.read_prices(path)
    assert (second.ticker, second.columns["close"].tolist()) == ("B", [1.5, 3.0])
    assert (first.ticker, first.lines.tolist()) == ("A", [3])
    (only,) = sc.read_prices(path, sc.ReadOptions(ticker="A"))
    assert only.ticker == "A"
    with pytest.raises(UnreadablePrices, match="no ticker 'C', found B, A"):
        sc.read_prices(path, sc.ReadOptions(ticker="C"))
    path.write_bytes(KINDS[kind](pa.table({"Date": DAYS, "AAA": CLOSES, "BBB": CLOSES[::-1]})))
    first, second = sc.read_prices(path, sc.ReadOptions(wide=True))
    assert second.columns["close"].tolist() == CLOSES[::-1]


@each_kind
def test_an_index_of_pandas_is_the_date(kind, read):
    frame = pd.DataFrame({"Close": CLOSES}, index=pd.DatetimeIndex(DAYS))
    history = read(KINDS[kind](pa.Table.from_pandas(frame)))
    assert history.dates.astype("datetime64[D]").tolist() == DAYS


def test_two_levels_of_columns_are_a_ticker_each(tmp_path):
    path = tmp_path / "x.parquet"
    index = pd.DatetimeIndex(DAYS, name="Date")
    one = pd.DataFrame({("Close", "A"): CLOSES, ("Open", "A"): CLOSES}, index=index)
    one.to_parquet(path)
    (history,) = sc.read_prices(path)
    assert history.columns["close"].tolist() == CLOSES
    both = pd.concat([one, one.rename(columns={"A": "B"}) + 1], axis=1)
    both.to_parquet(path)
    first, second = sc.read_prices(path, sc.ReadOptions(wide=True))
    assert (first.ticker, second.ticker) == ("A", "B")
    assert second.columns["open"].tolist() == [one + 1 for one in CLOSES]


@each_kind
def test_nixtla_s_names_are_known(kind, read):
    table = pa.table({"unique_id": ["A"] * 4, "ds": DAYS, "y": CLOSES})
    history = read(KINDS[kind](table))
    assert (history.ticker, history.columns["close"].tolist()) == ("A", CLOSES)


@each_kind
def test_check_tells_types_and_findings(kind, plain, tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(KINDS[kind](to_table(plain)))
    (found,) = sc.check(path)
    told = found.description
    assert found.verdict == "read"
    assert told["container"] == ("Parquet" if kind == "Parquet" else "Arrow")
    assert (told["encoding"], told["delimiter"]) == (None, None)
    assert told["close_column"] == "Close"
    assert told["rows_total"] == len(plain)


@each_kind
@pytest.mark.parametrize("cut", [40, 400, -20], ids=str)
def test_a_file_that_breaks_off_is_refused(kind, cut, plain, read, expect_refusal):
    with expect_refusal(UnreadablePrices, "GOOG.bin", hint="get it again"):
        read(KINDS[kind](to_table(plain))[:cut])


@pytest.mark.slow
def test_a_table_out_of_proportion_to_its_file_is_refused(read, expect_refusal):
    rows = 3_000_000
    table = pa.table(
        {"Date": pa.array(np.zeros(rows, np.int32), pa.date32()), "Close": np.ones(rows)}
    )
    content = write_parquet(table)
    assert len(content) * packed.MOST_GROWTH < 16 * rows
    with expect_refusal(UnreadablePrices, "more than 200 times its size"):
        read(content)


@each_kind
def test_a_table_without_rows_or_columns_is_refused(kind, read, expect_refusal):
    table = pa.table({"Date": DAYS, "Close": CLOSES})
    with expect_refusal(UnreadablePrices, "GOOG.bin"):
        read(KINDS[kind](table.slice(0, 0)))
    with expect_refusal(UnreadablePrices, "GOOG.bin"):
        read(KINDS[kind](table.select(["Close"])))
    with expect_refusal(UnreadablePrices, "GOOG.bin"):
        read(KINDS[kind](table.select([])))
