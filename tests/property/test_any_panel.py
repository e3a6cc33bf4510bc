"""Any tickers: each is counted once, and figures agree with each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.backtesting.candidates import name_candidates
from stockcast.backtesting.conclusions import conclude_cross_section, word_score
from stockcast.backtesting.cross_section import CrossSection
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.ticker import BacktestRequest, run_ticker
from stockcast.evaluation.panel import count_overlap, panel_diebold_mariano, pool_skill
from stockcast.recipe import Recipe

DAY = np.timedelta64(1, "D")


@st.composite
def draw_gains(draw):
    count = draw(st.integers(1, 60))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    days = np.datetime64("2024-01-01", "us") + random.integers(0, 30, count) * DAY
    return days, random.exponential(1, count), random.exponential(1, count)


@given(panel=draw_gains(), step=st.integers(1, 5))
def test_statistic_and_pooled_skill_have_one_sign_and_p_is_one(panel, step):
    dates, of_model, of_reference = panel
    statistic, p_value = panel_diebold_mariano(dates, of_reference - of_model, step=step)
    skill = pool_skill(of_model, of_reference)
    assert 0 <= p_value <= 1
    assert statistic == 0 or np.sign(statistic) == np.sign(skill)


@given(panel=draw_gains(), order=st.randoms(use_true_random=False))
def test_the_order_of_forecasts_does_not_matter(panel, order):
    dates, of_model, of_reference = panel
    places = list(range(len(dates)))
    order.shuffle(places)
    gains = of_reference - of_model
    first = panel_diebold_mariano(dates, gains)
    assert panel_diebold_mariano(dates[places], gains[places]) == pytest.approx(first, rel=1e-6)


@given(panel=draw_gains(), ahead=st.integers(1, 9))
def test_a_forecast_reaches_at_least_its_own_date_and_at_most_all(panel, ahead):
    dates = panel[0]
    reach = count_overlap(dates - ahead * DAY, dates, np.ones(len(dates)))
    assert 1 <= reach <= min(ahead, len(np.unique(dates)))


@pytest.mark.slow
@given(
    tickers=st.lists(st.tuples(st.integers(40, 90), st.booleans()), min_size=1, max_size=5),
    horizon=st.integers(1, 3),
    step=st.integers(1, 3),
)
def test_every_ticker_is_in_one_count_and_every_forecast_in_the_sums(
    make_history, tickers, horizon, step
):
    recipe = Recipe(horizon=horizon)
    candidates = name_candidates(["drift", "moving-average:5"], {})
    panel, forecasts, moved = CrossSection(candidates), 0, 0
    for seed, (rows, moves) in enumerate(tickers):
        still = {} if moves else dict.fromkeys(("close", "adj_close"), np.full(rows, 5.0))
        history = make_history(rows, seed=seed, ticker=f"T{seed}", **still)
        request = BacktestRequest(candidates, recipe, CutoffOptions(folds=8, step=step))
        panel.add(run_ticker(history, request).measure())
        forecasts, moved = forecasts + 8 * moves, moved + moves
    assert panel.tickers == len(tickers)
    ranking = panel.judge_models()
    for one in ranking:
        assert one.tickers == moved
        assert one.forecasts == forecasts
        assert one.better >= 0 <= one.worse
        assert one.better + one.worse + one.neither == moved
        assert 0 <= one.p_value <= one.p_holm <= 1
        assert word_score(one)
    assert conclude_cross_section(ranking, horizon=horizon, dates=len(panel.dates))
