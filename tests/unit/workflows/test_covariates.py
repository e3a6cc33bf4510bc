"""Covariates from end to end: read, trained beside, asked for again, compared with and without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import stockcast as sc
from stockcast.backtesting.candidates import name_candidates
from stockcast.backtesting.leakage import alter_later, remove_later
from stockcast.errors import (
    AmbiguousPrices,
    CovariateGap,
    CovariateMismatch,
    LeakageFound,
    ModelMismatch,
    UnreadablePrices,
    UsageError,
)
from stockcast.forecast.outlook import scale_bars
from stockcast.prices.covariates import Covariates
from stockcast.windows.pooling import PoolBuilder
from stockcast.workflows.covariates import give_covariates, read_covariates
from stockcast.workflows.events import CovariatesRead, Warned
from tests.pools import draw_pooled_model

SMALL = {"window": 8, "layers": 1, "units": 3, "epochs": 2}
QUICK = sc.PublishPolicy(yardsticks=False)
CUTOFFS = sc.CutoffOptions(folds=12)


@pytest.fixture
def spx(make_history):
    return make_history(160, seed=1, ticker="SPX")


@pytest.fixture
def vix(make_history):
    return make_history(160, seed=2, ticker="VIX", columns=("close",))


@pytest.fixture
def history(make_history):
    return make_history(160)


@pytest.fixture
def write(write_csv, to_yahoo):
    def write_history(history, name):
        return write_csv(to_yahoo(history), name)

    return write_history


@pytest.fixture
def model(history, spx, vix, make_model):
    """A model whose answers depend on all that it sees, as its weights are drawn at random."""
    return make_model(replace(history, covariates=Covariates((spx, vix))))


def test_a_file_is_called_after_its_ticker_and_bars_without_a_price_are_none(vix, write, write_csv):
    closes = vix.columns["close"].copy()
    closes[[3, 70]] = np.nan
    path = write(replace(vix, columns={"close": closes}), "some/vix.csv")
    long = write_csv(["Ticker,Date,Close", "OIL,2020-01-01,1", "OIL,2020-01-02,2"], "long.csv")
    read = read_covariates([path, long], 3)
    assert (read.names, read.age) == (("vix", "OIL"), 3)
    assert len(read.histories[0]) == 158
    assert read_covariates(()) is None


@pytest.mark.parametrize(
    ("lines", "kind", "part"),
    [
        (["no prices", "at all"], UnreadablePrices, "bad.csv"),
        (["Date,Close", "2020-01-01,x", "2020-01-02,y"], UnreadablePrices, "bad.csv"),
        (["Date,A,B", "2020-01-01,1,2", "2020-01-02,3,4"], AmbiguousPrices, "bad.csv"),
    ],
)
def test_what_is_no_price_file_is_refused_as_the_prices_would_be(lines, kind, part, write_csv):
    with pytest.raises(kind, match=part) as caught:
        read_covariates([write_csv(lines, "bad.csv")])
    # Options for the prices answer nothing here.
    assert {one.name for one in caught.value.options} <= {"covariates"}


def test_two_covariates_of_one_name_are_refused(spx, write, expect_refusal):
    paths = [write(spx, "a/SPX.csv"), write(spx, "b/SPX.csv")]
    with expect_refusal(UsageError, "both called SPX", *paths):
        read_covariates(paths)


def test_stdin_and_a_negative_age_are_refused(spx, expect_refusal):
    with expect_refusal(UsageError, "from stdin"):
        read_covariates("-")
    with expect_refusal(UsageError, "covariate_age= is -1"):
        read_covariates([spx], -1)
    with expect_refusal(UsageError, "covariate_age= is -1"):
        sc.ForecastRequest(covariate_age=-1)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["native", pytest.param("tensorflow", marks=pytest.mark.slow)])
def test_what_is_trained_beside_files_forecasts_beside_them(
    engine, history, spx, vix, write, tmp_path, heard
):
    prices = write(history, "MADEUP.csv")
    beside = [write(spx, "SPX.csv"), write(vix, "VIX.csv")]
    path = tmp_path / "m.safetensors"
    result = sc.train(
        prices, path=path, policy=QUICK, covariates=beside, observer=heard, engine=engine, **SMALL
    )
    assert CovariatesRead in heard.kinds
    seen = [(one.name, one.column) for one in result.model.columns.covariates]
    assert seen == [("SPX", "adj_close"), ("VIX", "close")]
    forecast = sc.predict(path, prices, covariates=beside)
    again = sc.predict(result.model, history, covariates=[vix, spx])
    assert forecast.forecast == again.forecast
    assert sc.inspect(path, prices, covariates=beside).covariates == ("SPX", "VIX")


def test_a_model_without_its_covariates_does_not_forecast_and_names_them(
    model, history, spx, expect_refusal
):
    with expect_refusal(
        CovariateMismatch, "beside SPX, VIX; not given: SPX, VIX", hint="covariates="
    ):
        sc.predict(model, history)
    with expect_refusal(CovariateMismatch, "not given: VIX"):
        sc.predict(model, history, covariates=[spx])
    with expect_refusal(CovariateMismatch, "not given: VIX"):
        sc.inspect(model, history, covariates=[spx])
    assert CovariateMismatch.exit_code == 5


def test_what_a_model_does_not_see_is_told_to_be_of_no_use(
    model, make_model, history, spx, vix, heard
):
    other = replace(vix, ticker="OIL")
    sc.predict(model, history, covariates=[spx, vix, other], observer=heard)
    plain = make_model(history)
    sc.predict(plain, history, covariates=[spx], observer=heard)
    told = [str(one.text) for one in heard.events if isinstance(one, Warned)]
    assert any("OIL not used: the model was trained beside SPX, VIX" in text for text in told)
    assert any("SPX not used: the model was trained without any" in text for text in told)


def test_a_covariate_that_ends_before_the_prices_stops_training_and_forecast(
    model, history, spx, vix, expect_refusal
):
    short = spx.select(np.arange(150))
    with expect_refusal(CovariateGap, "ends", "more than 5"):
        sc.train(history, covariates=[short], policy=QUICK, **SMALL)
    with expect_refusal(CovariateGap, "ends", "more than 5"):
        sc.predict(model, history, covariates=[short, vix])
    assert sc.predict(model, history, covariates=[short, vix], covariate_age=10).forecast.size
    assert CovariateGap.exit_code == 4


def test_how_an_old_bar_before_the_window_was_does_not_matter(model, history, spx, vix):
    gappy = spx.select(np.setdiff1d(np.arange(160), np.arange(100, 120)))
    assert sc.predict(model, history, covariates=[gappy, vix]).forecast.size


def test_a_forecast_depends_on_the_covariates_and_on_nothing_after_its_bar(
    model, history, spx, vix
):
    known = history.select(np.arange(150))
    forecast = sc.predict(model, known, covariates=[spx, vix]).forecast
    date = history.dates[149]
    later = Covariates((spx, vix)).alter_later(date).histories
    assert (sc.predict(model, known, covariates=later).forecast == forecast).all()
    earlier = Covariates((spx, vix)).alter_later(history.dates[140]).histories
    assert (sc.predict(model, known, covariates=earlier).forecast != forecast).all()


def test_beyond_its_horizon_a_model_with_covariates_does_not_go_on(
    model, history, spx, vix, expect_refusal
):
    with expect_refusal(ModelMismatch, "it would need forecasts of adj_close, SPX, VIX"):
        sc.predict(model, history, covariates=[spx, vix], horizon=3)


@pytest.mark.slow
def test_an_unchanged_model_is_trained_again_where_a_covariate_changed(history, spx, tmp_path):
    path = tmp_path / "m.safetensors"
    policy = replace(QUICK, if_changed=True)

    def train(covariates):
        return sc.train(history, path=path, policy=policy, covariates=covariates, **SMALL).status

    assert train([spx]) == "trained"
    assert train([spx]) == "unchanged"
    values = spx.columns["volume"].copy()
    values[20] += 1
    assert train([replace(spx, columns={**spx.columns, "volume": values})]) == "trained"
    assert train(()) == "trained"


def test_a_snapshot_of_a_training_beside_other_covariates_is_another(history, spx, vix):
    from stockcast.training.checkpoint import identify_training

    recipe = sc.Recipe(window=8)
    keys = {
        identify_training(sc.window_history(replace(history, covariates=beside), recipe))
        for beside in (None, Covariates((spx,)), Covariates((vix,)), Covariates((spx, vix)))
    }
    assert len(keys) == 4


@pytest.mark.slow
def test_many_tickers_are_trained_and_forecast_beside_the_same_covariates(
    history, spx, make_history, write, tmp_path
):
    folder = tmp_path / "models"
    other = make_history(160, seed=3, ticker="OTHER")
    late = make_history(
        40, seed=4, ticker="LATE", dates=np.busday_offset("2019-01-01", np.arange(40))
    )
    outcomes = {
        one.ticker: one
        for one in sc.train_many(
            [history, other, late], folder=folder, policy=QUICK, covariates=[spx],
            executor=sc.Executor(jobs=1), **SMALL,
        )
    }  # fmt: skip
    assert outcomes["MADEUP"].status == outcomes["OTHER"].status == "trained"
    assert isinstance(outcomes["LATE"].error, CovariateGap)
    request = sc.ForecastRequest(covariates=[spx])
    for one in sc.predict_many([history, other], folder, request):
        alone = sc.predict(
            folder / f"{one.ticker}.safetensors",
            history if one.ticker == "MADEUP" else other,
            covariates=[spx],
        )
        assert one.prediction.forecast.forecast == alone.forecast
    for one in sc.predict_many([history, other], folder):
        assert isinstance(one.error, CovariateMismatch)


@pytest.mark.slow
def test_a_prepared_folder_has_them_and_is_trained_to_the_same_weights(history, spx, tmp_path):
    fields = {name: value for name, value in SMALL.items() if name == "window"}
    (one,) = sc.prepare(
        history, tmp_path / "prepared", covariates=[spx], materialize=True, **fields
    )
    assert np.load(one.path / "X_train.npy").shape[1:] == (8, 3)
    fitted = sc.train(one.path, policy=QUICK, **SMALL).model
    alike = sc.train(history, covariates=[spx], policy=QUICK, **SMALL).model
    assert fitted.columns == alike.columns
    for name, array in fitted.weights.to_arrays().items():
        assert (array == alike.weights.to_arrays()[name]).all()


def test_a_prepared_folder_is_not_joined(history, spx, tmp_path, expect_refusal):
    sc.prepare(history, tmp_path / "prepared", window=8)
    with expect_refusal(UsageError, "prepared already", hint="price file"):
        sc.train(tmp_path / "prepared", covariates=[spx], policy=QUICK)


def test_what_is_exported_names_them(model, tmp_path):
    written = sc.export(model, "onnx", tmp_path / "m.onnx", with_scaling=True)
    assert "'covariate SPX', 'covariate VIX', float64 (batch, 291, …)" in written.interface
    sc.export(model, "npz", tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as arrays:
        assert list(arrays["covariates"]) == ["SPX", "VIX"]


def test_a_model_with_covariates_goes_to_a_file_and_back(model, history, spx, vix, tmp_path):
    sc.save_model(model, tmp_path / "m.safetensors")
    loaded = sc.load_model(tmp_path / "m.safetensors")
    assert loaded.columns == model.columns
    assert give_covariates(loaded, history, Covariates((spx, vix))).covariates.names == (
        "SPX", "VIX",
    )  # fmt: skip


def test_names_say_which_recipes_see_covariates(expect_refusal):
    plain, seeing, cell, mine, _ = name_candidates(
        {
            "plain": "default",
            "seeing": "default+covariates",
            "cell": "gru+covariates",
            "mine+covariates": sc.Recipe(window=9),
        },
        {},
    )
    assert [one.sees_covariates for one in (plain, seeing, cell, mine)] == [
        False, True, True, True,
    ]  # fmt: skip
    assert plain.source == seeing.source
    assert (cell.recipe.cell, mine.recipe.window) == ("gru", 9)
    with expect_refusal(UsageError, "drift+covariates", "a baseline sees no covariates"):
        name_candidates(["drift+covariates"], {})


@pytest.mark.slow
def test_a_backtest_compares_with_and_without_on_the_same_bars(history, spx):
    late = spx.select(np.arange(20, 160))
    walked = sc.backtest(
        history, ["default", "default+covariates"], covariates=[late], cutoffs=CUTOFFS,
        overrides=SMALL, check_leakage=True,
    )  # fmt: skip
    without, beside = (
        walk for walk in walked.single.walks if walk.candidate.name.startswith("default")
    )
    assert (without.outlook.cutoffs == beside.outlook.cutoffs).all()
    assert len(walked.single.history) == 140
    assert without.digests != beside.digests
    assert walked.replayed
    alone = sc.backtest(
        history.select(np.arange(20, 160)), ["default"], cutoffs=CUTOFFS, overrides=SMALL
    )
    assert alone.single.walks[0].digests == without.digests


@pytest.mark.slow
def test_without_names_the_default_is_compared_with_and_without(history, spx):
    walked = sc.backtest(history, covariates=[spx], cutoffs=CUTOFFS, overrides=SMALL)
    names = [walk.candidate.name for walk in walked.single.walks]
    assert names[:2] == ["default", "default+covariates"]


def test_covariates_that_no_model_sees_and_models_without_theirs_are_refused(
    model, history, spx, expect_refusal
):
    with expect_refusal(UsageError, "no model that sees them", hint="default+covariates"):
        sc.backtest(history, ["default"], covariates=[spx], cutoffs=CUTOFFS)
    with expect_refusal(UsageError, "default+covariates sees covariates, and none are given"):
        sc.backtest(history, ["default+covariates"], cutoffs=CUTOFFS)
    with expect_refusal(CovariateMismatch, "not given: VIX"):
        sc.backtest(history, model=model, covariates=[spx], cutoffs=CUTOFFS)


@pytest.mark.slow
def test_a_trained_model_is_replayed_with_later_covariates_altered(model, history, spx, vix):
    walked = sc.backtest(
        history, [], model=model, covariates=[spx, vix], cutoffs=CUTOFFS, check_leakage=True
    )
    assert walked.replayed


def test_a_model_that_sees_a_later_covariate_is_found(model, history, spx, vix, monkeypatch):
    from stockcast.windows import covariates

    original = covariates.find_known
    monkeypatch.setattr(
        covariates,
        "find_known",
        lambda one, dates: np.minimum(original(one, dates) + 1, len(one) - 1),
    )
    with pytest.raises(LeakageFound, match="later rows are"):
        sc.backtest(
            history, [], model=model, covariates=[spx, vix], cutoffs=CUTOFFS, check_leakage=True
        )


def test_altering_and_removing_later_rows_takes_covariates_along(history, spx):
    joined = replace(history, covariates=Covariates((spx,)))
    altered, removed = (
        change(joined, 100).covariates.find("SPX") for change in (alter_later, remove_later)
    )
    assert len(removed) == 100
    assert (altered.columns["close"][:100] == spx.columns["close"][:100]).all()
    assert (altered.columns["close"][100:] != spx.columns["close"][100:]).all()


POOLED = {**SMALL, "pooled": True, "validation": 30, "test": 30}


@pytest.fixture
def tickers(make_history):
    return [make_history(160, seed=10 + number, ticker=f"T{number}") for number in range(3)]


@pytest.mark.parametrize("loss", ["squared-error", "qlike"])
def test_a_pool_sees_of_covariates_what_a_forecast_with_its_model_does(
    loss, tickers, spx, vix, tmp_path
):
    beside = Covariates((spx, vix))
    recipe = sc.Recipe(**POOLED, loss=loss, features=("weekday",))
    builder = PoolBuilder(recipe, tmp_path)
    histories = [replace(one, covariates=beside) for one in tickers]
    for one in histories:
        builder.add(one)
    pool = builder.finish()
    assert pool.columns.inputs[-4:] == ("SPX return", "SPX range", "VIX return", "VIX range")
    model = draw_pooled_model(
        pool.columns, path=pool.path, window=8, loss=loss, features=("weekday",), column="auto"
    )
    table, values = scale_bars(model.adapt(histories[2]), histories[2], 100, 160)
    rows = pool.values[-len(table.dates) :]
    np.testing.assert_array_equal(rows[:, -9:], values[:, -9:])
    np.testing.assert_allclose(rows, values, rtol=1e-5, atol=1e-6)
    inputs, _ = pool.draw("validation", np.arange(3))
    assert inputs[..., -4:].any()


@pytest.mark.slow
def test_a_pooled_model_is_trained_beside_them_and_forecasts_beside_them(
    tickers, history, spx, tmp_path, heard, expect_refusal
):
    path = tmp_path / "pooled.safetensors"
    sc.train_pooled(tickers, path=path, policy=QUICK, covariates=[spx], observer=heard, **POOLED)
    assert any("each beside SPX" in str(one.text) for one in heard.events)
    (column,) = sc.load_model(path).columns.covariates
    assert (column.name, column.column, column.rows_sha256) == (
        "SPX", "adj_close", spx.hash_rows(),
    )  # fmt: skip
    forecast = sc.predict(path, history, covariates=[spx]).forecast
    for one in sc.predict_many([history], path, sc.ForecastRequest(covariates=[spx])):
        assert one.prediction.forecast.forecast == forecast
    assert sc.inspect(path, history, covariates=[spx]).covariates == ("SPX",)
    with expect_refusal(CovariateMismatch, "not given: SPX"):
        sc.predict(path, history)


@pytest.mark.slow
def test_a_pooled_model_is_trained_again_where_a_covariate_changed(tickers, spx, tmp_path):
    path = tmp_path / "pooled.safetensors"
    policy = replace(QUICK, if_changed=True)

    def train(*covariates):
        done = sc.train_pooled(tickers, path=path, policy=policy, covariates=covariates, **POOLED)
        return done.status

    assert [train(spx), train(spx)] == ["trained", "unchanged"]
    values = spx.columns["volume"].copy()
    values[20] += 1
    changed = replace(spx, columns={**spx.columns, "volume": values})
    assert [train(changed), train()] == ["trained", "trained"]


@pytest.mark.slow
def test_what_of_a_covariate_comes_after_the_pool_makes_no_other_model(tickers, spx, tmp_path):
    path = tmp_path / "pooled.safetensors"
    known = [one.select(np.arange(140)) for one in tickers]
    last = known[0].dates[-1]
    models = [
        sc.train_pooled(known, path=path, policy=QUICK, covariates=[one], **POOLED).model
        for one in (spx, *Covariates((spx,)).alter_later(last).histories)
    ]
    assert models[0].columns == models[1].columns
    for name, array in models[0].weights.to_arrays().items():
        assert (array == models[1].weights.to_arrays()[name]).all()


@pytest.mark.slow
def test_a_pool_whose_covariate_is_too_old_leaves_that_ticker_out(
    tickers, spx, tmp_path, make_history
):
    longer = make_history(170, seed=9, ticker="LONGER")
    result = sc.train_pooled(
        [*tickers, longer], path=tmp_path / "p.safetensors", policy=QUICK, covariates=[spx],
        **POOLED,
    )  # fmt: skip
    assert isinstance(result.tickers[-1].error, CovariateGap)
    assert result.failed == 1


@pytest.mark.slow
def test_a_backtest_compares_a_pool_with_and_without_and_replays_it(tickers, spx):
    fields = {name: value for name, value in SMALL.items() if name != "window"}
    walked = sc.backtest(
        tickers, ["pooled", "pooled+covariates"], covariates=[spx], cutoffs=CUTOFFS,
        overrides={**fields, "window": 8}, check_leakage=True, executor=sc.Executor(jobs=1),
    )  # fmt: skip
    for judged in walked.judgements.values():
        assert {one.candidate.name for one in judged} >= {"pooled", "pooled+covariates"}
    assert walked.replayed


def test_a_pooled_model_that_sees_a_later_covariate_is_found(
    tickers, history, spx, tmp_path, monkeypatch
):
    from stockcast.windows import covariates

    path = tmp_path / "pooled.safetensors"
    builder = PoolBuilder(sc.Recipe(**POOLED, loss="squared-error"), tmp_path)
    for one in tickers:
        builder.add(replace(one, covariates=Covariates((spx,))))
    pool = builder.finish()
    drawn = draw_pooled_model(pool.columns, path=pool.path, window=8, column="auto", layers=1)
    sc.save_model(drawn, path)
    original = covariates.find_known
    monkeypatch.setattr(
        covariates,
        "find_known",
        lambda one, dates: np.minimum(original(one, dates) + 1, len(one) - 1),
    )
    with pytest.raises(LeakageFound, match="later rows are"):
        sc.backtest(history, [], model=path, covariates=[spx], cutoffs=CUTOFFS, check_leakage=True)


@pytest.mark.slow
def test_a_covariate_that_leads_is_made_use_of(make_history):
    """The price does today what the covariate did yesterday: what there is to find is found."""
    rows = 700
    moves = np.random.default_rng(5).normal(0, 0.01, rows)
    leads = make_history(
        rows, ticker="LEADS", columns=("close",), close=50 * np.exp(np.cumsum(moves))
    )
    noise = np.random.default_rng(6).normal(0, 0.003, rows)
    follows = 80 * np.exp(np.cumsum(np.append(0, moves[:-1]) + noise))
    history = make_history(rows, columns=("close",), close=follows)
    fields = {
        "window": 5, "layers": 1, "units": 8, "epochs": 40, "dropout": 0.0, "learning_rate": 0.01,
    }  # fmt: skip
    with_it = sc.train(history, covariates=[leads], policy=QUICK, **fields)
    without = sc.train(history, policy=QUICK, **fields)
    assert with_it.model.skill.skill > 0.3
    assert with_it.model.verdict.startswith("better")
    assert without.model.skill.skill < 0.05
