"""Yardsticks of volatility: none looks ahead, none gives up, and each does what it says."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from stockcast.errors import TooShort, UsageError
from stockcast.evaluation import volatility_methods
from stockcast.evaluation.volatility_methods import VOLATILITY_METHODS, forecast_variances
from stockcast.evaluation.volatility_metrics import qlike_losses

GARCHES = ["garch", "gjr-garch"]
NEEDED = {"ewma": 20, "garch": 100, "gjr-garch": 100}


def simulate(rows, *, seed, alpha=0.05, gamma=0.1, beta=0.88):
    """Log returns of a GJR-GARCH process, NaN first, and the variance of each; 1 % a day."""
    random = np.random.default_rng(seed)
    omega = 1e-4 * (1 - alpha - gamma / 2 - beta)
    variance, returns, variances = 1e-4, [np.nan], [np.nan]
    for shock in random.standard_t(6, rows - 1) * np.sqrt(4 / 6):
        returns.append(shock * np.sqrt(variance))
        variances.append(variance)
        weight = alpha + gamma * (shock < 0)
        variance = omega + weight * returns[-1] ** 2 + beta * variance
    return np.array(returns), np.array(variances)


RETURNS, VARIANCES = simulate(600, seed=1)


def test_the_yardsticks_are_listed_in_order():
    assert VOLATILITY_METHODS == ("ewma", "garch", "gjr-garch")


def test_an_exponential_average_by_hand():
    returns = np.array([np.nan, *[0.0] * 18, 0.02, 0.01])
    total = (1 - 0.94**20) / (1 - 0.94)
    expected = (0.01**2 + 0.94 * 0.02**2) / total
    variances = forecast_variances("ewma", returns, [21], 3)
    np.testing.assert_allclose(variances, [[expected, 2 * expected, 3 * expected]], rtol=1e-12)


def test_an_exponential_average_goes_on_as_riskmetrics_do():
    """Of many returns: 0.94 of the variance before and 0.06 of the newest squared return."""
    today, tomorrow = forecast_variances("ewma", RETURNS, [599, 600], 1)[:, 0]
    assert tomorrow == pytest.approx(0.94 * today + 0.06 * RETURNS[599] ** 2, rel=1e-10)


@pytest.mark.parametrize("name", VOLATILITY_METHODS)
def test_the_variance_of_equally_large_returns_is_theirs(name):
    returns = np.array([np.nan, *[0.01, -0.01] * 100])
    variances = forecast_variances(name, returns, [150, 201], 4)
    np.testing.assert_allclose(variances, [1e-4 * np.arange(1, 5)] * 2, rtol=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("name", GARCHES)
def test_a_garch_model_comes_closer_to_the_true_variance_than_an_average(name):
    returns, variances = simulate(3000, seed=2)
    cutoffs = np.arange(2000, 3000)

    def lose(method):
        forecasts = forecast_variances(method, returns, cutoffs, 1, refit=1000)[:, 0]
        return qlike_losses(variances[cutoffs], forecasts).mean()

    assert lose(name) < 0.6 * lose("ewma")


@pytest.mark.slow
def test_a_fall_moves_the_asymmetric_model_alone_by_more_than_a_rise():
    returns, _ = simulate(1500, seed=3, gamma=0.2, alpha=0.02)
    variances = {}
    for sign in (-1, 1):
        returns[1300] = sign * 0.03  # after the fit
        for name in GARCHES:
            variances[name, sign] = forecast_variances(name, returns, [1300, 1301], 1)[1, 0]
    assert variances["garch", -1] == pytest.approx(variances["garch", 1], rel=1e-12)
    assert variances["gjr-garch", -1] > 1.5 * variances["gjr-garch", 1]


@pytest.mark.slow
@pytest.mark.parametrize("name", GARCHES)
def test_far_ahead_a_garch_model_returns_to_its_mean_and_an_average_does_not(name):
    returns = RETURNS.copy()
    returns[-1] = 0.08
    steps = np.diff(forecast_variances(name, returns, [590, 600], 500)[1], prepend=0)
    assert steps[0] > 1.5 * steps[-1]
    assert steps[-1] == pytest.approx(np.nanmean(returns**2), rel=0.6)
    flat = np.diff(forecast_variances("ewma", returns, [600], 500)[0])
    np.testing.assert_allclose(flat, flat[0], rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", VOLATILITY_METHODS)
@pytest.mark.parametrize("train_rows", [None, 200])
def test_returns_at_and_after_a_cutoff_change_nothing(name, train_rows):
    altered = RETURNS.copy()
    altered[450:] = np.resize([0.5, np.nan, -0.9, np.inf, 0.0], 150)
    cutoffs = [300, 449, 450, 400]
    for refit in (2, 250):
        np.testing.assert_array_equal(
            *(
                forecast_variances(name, each, cutoffs, 5, train_rows=train_rows, refit=refit)
                for each in (RETURNS, altered)
            )
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", VOLATILITY_METHODS)
def test_later_cutoffs_change_nothing_of_earlier_ones(name):
    alone = forecast_variances(name, RETURNS, [300, 320], 2)
    np.testing.assert_array_equal(alone, forecast_variances(name, RETURNS, [300, 320, 599], 2)[:2])


@pytest.mark.slow
@pytest.mark.parametrize("name", VOLATILITY_METHODS)
def test_returns_before_the_rows_trained_on_change_nothing(name):
    altered = RETURNS.copy()
    altered[:301] *= 3  # that of bar 300 came from bar 299
    one, other = (
        forecast_variances(name, each, [500], 2, train_rows=200) for each in (RETURNS, altered)
    )
    np.testing.assert_array_equal(one, other)
    altered[301] *= 3
    assert (forecast_variances(name, altered, [500], 2, train_rows=200) != one).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", VOLATILITY_METHODS)
def test_the_return_right_before_a_cutoff_counts(name):
    altered = RETURNS.copy()
    altered[499] += 0.03
    one, other = (forecast_variances(name, each, [480, 500], 2) for each in (RETURNS, altered))
    np.testing.assert_array_equal(one[0], other[0])
    assert (one[1] != other[1]).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", VOLATILITY_METHODS)
def test_cutoffs_come_in_any_order(name):
    cutoffs = np.array([500, 300, 420, 300])
    variances = forecast_variances(name, RETURNS, cutoffs, 3)
    order = np.argsort(cutoffs, kind="stable")
    np.testing.assert_array_equal(
        variances[order], forecast_variances(name, RETURNS, cutoffs[order], 3)
    )


@pytest.mark.parametrize("name", GARCHES)
def test_a_model_is_fitted_at_the_first_cutoff_and_every_so_many_after_it(name, monkeypatch):
    fitted = []

    def fit(percents, *, asymmetric):
        fitted.append(len(percents))
        assert asymmetric == (name == "gjr-garch")

    monkeypatch.setattr(volatility_methods, "_fit", fit)
    forecast_variances(name, RETURNS, np.arange(300, 310), 1, refit=4)
    assert fitted == [299, 303, 307]  # bar 0 has no return
    fitted.clear()
    forecast_variances(name, RETURNS, np.arange(300, 310), 1, train_rows=150)
    assert fitted == [149]


def test_a_model_is_fitted_on_ten_years_at_most(monkeypatch):
    fitted = []
    monkeypatch.setattr(
        volatility_methods, "_fit", lambda percents, asymmetric: fitted.append(len(percents))
    )
    forecast_variances("garch", np.full(4000, 0.01), [3900], 1)
    assert fitted == [2500]


@pytest.mark.parametrize("name", GARCHES)
@pytest.mark.parametrize("failure", [ValueError, np.linalg.LinAlgError, ZeroDivisionError, 4])
def test_without_an_optimum_the_average_takes_its_place(name, failure, monkeypatch):
    from arch.univariate import ZeroMean

    fit = ZeroMean.fit

    def fail(self, **options):
        if isinstance(failure, type):
            raise failure
        found = fit(self, **options)
        found._optim_output.status = failure
        return found

    monkeypatch.setattr(ZeroMean, "fit", fail)
    np.testing.assert_array_equal(
        forecast_variances(name, RETURNS, [300, 301], 3),
        forecast_variances("ewma", RETURNS, [300, 301], 3),
    )


@pytest.mark.parametrize("name", VOLATILITY_METHODS)
def test_prices_that_never_move_are_not_certain(name):
    variances = forecast_variances(name, np.zeros(200), [150, 200], 3)
    np.testing.assert_allclose(variances, [[1e-8, 2e-8, 3e-8]] * 2)


AWKWARD = {
    "hardly ever moves": np.where(np.arange(400) % 97 == 0, 0.01, 0.0),
    "one jump": np.where(np.arange(400) == 200, 5.0, 0.0),
    "grows evenly": np.full(400, 0.001),
    "tiny": 1e-12 * RETURNS[1:401],
    "huge": 1e3 * RETURNS[1:401],
    "stops": np.where(np.arange(400) < 150, RETURNS[1:401], 0.0),
    "begins late": np.where(np.arange(400) > 150, RETURNS[1:401], 0.0),
    "unknown for long": np.where(np.arange(400) > 150, RETURNS[1:401], np.nan),
    "unknown now and then": np.where(np.arange(400) % 7, RETURNS[1:401], np.inf),
}


@pytest.mark.parametrize("name", VOLATILITY_METHODS)
@pytest.mark.parametrize("kind", AWKWARD)
def test_awkward_returns_give_a_variance_above_zero_and_no_word(name, kind, capfd):
    variances = forecast_variances(name, AWKWARD[kind], [300, 301, 400], 20)
    assert np.isfinite(variances).all()
    assert (np.diff(variances, prepend=0) > 0).all()
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize("name", VOLATILITY_METHODS)
def test_unknown_returns_are_passed_over(name):
    gaps = np.insert(RETURNS[1:], [0, 0, 0, 200], [np.nan, np.nan, -np.inf, np.nan])
    np.testing.assert_array_equal(
        forecast_variances(name, gaps, [304, 503], 2),
        forecast_variances(name, RETURNS, [301, 500], 2),
    )


@pytest.mark.parametrize(("name", "needed"), NEEDED.items())
def test_fewer_returns_than_needed_are_refused_with_both_numbers(name, needed):
    assert np.isfinite(forecast_variances(name, RETURNS, [needed + 1], 1)).all()
    said = f"{name} needs {needed} returns .* given {needed - 1}"
    with pytest.raises(TooShort, match=said):
        forecast_variances(name, RETURNS, [500, needed], 1)
    with pytest.raises(TooShort, match=said):
        forecast_variances(name, RETURNS, [500], 1, train_rows=needed)


@pytest.mark.parametrize("name", VOLATILITY_METHODS)
def test_no_cutoff_gives_no_forecast(name):
    assert forecast_variances(name, RETURNS, [], 3).shape == (0, 3)


@pytest.mark.parametrize("cutoffs", [[0], [300, 601]])
def test_a_cutoff_lies_within_the_rows(cutoffs):
    with pytest.raises(ValueError, match="with 600 rows"):
        forecast_variances("ewma", RETURNS, cutoffs, 1)


@pytest.mark.parametrize(("name", "near"), [("GARCH", "garch"), ("gjrgarch", "gjr-garch")])
def test_an_unknown_name_is_answered_with_the_nearest_and_all(name, near):
    with pytest.raises(UsageError, match=name) as caught:
        forecast_variances(name, RETURNS, [300], 1)
    assert f"did you mean {near!r}?" in caught.value.hint
    assert ", ".join(VOLATILITY_METHODS) in caught.value.hint


@pytest.mark.slow
def test_naming_the_yardsticks_loads_neither_numpy_nor_arch():
    code = (
        "import sys, stockcast.evaluation.volatility_methods as m; assert m.VOLATILITY_METHODS;"
        "print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "arch", "pandas", "scipy"} & set(run.stdout.split())
