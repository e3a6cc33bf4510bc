"""Many tickers' results by hand: families, counts, sums by date, and the conclusion."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stockcast.backtesting.candidates import REFERENCE, Candidate
from stockcast.backtesting.conclusions import conclude_cross_section, word_score
from stockcast.backtesting.cross_section import CrossSection
from stockcast.backtesting.ticker import TickerResult, TickerScore
from stockcast.evaluation.baselines import Baseline
from stockcast.evaluation.panel import square_errors
from stockcast.evaluation.skill import judge_forecasts
from stockcast.recipe import Recipe

NET, OTHER = Candidate("net", Recipe()), Candidate("other", Recipe())
DRIFT, LAST = Candidate("drift", Baseline("drift")), Candidate("last-price", REFERENCE)
MONDAY, DAY = np.datetime64("2024-01-01", "us"), np.timedelta64(1, "D")


def show(actual, forecast, last, held):
    skill = judge_forecasts(actual, forecast, last)
    return TickerScore(
        skill=skill,
        figures={"step": 1, "count": len(actual), "rmse": skill.rmse},
        squares=square_errors(actual, forecast, last),
        held=held,
    )


def make_result(ticker, actual, last, *, first=0, held=None, **forecasts):
    """A ticker's result; forecasts by name, `-` written as `_`."""
    actual, last = np.array(actual, dtype=float), np.array(last, dtype=float)
    days = MONDAY + (first + np.arange(len(actual))) * DAY
    told = {"last-price": last, **forecasts}
    return TickerResult(
        ticker=ticker,
        cutoffs=days,
        dates=days + DAY,
        scores={
            name: show(actual, np.array(one, dtype=float), last, held or {})
            for name, one in told.items()
        },
    )


def make_walk(seed, *, size=1.0, count=200, **knows):
    """A random walk, and forecasts that know a share of each move, and noise: keyword arguments."""
    random = np.random.default_rng(seed)
    prices = 100 + np.cumsum(random.normal(0, size, count + 1))
    last, actual = prices[:-1], prices[1:]
    forecasts = {
        name: last + share * (actual - last) + random.normal(0, 0.3 * size, count)
        for name, share in knows.items()
    }
    return {"actual": actual, "last": last, **forecasts}


def test_figures_by_hand():
    """Errors of 1 and 2 of 10, beside 2 and 2; of 30 and 20 of 1000, beside 10 and 10."""
    panel = CrossSection([NET, LAST])
    held = {0.8: (1, 2), 0.95: (0, 0)}
    panel.add(make_result("A", [12, 8], [10, 10], net=[11, 10], held=held))
    panel.add(make_result("B", [1010, 990], [1000, 1000], net=[1040, 970], held=held))
    net = next(one for one in panel.judge_models() if not one.is_reference)
    assert (net.tickers, net.forecasts) == (2, 4)
    assert net.ratio == pytest.approx(math.sqrt(math.sqrt(5 / 8) * math.sqrt(1300 / 200)))
    of_net, of_last = 0.1**2 + 0.2**2 + 0.03**2 + 0.02**2, 2 * 0.2**2 + 2 * 0.01**2
    assert net.skill == pytest.approx(1 - math.sqrt(of_net / of_last))
    assert net.coverage[0.8] == 0.5
    assert math.isnan(net.coverage[0.95])
    assert (net.better, net.worse, net.neither) == (0, 0, 2)
    row = net.to_row()
    assert list(row) == [
        "model", "tickers", "forecasts", "ratio", "skill", "p_value", "p_holm", "better", "worse",
        "neither", "comparisons", "coverage_80", "coverage_95", "how_far_against",
        "interval_ratio", "qlike_ratio", "tighter", "how_far_p_value", "how_far_p_holm",
    ]  # fmt: skip
    assert row["comparisons"] == 2


def test_the_last_price_is_its_own_measure():
    panel = CrossSection([NET, LAST])
    panel.add(make_result("A", [12, 8], [10, 10], net=[11, 9]))
    best, reference = panel.judge_models()
    assert best.candidate is NET
    row = reference.to_row()
    assert (row["ratio"], row["skill"]) == (1.0, 0.0)
    assert row["p_value"] is row["p_holm"] is row["better"] is row["comparisons"] is None
    assert word_score(reference) == "what all others are held against"


def test_a_ticker_counts_as_better_only_after_all_that_was_tried_on_any():
    """Alone its p is 0.02; with 40 tickers beside it, no more than luck."""
    walk = make_walk(42, net=0.15)
    alone, many = CrossSection([NET, LAST]), CrossSection([NET, LAST])
    for panel in (alone, many):
        panel.add(make_result("A", **walk))
    for seed in range(40):
        many.add(make_result(f"B{seed}", **make_walk(100 + seed, net=0.0)))
    of_one = {one.candidate.name: one for one in alone.judge_tickers()[0][1]}["net"]
    of_many = {one.candidate.name: one for one in many.judge_tickers()[0][1]}["net"]
    assert of_one.skill.skill > 0
    assert of_one.p_holm == of_one.skill.p_value < 0.05
    assert of_many.p_holm > 0.05
    assert "1 of 41 comparisons made" in of_many.verdict
    assert alone.judge_models()[0].better == 1
    assert many.judge_models()[0].better == 0


def test_baselines_do_not_make_it_harder_for_a_model():
    walk = make_walk(2, net=0.06, drift=0.0)
    panels = CrossSection([NET, LAST]), CrossSection([NET, DRIFT, LAST])
    for panel in panels:
        panel.add(make_result("A", **walk))
    first, second = (
        next(one.p_holm for one in panel.judge_tickers()[0][1] if one.candidate is NET)
        for panel in panels
    )
    assert first == second


