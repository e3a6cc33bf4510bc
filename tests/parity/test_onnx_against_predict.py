"""Exported graphs in onnxruntime, and in ONNX' own reference, against `stockcast predict`."""

import json
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from stockcast.exporting.formats import export_model
from stockcast.forecast.forecaster import forecast_span
from stockcast.model.file import load_model
from stockcast.networks.cells import CELLS
from stockcast.prices.covariates import Covariates
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.market import FEWEST
from stockcast.recipe import Recipe
from stockcast.windows.features import Columns, compute_features, count_warmup
from stockcast.windows.har import TrainingMoves, fit_har
from stockcast.windows.model_inputs import WindowScaling
from stockcast.windows.moves import measure_moves
from stockcast.windows.pooling import PoolBuilder
from stockcast.windows.scaling import scale_features
from stockcast.windows.series import window_history
from stockcast.windows.signals import POOLED_SIGNALS
from stockcast.windows.windowing import cut_windows
from stockcast.workflows.markets import add_up
from tests.pools import draw_pooled_model
from tests.support import SAMPLES, draw_model, run_stockcast, write_untrained_model

pytestmark = pytest.mark.slow

FB = SAMPLES / "FB.csv"
CLOSE = 1e-5  # relative
TARGETS = ["price", "log-return", "relative"]

# Features and target price of a model.
SEEN = {
    "one column": {},
    "another column": {"column": "open"},
    "all prices": {"features": ("open", "high", "low", "close"), "column": "low"},
    "with volume": {"features": ("volume", "close", "open"), "column": "close"},
}


@pytest.fixture(scope="module")
def history():
    return read_prices([FB])[0]


@pytest.fixture(scope="module")
def write_model(tmp_path_factory):
    def write(**fields):
        return load_model(
            write_untrained_model(tmp_path_factory.mktemp("m") / "FB.safetensors", FB, **fields)
        )

    return write


def open_session(content):
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


def run_graph(content, inputs):
    """What a graph with one input and one output answers."""
    session = open_session(content)
    (name,) = (one.name for one in session.get_inputs())
    (answers,) = session.run(None, {name: inputs})
    return answers


def cut_inputs(session, history, cutoffs):
    """What a graph with scaling takes after each cutoff: the rows before it, NaN where unknown."""
    columns = json.loads(session.get_modelmeta().custom_metadata_map["inputs"])
    known = dict(history.columns)
    if history.market is not None:
        known["log_scale"], known["return"] = history.market.look_up(history.dates)
    return {
        given.name: cut_rows(known, columns[given.name], cutoffs, rows=given.shape[1])
        for given in session.get_inputs()
    }


def cut_rows(known, names, cutoffs, *, rows):
    """(cutoffs, rows, names) the rows before each cutoff; NaN before the first, and of no name."""
    unknown = np.full_like(next(iter(known.values())), np.nan)
    table = np.stack([known.get(name, unknown) for name in names], axis=1)
    padded = np.concatenate([np.full((rows, table.shape[1]), np.nan), table])
    return np.stack([padded[end : end + rows] for end in cutoffs])


def assert_as_predict(model, history, *, first=None):
    """Price and volatility agree at every cutoff, and so does what each adds to the last price.

    Args:
        model: the model.
        history: the bars; the newest is left out.
        first: cutoff; default: the first that has a window.

    Returns:
        (n, horizon) volatility.
    """
    session = open_session(export_model(model, "onnx", with_scaling=True))
    first = first or model.recipe.window + count_warmup(model.columns.features, model.recipe.target)
    cutoffs = np.arange(first, len(history))
    inputs = cut_inputs(session, history, cutoffs)
    forecasts, volatility = session.run(["forecast", "volatility"], inputs)
    expected = forecast_span(model.adapt(history), history, start=history.dates[first])
    shape = (-1, model.recipe.horizon)
    prices, last = (part.reshape(shape) for part in (expected.forecast, expected.last_prices))
    assert forecasts.shape == volatility.shape == prices.shape
    assert forecasts.dtype == volatility.dtype == np.float64
    np.testing.assert_allclose(forecasts, prices, rtol=CLOSE)
    moves = prices - last
    np.testing.assert_allclose(forecasts - last, moves, atol=1e-4 * np.ptp(moves) + 1e-9, rtol=0)
    np.testing.assert_allclose(volatility, 100 * expected.volatility.reshape(shape), rtol=CLOSE)
    assert np.ptp(volatility) > 0.01
    return volatility


