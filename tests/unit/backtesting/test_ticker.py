"""The backtest of one ticker as one value, and what it hands over to a table of many."""

import numpy as np
import pytest

from stockcast.backtesting.candidates import name_candidates
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.judge import conclude, judge_walks
from stockcast.backtesting.leakage import check_leakage
from stockcast.backtesting.plan import plan_backtest
from stockcast.backtesting.run import Engine, run_backtest
from stockcast.backtesting.ticker import BacktestRequest, run_ticker
from stockcast.errors import LeakageFound
from stockcast.progress import Observer, Progress, Silent
from stockcast.recipe import Recipe
from stockcast.windows.moves import measure_moves
from stockcast.windows.series import window_history
from tests.support import draw_model

SMALL = {"window": 5, "layers": 1, "units": 3}


def make_request(names, *, fields=None, levels=(0.8,), leakage=False, **cutoffs):
    fields = fields or {}
    options = CutoffOptions(**cutoffs)
    candidates = name_candidates(names, fields)
    return BacktestRequest(candidates, Recipe(**fields), options, levels, check_leakage=leakage)


class Listening(Observer):
    """Keeps which progress was opened, and what it saw."""

    def __init__(self):
        self.seen = []

    def open_progress(self, *, unit="epoch", task="") -> Progress:
        seen = self.seen

        class Listener(Silent):
            def begin(self, name, total):
                seen.append((unit, task or name, total))

        return Listener()


def test_one_value_has_what_each_step_alone_would_give(make_history):
    history = make_history(120)
    request = make_request(["drift"], folds=20, step=2, leakage=True)
    walked = run_ticker(history, request)
    plan = plan_backtest(history, request.candidates, request.default, request.cutoffs)
    assert walked.plan.cutoffs.tolist() == plan.cutoffs.tolist()
    walks = run_backtest(history, request.candidates, plan, Engine(levels=(0.8,)))
    for one, other in zip(walked.walks, walks, strict=True):
        np.testing.assert_array_equal(one.outlook.forecast, other.outlook.forecast)
        np.testing.assert_array_equal(one.intervals[0.8], other.intervals[0.8])
    variances = measure_moves(history, plan.target).variances
    judgements = judge_walks(walks, history.columns[plan.target], plan, variances)
    assert [one.to_row() for one in walked.judgements] == [one.to_row() for one in judgements]
    assert walked.conclusion == conclude(judgements, plan)
    assert walked.levels == (0.8,)
    assert walked.replayed == check_leakage(history, walks, plan, Engine(levels=(0.8,)))


def test_leakage_is_not_looked_for_unless_it_is_asked_for(make_history):
    assert run_ticker(make_history(80), make_request(["drift"], folds=5)).replayed == 0


def test_the_plan_is_known_before_anything_is_fitted(make_history):
    heard = []

    def load_fit(progress):
        heard.append("load")
        return fit

    def fit(history, recipe, cutoff):
        heard.append("fit")
        return draw_model(window_history(history.select(np.arange(cutoff)), recipe))

    request = make_request(["default", "drift"], fields=SMALL, folds=8, refit=4)
    run_ticker(make_history(90), request, load_fit=load_fit, on_plan=heard.append)
    assert len(heard[0].folds) == 2
    assert heard[1:] == ["load", "fit", "fit"]


@pytest.mark.parametrize(
    ("refit", "expected"), [(None, []), (4, [("fold", "default", 2)])], ids=["once", "anew"]
)
def test_of_one_fit_the_epochs_are_shown_and_of_many_their_number(make_history, refit, expected):
    listening, given = Listening(), []

    def load_fit(progress):
        given.append(progress)
        return lambda history, recipe, cutoff: draw_model(
            window_history(history.select(np.arange(cutoff)), recipe)
        )

    request = make_request(["default", "drift"], fields=SMALL, folds=8, refit=refit)
    run_ticker(make_history(90), request, load_fit=load_fit, observer=listening)
    assert listening.seen == expected
    assert [progress is None for progress in given] == [refit is not None]


def test_a_leak_is_raised(make_history):
    def load_fit(progress):
        def fit(history, recipe, cutoff):  # sees every row
            seed = int(history.columns["adj_close"].sum() * 1e6)
            return draw_model(window_history(history.select(np.arange(cutoff)), recipe), seed=seed)

        return fit

    request = make_request(["default"], fields=SMALL, folds=8, leakage=True)
    with pytest.raises(LeakageFound, match="default: the model"):
        run_ticker(make_history(90), request, load_fit=load_fit)


def test_a_ticker_hands_over_what_its_own_backtest_says(make_history):
    history = make_history(120)
    request = make_request(["drift"], fields={"horizon": 3}, folds=20, step=2)
    walked = run_ticker(history, request)
    result, plan = walked.measure(), walked.plan
    assert result.ticker == "MADEUP"
    assert result.cutoffs.tolist() == history.dates[plan.cutoffs - 1].tolist()
    assert result.dates.tolist() == history.dates[plan.cutoffs + 2].tolist()
    for one in walked.judgements:
        showing = result.scores[one.candidate.name]
        assert showing.skill == one.skill
        np.testing.assert_equal(showing.figures, one.figures)
    drift = walked.walks[0].outlook
    shares = (drift.forecast[:, 2] - drift.actual[:, 2]) / drift.last_prices
    np.testing.assert_allclose(result.scores["drift"].squares, shares**2)
    inside, known = result.scores["drift"].held[0.8]
    assert inside / known == result.scores["drift"].figures["coverage_80"]
    assert result.forecasts is None
    assert list(walked.measure(keep_forecasts=True).forecasts.models) == ["drift", "last-price"]


def test_gathered_forecasts_have_their_dates_and_no_model(make_history):
    history = make_history(60)
    walked = run_ticker(history, make_request(["drift"], fields={"horizon": 2}, folds=4))
    found = walked.gather_forecasts()
    assert list(found.models) == ["drift", "last-price"]
    assert found.dates.shape == found.actual.shape == (4, 2)
    assert found.dates[-1].tolist() == history.dates[-2:].tolist()
    assert (found.cutoffs < found.dates[:, 0]).all()
    np.testing.assert_array_equal(found.actual[-1], history.columns["adj_close"][-2:])


def test_a_frame_has_a_row_a_forecast_by_cutoff_then_step_then_model(make_history):
    request = make_request(["drift"], fields={"horizon": 2}, folds=4, levels=(0.8, 0.95))
    found = run_ticker(make_history(60), request).gather_forecasts()
    frame = found.to_frame()
    assert list(frame) == [
        "ticker", "cutoff", "date", "step", "model", "forecast",
        "lower_80", "upper_80", "lower_95", "upper_95", "actual",
    ]  # fmt: skip
    assert frame["model"].tolist() == ["drift", "last-price"] * 8
    assert frame["step"].tolist() == [1, 1, 2, 2] * 4
    for number, name in enumerate(found.models):
        forecast, intervals = found.models[name]
        mine = frame[frame["model"] == name]
        np.testing.assert_array_equal(mine["forecast"], forecast.ravel())
        np.testing.assert_array_equal(mine["upper_80"], intervals[0.8][1].ravel())
        np.testing.assert_array_equal(mine["actual"], found.actual.ravel())
        np.testing.assert_array_equal(mine["date"], found.dates.ravel())
        assert mine["cutoff"].tolist() == frame["cutoff"].tolist()[number::2]
