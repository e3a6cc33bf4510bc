"""What is told after training can be understood at first reading."""

from __future__ import annotations

import numpy as np

from stockcast.cli.output import console
from stockcast.cli.output.messages import report_pooled_skill
from stockcast.evaluation.skill import judge_forecasts


def judge(error):
    random = np.random.default_rng(0)
    actual, last = random.uniform(40, 60, size=(2, 200))
    return judge_forecasts(actual, actual + error * (last - actual), last)


def test_tickers_are_counted_by_how_they_compare_with_the_last_price(
    make_history, make_model, monkeypatch
):
    said = []
    monkeypatch.setattr(console, "say", lambda message, **_: said.append(message))
    skills = {"A": judge(0.5), "B": judge(1.5), "C": judge(1.5), "D": None}
    report_pooled_skill(make_model(make_history()), skills)
    assert said[-1] == (
        "of 3 tickers: better than the last price on 1, worse on 2, no different on 0 "
        "(after allowing for 3 comparisons)"
    )