def scale_windows(model, history):
    """Every scaled window, and the last price that each knows."""
    table = compute_features(history, model.columns, model.recipe.target)
    windows = cut_windows(scale_features(table.values, model.scalers), window=model.recipe.window)
    last = table.prices[model.recipe.window - 1 :]
    scaling = WindowScaling.from_scalers(model.scalers, model.columns.target_index)
    return np.ascontiguousarray(scaling.inputs(windows))[:-1], last[:-1]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("target", TARGETS)
def test_scaled_windows_are_answered_as_predict_answers_them(cell, target, write_model, history):
    model = write_model(cell=cell, target=target, layers=3)
    windows, last = scale_windows(model, history)
    answers = run_graph(export_model(model, "onnx"), windows)
    forecasts = model.scalers[0].get_scale().to_prices(answers, last)
    first = len(history) - len(forecasts)
    expected = forecast_span(model, history, start=history.dates[first])
    np.testing.assert_allclose(forecasts[:, 0], expected.forecast, rtol=CLOSE)
    moves = expected.forecast - last
    assert np.ptp(moves) > 0.001
    np.testing.assert_allclose(forecasts[:, 0] - last, moves, atol=1e-4 * np.ptp(moves), rtol=0)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("target", TARGETS)
def test_from_bars_on_a_graph_says_what_predict_does(cell, target, write_model, history):
    assert_as_predict(write_model(cell=cell, target=target), history)


@pytest.mark.parametrize("seen", SEEN.values(), ids=SEEN)
@pytest.mark.parametrize("target", TARGETS)
def test_every_feature_is_scaled_inside_the_graph_as_outside(seen, target, write_model, history):
    assert_as_predict(write_model(target=target, **seen), history)


@pytest.mark.parametrize("target", TARGETS)
def test_every_step_ahead_is_in_the_graph(target, write_model, history):
    volatility = assert_as_predict(write_model(target=target, horizon=3), history)
    assert (np.diff(volatility, axis=1) > 0).all()


@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("loss", ["squared-error", "qlike"])
def test_years_of_bars_are_followed_as_predict_follows_them(loss, horizon, tmp_path):
    """GOOG's autumn of 2008 and the two years before: nothing is short of bars here."""
    model = load_model(
        write_untrained_model(tmp_path / "m", SAMPLES / "GOOG.csv", loss=loss, horizon=horizon)
    )
    (history,) = read_prices([SAMPLES / "GOOG.csv"])
    assert_as_predict(model, history.select(np.arange(700, 1100)), first=300)


@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("loss", ["squared-error", "qlike"])
@pytest.mark.parametrize("columns", [("close",), ("close", "volume"), ("adj_close", "close")])
def test_closes_alone_are_a_graphs_bars_too(columns, loss, horizon, make_history, make_model):
    history = make_history(330, columns=columns)
    model = make_model(history, loss=loss, horizon=horizon)
    assert model.path.by_range is None
    assert_as_predict(model, history)


@pytest.mark.parametrize("loss", ["squared-error", "qlike"])
def test_a_graph_of_ranges_does_without_them_as_predict_does(loss, make_history, make_model):
    model = make_model(make_history(420), loss=loss)
    assert model.path.by_range is not None
    assert_as_predict(model, make_history(330, columns=("adj_close",), seed=3))


