"""Recorded forecasts that were known prices, or are of another column or unit."""

import numpy as np
import pytest

from stockcast.backtesting.candidates import Candidate, name_candidates
from stockcast.backtesting.recorded import PlacedForecasts
from stockcast.backtesting.ticker import BacktestRequest, run_ticker
from stockcast.errors import UnusableForecasts
from stockcast.recipe import Recipe

CUTOFFS = np.arange(30, 60)


def judge(history, forecast, *, volatility=np.nan, column="auto", target=None):
    table = np.asarray(forecast, dtype=np.float64)[:, None]
    said = np.full_like(table, volatility)
    placed = PlacedForecasts("mine", CUTOFFS, table, said, {}, target)
    candidates = (*name_candidates(["drift"], {}), Candidate("mine", placed))
    return run_ticker(history, BacktestRequest(candidates, Recipe(column=column)))


def test_the_price_of_its_own_date_each_time_is_no_forecast(make_history):
    history = make_history(60)
    known = np.append(history.columns["adj_close"][30:], history.columns["adj_close"][:0])
    with pytest.raises(UnusableForecasts, match=r"mine is the price of its own date each time"):
        judge(history, known)


def test_one_that_differs_is_enough_to_be_a_forecast(make_history):
    history = make_history(60)
    known = history.columns["adj_close"][30:].copy()
    known[7] *= 1.01
    assert judge(history, known).judgements[0].candidate.name == "mine"


def test_a_price_that_never_moves_is_forecast_by_itself(make_history):
    still = np.full(60, 7.0)
    history = make_history(60, columns=("close",), close=still)
    assert len(judge(history, still[30:]).judgements) == 3


def test_forecasts_of_closes_are_not_judged_by_adjusted_ones(make_history):
    history = make_history(60)
    closes = history.columns["close"][29:59]
    with pytest.raises(
        UnusableForecasts, match=r"mine forecasts close, as it seems: .* from the"
    ) as e:
        judge(history, closes * 1.001)
    assert e.value.hint == 'judge that column: column="close"'
    assert judge(history, closes * 1.001, column="close").plan.target == "close"


def test_last_prices_settle_the_column(make_history):
    history = make_history(60)
    walked = judge(history, history.columns["close"][29:59] * 1.001, target="close")
    assert walked.plan.target == "close"


def test_volatility_as_a_share_is_refused(make_history):
    history = make_history(60)
    last = history.columns["adj_close"][29:59]
    with pytest.raises(
        UnusableForecasts, match=r"has a volatility of 0.012 %, and the price moved"
    ):
        judge(history, last * 1.001, volatility=0.012 / 100)
    assert judge(history, last * 1.001, volatility=0.012).judgements
