"""One line of a ledger: there and back again."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.forecast.forecaster import Forecast
from stockcast.ledger.entry import (
    Entry,
    LedgerColumns,
    from_cells,
    make_entries,
    name_columns,
    parse_columns,
    to_cells,
)

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


PRICES_ALONE = LedgerColumns()
OF_80 = LedgerColumns((80.0,))


def test_the_columns_are_fixed_and_what_is_said_of_each_forecast_follows():
    columns = LedgerColumns((80.0, 97.5), (5.0,), has_volatility=True)
    assert columns.names == (
        "made_at", "model", "ticker", "cutoff", "step", "date", "forecast", "last_price",
        "lower_80", "upper_80", "lower_97.5", "upper_97.5", "quantile_5", "shortfall_5",
        "volatility",
    )  # fmt: skip


@pytest.mark.parametrize("levels", [(), (80.0,), (80.0, 95.0), (50.0, 97.5, 99.9)])
@pytest.mark.parametrize("quantiles", [(), (1.0, 2.5)])
@pytest.mark.parametrize("has_volatility", [False, True])
def test_a_headers_columns_come_back(levels, quantiles, has_volatility):
    columns = LedgerColumns(levels, quantiles, has_volatility=has_volatility)
    assert parse_columns(columns.names) == columns


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header[:-1],
        lambda header: header[1:],
        lambda header: [*header, "note"],
        lambda header: [*header, *header[-2:]],
        lambda header: [name.replace("lower", "upper") for name in header],
        lambda header: [name.replace("80", "80.0") for name in header],
        lambda header: [name.upper() for name in header],
        lambda header: [],
    ],
)
def test_another_header_is_none_of_a_ledger(change):
    with pytest.raises(ValueError, match="not a ledger's header"):
        parse_columns(change(list(OF_80.names)))


@pytest.mark.slow
@given(
    ticker=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=8)
    | st.text("=+-@'\t\r", max_size=3),
    numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    step=st.integers(1, 10**6),
)
def test_every_entry_comes_back(ticker, numbers, step, make_entry):
    forecast, last_price, *bounds = numbers
    entry = make_entry(
        ticker=ticker, step=step, forecast=forecast, last_price=last_price,
        bounds=(tuple(bounds), tuple(bounds[::-1])), volatility=abs(bounds[0]),
    )  # fmt: skip
    columns = LedgerColumns((90.0,), (5.0,), has_volatility=True)
    assert from_cells(to_cells(entry, columns), columns) == entry


def test_a_ledger_without_volatility_leaves_it_out(make_entry):
    cells = to_cells(make_entry(volatility=1.5), PRICES_ALONE)
    assert math.isnan(from_cells(cells, PRICES_ALONE).volatility)


def test_numbers_of_numpy_are_written_as_numbers(make_entry):
    cells = to_cells(make_entry(forecast=np.float64(1.5), step=np.int64(2)), PRICES_ALONE)
    assert (cells[4], cells[6]) == ("2", "1.5")


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("made_at", "2013-03-01"), ("made_at", "yesterday"), ("made_at", "2013-02-30T00:00:00Z"),
        ("cutoff", "01.03.2013"), ("cutoff", "2013-03-01T00:00:00Z"), ("date", "20130304"),
        ("date", "2013-02-30"), ("step", "0"), ("step", "-1"), ("step", "1.0"), ("step", "²"),
        ("forecast", ""), ("forecast", "nan"), ("forecast", "inf"), ("last_price", "404,34"),
        ("upper_80", "x"),
    ],
)  # fmt: skip
def test_a_cell_that_is_not_what_it_must_be_is_named(column, text, make_entry):
    cells = to_cells(make_entry(bounds=((1.0, 2.0),)), OF_80)
    cells[OF_80.names.index(column)] = text
    with pytest.raises(ValueError, match=f"{column} is {text!r}"):
        from_cells(cells, OF_80)


@pytest.mark.parametrize("count", [0, 7, 9])
def test_a_row_of_another_length_is_refused(count, make_entry):
    with pytest.raises(ValueError, match=f"{count} cells, expected 8"):
        from_cells([*to_cells(make_entry(), PRICES_ALONE), "x"][:count], PRICES_ALONE)


def test_forecasts_become_entries_at_the_moment_they_were_made():
    dates = np.array(["2013-03-04", "2013-03-05"], dtype="datetime64[us]")
    forecast = Forecast(
        ticker="GOOG",
        dates=dates,
        steps=np.array([1, 2]),
        forecast=np.array([10.0, 11.0]),
        last_dates=dates - np.timedelta64(3, "D"),
        last_prices=np.array([9.0, 9.5]),
        actual=np.full(2, math.nan),
        volatility=np.full(2, 0.01),
        intervals={
            0.8: (np.array([10.0, 11.0]), np.array([10.0, 11.0])),
            0.95: (np.array([1.0, 2.0]), np.array([3.0, 4.0])),
        },
    )
    made_at = datetime(2013, 3, 2, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    entries = make_entries(forecast, model="ab", made_at=made_at)
    assert name_columns(forecast) == LedgerColumns((80.0, 95.0), (), has_volatility=True)
    assert entries[1] == Entry(
        made_at="2013-03-01T23:30:00Z", model="ab", ticker="GOOG", cutoff="2013-03-02", step=2,
        date="2013-03-05", forecast=11.0, last_price=9.5, bounds=((11.0, 11.0), (2.0, 4.0)),
        volatility=1.0,
    )  # fmt: skip
    assert [entry.key for entry in entries] == [
        ("GOOG", "2013-03-01", 1, "ab"),
        ("GOOG", "2013-03-02", 2, "ab"),
    ]