def test_bars_that_stand_still_and_gaps_are_no_abyss_in_a_graph_either(make_history, make_model):
    """Halts, ranges of nothing, missing highs, a column without volume: as a file may have them."""
    model = make_model(make_history(420), loss="qlike", column="close")
    values = {name: one.copy() for name, one in make_history(420, seed=5).columns.items()}
    for name in ("open", "high", "low", "close"):
        values[name][100:130] = 50.0
        values[name][300:304] = values["close"][299]
    values["high"][200:290:7] = np.nan
    values["open"][210] = -1.0
    values["volume"][250:280] = 0.0
    values["volume"][330:] = np.nan
    assert_as_predict(model, make_history(420, **values))
    still = dict.fromkeys(values, np.full(420, 50.0))
    halted = make_history(420, **still)
    session = open_session(export_model(model, "onnx", with_scaling=True))
    inputs = cut_inputs(session, halted, [300])
    (volatility,) = session.run(["volatility"], inputs)
    expected = forecast_span(model, halted, start=halted.dates[300], end=halted.dates[300])
    np.testing.assert_allclose(volatility[0], 100 * expected.volatility, rtol=CLOSE)


@pytest.fixture(scope="module")
def pool(make_history):
    """As many tickers as make a market, and with what they did beside each."""
    plain = [make_history(700, seed=number, ticker=f"T{number}") for number in range(FEWEST)]
    market = add_up(plain)
    return [replace(history, market=market) for history in plain]


@pytest.fixture(scope="module")
def draw_pooled(pool):
    def draw(**fields):
        horizon = fields.get("horizon", 1)
        moves = [TrainingMoves(measure_moves(one, "close"), 500) for one in pool]
        path = fit_har(moves, horizon=horizon)
        columns = Columns("close", ("close",), signals=POOLED_SIGNALS)
        return draw_pooled_model(columns, path=path, loss="qlike", **fields)

    return draw


@pytest.mark.parametrize("market", [True, False], ids=["with a market", "without"])
@pytest.mark.parametrize("horizon", [1, 5])
def test_a_pooled_models_graph_measures_scales_and_market(horizon, market, draw_pooled, pool):
    model = draw_pooled(horizon=horizon)
    history = pool[3] if market else replace(pool[3], market=None)
    assert_as_predict(model, history.select(np.arange(450)), first=300)


@pytest.mark.parametrize("seen", SEEN.values(), ids=SEEN)
@pytest.mark.parametrize("target", TARGETS)
def test_a_pooled_models_graph_scales_by_the_newest_rows(seen, target, make_history):
    features = seen.get("features", (seen.get("column", "adj_close"),))
    column = seen.get("column", "adj_close")
    columns = Columns(column, features)
    fields = {"target": target, "features": features, "column": column}
    history = make_history(330)
    path = None
    if target == "log-return":
        path = fit_har([TrainingMoves(measure_moves(history, column), 300)], horizon=1)
    assert_as_predict(draw_pooled_model(columns, path=path, **fields), history)


@pytest.mark.parametrize("name", ["FB", "GOOG"])
def test_the_graph_of_the_model_that_comes_along_says_what_predict_does(name):
    model = load_model("pretrained")
    (history,) = read_prices([SAMPLES / f"{name}.csv"])
    assert_as_predict(model, history.select(np.arange(max(0, len(history) - 500), len(history))))


def test_a_file_without_adjusted_closes_is_forecast_by_its_closes():
    model = load_model("pretrained")
    (history,) = read_prices([SAMPLES / "FB.csv"])
    columns = {name: one for name, one in history.columns.items() if name != "adj_close"}
    assert_as_predict(model, replace(history, columns=columns))


def test_less_than_a_window_of_bars_is_answered_by_nothing(write_model, history):
    model = write_model()
    session = open_session(export_model(model, "onnx", with_scaling=True))
    inputs = cut_inputs(session, history, [model.recipe.window, model.recipe.window + 1])
    for answers in session.run(None, inputs):
        assert np.isnan(answers[:, 0]).tolist() == [True, False]


