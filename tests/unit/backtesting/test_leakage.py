"""Three leaks are planted and each is found; what is honest passes."""

from dataclasses import replace

import numpy as np
import pytest

from stockcast.backtesting.leakage import alter_later, check_leakage, remove_later
from stockcast.backtesting.run import Engine, run_backtest
from stockcast.errors import LeakageFound
from stockcast.evaluation.conformal import Calibration
from stockcast.forecast.outlook import forecast_at_cutoffs
from stockcast.windows.series import window_history
from tests.support import draw_model


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(150)


def check(history, set_out, setup, names=("default",), **when):
    candidates, plan = set_out(history, list(names), **{"folds": 20, **when})
    walks = run_backtest(history, candidates, plan, setup)
    return check_leakage(history, walks, plan, setup)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
@pytest.mark.parametrize("refit", [None, 7], ids=["once", "anew"])
def test_what_is_honest_passes_whatever_the_target(history, set_out, fit_untrained, target, refit):
    setup = Engine(fit=fit_untrained)
    names = ["default", "classic", "drift", "moving-average:3", "autoregression:2"]
    fields = {"target": target, "horizon": 2, "features": ("adj_close", "volume", "high")}
    count = check(history, set_out, setup, names, refit=refit, fields=fields, train_rows=100)
    # Three cutoffs in each fold that is replayed; all are one where nothing is fitted anew.
    assert count == 3 * (2 * (3 if refit else 1) + 4)


@pytest.mark.slow
@pytest.mark.parametrize("refit", [None, 7], ids=["once", "anew"])
def test_what_is_honest_passes_where_it_says_how_far(history, set_out, fit_untrained, refit):
    fields = {"loss": "qlike", "horizon": 2}
    assert check(
        history, set_out, Engine(fit=fit_untrained), refit=refit, fields=fields, train_rows=100
    )


def test_a_path_fitted_on_everything_is_found(history, set_out, expect_refusal):
    def fit(history, recipe, cutoff):
        known = draw_model(window_history(history.select(np.arange(cutoff)), recipe))
        return replace(known, path=window_history(history, recipe).path)

    with expect_refusal(LeakageFound, "default: the model"):
        check(history, set_out, Engine(fit=fit), fields={"loss": "qlike"})


@pytest.mark.slow
def test_a_trained_model_is_replayed_too(history, set_out, make_model):
    model, setup = make_model(history, test=60), Engine()
    candidates, plan = set_out(history, [], models={"m": model})
    walks = run_backtest(history, candidates, plan, setup)
    assert check_leakage(history, walks, plan, setup) == 6


def test_a_scaler_fitted_on_everything_is_found(history, set_out, expect_refusal):
    def fit(history, recipe, cutoff):
        known = draw_model(window_history(history.select(np.arange(cutoff)), recipe))
        return replace(known, scalers=window_history(history, recipe).scalers)

    with expect_refusal(
        LeakageFound, "default: the model", "2012-06-29", "altered", hint="bug in stockcast"
    ):
        check(history, set_out, Engine(fit=fit))


def test_a_shuffled_split_is_found(history, set_out, expect_refusal):
    def fit(history, recipe, cutoff):
        series = window_history(history.select(np.arange(cutoff)), recipe)
        rows = np.random.default_rng(0).permutation(len(history))[:cutoff]
        seed = int(history.columns["adj_close"][rows].sum() * 1e6)
        return draw_model(series, seed=seed)

    with expect_refusal(LeakageFound, "default: the model"):
        check(history, set_out, Engine(fit=fit))


@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
def test_a_window_one_row_late_is_found(history, set_out, fit_untrained, expect_refusal, target):
    def look(model, history, cutoffs):
        honest = forecast_at_cutoffs(model, history, cutoffs)
        late = forecast_at_cutoffs(model, history, np.minimum(cutoffs + 1, len(history)))
        return replace(honest, forecast=late.forecast)

    with expect_refusal(LeakageFound, "default: the forecast", "2012-06-29", "altered"):
        check(history, set_out, Engine(fit=fit_untrained, look=look), fields={"target": target})


@pytest.mark.slow
def test_a_calibration_on_later_rows_is_found_though_forecasts_stay(history, set_out):
    def look(model, history, cutoffs):
        honest = forecast_at_cutoffs(model, history, cutoffs)
        return replace(honest, volatility=honest.volatility * history.columns["high"].max())

    def fit(history, recipe, cutoff):
        model = draw_model(window_history(history.select(np.arange(cutoff)), recipe))
        later = history.columns["adj_close"][None, -30:].astype(np.float32)
        return replace(model, calibration=Calibration(later))

    for setup in (Engine(fit=fit), Engine(fit=draw_honest, look=look)):
        with pytest.raises(LeakageFound):
            check(history, set_out, setup)


def draw_honest(history, recipe, cutoff):
    return draw_model(window_history(history.select(np.arange(cutoff)), recipe))


def test_knowing_how_many_rows_follow_is_found(history, set_out, expect_refusal):
    """The later values play no part, only that they are there."""

    def look(model, history, cutoffs):
        honest = forecast_at_cutoffs(model, history, cutoffs)
        left = (len(history) - cutoffs)[:, None]
        return replace(honest, forecast=honest.forecast * np.where(left > 5, 1.01, 1.0))

    with expect_refusal(LeakageFound, "default: the forecast", "removed"):
        check(history, set_out, Engine(fit=draw_honest, look=look))


def test_a_forecast_that_depends_on_those_asked_for_with_it_is_found(history, set_out):
    def look(model, history, cutoffs):
        honest = forecast_at_cutoffs(model, history, cutoffs)
        return replace(honest, forecast=honest.forecast * (1 + len(cutoffs) / 1000))

    with pytest.raises(LeakageFound, match="later rows are left out"):
        check(history, set_out, Engine(fit=draw_honest, look=look))


@pytest.mark.slow
def test_a_leak_in_the_last_fold_alone_is_found(history, set_out, expect_refusal):
    def fit(history, recipe, cutoff):
        honest = cutoff < 145
        rows = np.arange(cutoff if honest else len(history))
        return draw_model(window_history(history.select(rows), recipe))

    with expect_refusal(LeakageFound, "default: the model", str(history.dates[144])[:10]):
        check(history, set_out, Engine(fit=fit), refit=5)


def test_altering_leaves_what_is_known_and_changes_every_later_value(history):
    altered = alter_later(history, 100)
    for name, values in history.columns.items():
        np.testing.assert_array_equal(altered.columns[name][:100], values[:100])
        assert (altered.columns[name][100:] != values[100:]).all()
        assert (altered.columns[name] > 0).all()
    assert len(remove_later(history, 100)) == 100
