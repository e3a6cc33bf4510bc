"""Which column is the price: by its name, unless its numbers speak against it; else asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import stockcast as sc
from stockcast.errors import AmbiguousPrices, UnreadablePrices
from stockcast.prices.csv.columns import find_price
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.history import Headers
from stockcast.prices.target import choose_target, require_values

DAYS = [f"2021-03-{day:02}" for day in (11, 12, 15, 16, 17, 18)]
OPENS = [20.25, 20.75, 21.5, 20.125, 19.75, 20.0]
HIGHS = [20.875, 21.75, 21.625, 20.5, 20.25, 20.5]
LOWS = [20.125, 20.5, 20.0, 19.5, 19.25, 19.5]
CLOSES = [20.75, 21.5, 20.25, 19.75, 20.0625, 20.375]
RETURNS = [0.0101, -0.0204, 0.0152, -0.0103, 0.0054, -0.0021]
LEVELS = [3912.5, 3950.25, 3899.0, 3870.5, 3901.25, 3925.75]


def make_lines(**columns):
    """Write columns as lines; `Prev_Close=…` is headed `Prev Close`."""
    header = ["Date", *(name.replace("_", " ") for name in columns)]
    rows = [map(str, row) for row in zip(DAYS, *columns.values(), strict=True)]
    return [",".join(row) for row in [header, *rows]]


@pytest.fixture
def settle(write_csv):
    """Read a file of one ticker and settle its price; the same of `check`, in the same words."""

    def call(lines, column=None):
        path = write_csv(lines)
        (told,) = sc.check(path, reading=sc.ReadOptions(column=column))
        (history,) = read_prices([path], sc.ReadOptions(column=column))
        if told.verdict == "ask":
            with pytest.raises(AmbiguousPrices) as caught:
                choose_target(history, find_price(column))
            assert told.description["why"] == str(caught.value)
            assert told.description["choices"] == list(caught.value.choices)
            raise caught.value
        target = choose_target(history, find_price(column))
        assert told.verdict == "read"
        return list(history.columns[target])

    return call


BARS = {"Open": OPENS, "High": HIGHS, "Low": LOWS}


@pytest.mark.slow
@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"Open": OPENS, "High": HIGHS, "Low": LOWS}, id="no close at all"),
        pytest.param({"High": HIGHS, "Low": LOWS}, id="high and low"),
        pytest.param(
            {**BARS, "Prev_Close": [20.0, *CLOSES[:-1]]}, id="the close of the day before"
        ),
        pytest.param({**BARS, "VWAP": CLOSES}, id="an average"),
        pytest.param({**BARS, "Change": RETURNS}, id="a change"),
        pytest.param({**BARS, "Fixing": CLOSES}, id="an unknown name"),
        pytest.param({"Close": RETURNS}, id="returns called close"),
        pytest.param({"Adj_Close": RETURNS}, id="returns called adjusted close"),
        pytest.param({"Close": [f"{100 * one:.2f}%" for one in RETURNS]}, id="percents"),
        pytest.param({**BARS, "Value": LEVELS}, id="a value outside of low and high"),
        pytest.param({**BARS, "Settle": LEVELS}, id="a settlement outside of low and high"),
        pytest.param({"Value": LEVELS, "Fixing": CLOSES}, id="an index level beside a price"),
        pytest.param({"Index_Value": LEVELS, "Stock": CLOSES}, id="an index beside a stock"),
    ],
)
def test_a_column_that_is_no_price_for_certain_is_asked_about(columns, settle):
    lines = make_lines(**columns)
    with pytest.raises(AmbiguousPrices) as caught:
        settle(lines)
    numeric = lines[0].split(",")[1:]
    assert list(caught.value.choices) == numeric
    assert "column=" in caught.value.hint
    for name in numeric:
        assert settle(lines, column=name) is not None


@pytest.mark.parametrize("name", ["VWAP", "Prev Close", "Daily Return", "% Change", "Turnover"])
def test_the_only_column_of_numbers_is_no_price_if_its_name_says_so(name, write_csv):
    path = write_csv(make_lines(**{name: CLOSES}))
    with pytest.raises(AmbiguousPrices, match="by its name is no price") as caught:
        read_prices([path])
    assert caught.value.choices == (name,)
    (told,) = sc.check(path)
    assert (told.verdict, told.description["why"]) == ("ask", str(caught.value))
    (history,) = read_prices([path], sc.ReadOptions(column=name))
    assert list(history.columns["close"]) == CLOSES


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({**BARS, "Prev_Close": LEVELS, "LTP": CLOSES}, id="the last price"),
        pytest.param({**BARS, "Latest": CLOSES, "Change": RETURNS}, id="the latest"),
        pytest.param({"Price": CLOSES, "Nikkei_225": LEVELS}, id="a price beside an index"),
        pytest.param({"Close": CLOSES, "VWAP": OPENS, "Value": LEVELS}, id="a close beside others"),
        pytest.param({**BARS, "Value": CLOSES}, id="a value within low and high"),
        pytest.param({"Value": CLOSES, "Change": RETURNS}, id="a value beside its change"),
        pytest.param({"Close": [0.4, -0.2, -0.5, -0.9, -0.3, -0.1]}, id="a spread below zero"),
    ],
)
def test_a_price_is_read_whatever_stands_beside_it(columns, settle):
    expected = columns["Close"] if len(columns) == 1 else CLOSES
    assert settle(make_lines(**columns)) == expected


@pytest.mark.slow
def test_of_unknown_names_the_only_one_from_low_to_high_is_proposed_and_not_taken(settle):
    lines = make_lines(**BARS, Fixing=CLOSES, Level=LEVELS)
    with pytest.raises(AmbiguousPrices, match="by its numbers it could be 'Fixing'") as caught:
        settle(lines)
    assert caught.value.hint == 'choose one: column="Fixing"'
    assert settle(lines, column="Fixing") == CLOSES


@pytest.mark.slow
def test_an_average_is_never_proposed_though_it_lies_from_low_to_high(settle):
    with pytest.raises(AmbiguousPrices) as caught:
        settle(make_lines(**BARS, VWAP=CLOSES))
    assert "by its numbers" not in str(caught.value)


def test_where_all_names_fail_the_only_four_columns_that_are_bars_are_proposed(
    write_csv, expect_refusal
):
    lines = make_lines(P1=OPENS, P2=HIGHS, P3=LOWS, P4=CLOSES)
    with expect_refusal(AmbiguousPrices, "it could be 'P4'", hint='column="P4"') as caught:
        read_prices([write_csv(lines)])
    assert caught.value.choices == ("P1", "P2", "P3", "P4")
    twice = make_lines(P1=OPENS, P2=HIGHS, P3=LOWS, P4=CLOSES, P5=CLOSES)
    with pytest.raises(AmbiguousPrices) as caught:
        read_prices([write_csv(twice)])
    assert "by its numbers" not in str(caught.value)


def test_a_close_that_ends_in_the_middle_is_refused_by_check_as_by_training(write_csv):
    path = write_csv(make_lines(Open=OPENS, Close=[*CLOSES[:3], "", "", ""]))
    (history,) = read_prices([path])
    with pytest.raises(UnreadablePrices, match=r"data.csv:5: close is missing, and in 2 more rows"):
        require_values(history, choose_target(history))
    (told,) = sc.check(path)
    assert told.verdict == "refuse"
    assert "data.csv:5: close is missing, and in 2 more rows" in told.description["why"]
    assert "column=" in told.description["hint"]
    (other,) = sc.check(path, reading=sc.ReadOptions(column="Open"))
    assert other.verdict == "read"
    assert other.to_frame()["last_close"].tolist() == [OPENS[-1]]


def test_a_question_gives_the_figures_of_every_column_that_it_offers(write_csv):
    (told,) = sc.check(write_csv(make_lines(Open=OPENS, Fixing=CLOSES)))
    figures = {one["ticker"]: one["last_close"] for one in told.description["tickers"]}
    assert figures == {"Open": OPENS[-1], "Fixing": CLOSES[-1]}


def test_a_price_that_is_named_outright_answers_a_wide_file(write_csv):
    path = write_csv(make_lines(Close=CLOSES, Close_AAA=OPENS))
    assert sc.check(path)[0].verdict == "ask"
    (told,) = sc.check(path, reading=sc.ReadOptions(column="Close"))
    assert told.to_frame()["last_close"].tolist() == [CLOSES[-1]]


def test_a_history_without_headers_is_asked_about_by_its_own_columns(make_history):
    history = make_history(9, close=np.tile([1.0, -1.0, 2.0], 3), columns=("open", "close"))
    with pytest.raises(AmbiguousPrices, match="changes its sign") as caught:
        choose_target(history)
    assert caught.value.choices == ("open", "close")
    named = replace(history, headers=Headers(numeric=("O", "C")))
    with pytest.raises(AmbiguousPrices) as caught:
        choose_target(named)
    assert caught.value.choices == ("O", "C")
    assert choose_target(history, "close") == "close"