@pytest.mark.parametrize("cell", CELLS)
def test_onnx_own_reference_reads_the_graph_as_onnxruntime_does(cell, write_model, history):
    """It does not know `input_forget`: the coupled gate is right without it."""
    content = export_model(write_model(cell=cell), "onnx", with_scaling=True)
    session = open_session(content)
    inputs = cut_inputs(session, history, [100, 150, 195])
    with np.errstate(all="ignore"):  # NaN is what rows before the first bar come to
        answers = ReferenceEvaluator(onnx.load_from_string(content)).run(None, inputs)
    for found, expected in zip(answers, session.run(None, inputs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-7)


@pytest.mark.parametrize(("window", "layers"), [(1, 1), (2, 1), (1, 3)])
@pytest.mark.parametrize("cell", CELLS)
def test_the_smallest_network_is_exported_too(cell, window, layers, write_model, history):
    assert_as_predict(write_model(cell=cell, window=window, layers=layers, units=1), history)


@pytest.mark.slow
def test_a_trained_models_graph_forecasts_the_next_day_as_the_command_does(tmp_path, history):
    path = tmp_path / "FB.safetensors"
    recipe = ["--recipe", "configs/fast.toml", "--epochs", 2]
    assert run_stockcast("train", FB, "-o", path, *recipe).returncode == 0
    run = run_stockcast("export", path, "--with-scaling", "-o", tmp_path / "FB.onnx")
    assert run.returncode == 0, run.stderr
    rows = json.loads(run_stockcast("predict", FB, "-m", path, "--format", "json").stdout)
    session = open_session((tmp_path / "FB.onnx").read_bytes())
    forecast, volatility = session.run(None, cut_inputs(session, history, [len(history)]))
    assert forecast[0, 0] == pytest.approx(rows[0]["forecast"], rel=CLOSE)
    assert volatility[0, 0] == pytest.approx(rows[0]["volatility"], rel=CLOSE)


@pytest.mark.parametrize("target", TARGETS)
def test_a_graph_that_is_told_the_calendar_agrees_with_predict(target, history, write_model):
    from stockcast.windows.calendar_features import compute_calendar

    recipe = {"features": ("weekday", "turn-of-month"), "target": target, "horizon": 2}
    model = write_model(**recipe)
    session = open_session(export_model(model, "onnx", with_scaling=True))
    columns = json.loads(session.get_modelmeta().custom_metadata_map["inputs"])
    rows = next(one.shape[1] for one in session.get_inputs() if one.name == "bars")
    assert tuple(columns["calendar"]) == model.columns.calendar_inputs
    cutoffs = np.arange(150, len(history))
    seen = compute_calendar(history, model.columns.calendar, 0, len(history), horizon=2)
    window = model.recipe.window
    inputs = {
        "bars": cut_rows(history.columns, columns["bars"], cutoffs, rows=rows),
        "calendar": np.stack([seen[end - window : end] for end in cutoffs]).astype(np.float64),
    }
    forecasts, _ = session.run(["forecast", "volatility"], inputs)
    expected = forecast_span(model, history, start=history.dates[150])
    np.testing.assert_allclose(forecasts, expected.forecast.reshape(-1, 2), rtol=CLOSE)
    inputs["calendar"][:] = 0
    assert (session.run(["forecast"], inputs)[0] != forecasts).any()


def cut_dated(session, history, cutoffs):
    """What a graph that knows covariates takes after each cutoff: bars, dates, and their bars."""
    columns = json.loads(session.get_modelmeta().custom_metadata_map["inputs"])
    inputs = {}
    for given in session.get_inputs():
        names, rows = columns[given.name], given.shape[1]
        tables = []
        for end in cutoffs:
            bars = history
            if given.name.startswith("covariate "):
                bars = history.covariates.find(given.name.removeprefix("covariate "))
                end = np.searchsorted(bars.dates, history.dates[end - 1], side="right")  # noqa: PLW2901
            known = {**bars.columns, "date": bars.dates.astype(np.int64) / 86_400e6}
            tables.append(cut_rows(known, names, [end], rows=rows)[0])
        inputs[given.name] = np.stack(tables)
    inputs["dates"] = inputs["dates"][..., 0]
    return inputs


def draw_seeing(history, covariates, **fields):
    return draw_model(
        window_history(
            replace(history, covariates=Covariates(covariates)),
            Recipe(window=20, layers=1, units=8, **fields),
        )
    )


def assert_as_predicted(model, history, *, first):
    """Both answers agree at every cutoff, and depend on the covariates; returns the inputs."""
    session = open_session(export_model(model, "onnx", with_scaling=True))
    cutoffs = np.arange(first, len(history))
    inputs = cut_dated(session, history, cutoffs)
    forecasts, volatility = session.run(["forecast", "volatility"], inputs)
    expected = forecast_span(model.adapt(history), history, start=history.dates[first])
    shape = (-1, model.recipe.horizon)
    np.testing.assert_allclose(forecasts, expected.forecast.reshape(shape), rtol=CLOSE)
    np.testing.assert_allclose(volatility, 100 * expected.volatility.reshape(shape), rtol=CLOSE)
    moves = expected.forecast.reshape(shape) - expected.last_prices.reshape(shape)
    off = forecasts - expected.forecast.reshape(shape)
    assert np.abs(off).max() <= 1e-4 * np.ptp(moves)
    return session, inputs, forecasts


@pytest.fixture(scope="module")
def beside():
    """A long covariate with holidays of its own, one of closes, and one of every day."""
    (goog,) = read_prices([SAMPLES / "GOOG.csv"])
    goog = goog.select(np.delete(np.arange(len(goog)), np.arange(1500, 2100, 17)))
    (ibm,) = read_prices([SAMPLES / "IBM.csv"])
    closes = replace(ibm, columns={"close": ibm.columns["close"]})
    days = np.arange("2011-01-01", "2013-03-02", dtype="datetime64[D]").astype("datetime64[us]")
    rows = np.maximum(np.searchsorted(ibm.dates, days, side="right") - 1, 0)
    moved = {name: values[rows] * (1 + 0.01 * np.sin(np.arange(len(days))))
             for name, values in ibm.columns.items()}  # fmt: skip
    daily = replace(ibm.select(rows), ticker="DAILY", dates=days, columns=moved)
    return goog, closes, daily


@pytest.mark.parametrize("fields", [
    {}, {"loss": "qlike", "horizon": 3}, {"target": "relative"}, {"target": "price"},
    {"features": ("close", "volume"), "column": "close"},
])  # fmt: skip
def test_a_graph_that_takes_covariates_agrees_with_predict(fields, history, beside):
    seeing = replace(history, covariates=Covariates(beside))
    model = draw_seeing(history, beside, **fields)
    session, inputs, forecasts = assert_as_predicted(model, seeing, first=60)
    for name in ("covariate GOOG", "covariate IBM", "covariate DAILY"):
        changed = {**inputs, name: inputs[name].copy()}
        changed[name][:, -20:, 1:] *= np.linspace(1, 1.5, 20)[:, None]
        assert (session.run(["forecast"], changed)[0] != forecasts).mean() > 0.9


def test_at_the_first_windows_of_a_ticker_and_of_a_covariate_it_agrees(history, beside):
    late = beside[0].select(np.flatnonzero(beside[0].dates >= history.dates[0]))
    model = draw_seeing(history, [late], target="price")
    assert_as_predicted(model, replace(history, covariates=Covariates((late,))), first=20)


def test_a_pooled_graph_that_takes_covariates_agrees_with_predict(history, beside, tmp_path):
    seeing = replace(history, covariates=Covariates(beside[:2]))
    recipe = Recipe(pooled=True, window=8, validation=0.2, test=0.2)
    builder = PoolBuilder(recipe, tmp_path)
    builder.add(seeing)
    pool = builder.finish()
    model = draw_pooled_model(pool.columns, path=pool.path, window=8, loss="qlike", column="auto")
    assert_as_predicted(model, seeing, first=60)


def test_a_covariate_that_is_not_known_or_no_price_is_answered_by_nan(history, beside):
    model = draw_seeing(history, beside[:1])
    seeing = replace(history, covariates=Covariates(beside[:1]))
    session, inputs, _ = assert_as_predicted(model, seeing, first=150)
    for change in ("unknown", "below zero", "cut off"):
        bars = inputs["covariate GOOG"].copy()
        if change == "unknown":
            bars[:] = np.nan
        elif change == "below zero":
            bars[:, -1, 1] = -1.0
        else:  # more bars than fit are in the window: no year before it is there
            bars[:, :, 0] = np.linspace(0, 1, bars.shape[1]) + inputs["dates"][:, -1:]
        answers = session.run(None, {**inputs, "covariate GOOG": bars})
        assert all(np.isnan(one).all() for one in answers)
