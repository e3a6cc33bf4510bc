"""The verdict on how far: what a volatility is worth beside others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stockcast.evaluation.volatility_skill import (
    LEVELS,
    SpreadForecasts,
    VolatilityComparison,
    judge_volatility,
    list_yardsticks,
    word_how_far,
)

ROWS, CALIBRATED = 900, 300


@pytest.fixture(scope="module")
def made():
    """Prices whose volatility doubles and halves every 50 bars, and that volatility."""
    random = np.random.default_rng(3)
    truth = np.where(np.arange(ROWS) // 50 % 2, 0.02, 0.01)
    prices = 100 * np.exp(np.cumsum(truth * random.standard_normal(ROWS)))
    last = np.concatenate([[100.0], prices[:-1]])
    variances = np.log(prices / last) ** 2
    return SpreadForecasts(prices, last, variances, 1, CALIBRATED), truth


@pytest.mark.slow
def test_the_true_volatility_is_tighter_at_the_same_coverage(made):
    forecasts, truth = made
    last = forecasts.last_prices
    skill = judge_volatility(
        forecasts, {"model": (last, truth), "ewma": (last, np.full(ROWS, 0.015))}
    )
    assert skill.count == ROWS - CALIBRATED
    ours, theirs = skill.scores
    for level, one, other in zip(LEVELS, ours.coverage, theirs.coverage, strict=True):
        assert one == pytest.approx(level, abs=0.03)
        assert other == pytest.approx(level, abs=0.03)
    assert ours.scores[1] < theirs.scores[1]
    assert ours.qlike < theirs.qlike
    (beside,) = skill.comparisons
    assert beside.gain == pytest.approx(1 - ours.scores[1] / theirs.scores[1])
    assert beside.qlike_gain == pytest.approx(1 - ours.qlike / theirs.qlike)
    assert beside.p_value < 0.01
    assert skill.skill == beside.gain > 0.05
    assert "tighter than RiskMetrics (0.94)'s (p" in word_how_far(skill)
    back = judge_volatility(
        forecasts, {"model": (last, np.full(ROWS, 0.015)), "ewma": (last, truth)}
    )
    assert "wider than RiskMetrics (0.94)'s (p" in word_how_far(back)


@pytest.mark.slow
def test_the_same_volatility_is_no_different_and_a_multiple_makes_the_same_intervals(made):
    forecasts, truth = made
    last = forecasts.last_prices
    skill = judge_volatility(
        forecasts, {"model": (last, truth), "ewma": (last, truth), "gjr-garch": (last, 3 * truth)}
    )
    same, tripled = skill.comparisons
    assert (same.gain, same.p_value, same.qlike_gain, same.qlike_p_value) == (0.0, 1.0, 0.0, 1.0)
    assert tripled.gain == pytest.approx(0, abs=1e-9)  # calibration takes the factor out
    assert tripled.qlike_gain > 0  # QLIKE does not
    assert "no different from" in word_how_far(skill)


@pytest.mark.slow
def test_claims_are_against_the_yardstick_that_did_best_and_name_the_path(made):
    forecasts, truth = made
    last = forecasts.last_prices
    skill = judge_volatility(
        forecasts,
        {
            "model": (last, truth),
            "path": (last, truth * np.where(np.arange(ROWS) % 2, 1.5, 1.0)),
            "gjr-garch": (last, truth * np.where(np.arange(ROWS) % 2, 1.1, 1.0)),
            "ewma": (last, np.full(ROWS, 0.015)),
        },
    )
    gains = {one.name: one.gain for one in skill.comparisons}
    assert gains["gjr-garch"] < gains["ewma"]
    assert skill.hardest.name == "gjr-garch"
    assert skill.skill == gains["gjr-garch"]
    assert "its own path alone" in word_how_far(skill)
    rows = skill.to_rows()
    assert [row["volatility"] for row in rows] == ["model", "path", "gjr-garch", "ewma"]
    assert rows[0]["gain"] is None
    assert rows[1]["gain"] == gains["path"]
    assert rows[3]["interval_score_95"] == skill.scores[3].scores[1]


@pytest.mark.slow
def test_p_is_raised_for_all_that_it_was_held_against(made):
    forecasts, truth = made
    last, coarse = forecasts.last_prices, np.full(ROWS, 0.015)
    alone = judge_volatility(forecasts, {"model": (last, truth), "ewma": (last, coarse)})
    two = judge_volatility(
        forecasts, {"model": (last, truth), "ewma": (last, coarse), "garch": (last, coarse)}
    )
    assert two.comparisons[0].p_value == pytest.approx(2 * alone.comparisons[0].p_value)


def test_without_a_yardstick_nothing_is_claimed(made):
    forecasts, truth = made
    skill = judge_volatility(forecasts, {"model": (forecasts.last_prices, truth)})
    assert skill.hardest is skill.skill is None
    assert word_how_far(skill) == "not judged: too few bars for a yardstick"


def test_within_chance_is_said_so_whatever_the_side():
    for gain, side in ((0.03, "tighter"), (-0.03, "wider")):
        one = VolatilityComparison("ewma", gain, 0.4, None, 1.0)
        skill = judge_volatility(*_trivial())
        found = word_how_far(replace(skill, comparisons=(one,)))
        assert f"3.0 % {side}, within chance: p = 0.40" in found


def _trivial():
    prices = np.linspace(100.0, 101.0, 40)
    forecasts = SpreadForecasts(prices, prices - 0.1, np.full(40, 1e-6), 1, 25)
    return forecasts, {"model": (prices - 0.1, np.full(40, 0.01))}


def test_a_yardstick_that_needs_more_bars_is_left_out():
    prices = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 60)))
    found = list_yardsticks(prices, np.arange(40, 60), horizon=2, names=("gjr-garch", "ewma"))
    assert list(found) == ["ewma"]
    assert found["ewma"].shape == (20,)
    assert (found["ewma"] > 0).all()
