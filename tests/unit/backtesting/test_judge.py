"""Figures by hand, verdicts that count what was tried, and the conclusion for a person."""

import math
from dataclasses import replace

import numpy as np
import pytest

from stockcast.backtesting.candidates import REFERENCE, Candidate
from stockcast.backtesting.judge import conclude, judge_walks
from stockcast.backtesting.plan import Fold, Plan
from stockcast.backtesting.recorded import PlacedForecasts
from stockcast.backtesting.run import Walk
from stockcast.evaluation.baselines import Baseline
from stockcast.forecast.outlook import Outlook
from stockcast.recipe import Recipe

TRAINING = [10.0, 11.0, 9.0, 10.0]
TRUE = [12.0, 11.0, 13.0, 13.0]
PRICES = np.array([*TRAINING, *TRUE])
LAST = PRICES[3:-1]
SOURCES = {"last-price": REFERENCE, "drift": Baseline("drift")}


def make_plan(count=4, *, horizon=1, step=1, rows=8):
    cutoffs = rows - horizon - step * np.arange(count)[::-1]
    return Plan("close", horizon, step, None, 1, (Fold(0, cutoffs),))


def make_walk(name, forecast, *, last=LAST, actual=TRUE, intervals=None, cutoffs=None):
    forecast, actual = (np.array(part, dtype=float) for part in (forecast, actual))
    if forecast.ndim == 1:
        forecast, actual = forecast[:, None], actual[:, None]
    outlook = Outlook(
        cutoffs=np.arange(4, 8) if cutoffs is None else cutoffs,
        forecast=forecast,
        last_prices=np.array(last, dtype=float),
        volatility=np.full(len(forecast), 0.01),
        actual=actual,
    )
    return Walk(Candidate(name, SOURCES.get(name, Recipe())), outlook, intervals or {}, ("",))


def make_reference(**more):
    return make_walk("last-price", LAST, **more)


def test_figures_are_those_of_the_forecasts_by_hand():
    """Errors +1, 0, −1, −1; moves +2, −1, +2, 0; training moves 1, −2, 1."""
    column = np.array([[13.0], [11.0], [12.0], [12.0]])
    intervals = {0.8: (column - 1, column + 1), 0.95: (column + math.nan, column + math.nan)}
    (one, reference) = judge_walks(
        [make_walk("net", column[:, 0], intervals=intervals), make_reference()],
        PRICES,
        make_plan(),
    )
    row = one.to_row()
    assert row["model"] == "net"
    assert (row["step"], row["count"]) == (1, 4)
    assert row["mae"] == 0.75
    assert row["rmse"] == pytest.approx(math.sqrt(3 / 4))
    assert row["mape"] == pytest.approx((1 / 12 + 2 / 13) / 4)
    assert row["smape"] == pytest.approx((1 / 12.5 + 2 / 12.5) / 4)
    assert row["mase"] == pytest.approx(0.75 / (4 / 3))
    assert row["rmsse"] == pytest.approx(math.sqrt(3 / 4) / math.sqrt(2))
    assert row["bias"] == -0.25
    assert row["direction"] == 1.0  # +3, −1, +1; the price that stayed counts for no side
    assert row["majority"] == pytest.approx(2 / 3)
    assert row["skill"] == pytest.approx(1 - math.sqrt(3 / 4) / 1.5)
    assert (row["coverage_80"], row["width_80"], row["winkler_80"]) == (1.0, 2.0, 2.0)
    assert all(math.isnan(row[f"{name}_95"]) for name in ("coverage", "width", "winkler"))
    assert reference.skill.rmse == 1.5


