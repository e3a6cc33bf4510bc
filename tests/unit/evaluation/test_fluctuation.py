"""The fluctuation test: what it finds, and that it does not cry wolf."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.evaluation import fluctuation
from stockcast.evaluation.fluctuation import measure_fluctuation


def make_forecasts(count=400, *, seed=0, worse_from=None, noise=0.002):
    """Return prices, forecasts as good as the last price, and the last prices."""
    random = np.random.default_rng(seed)
    prices = 100 * np.exp(np.cumsum(random.normal(0, 0.01, count + 1)))
    last, actual = prices[:-1], prices[1:]
    # As good as the last price: the error that noise adds is what a little foresight takes away.
    forecast = last + random.choice([-1, 1], count) * noise * last
    forecast += (actual - last) * noise**2 / 2 / 0.01**2
    if worse_from is not None:
        forecast[worse_from:] *= 1 + random.normal(0, 0.02, count - worse_from)
    return actual, forecast, last


def test_the_statistic_is_the_windows_gain_by_hand():
    actual, forecast, last = make_forecasts(60)
    found = measure_fluctuation(actual, forecast, last)
    gain = [
        ((r - a) ** 2 - (f - a) ** 2) / r**2 for a, f, r in zip(actual, forecast, last, strict=True)
    ]
    mean = sum(gain) / 60
    deviation = (sum((one - mean) ** 2 for one in gain) / 60) ** 0.5
    assert found.window == 20
    assert found.statistics[0] == pytest.approx(sum(gain[:20]) / deviation / 20**0.5)
    assert found.statistics[-1] == pytest.approx(sum(gain[-20:]) / deviation / 20**0.5)
    assert len(found.statistics) == 41


def test_forecasts_that_have_become_worse_have_drifted():
    assert measure_fluctuation(*make_forecasts(worse_from=280)).has_drifted


def test_forecasts_that_were_worse_once_and_are_not_any_more_have_not():
    actual, forecast, last = make_forecasts(worse_from=0)
    forecast[100:] = make_forecasts()[1][100:]
    found = measure_fluctuation(actual, forecast, last)
    assert found.statistics.min() < -found.critical
    assert not found.has_drifted


def test_better_forecasts_have_not_drifted():
    actual, _, last = make_forecasts()
    found = measure_fluctuation(actual, (actual + last) / 2, last)
    assert found.statistics.min() > 0
    assert not found.has_drifted


@pytest.mark.slow
def test_one_series_in_twenty_crosses_the_line_by_chance():
    """Simulated afresh: gains of no mean, every window looked at."""
    random = np.random.default_rng(0)
    crossed = 0
    for _ in range(1000):
        # A reference of 1 and forecasts of an error that makes the gain a normal number.
        actual = 1 + random.choice([-1, 1], 300) * 0.5
        forecast = actual + np.sqrt(0.25 + 0.02 * random.normal(size=300))
        found = measure_fluctuation(actual, forecast, np.ones(300))
        crossed += found.statistics.min() < -found.critical
    assert 30 <= crossed <= 70


def test_the_critical_value_follows_the_windows_share():
    shares = [measure_fluctuation(*make_forecasts(count)) for count in (50, 300, 1000, 4000)]
    assert [one.window for one in shares] == [20, 100, 250, 250]
    assert [round(one.critical, 2) for one in shares] == [2.62, 2.72, 2.85, 3.18]


@pytest.mark.parametrize("count", [0, 1, 49])
def test_too_few_forecasts_tell_nothing(count):
    assert measure_fluctuation(*make_forecasts(count)) is None


def test_forecasts_of_the_last_price_itself_tell_nothing():
    actual, _, last = make_forecasts()
    assert measure_fluctuation(actual, last, last) is None


def test_the_table_falls_as_the_windows_share_grows():
    assert list(fluctuation._CRITICAL) == sorted(fluctuation._CRITICAL, reverse=True)
    assert len(fluctuation._CRITICAL) == len(fluctuation._SHARES)
