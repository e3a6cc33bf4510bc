"""The walk: who is fitted on what, what is forecast from where, and intervals along the way."""

from dataclasses import replace

import numpy as np
import pytest

from stockcast.backtesting.run import Engine, run_backtest
from stockcast.evaluation.baselines import forecast_baseline
from stockcast.evaluation.conformal import find_quantile, measure_scores
from stockcast.forecast.outlook import forecast_at_cutoffs
from stockcast.windows.series import window_history
from stockcast.windows.volatility import estimate_volatility
from tests.support import draw_model


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(150)


class Remembering:
    """A fit that remembers what it was asked."""

    def __init__(self, fit):
        self.fit, self.asked = fit, []

    def __call__(self, history, recipe, cutoff):
        self.asked.append((history.dates[0], len(history), cutoff))
        return self.fit(history, recipe, cutoff)


@pytest.mark.slow
@pytest.mark.parametrize(("refit", "fits"), [(None, 1), (4, 3), (1, 10)])
def test_a_recipe_is_fitted_once_a_fold_and_a_baseline_never(
    history, set_out, fit_untrained, refit, fits
):
    fit = Remembering(fit_untrained)
    candidates, plan = set_out(history, ["default", "gru", "drift"], folds=10, refit=refit)
    walks = run_backtest(history, candidates, plan, Engine(fit=fit))
    cutoffs = [140, 144, 148] if refit == 4 else list(range(140, 140 + fits))
    assert [cutoff for _, _, cutoff in fit.asked] == cutoffs * 2
    assert [len(walk.digests) for walk in walks] == [fits, fits, 1, 1]
    assert len(set(walks[0].digests)) == fits


def test_a_fit_is_given_the_whole_history_from_the_first_row_that_it_may_see(
    history, set_out, fit_untrained
):
    fit = Remembering(fit_untrained)
    candidates, plan = set_out(history, ["default"], folds=10, refit=5, train_rows=60)
    run_backtest(history, candidates, plan, Engine(fit=fit))
    assert fit.asked == [(history.dates[80], 70, 60), (history.dates[85], 65, 60)]


@pytest.mark.slow
@pytest.mark.parametrize("horizon", [1, 3])
def test_forecasts_are_those_of_the_model_fitted_last(history, set_out, fit_untrained, horizon):
    candidates, plan = set_out(
        history, ["default"], folds=10, refit=4, step=2, fields={"horizon": horizon}
    )
    walk = run_backtest(history, candidates, plan, Engine(fit=fit_untrained))[0]
    row = 0
    for fold in plan.folds:
        recipe = candidates[0].source
        model = draw_model(window_history(history.select(np.arange(fold.fitted_at)), recipe))
        for cutoff in fold.cutoffs:
            expected = forecast_at_cutoffs(model, history, np.array([cutoff])).forecast[0]
            np.testing.assert_allclose(walk.outlook.forecast[row], expected, rtol=1e-6)
            true = history.columns["adj_close"][cutoff : cutoff + horizon]
            np.testing.assert_array_equal(walk.outlook.actual[row], true)
            row += 1
    assert row == 10


@pytest.mark.parametrize("train_rows", [None, 40])
def test_a_baseline_forecasts_from_what_it_knows(history, set_out, train_rows):
    candidates, plan = set_out(
        history, ["drift"], folds=10, train_rows=train_rows, fields={"horizon": 2}
    )
    walk = run_backtest(history, candidates, plan, Engine())[0]
    expected = forecast_baseline(
        "drift", history.columns["adj_close"], plan.cutoffs, 2, train_rows=train_rows
    )
    np.testing.assert_array_equal(walk.outlook.forecast, expected)
    np.testing.assert_array_equal(
        walk.outlook.last_prices, history.columns["adj_close"][plan.cutoffs - 1]
    )


def test_a_baselines_first_interval_comes_from_its_errors_on_the_validation_rows(history, set_out):
    candidates, plan = set_out(history, [], folds=50, fields={"validation": 30})
    walk = run_backtest(history, candidates, plan, Engine(levels=(0.8,)))[0]
    prices, rows = history.columns["adj_close"], np.arange(70, 100)
    volatility = estimate_volatility(history, "adj_close")
    last = prices[rows - 1]
    scores = measure_scores(prices[rows, None], last[:, None], last, volatility[rows - 1, None])
    half = find_quantile(scores[:, 0].astype(np.float32), 0.8) * prices[99] * volatility[99]
    lower, upper = walk.intervals[0.8]
    assert upper[0, 0] - prices[99] == pytest.approx(half)
    assert prices[99] - lower[0, 0] == pytest.approx(half)


