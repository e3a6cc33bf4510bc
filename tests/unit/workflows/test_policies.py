"""Policies refuse what cannot be, with the option's name."""

import pytest

import stockcast as sc
from tests.support import SAMPLES


@pytest.mark.parametrize("horizon", [0, -2, 1_001, 2.5, "5", True])
def test_a_horizon_is_a_whole_number_of_steps(horizon):
    with pytest.raises(sc.StockcastError, match=r"horizon= is .*, expected a whole number from 1"):
        sc.ForecastRequest(horizon=horizon)


@pytest.mark.parametrize("name", ["keep", "checkpoint_every"])
def test_a_count_is_no_less_than_nothing(name):
    with pytest.raises(sc.StockcastError, match=f"{name}= is -1, expected a whole number"):
        sc.PublishPolicy(**{name: -1})
    assert getattr(sc.PublishPolicy(**{name: 0}), name) == 0


def test_what_comes_back_is_shown_in_a_line(small_model):
    (history,) = sc.read_prices(SAMPLES / "FB.csv")
    walked = sc.backtest(history, ["drift"], cutoffs=sc.CutoffOptions(folds=20))
    forecast = sc.predict(small_model, history)
    for value in (history, forecast, walked, sc.inspect(small_model, history)):
        assert type(value).__name__ in repr(value)
        assert len(repr(value)) < 250
    assert "FB" in repr(forecast)