def test_the_columns_of_the_summary_have_an_order():
    bounds = np.zeros((4, 1)), np.ones((4, 1))
    walk = make_walk("net", TRUE, intervals={0.8: bounds, 0.995: bounds})
    assert list(judge_walks([walk], PRICES, make_plan())[0].to_row()) == [
        "model", "step", "count", "mae", "rmse", "mape", "smape", "mase", "rmsse", "bias",
        "direction", "majority", "coverage_80", "width_80", "winkler_80", "coverage_99.5",
        "width_99.5", "winkler_99.5", "wis", "qlike", "skill", "p_value", "p_holm",
        "how_far_against", "how_far", "how_far_p_value", "how_far_p_holm", "lag", "repeats",
        "verdict",
    ]  # fmt: skip


def test_the_last_price_is_judged_by_its_errors_and_names_no_direction():
    row = judge_walks([make_reference()], PRICES, make_plan())[0].to_row()
    assert row["rmse"] == 1.5
    assert row["skill"] == 0
    assert row["p_value"] is row["p_holm"] is row["lag"] is None
    assert math.isnan(row["direction"])
    assert row["repeats"] is True
    assert row["verdict"] == "what all others are held against"


def test_coverage_counts_only_forecasts_that_had_an_interval():
    upper = np.array([[math.nan], [11.5], [12.5], [13.5]])
    walk = make_walk("net", TRUE, intervals={0.8: (upper - 1, upper)})
    figures = judge_walks([walk], PRICES, make_plan())[0].figures
    assert figures["coverage_80"] == pytest.approx(2 / 3)
    assert figures["width_80"] == 1.0


def test_the_best_comes_first():
    walks = [make_walk("worst", [9.0] * 4), make_reference(), make_walk("best", TRUE)]
    found = judge_walks(walks, PRICES, make_plan())
    assert [one.candidate.name for one in found] == ["best", "last-price", "worst"]


def test_several_steps_ahead_are_judged_at_the_farthest():
    forecast = np.array([[0.0, 12.0], [0.0, 13.0], [0.0, 15.0]])
    actual = np.array([[12.0, 11.0], [11.0, 13.0], [13.0, 13.0]])
    walk = make_walk("net", forecast, actual=actual, last=PRICES[3:6], cutoffs=np.arange(4, 7))
    one = judge_walks([walk], PRICES, make_plan(3, horizon=2))[0]
    assert one.figures["step"] == 2
    assert one.figures["mae"] == 1.0
    assert one.skill.last_price_mae == pytest.approx((1 + 1 + 2) / 3)


@pytest.fixture(scope="module")
def long():
    """200 random moves, and forecasts that know so much of them: (prices, make, plan)."""
    random = np.random.default_rng(0)
    prices = 100 + np.cumsum(random.normal(0, 1, 301))
    last, actual = prices[100:300], prices[101:301]

    def make(name, share, seed=1):
        noise = np.random.default_rng(seed).normal(0, 0.3, 200)
        forecast = last + share * (actual - last) + noise
        return make_walk(name, forecast, last=last, actual=actual, cutoffs=np.arange(101, 301))

    return prices, make, make_plan(200, rows=301)


def test_p_is_raised_for_all_that_were_tried_but_not_for_baselines(long):
    """Holm: the smaller of two p is doubled; the other stays, but is no less than that."""
    prices, make, plan = long
    alone = {}
    for name, share, seed in (("a", 0.06, 1), ("b", 0.02, 2), ("drift", 0.05, 3)):
        alone[name] = judge_walks([make(name, share, seed)], prices, plan)[0]
    walks = [make("a", 0.06, 1), make("b", 0.02, 2), make("drift", 0.05, 3)]
    found = {one.candidate.name: one for one in judge_walks(walks, prices, plan)}
    p_values = [alone[name].skill.p_value for name in ("a", "b")]
    small, large = min(p_values), max(p_values)
    of = dict(zip(p_values, ("a", "b"), strict=True))
    assert found[of[small]].p_holm == pytest.approx(min(1, 2 * small))
    assert found[of[large]].p_holm == pytest.approx(max(min(1, 2 * small), large))
    assert found["drift"].p_holm == alone["drift"].skill.p_value
    assert "1 of 2 models tried" in found["a"].verdict
    assert "tried" not in found["drift"].verdict


