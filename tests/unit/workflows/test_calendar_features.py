"""Calendar features from end to end: trained with, forecast with, walked with, exported."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import stockcast as sc
from stockcast.errors import InvalidRecipe, LeakageFound, UnreadablePrices, UntrustedModel
from stockcast.windows import exogenous
from tests.pools import draw_pooled_model

pytestmark = pytest.mark.slow

BOTH = ("weekday", "turn-of-month")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "turn of month")
SMALL = {"window": 8, "layers": 1, "units": 3, "epochs": 2, "features": BOTH}
QUICK = sc.PublishPolicy(yardsticks=False)
CUTOFFS = sc.CutoffOptions(folds=12)


@pytest.fixture
def history(make_history):
    return make_history(160)


@pytest.mark.parametrize("engine", ["native", pytest.param("tensorflow", marks=pytest.mark.slow)])
def test_a_model_is_trained_saved_and_forecasts_with_them(engine, history, tmp_path):
    path = tmp_path / "m.safetensors"
    model = sc.train(history, path=path, policy=QUICK, engine=engine, **SMALL).model
    loaded = sc.load_model(path)
    assert loaded.columns == model.columns
    assert loaded.columns.inputs == ("adj_close", *NAMES)
    assert loaded.recipe.features == BOTH
    assert sc.predict(path, history).forecast == sc.predict(model, history).forecast
    assert sc.inspect(path, history).calendar == BOTH


def test_beyond_its_horizon_a_model_goes_on_with_the_days_to_come(history, make_model):
    model = make_model(history, window=8, features=("weekday",))
    forecast = sc.predict(model, history, horizon=4)
    known, moves = history, []
    for step in range(4):
        one = sc.predict(model, known)
        moves.append(one.forecast[0])
        added = known.select(np.append(np.arange(len(known)), len(known) - 1))
        columns = {name: values.copy() for name, values in added.columns.items()}
        columns["adj_close"][-1] = one.forecast[0]
        dates = added.dates.copy()
        dates[-1] = forecast.dates[step]
        known = replace(added, dates=dates, columns=columns)
    np.testing.assert_allclose(forecast.forecast, moves, rtol=1e-6)


def test_many_tickers_and_a_prepared_folder_have_them(history, make_history, tmp_path):
    here, other = sc.Executor(jobs=1), make_history(160, seed=3, ticker="OTHER")
    done = list(
        sc.train_many([history, other], folder=tmp_path / "m", policy=QUICK, executor=here, **SMALL)
    )
    assert [one.status for one in done] == ["trained", "trained"]
    (one,) = sc.prepare(history, tmp_path / "prepared", window=8, features=BOTH, materialize=True)
    assert np.load(one.path / "X_train.npy").shape[1:] == (8, 7)
    fields = {name: value for name, value in SMALL.items() if name != "features"}
    fitted = sc.train(one.path, policy=QUICK, **fields).model
    alike = sc.load_model(tmp_path / "m" / "MADEUP.safetensors")
    assert fitted.columns == alike.columns
    for name, array in fitted.weights.to_arrays().items():
        assert (array == alike.weights.to_arrays()[name]).all()


@pytest.mark.parametrize("loss", ["squared-error", "qlike"])
def test_a_pooled_model_sees_what_a_forecast_with_it_does(loss, make_history, tmp_path):
    from stockcast.forecast.outlook import scale_bars
    from stockcast.windows.pooling import PoolBuilder

    recipe = sc.Recipe(pooled=True, window=8, loss=loss, features=("turn-of-month", "weekday"))
    histories = [make_history(160, seed=seed, ticker=f"T{seed}") for seed in range(2)]
    builder = PoolBuilder(recipe, tmp_path)
    for one in histories:
        builder.add(one)
    pool = builder.finish()
    assert pool.columns.inputs[-6:] == ("turn of month", *NAMES[:5])
    model = draw_pooled_model(
        pool.columns, path=pool.path, window=8, loss=loss, features=recipe.features, column="auto"
    )
    table, values = scale_bars(model, histories[1], 60, 160)
    rows = slice(-len(table.dates), None)
    np.testing.assert_array_equal(pool.values[rows, -6:], values[:, -6:])
    inputs, _ = pool.draw("training", np.arange(5))
    assert set(np.unique(inputs[..., -6:])) == {0.0, 1.0}
    np.testing.assert_allclose(pool.values[rows], values, rtol=1e-5, atol=1e-6)


def test_a_pooled_training_ends_in_a_model_that_forecasts(history, make_history, tmp_path):
    prices = [history, make_history(160, seed=3, ticker="OTHER")]
    path = tmp_path / "pooled.safetensors"
    result = sc.train_pooled(prices, path=path, policy=QUICK, **SMALL)
    assert result.model.columns.calendar == BOTH
    for one in sc.predict_many(prices, path):
        assert one.error is None


def test_a_backtest_compares_them_and_is_replayed_without_later_dates(history, tmp_path):
    fields = {name: value for name, value in SMALL.items() if name != "features"}
    plain = sc.Recipe(**fields)
    walked = sc.backtest(
        history,
        {"plain": plain, "calendar": sc.Recipe(**{**fields, "features": BOTH})},
        cutoffs=CUTOFFS,
        check_leakage=True,
    )
    assert walked.replayed
    by_name = {walk.candidate.name: walk for walk in walked.single.walks}
    assert by_name["plain"].digests != by_name["calendar"].digests


def test_dates_of_later_bars_are_found_where_they_play_a_part(history, make_model, monkeypatch):
    original = exogenous.compute_calendar

    def look_ahead(history, features, first, last, *, horizon):
        seen = original(history, features, first, last, horizon=horizon)
        return seen + np.float32(last < len(history))  # whether a bar comes after the last one

    model = make_model(history, window=8, features=("weekday",))
    monkeypatch.setattr(exogenous, "compute_calendar", look_ahead)
    with pytest.raises(LeakageFound, match="later rows are removed"):
        sc.backtest(history, [], model=model, cutoffs=CUTOFFS, check_leakage=True)


def test_a_model_of_days_refuses_bars_within_a_day(make_model, history, make_history):
    model = make_model(history, window=8, features=("weekday",))
    minutes = np.datetime64("2012-01-02T09:30") + np.arange(60) * np.timedelta64(5, "m")
    with pytest.raises(UnreadablePrices, match="every 5 minutes"):
        sc.predict(model, make_history(60, dates=minutes))


def test_older_files_have_none_and_a_recipe_that_says_otherwise_is_refused(
    make_model, history, tmp_path
):
    from stockcast.model.metadata import Metadata, parse_metadata

    model = make_model(history, window=8, features=BOTH)
    document = json.loads(Metadata.from_model(model).model_dump_json())
    del document["columns"]["calendar"]
    with pytest.raises(UntrustedModel, match="not those of the recipe"):
        parse_metadata(json.dumps(document), where="here")
    document["recipe"]["features"] = []
    assert parse_metadata(json.dumps(document), where="here").columns.calendar == ()


def test_a_name_that_is_no_feature_is_refused_with_those_that_are(history, expect_refusal):
    with expect_refusal(InvalidRecipe, "'month'", "weekday, turn-of-month"):
        sc.train(history, features=("month",))


def test_what_is_exported_names_them(make_model, history, tmp_path):
    model = make_model(history, window=8, features=BOTH)
    sc.export(model, "npz", tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as arrays:
        assert tuple(arrays["calendar"]) == NAMES
        assert list(arrays["features"]) == ["adj_close"]


def test_a_weekday_that_matters_is_made_use_of(make_history):
    """Prices that rise on Mondays and fall on Fridays: what there is to find is found."""
    rows = 700
    dates = np.busday_offset("2012-01-02", np.arange(rows), roll="forward")
    weekdays = (dates.astype(np.int64) + 3) % 7
    drift = np.select([weekdays == 0, weekdays == 4], [0.01, -0.01], 0.0)
    noise = np.random.default_rng(6).normal(0, 0.003, rows)
    history = make_history(rows, columns=("close",), close=80 * np.exp(np.cumsum(drift + noise)))
    fields = {
        "window": 3, "layers": 1, "units": 8, "epochs": 40, "dropout": 0.0, "learning_rate": 0.01,
    }  # fmt: skip
    model = sc.train(history, policy=QUICK, features=("weekday",), **fields).model
    assert model.skill.skill > 0.3
    assert model.verdict.startswith("better")