def test_several_steps_ahead_are_calibrated_on_forecasts_that_came_true_before(history, set_out):
    """The last one that may count looks from row 97 to row 99, right before the first cutoff."""
    candidates, plan = set_out(history, [], folds=48, fields={"validation": 30, "horizon": 3})
    assert plan.cutoffs[0] == 100
    walk = run_backtest(history, candidates, plan, Engine(levels=(0.8,)))[0]
    prices, cutoffs = history.columns["adj_close"], np.arange(70, 98)
    volatility = estimate_volatility(history, "adj_close")
    for ahead in range(3):
        scores = np.abs(prices[cutoffs + ahead] - prices[cutoffs - 1])
        scores /= prices[cutoffs - 1] * volatility[cutoffs - 1]
        expected = prices[99] + find_quantile(scores.astype(np.float32), 0.8) * (
            prices[99] * volatility[99]
        )
        assert walk.intervals[0.8][1][0, ahead] == pytest.approx(max(expected, 0))


@pytest.mark.slow
def test_without_a_calibration_intervals_begin_when_enough_has_come_true(history, set_out):
    def fit(history, recipe, cutoff):
        series = window_history(history.select(np.arange(cutoff)), recipe)
        return draw_model(series, residuals=0)

    for refit in (None, 3):
        candidates, plan = set_out(history, ["default"], folds=30, refit=refit)
        walk = run_backtest(history, candidates, plan, Engine(fit=fit))[0]
        known = {level: np.isfinite(upper[:, 0]) for level, (_, upper) in walk.intervals.items()}
        assert known[0.8].tolist() == [False] * 4 + [True] * 26  # 4 scores say something of 80 %
        assert known[0.95].tolist() == [False] * 19 + [True] * 11


def test_a_trained_model_is_used_as_it_is_and_forecasts_all_cutoffs_at_once(
    history, set_out, make_model
):
    model, calls = make_model(history, test=40), []

    def look(model, history, cutoffs):
        calls.append(len(cutoffs))
        return forecast_at_cutoffs(model, history, cutoffs)

    candidates, plan = set_out(history, [], models={"m": model}, folds=30, refit=3)
    walk = run_backtest(history, candidates, plan, Engine(look=look))[0]
    assert walk.candidate.source is model
    assert calls == [30]
    expected = forecast_at_cutoffs(model, history, plan.cutoffs)
    np.testing.assert_array_equal(walk.outlook.forecast, expected.forecast)


def test_what_a_model_was_calibrated_on_counts_only_if_it_lies_before(history, set_out, make_model):
    """Without a validation span it was the test span, which the backtest may begin in."""
    for validation, told in ((20, True), (0, False)):
        model = make_model(history, test=40, validation=validation)
        candidates, plan = set_out(history, [], models={"m": model}, folds=30)
        walk = run_backtest(history, candidates, plan, Engine())[0]
        assert np.isfinite(walk.intervals[0.8][1][0, 0]) == told


def test_no_levels_are_no_intervals(history, set_out):
    candidates, plan = set_out(history, ["drift"], folds=5)
    walks = run_backtest(history, candidates, plan, Engine(levels=()))
    assert [walk.intervals for walk in walks] == [{}, {}]


@pytest.mark.slow
def test_the_same_history_gives_the_same_bytes(history, set_out, fit_untrained):
    candidates, plan = set_out(history, ["default", "autoregression:2"], folds=20, refit=6)
    first, second = (
        run_backtest(history, candidates, plan, Engine(fit=fit_untrained)) for _ in range(2)
    )
    for one, other in zip(first, second, strict=True):
        assert one.digests == other.digests
        assert one.outlook.forecast.tobytes() == other.outlook.forecast.tobytes()
        for level in one.intervals:
            for bound in (0, 1):
                expected = other.intervals[level][bound].tobytes()
                assert one.intervals[level][bound].tobytes() == expected


def test_progress_hears_of_each_fit(history, set_out, fit_untrained):
    heard = []

    class Listener:
        def begin(self, task, total):
            heard.append((task, total))

        def advance(self, step, figures):
            heard.append(step)

        def end(self):
            heard.append("end")

    candidates, plan = set_out(history, ["default", "gru", "drift"], folds=10, refit=5)
    run_backtest(history, candidates, plan, Engine(fit=fit_untrained), progress=Listener())
    assert heard == [("default", 2), 1, 2, "end", ("gru", 2), 1, 2, "end"]


def test_a_recipe_without_anything_to_fit_it_is_a_mistake_of_the_caller(history, set_out):
    candidates, plan = set_out(history, ["default"], folds=5)
    with pytest.raises(ValueError, match="fits it"):
        run_backtest(history, candidates, plan, Engine())


def test_prices_below_zero_are_forecast_without_intervals(make_history, set_out):
    prices = make_history(150).columns["adj_close"].copy()
    prices[120:] -= 60
    history = replace(make_history(150), columns={"adj_close": prices})
    candidates, plan = set_out(history, ["drift"], folds=40)
    walk = run_backtest(history, candidates, plan, Engine())[1]
    assert np.isfinite(walk.outlook.forecast).all()
    assert np.isnan(walk.intervals[0.8][1][-1, 0])