def test_forecasts_apart_by_the_horizon_are_tested_as_independent(long):
    prices, _, _ = long
    cutoffs = 299 - 4 * np.arange(40)[::-1]
    actual = prices[cutoffs[:, None] + np.arange(2)]
    last = prices[cutoffs - 1]
    forecast = last[:, None] + 0.5 * (actual - last[:, None])
    walk = make_walk("net", forecast, last=last, actual=actual, cutoffs=cutoffs)
    plan = make_plan(40, horizon=2, step=4, rows=301)
    np.testing.assert_array_equal(plan.cutoffs, cutoffs)
    found = judge_walks([walk], prices, plan)[0]
    from stockcast.evaluation.significance import diebold_mariano

    expected = diebold_mariano(actual[:, 1], forecast[:, 1], last, step=1)[1]
    assert found.skill.p_value == expected
    assert found.skill.lag is None


def test_a_lag_is_looked_for_where_bars_follow_each_other(long):
    prices, _, plan = long
    walk = make_walk(
        "late", prices[96:296], last=prices[100:300], actual=prices[101:301],
        cutoffs=np.arange(101, 301),
    )  # fmt: skip
    found = judge_walks([walk], prices, plan)[0]
    assert found.skill.lag == 5
    assert "lag of 5 bars" in found.verdict


def tell(long, *shares, names=("net", "other")):
    prices, make, plan = long
    walks = [make(name, share) for name, share in zip(names, shares, strict=False)]
    reference = make_walk(
        "last-price", prices[100:300], last=prices[100:300], actual=prices[101:301],
        cutoffs=np.arange(101, 301),
    )  # fmt: skip
    return conclude(judge_walks([*walks, reference], prices, plan), plan)


def test_where_nothing_is_better_a_person_is_told_to_take_the_last_price(long):
    assert tell(long, 0.0, -0.3) == (
        "None of these is better than repeating the last price; for the next price, the last "
        "one is the best forecast here."
    )
    assert tell(long, 0.0).startswith("net is not better than repeating the last price; for")


def test_where_one_is_better_a_person_is_told_which_by_how_much_and_what_it_promises(long):
    told = tell(long, 0.5, -0.1)
    assert told.startswith("net was better than repeating the last price: over 200 forecasts its")
    assert "% lower" in told
    assert told.endswith("Whether that lasts, only later prices can tell.")


def test_a_gain_too_small_to_use_is_called_so(long):
    prices, _, plan = long
    last, actual = prices[100:300], prices[101:301]
    walk = make_walk(
        "tiny", last + 0.005 * (actual - last), last=last, actual=actual,
        cutoffs=np.arange(101, 301),
    )  # fmt: skip
    told = conclude(judge_walks([walk], prices, plan), plan)
    assert "too little to be of use" in told
    assert "better" in told


def test_a_few_forecasts_are_called_few():
    walks = [make_walk("net", [12.0, 11.5, 13.0, 12.5]), make_reference()]
    told = conclude(judge_walks(walks, PRICES, make_plan()), make_plan())
    assert "4 forecasts are few" in told


def test_nothing_beside_the_last_price_and_a_price_that_never_moved_are_said():
    plan = make_plan()
    assert "Nothing was tried" in conclude(judge_walks([make_reference()], PRICES, plan), plan)
    still = np.full(8, 10.0)
    walks = [
        make_walk(name, [10.0] * 4, last=still[3:7], actual=still[4:])
        for name in ("drift", "last-price")
    ]
    found = judge_walks(walks, still, plan)
    assert "never moved" in conclude(found, plan)
    assert "never moved" in found[0].verdict


def test_recorded_forecasts_that_are_the_last_price_are_said_to_be():
    table = LAST[:, None]
    placed = PlacedForecasts("naive", np.arange(4, 8), table, table, {}, None)
    walk = replace(make_walk("naive", LAST), candidate=Candidate("naive", placed))
    (judged,) = judge_walks([walk], PRICES, make_plan())
    assert judged.verdict == "no different from repeating the last price, which it does"
