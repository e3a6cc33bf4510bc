"""How much a price is likely to move: by hand, against plain loops, and never from a later bar."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from stockcast.windows.volatility import SPAN, estimate_volatility

FLOOR = 1e-4
BARS = ("open", "high", "low", "close")


@pytest.fixture
def estimate(make_history):
    """Estimate from closes alone."""

    def run(prices):
        history = make_history(len(prices), columns=("close",), close=prices)
        return estimate_volatility(history, "close")

    return run


def blend_slowly(variances, row, decay):
    """The recent mean of the known variances up to a row, drawn towards the year's."""
    recent = [0.0, 0.0]
    year = [0.0, 0.0]
    for age in range(min(SPAN, row + 1)):
        variance = variances[row - age]
        if math.isfinite(variance):
            recent = [recent[0] + decay**age * variance, recent[1] + decay**age]
            year = [year[0] + variance, year[1] + 1]
    if not year[1]:
        return 0.0
    return 0.65 * recent[0] / recent[1] + 0.35 * year[0] / year[1]


def estimate_slowly(prices):
    variances = [math.nan]
    for before, price in itertools.pairwise(prices):
        known = before > 0 and price > 0  # NaN is not
        variances.append(math.log(price / before) ** 2 if known else math.nan)
    return [max(FLOOR, math.sqrt(blend_slowly(variances, row, 0.94))) for row in range(len(prices))]


def test_of_constant_returns_it_is_their_size(estimate):
    volatility = estimate(100 * 1.02 ** np.arange(400))
    assert volatility[0] == FLOOR  # no return is known yet
    assert volatility[1:] == pytest.approx(math.log(1.02), rel=1e-12)


def test_of_returns_up_and_down_it_is_their_size(estimate):
    prices = 100 * np.exp(0.03 * (np.arange(50) % 2))
    assert estimate(prices)[1:] == pytest.approx(0.03, rel=1e-12)


def test_a_jump_by_hand(estimate):
    volatility = estimate([100.0, 100.0, 150.0, 150.0])
    square = math.log(1.5) ** 2
    on_it = 0.65 * square / (1 + 0.94) + 0.35 * square / 2
    after = 0.65 * square * 0.94 / (1 + 0.94 + 0.94**2) + 0.35 * square / 3
    assert volatility[1] == FLOOR
    assert volatility[2:] == pytest.approx([math.sqrt(on_it), math.sqrt(after)], rel=1e-12)


def test_a_jump_is_forgotten_after_a_year(estimate):
    prices = np.full(SPAN + 10, 100.0)
    prices[5:] = 150.0
    volatility = estimate(prices)
    assert volatility[SPAN + 4] > 0.01
    assert (volatility[SPAN + 5 :] == FLOOR).all()


def test_a_price_that_stands_still_has_the_least_there_is(estimate):
    assert (estimate(np.full(30, 42.0)) == FLOOR).all()


def test_a_gap_is_unknown_and_so_is_the_return_after_it(estimate):
    volatility = estimate([10.0, math.nan, 11.0, 12.1, math.nan, math.nan])
    assert list(volatility[:3]) == [FLOOR] * 3
    assert volatility[3:] == pytest.approx(math.log(1.1), rel=1e-12)


@pytest.mark.parametrize("price", [0.0, -3.0, math.nan])
def test_a_price_without_a_logarithm_counts_as_unknown(price, estimate):
    assert estimate([10.0, 11.0, price, 10.0, 11.0]) == pytest.approx(
        [FLOOR, *[math.log(1.1)] * 4], rel=1e-12
    )


def test_closes_alone_equal_plain_loops(estimate, make_history):
    prices = make_history(2 * SPAN).columns["close"].copy()
    prices[[0, 40, 41, 300]] = math.nan
    prices[100] = -1.0
    np.testing.assert_allclose(estimate(prices), estimate_slowly(prices.tolist()), rtol=1e-10)


def test_a_range_by_hand(make_history):
    history = make_history(
        30,
        open=np.full(30, 100.0),
        close=np.full(30, 100.0),
        high=np.full(30, 105.0),
        low=np.full(30, 98.0),
    )
    # Parkinson 1980; nothing moves over night.
    expected = math.log(105 / 98) / (2 * math.sqrt(math.log(2)))
    assert estimate_volatility(history, "close")[-1] == pytest.approx(expected, rel=1e-12)


