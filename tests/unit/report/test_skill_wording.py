"""What is said of a model after training, and of recorded forecasts, is right to the number."""

from __future__ import annotations

import numpy as np

from stockcast.evaluation.skill import judge_forecasts
from stockcast.ledger.score import Score, SpreadScore
from stockcast.report import skill_wording as wording


def judge(error, count=200):
    random = np.random.default_rng(0)
    actual, last = random.uniform(40, 60, size=(2, count))
    return judge_forecasts(actual, actual + error * (last - actual), last)


def make_score(**fields):
    values = {
        "ticker": "FB", "step": 1, "span": None, "scored": 1200, "pending": 0, "unmatched": 0,
        "rmse": 0.51234, "last_price_rmse": 0.5, "skill": -0.0247, "p_value": 0.0004,
        "coverage": (0.75, None), "spread": None, "tails": (), "has_drifted": None,
    }  # fmt: skip
    return Score(**{**values, **fields})


def test_tickers_are_counted_by_how_they_compare_with_the_last_price():
    skills = [judge(0.5), judge(1.5), judge(1.5), None]
    assert wording.describe_sides(wording.find_judged(skills)) == (
        "of 3 tickers: better than the last price on 1, worse on 2, no different on 0 "
        "(after allowing for 3 comparisons)"
    )


def test_a_pool_says_how_much_of_it_was_judged():
    assert wording.describe_held_out_pool(judge(0.5), [judge(0.5)]) == (
        "held out: 200 bars of 1 ticker; errors in shares of the last price"
    )


def test_errors_have_as_many_digits_as_those_of_the_last_price_need():
    skill = judge(0.5)
    model, last = wording.list_errors(skill, pooled=False)
    assert model == ("this model", f"{skill.rmse:.3f}", f"{skill.mae:.3f}", "100 %")
    assert last[1:] == (f"{skill.last_price_rmse:.3f}", f"{skill.last_price_mae:.3f}", "–")


def test_the_errors_of_a_pool_are_in_per_cent():
    skill = judge(0.5)
    assert wording.list_errors(skill, pooled=True)[0][1] == f"{100 * skill.rmse:.4g} %"


def test_a_row_of_scores_has_a_cell_a_title():
    scores = [make_score(), make_score(ticker=None, span=250, rmse=None, skill=None, p_value=None)]
    titles = wording.list_score_titles((80, 95), with_steps=False)
    rows = wording.list_score_rows(scores, with_steps=False)
    assert [len(row) for row in rows] == [len(titles)] * 2
    assert rows[0] == (
        "FB", "all", "1,200", "0.5123", "0.5000", "-2.5 %", "<0.001", "75.0 %", "–",
    )  # fmt: skip
    assert rows[1][:4] == ("all", "250", "1,200", "–")


def test_steps_are_told_apart_where_there_are_several():
    titles = wording.list_score_titles((), with_steps=True)
    (row,) = wording.list_score_rows([make_score(step=3, coverage=())], with_steps=True)
    assert dict(zip(titles, row, strict=True))["step"] == "3"


def test_how_far_has_rows_where_forecasts_said_it():
    scores = [
        make_score(spread=SpreadScore(0.4083, 0.52, 0.0004)),
        make_score(ticker=None, span=250, step=2, spread=SpreadScore(0.5, 0.5, None)),
        make_score(),
    ]
    assert wording.list_spread_titles(scores) == ["ticker", "newest", "QLIKE", "RiskMetrics", "p"]
    assert wording.list_spread_rows(scores) == [
        ("FB", "all", "0.408", "0.520", "<0.001"),
        ("all, step 2", "250", "0.500", "0.500", "–"),
    ]
