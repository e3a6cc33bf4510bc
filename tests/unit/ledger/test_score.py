"""What recorded forecasts were worth, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.ledger.join import Joined, Spread
from stockcast.ledger.score import score_joined


def make_joined(count=4, *, ticker="GOOG", step=1, scale=1.0, worse_from=None, **fields):
    random = np.random.default_rng(0)
    actual = scale * np.array([11.0, 12.0, 10.0, 11.0] * count)[:count]
    last = np.concatenate([[scale * 10.0], actual[:-1]])[:count]
    forecast = (last + actual) / 2
    if worse_from is not None:
        forecast[worse_from:] += random.normal(0, 2 * scale, count - worse_from)
    made = {
        "ticker": ticker, "step": step, "actual": actual, "forecast": forecast, "last": last,
        "dates": np.busday_offset("2013-01-01", np.arange(count)).astype("datetime64[us]"),
        "lower": np.zeros((count, 0)), "upper": np.zeros((count, 0)),
        "at": np.zeros((count, 0)), "beyond": np.zeros((count, 0)),
        "spread": Spread(*np.full((3, count), np.nan)),
        "pending": 1, "unmatched": 2, "adjusted": 0, "late": 0,
    }  # fmt: skip
    return Joined(**{**made, **fields})


def test_errors_and_skill_are_what_they_are_by_hand():
    score = score_joined([make_joined()])[0]
    # The last price is wrong by 1, 1, 2 and 1, the forecast by half of that.
    assert (score.ticker, score.step, score.span) == ("GOOG", 1, None)
    assert (score.scored, score.pending, score.unmatched) == (4, 1, 2)
    assert score.last_price_rmse == pytest.approx((7 / 4) ** 0.5)
    assert score.rmse == pytest.approx((7 / 16) ** 0.5)
    assert score.skill == pytest.approx(0.5)
    assert score.p_value < 0.2
    assert score.coverage == ()
    assert score.has_drifted is None


def test_the_newest_250_and_20_are_judged_apart():
    scores = score_joined([make_joined(400, worse_from=370)])
    assert [(one.span, one.scored) for one in scores] == [(None, 400), (250, 250), (20, 20)]
    assert scores[0].skill > scores[1].skill > scores[2].skill
    assert [one.has_drifted for one in scores] == [False, None, None]


def test_forecasts_that_have_become_much_worse_have_drifted():
    assert score_joined([make_joined(400, worse_from=200)])[0].has_drifted


def test_fewer_forecasts_than_a_span_are_all_of_it():
    assert [one.scored for one in score_joined([make_joined(7)])] == [7, 7, 7]


def test_without_a_forecast_that_came_true_there_is_nothing_to_tell():
    none = np.zeros((0, 1))
    for score in score_joined([make_joined(0, lower=none, upper=none)]):
        assert (score.scored, score.pending, score.unmatched) == (0, 1, 2)
        assert (score.rmse, score.last_price_rmse, score.skill, score.p_value) == (None,) * 4
        assert score.coverage == (None,)
    assert score_joined([]) == []


def test_coverage_is_the_share_of_prices_within_the_bounds_or_on_them():
    lower = np.array([[11.0, 0.0], [12.5, 0.0], [0.0, 0.0], [0.0, 0.0]])
    upper = np.array([[20.0, 20.0], [20.0, 20.0], [10.0, 20.0], [10.5, 20.0]])
    score = score_joined([make_joined(lower=lower, upper=upper)])[0]
    assert score.coverage == (0.5, 1.0)


def test_several_tickers_together_are_judged_by_shares_of_their_prices():
    parts = [make_joined(ticker="A"), make_joined(ticker="B", scale=1000.0, forecast=np.ones(4))]
    scores = score_joined(parts)
    together = [one for one in scores if one.ticker is None]
    assert [(one.span, one.scored, one.pending) for one in together] == [
        (None, 8, 2), (250, 8, 2), (20, 8, 2),
    ]  # fmt: skip
    assert (together[0].rmse, together[0].p_value, together[0].has_drifted) == (None,) * 3
    alike = score_joined([make_joined(ticker="A"), make_joined(ticker="B", scale=1000.0)])
    assert alike[-1].skill == pytest.approx(0.5, abs=0.05)
    assert together[0].skill < 0


def test_the_newest_of_several_tickers_are_the_newest_of_each():
    together = score_joined([make_joined(400, ticker="A"), make_joined(30, ticker="B")])[-3:]
    assert [one.scored for one in together] == [430, 280, 40]


def test_steps_ahead_are_never_mixed():
    parts = [make_joined(ticker=ticker, step=step) for ticker in "AB" for step in (1, 2)]
    scores = score_joined(parts)
    assert len(scores) == 3 * (4 + 2)
    assert {one.p_value is None for one in scores if one.ticker and one.step == 2} == {True}


def make_spread(said, true=4.0, *, count=30):
    random = np.random.default_rng(1)
    came = true * random.uniform(0.5, 1.5, count)
    return Spread(np.full(count, said), np.full(count, 2 * true), came)


def test_how_far_is_judged_beside_riskmetrics():
    score = score_joined([make_joined(30, spread=make_spread(4.0))])[0]
    assert 0 < score.spread.qlike < score.spread.ewma_qlike
    assert score.spread.p_value < 0.01


def test_several_tickers_have_no_p_as_they_move_on_the_same_days():
    parts = [make_joined(30, ticker=name, spread=make_spread(4.0)) for name in ("A", "B")]
    together = score_joined(parts)[-3]
    assert together.ticker is None
    assert together.spread.qlike == pytest.approx(score_joined(parts)[0].spread.qlike)
    assert together.spread.p_value is None


def test_a_ledger_that_says_no_volatility_has_no_score_of_it():
    assert score_joined([make_joined(30)])[0].spread is None


def test_quantiles_are_judged_by_their_breaches():
    bounds = np.array([[9.0], [9.0], [10.5], [9.0]])  # the third price is 10
    joined = make_joined(4, at=bounds, beyond=bounds - 1)
    (tail,) = score_joined([joined], [0.05])[0].tails
    assert (tail.count, tail.breaches) == (4, 1)
    assert tail.shortfall_bias == pytest.approx((9.5 - 10) / 12)
    assert 0 < tail.kupiec < 1
    (together,) = score_joined(
        [joined, make_joined(4, ticker="B", at=bounds, beyond=bounds)], [0.05]
    )[-3].tails
    assert (together.count, together.breaches) == (8, 2)
    assert np.isnan(together.kupiec)