def test_the_night_counts_beside_the_day(make_history):
    close = 100 * 1.05 ** np.arange(30)  # all of it over night
    history = make_history(30, open=close, close=close, high=close * 1.02, low=close)
    expected = math.log(1.05) ** 2 + math.log(1.02) ** 2 / (4 * math.log(2))
    for column in ("close", "open", "high", "low"):
        found = estimate_volatility(history, column)[-1]
        assert found == pytest.approx(math.sqrt(expected), rel=1e-12)


def test_bars_with_ranges_equal_plain_loops(make_history):
    history = make_history(2 * SPAN)
    names = (*BARS, "adj_close")
    day_open, high, low, close, adjusted = (history.columns[name].tolist() for name in names)
    variances = [math.nan]
    for row in range(1, 2 * SPAN):
        whole = math.log(adjusted[row] / adjusted[row - 1])
        over_night = whole - math.log(close[row] / day_open[row])
        variances.append(over_night**2 + math.log(high[row] / low[row]) ** 2 / (4 * math.log(2)))
    expected = [math.sqrt(blend_slowly(variances, row, 0.90)) for row in range(20, 2 * SPAN)]
    found = estimate_volatility(history, "adj_close")[20:]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_a_split_that_the_forecast_column_is_adjusted_for_is_no_move(make_history):
    history = make_history(60)
    split = np.where(np.arange(60) >= 40, 0.25, 1.0)
    raw = {name: history.columns[name] * split for name in BARS}
    np.testing.assert_allclose(
        estimate_volatility(make_history(60, **raw), "adj_close"),
        estimate_volatility(history, "adj_close"),
        rtol=1e-9,
    )


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda columns: columns.pop("high"), id="no highs"),
        pytest.param(lambda columns: columns.update(high=columns["low"]), id="flat bars"),
        pytest.param(lambda columns: columns["low"].fill(np.nan), id="lows unknown"),
        pytest.param(lambda columns: columns["open"][::5].fill(np.nan), id="many opens unknown"),
    ],
)
def test_where_most_bars_have_no_range_the_closes_are_used(damage, make_history, estimate):
    columns = {name: values.copy() for name, values in make_history(90).columns.items()}
    damage(columns)
    history = make_history(90, columns=tuple(columns), **columns)
    expected = estimate(columns["close"])
    np.testing.assert_allclose(estimate_volatility(history, "close"), expected, rtol=1e-12)


def test_a_few_bars_without_a_range_are_left_out(make_history):
    history = make_history(200)
    day_open = history.columns["open"].copy()
    day_open[150] = math.nan
    found = estimate_volatility(make_history(200, open=day_open), "close")
    whole = estimate_volatility(history, "close")
    assert np.array_equal(found[:150], whole[:150])
    assert found[150] == pytest.approx(found[149], rel=0.05)
    np.testing.assert_allclose(found[190:], whole[190:], rtol=0.05)


WILD = {
    "larger moves": lambda values: values**1.5,
    "unknown": lambda values: values * math.nan,
    "all the same": lambda values: values * 0 + 7.0,
}


@pytest.mark.parametrize("what", WILD)
@pytest.mark.parametrize("columns", [BARS, ("close",)], ids=["bars", "closes"])
@pytest.mark.parametrize("changed", [5, 60, 299])
def test_no_bar_s_number_depends_on_a_later_bar(changed, columns, what, make_history):
    history = make_history(300, columns=columns)
    later = np.arange(300) >= changed
    wild = {
        name: np.where(later, WILD[what](values), values)
        for name, values in history.columns.items()
    }
    before = estimate_volatility(history, "close")
    after = estimate_volatility(make_history(300, columns=columns, **wild), "close")
    assert np.array_equal(after[:changed], before[:changed])
    assert after[changed] != before[changed]


@pytest.mark.parametrize("columns", [BARS, ("close",)], ids=["bars", "closes"])
def test_each_number_comes_from_a_year_of_bars_and_the_one_before_them(columns, make_history):
    history = make_history(2 * SPAN, columns=columns)
    whole = estimate_volatility(history, "close")
    for row in (SPAN, SPAN + 77, 2 * SPAN - 1):
        newest = history.select(np.arange(row - SPAN, row + 1))
        alone = estimate_volatility(newest, "close")[-1]
        assert alone == pytest.approx(whole[row], rel=1e-12)


@pytest.mark.parametrize("columns", [("close",), (*BARS, "volume")])
@pytest.mark.parametrize("rows", [2, SPAN, SPAN + 1, SPAN + 40])
def test_the_newest_numbers_alone_are_the_same_to_the_bit(columns, rows, make_history):
    history = make_history(rows, columns=columns)
    every = estimate_volatility(history, "close")
    for newest in (1, min(rows, 41)):
        assert np.array_equal(estimate_volatility(history, "close", newest=newest), every[-newest:])
