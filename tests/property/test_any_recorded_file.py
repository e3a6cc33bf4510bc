"""A file of forecasts is read and judged, or refused with a reason; nothing else comes of it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stockcast.backtesting.candidates import name_candidates
from stockcast.backtesting.recorded_file import make_recorded, read_text_table
from stockcast.backtesting.ticker import BacktestRequest, run_ticker
from stockcast.errors import StockcastError, UnusableForecasts
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.history import format_date
from stockcast.recipe import Recipe

pytestmark = pytest.mark.slow

NAMES = ("ticker", "date", "last_date", "step", "forecast", "lower_80", "upper_80", "volatility")
ODD_CELLS = st.sampled_from(
    [
        *("", " ", "nan", "inf", "-1", "0", "1e999", "x", '"', '"a', "1,5", "1.234.567", "MADEUP"),
        *("2012-01-02", "2012-01-07", "2012-02-30", "02/03/2012", "1330000000", "2099-01-01"),
        *("model", "date", "forecast", "lower_95", "0.1", "0.9", "\0", "１", "9" * 400),
    ]
)


@st.composite
def draw_table(draw, history, steps):
    """Rows of good forecasts in some of the columns, with little in them disturbed."""
    names = ["date", "forecast", *sorted(draw(st.sets(st.sampled_from(NAMES))))]
    names = list(dict.fromkeys(names))
    rows = [list(names)]
    for at in draw(st.lists(st.integers(20, 39), min_size=1, max_size=12, unique=True)):
        last = history.columns["adj_close"][at - steps]
        cells = {
            "ticker": "MADEUP",
            "date": format_date(history.dates[at]),
            "last_date": format_date(history.dates[at - steps]),
            "step": str(steps),
            "forecast": repr(float(last) * draw(st.sampled_from([0.99, 1.01]))),
            "lower_80": repr(float(last) * 0.9),
            "upper_80": repr(float(last) * 1.1),
            "volatility": "1.5",
        }
        rows.append([cells[name] for name in names])
    for _ in range(draw(st.integers(0, 2))):
        row = draw(st.integers(0, len(rows) - 1))
        rows[row][draw(st.integers(0, len(names) - 1))] = draw(ODD_CELLS)
    return "\n".join(",".join(row) for row in rows).encode()


def read(content):
    raw = RawFile("it.csv", spool=io.BytesIO(content))
    return make_recorded(read_text_table(raw), stem="it")


@given(content=st.binary(max_size=200))
@example(content=b"date,forecast\n\n\n")
@example(content=b'date,forecast\n"2012-01-03\n",1\n')
@example(content=b"\xff\xfed\x00a\x00")
@example(content=b"date,forecast\n2012-01-03\0,1\n")
def test_any_bytes_are_read_or_refused(content, attempt):
    found = attempt(read, content)
    assert isinstance(found, list | UnusableForecasts)


@settings(max_examples=60)
@given(data=st.data(), steps=st.sampled_from([1, 1, 3]))
def test_any_table_is_judged_or_refused(data, steps, make_history, attempt):
    history = make_history(40)
    found = attempt(read, data.draw(draw_table(history, steps)))
    if isinstance(found, StockcastError):
        assert isinstance(found, UnusableForecasts)
        return
    horizon = min(one.horizon for one in found)
    if horizon > 30:
        return
    request = BacktestRequest(name_candidates(["drift"], {}, {}, found), Recipe(horizon=horizon))
    walked = attempt(run_ticker, history, request)
    if isinstance(walked, StockcastError):
        return
    for walk in walked.walks:
        assert np.isfinite(walk.outlook.forecast[:, -1]).all()
        assert (walk.outlook.cutoffs + horizon <= len(history)).all()
        for lower, upper in walk.intervals.values():
            assert not (lower > upper).any()
