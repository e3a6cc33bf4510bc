"""What the columns of a file of forecasts mean."""

import pytest

from stockcast.backtesting.recorded_columns import find_recorded_layout
from stockcast.errors import UnusableForecasts


def find(text):
    return find_recorded_layout(text.split(","), name="f.csv")


def describe(text):
    """Return {model: (its column, {level: its columns})}, by name."""
    header = text.split(",")
    return {
        one.name: (
            header[one.forecast],
            {level: tuple(header[at] for at in pair) for level, pair in one.bounds.items()},
        )
        for one in find(text).models
    }


def test_the_columns_that_predict_writes_are_known():
    text = (
        "ticker,date,step,forecast,lower_80,upper_80,lower_99.5,upper_99.5,volatility,last_date,"
        "last_price,model"
    )
    layout = find(text)
    assert {key: text.split(",")[at] for key, at in layout.positions.items()} == {
        key: key
        for key in (
            "ticker", "date", "forecast", "last_date", "step", "last_price", "volatility", "model",
        )
    }  # fmt: skip
    bounds = {0.8: ("lower_80", "upper_80"), 0.995: ("lower_99.5", "upper_99.5")}
    assert describe(text) == {"": ("forecast", bounds)}


def test_case_and_spaces_in_names_play_no_part():
    assert find(" Date, FORECAST ,Horizon").positions == {"date": 0, "forecast": 1, "step": 2}


def test_quantiles_in_pairs_are_intervals_as_chronos_writes_them():
    text = "item_id,timestamp,target_name,predictions,0.025,0.1,0.5,0.9,0.975,0.3"
    bounds = {0.95: ("0.025", "0.975"), 0.8: ("0.1", "0.9")}
    assert describe(text) == {"": ("predictions", bounds)}
    assert set(find(text).positions) == {"ticker", "date", "forecast"}


def test_one_sided_quantiles_are_known_with_and_without_their_shortfalls():
    (ours,) = find("date,forecast,quantile_5,shortfall_5,quantile_97.5").models
    assert ours.tails == {0.05: (2, 3), 0.975: (4, None)}
    assert ours.bounds == {}
    (chronos,) = find("item_id,timestamp,predictions,0.05,0.1,0.9").models
    assert chronos.tails == {0.05: (3, None), 0.1: (4, None), 0.9: (5, None)}
    assert chronos.bounds == {0.8: (4, 5)}
    (one,) = find("unique_id,ds,timesfm,timesfm-q-0.05").models
    assert one.tails == {0.05: (3, None)}


def test_a_shortfall_without_its_quantile_is_refused():
    with pytest.raises(UnusableForecasts, match=r"f.csv:1: shortfall_5 without quantile_5"):
        find("date,forecast,shortfall_5,quantile_1")


def test_columns_of_quantiles_hold_numbers_and_are_counted_once():
    layout = find("date,forecast,0.1,0.9,quantile_5,shortfall_5")
    assert layout.numbers == [1, 2, 3, 4, 5]


def test_a_column_a_model_with_bounds_beside_it_is_as_nixtla_writes_it():
    text = "unique_id,ds,cutoff,y,Naive,AutoARIMA,AutoARIMA-lo-95,AutoARIMA-hi-95"
    assert describe(text) == {
        "Naive": ("Naive", {}),
        "AutoARIMA": ("AutoARIMA", {0.95: ("AutoARIMA-lo-95", "AutoARIMA-hi-95")}),
    }
    assert find(text).positions == {"ticker": 0, "date": 1, "last_date": 2}


def test_quantiles_beside_a_model_are_its_intervals_as_timesfm_writes_them():
    text = "unique_id,ds,timesfm,timesfm-q-0.1,timesfm-q-0.5,timesfm-q-0.9"
    assert describe(text) == {"timesfm": ("timesfm", {0.8: ("timesfm-q-0.1", "timesfm-q-0.9")})}


def test_a_median_is_a_forecast_and_the_bounds_of_its_network_are_its_own():
    text = "unique_id,ds,LSTM-median,LSTM-lo-90,LSTM-hi-90"
    assert describe(text) == {"LSTM-median": ("LSTM-median", {0.9: ("LSTM-lo-90", "LSTM-hi-90")})}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("day,forecast", r"f.csv:1: no date column, found day, forecast"),
        ("date,close", r"f.csv:1: no forecast column, found date, close"),
        ("unique_id,ds,y", r"f.csv:1: no forecast column"),
        ("date,forecast,Forecast", r"f.csv:1: two columns are called forecast"),
        ("date,forecast,lower_80", r"f.csv:1: lower_80 without upper_80"),
    ],
)
def test_what_is_missing_or_twice_is_refused_with_what_was_found(text, message):
    with pytest.raises(UnusableForecasts, match=message) as caught:
        find(text)
    assert caught.value.hint
