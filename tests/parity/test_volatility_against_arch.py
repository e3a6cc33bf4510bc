"""GARCH models against arch's own forecasts, and the exponential average against its recursion."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.evaluation.volatility_methods import forecast_variances
from stockcast.prices.csv.reader import read_prices
from tests.support import SAMPLES

pytestmark = pytest.mark.slow

HORIZON = 22
ASYMMETRY = {"garch": 0, "gjr-garch": 1}


def read_returns(ticker):
    (history,) = read_prices([SAMPLES / f"{ticker}.csv"])
    return np.diff(np.log(history.columns["adj_close"]), prepend=np.nan)


def make_model(known, asymmetry):
    from arch import arch_model  # seconds, and each worker of the tests collects this file

    return arch_model(100 * known, mean="Zero", vol="GARCH", p=1, o=asymmetry, q=1, dist="t")


def fit(known, asymmetry):
    model = make_model(known, asymmetry)
    return model.fit(disp="off")


def forecast(known, asymmetry, parameters):
    """Variances to each step after the returns known, by arch alone."""
    model = make_model(known, asymmetry)
    ahead = model.fix(parameters).forecast(horizon=HORIZON).variance
    return ahead.to_numpy()[-1].cumsum() / 1e4


@pytest.mark.parametrize("ticker", ["IBM", "AAPL"])
@pytest.mark.parametrize("name", ASYMMETRY)
def test_forecasts_between_two_fits_are_those_of_arch_with_the_parameters_fixed(name, ticker):
    returns, asymmetry = read_returns(ticker), ASYMMETRY[name]
    cutoffs = [1500, 1501, 1570, 1620, 1621]
    variances = forecast_variances(name, returns, cutoffs, HORIZON, refit=3)
    for first, last in ((0, 3), (3, 5)):
        parameters = fit(returns[1 : cutoffs[first]], asymmetry).params
        for row in range(first, last):
            expected = forecast(returns[1 : cutoffs[row]], asymmetry, parameters)
            np.testing.assert_allclose(variances[row], expected, rtol=1e-10)


@pytest.mark.parametrize("name", ASYMMETRY)
def test_fits_on_the_newest_rows_are_those_of_arch(name):
    returns = read_returns("GOOG")
    variances = forecast_variances(name, returns, [1500, 1510], HORIZON, train_rows=600)
    known = returns[901:1500]  # 600 bars have 599 returns
    parameters = fit(known, ASYMMETRY[name]).params
    expected = forecast(np.append(known, returns[1500:1510]), ASYMMETRY[name], parameters)
    np.testing.assert_allclose(variances[1], expected, rtol=1e-10)


def test_an_exponential_average_of_many_returns_is_that_of_arch():
    """arch starts from a mean of the first returns, which a thousand more have forgotten."""
    returns = read_returns("MSFT")[:1500]
    from arch.univariate import EWMAVariance, ZeroMean

    model = ZeroMean(100 * returns[1:], volatility=EWMAVariance(0.94), rescale=False)
    theirs = model.fix([]).forecast(horizon=HORIZON).variance.to_numpy()[-1].cumsum() / 1e4
    ours = forecast_variances("ewma", returns, [1500], HORIZON)[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)
