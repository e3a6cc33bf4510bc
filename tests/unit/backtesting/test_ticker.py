"""What one ticker hands over: the farthest step, in shares of the last price."""

import numpy as np

from stockcast.backtesting.forecasts import gather_forecasts
from stockcast.backtesting.judge import judge_walks
from stockcast.backtesting.run import Engine, run_backtest
from stockcast.backtesting.ticker import measure_ticker


def test_a_ticker_hands_over_what_its_own_backtest_would_say(make_history, set_out):
    history = make_history(120)
    candidates, plan = set_out(history, ["drift"], fields={"horizon": 3}, folds=20, step=2)
    walks = run_backtest(history, candidates, plan, Engine())
    result = measure_ticker(history, walks, plan)
    assert result.ticker == "MADEUP"
    assert result.cutoffs.tolist() == history.dates[plan.cutoffs - 1].tolist()
    assert result.dates.tolist() == history.dates[plan.cutoffs + 2].tolist()
    judged = judge_walks(walks, history.columns[plan.target], plan)
    for one in judged:
        showing = result.scores[one.candidate.name]
        assert showing.skill == one.skill
        np.testing.assert_equal(showing.figures, one.figures)
    drift = walks[0].outlook
    shares = (drift.forecast[:, 2] - drift.actual[:, 2]) / drift.last_prices
    np.testing.assert_allclose(result.scores["drift"].squares, shares**2)
    inside, known = result.scores["drift"].held[0.8]
    assert inside / known == result.scores["drift"].figures["coverage_80"]


def test_gathered_forecasts_have_their_dates_and_no_model(make_history, set_out):
    history = make_history(60)
    candidates, plan = set_out(history, ["drift"], fields={"horizon": 2}, folds=4)
    found = gather_forecasts(history, run_backtest(history, candidates, plan, Engine()))
    assert list(found.models) == ["drift", "last-price"]
    assert found.dates.shape == found.actual.shape == (4, 2)
    assert found.dates[-1].tolist() == history.dates[-2:].tolist()
    assert (found.cutoffs < found.dates[:, 0]).all()
    np.testing.assert_array_equal(found.actual[-1], history.columns["adj_close"][-2:])
