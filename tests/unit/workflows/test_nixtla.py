"""LSTMForecaster: Nixtla's frames in and out, the same models and forecasts as elsewhere."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest

import stockcast as sc
from stockcast.errors import InvalidRecipe, TooShort, UnreadablePrices, UsageError
from stockcast.training.cutoff import fit_at_cutoff

pytestmark = pytest.mark.slow

FIELDS = {"layers": 1, "units": 3, "window": 8, "epochs": 1}


def make_frame(rows=90, names=("GOOG", "FB"), seed=0):
    random = np.random.default_rng(seed)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "unique_id": name,
                    "ds": pd.bdate_range("2013-01-01", periods=rows),
                    "y": 50 * np.exp(np.cumsum(random.normal(0, 0.01, rows))),
                }
            )
            for name in names
        ],
        ignore_index=True,
    )


@pytest.fixture(scope="module")
def df():
    return make_frame()


@pytest.fixture(scope="module")
def forecaster(df):
    return sc.LSTMForecaster("B", **FIELDS).fit(df)


@pytest.fixture(scope="module")
def walked(df):
    return sc.LSTMForecaster("B", **FIELDS).cross_validation(
        df, h=2, n_windows=3, step_size=2, level=[80, 50]
    )


def test_forecasts_have_the_columns_of_statsforecast(forecaster):
    found = forecaster.predict(3, level=[50, 80])
    assert found.columns.tolist() == [
        *("unique_id", "ds", "StockcastLSTM"),
        *("StockcastLSTM-lo-80", "StockcastLSTM-lo-50"),
        *("StockcastLSTM-hi-50", "StockcastLSTM-hi-80"),
    ]
    assert found["unique_id"].tolist() == ["FB"] * 3 + ["GOOG"] * 3
    below = found[["StockcastLSTM-lo-80", "StockcastLSTM-lo-50", "StockcastLSTM"]].to_numpy()
    assert (np.diff(below, axis=1) >= 0).all()
    assert forecaster.predict(1).columns.tolist() == ["unique_id", "ds", "StockcastLSTM"]


def test_dates_go_on_at_the_frequency(forecaster, df):
    last = df["ds"].max()
    found = forecaster.predict(3).query("unique_id == 'FB'")["ds"]
    assert found.tolist() == list(pd.bdate_range(last, periods=4)[1:])
    weekly = sc.LSTMForecaster("W-FRI", **FIELDS).fit(df).predict(2)["ds"][:2]
    assert [date.day_of_week for date in weekly] == [4, 4]
    assert (weekly > last).all()


def test_forecasts_are_those_of_a_model_that_learnt_from_all_rows(forecaster, df):
    history = sc.read_frame(df, ticker="GOOG")
    model = fit_at_cutoff(history, sc.Recipe(**FIELDS), len(history))
    expected = sc.forecast_next(model, history, horizon=2, levels=(0.8,))
    found = forecaster.predict(2, level=[80]).query("unique_id == 'GOOG'")
    np.testing.assert_array_equal(found["StockcastLSTM"], expected.forecast)
    np.testing.assert_array_equal(found["StockcastLSTM-lo-80"], expected.intervals[0.8][0])
    assert forecaster.models["GOOG"].weights.horizon == 1


def test_a_walk_has_cutoffs_dates_and_what_came_true(walked, df):
    assert walked.columns[:5].tolist() == ["unique_id", "ds", "cutoff", "y", "StockcastLSTM"]
    one = walked.query("unique_id == 'FB'").reset_index(drop=True)
    rows = df.query("unique_id == 'FB'").reset_index(drop=True)
    assert one["ds"].tolist() == rows["ds"][-6:].tolist()
    assert one["y"].tolist() == rows["y"][-6:].tolist()
    assert one["cutoff"].tolist() == rows["ds"].iloc[[-7, -7, -5, -5, -3, -3]].tolist()


def test_steps_may_overlap_as_in_nixtla_s_libraries(df):
    found = sc.LSTMForecaster("B", **FIELDS).cross_validation(
        df, h=3, n_windows=2, step_size=1, refit=False
    )
    dates = df["ds"].iloc[-4:].tolist()
    assert found["ds"][:6].tolist() == dates[:3] + dates[1:]


def test_what_is_evaluated_is_what_utilsforecast_takes(walked):
    from utilsforecast.evaluation import evaluate  # loads Dask's frames: seconds
    from utilsforecast.losses import coverage, mae, rmse

    found = evaluate(walked, metrics=[mae, rmse, coverage], level=[50, 80])
    assert set(found["metric"]) == {"mae", "rmse", "coverage_level50", "coverage_level80"}
    assert found["StockcastLSTM"].notna().all()
    errors = (walked["StockcastLSTM"] - walked["y"]).abs()
    expected = errors.groupby([walked["unique_id"], walked["cutoff"]]).mean()
    of_mae = found.query("metric == 'mae'").set_index(["unique_id", "cutoff"])["StockcastLSTM"]
    np.testing.assert_allclose(of_mae.sort_index(), expected.sort_index(), rtol=1e-12)


def test_a_walk_sees_nothing_after_its_cutoff(walked, df):
    altered = df.copy()
    later = altered.groupby("unique_id").cumcount() >= 90 - 4  # after the second cutoff
    altered.loc[later, "y"] *= 3
    found = sc.LSTMForecaster("B", **FIELDS).cross_validation(
        altered, h=2, n_windows=3, step_size=2, level=[80, 50]
    )
    known = walked["cutoff"] <= np.sort(walked["cutoff"].unique())[1]
    told = [name for name in walked if name.startswith("Stockcast")]
    pd.testing.assert_frame_equal(found.loc[known, told], walked.loc[known, told])
    assert not found.loc[~known, told].equals(walked.loc[~known, told])


@pytest.mark.parametrize(("refit", "fits"), [(True, 4), (2, 2), (False, 1)])
def test_models_are_fitted_as_often_as_is_asked(refit, fits, df):
    class Counting(sc.Observer):
        trained = 0

        def open_progress(self, *, unit="epoch", task=""):
            self.trained += 1
            return super().open_progress(unit=unit, task=task)

    observer = Counting()
    forecaster = sc.LSTMForecaster("B", observer=observer, **FIELDS)
    forecaster.cross_validation(df[df["unique_id"] == "FB"], h=1, n_windows=4, refit=refit)
    assert observer.trained == fits


def test_polars_comes_back_as_polars(df, walked):
    found = sc.LSTMForecaster("B", **FIELDS).cross_validation(
        pl.from_pandas(df), h=2, n_windows=3, step_size=2, level=[80, 50]
    )
    assert isinstance(found, pl.DataFrame)
    np.testing.assert_array_equal(found["StockcastLSTM"].to_numpy(), walked["StockcastLSTM"])
    from utilsforecast.evaluation import evaluate
    from utilsforecast.losses import mae

    assert len(evaluate(found, metrics=[mae])) == 6


def test_names_and_dates_keep_their_types(df):
    numbered = df.assign(
        unique_id=(df["unique_id"] == "FB").astype(int), ds=df["ds"].astype("datetime64[s]")
    )
    found = sc.LSTMForecaster("B", **FIELDS).fit(numbered).predict(1)
    assert found["unique_id"].tolist() == [0, 1]
    assert found.dtypes["ds"] == numbered.dtypes["ds"]
    assert found.dtypes["unique_id"] == numbered.dtypes["unique_id"]


@pytest.mark.parametrize(
    "change",
    [
        lambda df: df.assign(ds=df["ds"].dt.tz_localize("America/New_York")),
        lambda df: df.assign(ds=df["ds"].astype(str)),
        lambda df: df.astype({"unique_id": "category"}),
        lambda df: df.set_index("unique_id"),
    ],
    ids=["time zone", "text", "category", "index"],
)
def test_dates_and_names_of_other_kinds_give_the_same_forecasts(change, df, forecaster):
    found = sc.LSTMForecaster("B", **FIELDS).fit(change(df)).predict(2)
    expected = forecaster.predict(2)
    assert found["StockcastLSTM"].tolist() == expected["StockcastLSTM"].tolist()
    assert found["unique_id"].tolist() == expected["unique_id"].tolist()
    shown = found["ds"].dt.tz_localize(None)
    assert shown.tolist() == expected["ds"].tolist()


def test_the_order_of_rows_plays_no_part(df, walked):
    found = sc.LSTMForecaster("B", **FIELDS).cross_validation(
        df.sort_values("ds"), h=2, n_windows=3, step_size=2, level=[80, 50]
    )
    pd.testing.assert_frame_equal(found, walked)


def test_pickling_keeps_its_models(forecaster):
    thawed = pickle.loads(pickle.dumps(forecaster))
    pd.testing.assert_frame_equal(thawed.predict(2, level=[80]), forecaster.predict(2, level=[80]))


def test_another_alias_names_the_columns(df):
    found = sc.LSTMForecaster("B", alias="Mine", **FIELDS).fit(df).predict(1, level=[80])
    assert found.columns[2:].tolist() == ["Mine", "Mine-lo-80", "Mine-hi-80"]


def test_what_it_cannot_do_is_refused(df, forecaster, expect_refusal):
    with expect_refusal(UsageError, "freq= is 'never'", hint="B for weekdays"):
        sc.LSTMForecaster("never")
    with expect_refusal(InvalidRecipe, "pooled"):
        sc.LSTMForecaster("B", "pooled")
    with expect_refusal(UsageError, "no model yet", hint="call fit"):
        sc.LSTMForecaster("B").predict(1)
    with expect_refusal(UsageError, "h= is 0"):
        forecaster.predict(0)
    with expect_refusal(UsageError, "level= has 0.8"):
        forecaster.predict(1, level=[0.8, 100])
    with expect_refusal(UnreadablePrices, "no column y, found unique_id, ds, price"):
        forecaster.fit(df.rename(columns={"y": "price"}))
    with expect_refusal(UnreadablePrices, "dict is no frame"):
        forecaster.fit({"unique_id": [1]})
    with expect_refusal(TooShort, "90 rows are too few for 50 cutoffs", hint="n_windows="):
        forecaster.cross_validation(df, h=1, n_windows=50, step_size=2)
    with pytest.raises(TooShort):
        forecaster.cross_validation(df, h=1, n_windows=44, step_size=2)
    assert set(forecaster.models) == {"FB", "GOOG"}


@pytest.mark.process
def test_with_two_jobs_models_and_forecasts_are_the_same(df, forecaster, walked):
    two = sc.LSTMForecaster("B", executor=sc.Executor(jobs=2), **FIELDS)
    pd.testing.assert_frame_equal(
        two.fit(df).predict(2, level=[80]), forecaster.predict(2, level=[80])
    )
    assert list(two.models) == list(forecaster.models)
    again = two.cross_validation(df, h=2, n_windows=3, step_size=2, level=[80, 50])
    pd.testing.assert_frame_equal(again, walked)


@pytest.mark.process
def test_with_two_jobs_a_series_that_is_too_short_is_the_same_error(df):
    short = pd.concat([df, df[df["unique_id"] == "FB"].head(5).assign(unique_id="SHORT")])
    errors = []
    for jobs in (1, 2):
        with pytest.raises(TooShort) as caught:
            sc.LSTMForecaster("B", executor=sc.Executor(jobs=jobs), **FIELDS).fit(short)
        errors.append(str(caught.value))
    assert errors[0] == errors[1]
    assert "SHORT" in errors[0]
