"""The band of no difference by the test's own p, and a picture of any tickers."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.evaluation.skill import judge_forecasts
from stockcast.report.ticker_charts import Dots, chart_tickers, find_band


def judge(share, seed=1, count=120):
    random = np.random.default_rng(seed)
    last = np.full(count, 100.0)
    move = random.normal(0, 1, count)
    return judge_forecasts(last + move, last + share * move + random.normal(0, 0.3, count), last)


@pytest.mark.parametrize("share", [0.4, 0.1, -0.1, -3.0])
@pytest.mark.parametrize("limit", [0.05, 0.0001])
def test_a_skill_is_outside_of_its_band_where_its_p_is_below_the_limit(share, limit):
    skill = judge(share)
    lower, upper = find_band(
        np.array([skill.skill]), np.array([skill.p_value]), np.array([120.0]), limit
    )
    assert lower[0] < 0 < upper[0] <= 1
    assert (not lower[0] < skill.skill < upper[0]) == (skill.p_value < limit)


def test_a_skill_whose_p_is_the_limit_lies_on_the_edge():
    skill = judge(0.1)
    _, upper = find_band(
        np.array([skill.skill]), np.array([skill.p_value]), np.array([120.0]), skill.p_value
    )
    assert upper[0] == pytest.approx(skill.skill)


def test_a_p_however_small_has_a_band_and_one_that_says_nothing_has_none():
    lower, upper = find_band(
        np.array([-3.0, 0.0, 0.1]), np.array([1e-40, 1.0, 0.0]), np.full(3, 250.0), 0.05
    )
    assert np.isfinite([lower[0], upper[0]]).all()
    assert -3.0 < lower[0] < 0
    assert np.isnan(lower[1:]).all()
    assert np.isnan(upper[1:]).all()


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 5, 30, 200])
def test_any_number_of_tickers_has_a_picture(count):
    random = np.random.default_rng(count)
    skills = random.normal(0, 0.02, count)
    dots = Dots(
        [f"T{number}" for number in range(count)], skills, np.full(count, -0.03),
        np.full(count, np.nan), np.sign(skills),
    )  # fmt: skip
    svg = chart_tickers(dots)
    assert svg.startswith("<svg")
    assert "currentColor" in svg
    assert ("T0<" in svg) == (count <= 40)
    assert ("the worst first" in svg) == (count > 40)