def test_a_ticker_whose_price_never_moved_is_listed_and_not_judged():
    panel = CrossSection([NET, LAST])
    panel.add(make_result("STILL", [5.0] * 4, [5.0] * 4, net=[5.0] * 4, held={0.8: (4, 4)}))
    assert panel.judge_models()[0].skill is None
    told = conclude_cross_section(panel.judge_models(), horizon=1, dates=0)
    assert told == "No price moved here, so nothing can be told apart."
    panel.add(make_result("A", [12, 8], [10, 10], net=[11, 9], held={0.8: (0, 4)}))
    net = panel.judge_models()[0]
    assert (net.tickers, net.forecasts, net.tried, panel.tickers) == (1, 2, 1, 2)
    assert net.coverage[0.8] == 0
    still = panel.judge_tickers()[0]
    assert still[0] == "STILL"
    assert all("never moved" in one.verdict for one in still[1] if one.candidate is NET)


def test_a_price_of_0_is_left_out_of_the_sums():
    panel = CrossSection([NET, LAST])
    panel.add(make_result("OIL", [12, 8, 1], [10, 10, 0], net=[11, 9, 0.5]))
    assert panel.judge_models()[0].forecasts == 2


def test_a_dear_ticker_weighs_no_more_than_a_cheap_one():
    panels = CrossSection([NET, LAST]), CrossSection([NET, LAST])
    for panel, factor in zip(panels, (1, 1000), strict=True):
        panel.add(make_result("A", **make_walk(1, net=0.3)))
        walk = {name: factor * one for name, one in make_walk(2, net=-0.3).items()}
        panel.add(make_result("B", **walk))
    first, second = (panel.judge_models()[1] for panel in panels)
    assert first.skill == pytest.approx(second.skill, rel=1e-9)
    assert first.p_value == pytest.approx(second.p_value, rel=1e-6)


@pytest.mark.slow
def test_copies_of_a_ticker_prove_nothing_more():
    walk = make_walk(3, net=0.05)
    panels = CrossSection([NET, LAST]), CrossSection([NET, LAST])
    panels[0].add(make_result("A", **walk))
    for number in range(50):
        panels[1].add(make_result(f"A{number}", **walk))
    one, fifty = (panel.judge_models()[0] for panel in panels)
    assert fifty.p_value == pytest.approx(one.p_value, rel=1e-6)
    assert fifty.skill == pytest.approx(one.skill, rel=1e-9)


def test_of_a_ticker_no_more_is_kept_than_its_figures():
    panel = CrossSection([NET, LAST])
    result = make_result("A", **make_walk(1, net=0.0))
    panel.add(result)
    kept = [one for _, scores in panel._tickers for one in scores.values()]
    assert all(one.squares.size == 0 for one in kept)
    assert len(panel.dates) == 200


def tell(*candidates, tickers=3, horizon=1, dates=200, **knows):
    panel = CrossSection([*candidates, LAST])
    for seed in range(tickers):
        panel.add(make_result(f"T{seed}", **make_walk(seed, **knows)))
    return conclude_cross_section(panel.judge_models(), horizon=horizon, dates=dates)


def test_where_nothing_is_better_a_person_is_told_so():
    assert tell(NET, net=0.046) == (
        "Over 3 tickers together net is not better than repeating the last price; for the next "
        "price, the last one is as good a forecast or a better one. Of 3 tickers, net was better "
        "than the last price for none and worse for none, after allowing for how many were tried; "
        "expect none by luck."
    )
    told = tell(NET, OTHER, net=-0.5, other=-0.6, horizon=5)
    assert "together none of these is better" in told
    assert "for the price 5 bars ahead" in told
    assert "better than the last price for none and worse for 3," in told


def test_where_one_is_better_a_person_is_told_how_much_and_what_it_promises():
    told = tell(NET, net=0.5)
    assert told.startswith("Over 3 tickers together net was better than repeating the last price:")
    assert "Whether that lasts, only later prices can tell." in told
    assert "better than the last price for 3 and worse for none" in told


def test_a_gain_too_small_to_use_is_called_so_and_few_dates_are_called_few():
    panel = CrossSection([NET, LAST])
    walk = make_walk(1)
    walk["net"] = walk["last"] + 0.005 * (walk["actual"] - walk["last"])
    panel.add(make_result("A", **walk))
    told = conclude_cross_section(panel.judge_models(), horizon=1, dates=12)
    assert "too little to be of use" in told
    assert "Of 1 ticker, net" in told
    assert told.endswith("12 dates are few, though: more may tell more.")


def test_nothing_beside_the_last_price_is_said():
    assert tell() == "Nothing was tried beside the last price."


def test_a_sentence_has_all_counts():
    panel = CrossSection([NET, LAST])
    for seed in range(2):
        panel.add(make_result(f"T{seed}", **make_walk(seed, net=-0.9)))
    told = word_score(panel.judge_models()[1])
    assert told.startswith(
        "better than the last price for 0 of 2 tickers, worse for 2, no different for 0 (of 2 "
        "comparisons); over all forecasts worse by "
    )


def test_yardsticks_of_volatility_are_no_attempts_on_the_price():
    har = Candidate("har", Baseline("har"))
    panel = CrossSection([DRIFT, har, LAST])
    for seed in range(3):
        walk = make_walk(seed, drift=0.0)
        panel.add(make_result(f"T{seed}", walk["actual"], walk["last"], har=walk["last"],
                              drift=walk["drift"]))  # fmt: skip
    ranking = panel.judge_models()
    assert {one.candidate.name: one.tried for one in ranking}["drift"] == 3
    text = conclude_cross_section(ranking, horizon=1, dates=200)
    assert "drift is not better" in text
    assert "har" not in text
