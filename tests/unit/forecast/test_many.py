"""Forecasts of many tickers at once are those of each alone."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.errors import ModelMismatch, TooShort
from stockcast.forecast.forecaster import forecast_next
from stockcast.forecast.many import forecast_many

pytestmark = pytest.mark.slow

RECIPES = (
    {"window": 5, "units": 3, "layers": 2},
    {"window": 5, "units": 3, "layers": 2, "target": "price"},
    {"window": 5, "units": 3, "layers": 2, "target": "relative", "horizon": 3},
    {"window": 9, "units": 3, "layers": 2},
    {"window": 5, "units": 4, "layers": 1, "cell": "gru"},
    {"window": 5, "units": 3, "layers": 2, "features": ("close", "volume"), "column": "close"},
    {"window": 5, "units": 3, "layers": 2, "loss": "qlike", "horizon": 2},
    {"window": 5, "units": 3, "layers": 2, "loss": "qlike", "column": "close"},
)


def are_same(one, other):
    """Whether two forecasts are the same to the bit."""
    columns, others = one.to_columns(), other.to_columns()
    return (
        columns.pop("ticker") == others.pop("ticker")
        and columns.keys() == others.keys()
        and all(
            np.array_equal(values, others[name], equal_nan=True) for name, values in columns.items()
        )
    )


@pytest.fixture
def cases(make_history, make_model):
    """Models of several recipes, in turn, each with a history of its own."""
    made = []
    for number in range(2 * len(RECIPES)):
        history = make_history(120 + number, seed=number, ticker=f"T{number}")
        made.append((make_model(history, **RECIPES[number % len(RECIPES)]), history))
    return made


@pytest.mark.parametrize("options", [{}, {"horizon": 1}, {"levels": (0.5, 0.8)}])
def test_each_case_is_forecast_to_the_bit_as_it_is_alone(cases, options):
    forecasts = forecast_many(cases, **options)
    for forecast, (model, history) in zip(forecasts, cases, strict=True):
        assert are_same(forecast, forecast_next(model, history, **options))


def test_one_model_forecasts_many_histories(cases, make_history):
    model, _ = cases[0]
    histories = [make_history(120, seed=seed, ticker=f"H{seed}") for seed in range(40)]
    forecasts = forecast_many([(model, history) for history in histories])
    for forecast, history in zip(forecasts, histories, strict=True):
        assert are_same(forecast, forecast_next(model, history))


def test_what_cannot_be_forecast_is_a_refusal_in_its_place(cases, make_history):
    model, history = cases[0]
    short = make_history(4)
    other = make_history(120, columns=("open",))
    found = forecast_many([(model, short), (model, history), (model, other)])
    assert isinstance(found[0], TooShort)
    assert are_same(found[1], forecast_next(model, history))
    assert isinstance(found[2], ModelMismatch)


def test_forecasts_that_cannot_be_fed_back_are_refused_beside_those_that_can(cases):
    (of_two_columns,) = (case for case in cases[: len(RECIPES)] if len(case[0].scalers) > 1)
    found = forecast_many([of_two_columns, cases[0]], horizon=4)
    assert isinstance(found[0], ModelMismatch)
    assert are_same(found[1], forecast_next(*cases[0], horizon=4))


def test_no_case_is_no_forecast():
    assert forecast_many([]) == []


def test_the_sessions_are_those_that_are_asked_for(cases):
    far = np.array(["2100-01-01"], "datetime64[us]")
    (forecast,) = forecast_many(cases[:1], sessions=lambda dates, count: far)
    assert forecast.dates == far
