"""Training: reproducible, early to stop, honest about the held-out span."""

import math
from dataclasses import replace

import numpy as np
import pytest

from stockcast.errors import TrainingDiverged
from stockcast.evaluation.conformal import measure_scores
from stockcast.evaluation.shrinkage import Shrinkage
from stockcast.evaluation.skill import judge_forecasts
from stockcast.forecast.forecaster import forecast_span
from stockcast.forecast.outlook import forecast_at_cutoffs
from stockcast.model.file import load_model, save_model, serialize_model
from stockcast.networks.heads import HEADS
from stockcast.networks.network import run_network
from stockcast.prices.csv.reader import read_prices
from stockcast.recipe import Recipe
from stockcast.windows.moves import measure_moves
from stockcast.windows.series import window_history
from tests.support import SAMPLES

SMALL = Recipe(window=10, layers=2, units=6, epochs=3)


class Recorder:
    """A Progress that remembers."""

    def __init__(self):
        self.figures = []
        self.ended = 0

    def begin(self, task, total):
        self.task, self.total = task, total

    def advance(self, step, figures):
        assert step == len(self.figures) + 1
        self.figures.append(figures)

    def end(self):
        self.ended += 1


@pytest.fixture(scope="module")
def history():
    return read_prices([SAMPLES / "FB.csv"])[0]


def train(history, recipe, progress=None):
    from stockcast.training.fit import train as fit

    return fit(history, recipe, progress=progress)


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, {"target": "relative", "horizon": 3}], ids=str)
def test_the_same_data_recipe_and_seed_give_the_same_bytes(history, changes):
    recipe = SMALL.model_copy(update=changes)
    first, second = (serialize_model(train(history, recipe)) for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_another_seed_gives_another_model(history):
    first = train(history, SMALL).weights.to_arrays()
    second = train(history, SMALL.model_copy(update={"seed": 1})).weights.to_arrays()
    assert not np.array_equal(first["layers.0.kernel"], second["layers.0.kernel"])


@pytest.mark.slow
def test_the_tutorials_network_has_71051_weights(history):
    model = train(history, Recipe(target="price", validation=0, epochs=1))
    assert sum(array.size for array in model.weights.to_arrays().values()) == 71_051


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "horizon"), [("price", 1), ("log-return", 3), ("relative", 1), ("relative", 3)]
)
def test_the_test_span_leaves_no_trace_but_the_skill(history, target, horizon):
    recipe = SMALL.model_copy(update={"target": target, "horizon": horizon, "test": 40})
    columns = {name: values.copy() for name, values in history.columns.items()}
    columns["adj_close"][-40:] *= 1.5
    altered = train(replace(history, columns=columns), recipe)
    model = train(history, recipe)
    for name, array in model.weights.to_arrays().items():
        np.testing.assert_array_equal(array, altered.weights.to_arrays()[name], err_msg=name)
    assert model.scalers == altered.scalers
    same_rows = replace(altered.provenance, rows_sha256=model.provenance.rows_sha256)
    assert model.provenance == same_rows
    np.testing.assert_array_equal(model.calibration.scores, altered.calibration.scores)
    assert model.skill != altered.skill


@pytest.mark.slow
def test_progress_hears_of_each_epoch_with_both_losses(history):
    progress = Recorder()
    train(history, SMALL, progress)
    assert progress.total == 3
    assert [sorted(figures) for figures in progress.figures] == [["loss", "val"]] * 3
    assert progress.ended == 1


@pytest.mark.slow
def test_training_stops_after_patience_and_keeps_the_best_epoch(history):
    progress = Recorder()
    recipe = SMALL.model_copy(update={"epochs": 60, "patience": 3, "learning_rate": 0.03})
    model = train(history, recipe, progress)
    losses = [figures["val"] for figures in progress.figures]
    best = int(np.argmin(losses)) + 1
    assert model.provenance.best_epoch == best
    assert model.provenance.epochs == len(losses) == best + 3 < 60
    shorter = train(history, recipe.model_copy(update={"epochs": best}))
    np.testing.assert_array_equal(shorter.weights.layers[1].kernel, model.weights.layers[1].kernel)


def test_without_a_validation_span_every_epoch_is_run_and_the_last_one_kept(history):
    model = train(history, SMALL.model_copy(update={"validation": 0, "patience": 1}))
    assert (model.provenance.epochs, model.provenance.best_epoch) == (3, 3)


def test_without_a_test_span_there_is_no_skill(history):
    assert train(history, SMALL.model_copy(update={"test": 0})).skill is None


@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
def test_the_skill_is_that_of_forecasting_the_held_out_span(history, target, horizon):
    recipe = SMALL.model_copy(update={"target": target, "horizon": horizon, "test": 30})
    model = train(history, recipe)
    forecast = forecast_span(model, history, start=history.dates[-30])
    farthest = forecast.select((forecast.steps == horizon) & np.isfinite(forecast.actual))
    prices = history.columns[model.columns.target]
    expected = judge_forecasts(
        farthest.actual,
        farthest.forecast,
        farthest.last_prices,
        step=horizon,
        earlier=prices[: len(prices) - 30 + horizon - 1],
    )
    found, wanted = vars(model.skill), vars(expected)
    assert found.pop("lag") == wanted.pop("lag")
    # Sums over batches of other sizes differ in the last digits.
    assert found == pytest.approx(wanted, rel=1e-5)
    assert model.skill.count == 30 - horizon + 1


@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
def test_the_calibration_is_of_forecasts_of_the_validation_span(history, target, horizon):
    recipe = SMALL.model_copy(
        update={"target": target, "horizon": horizon, "validation": 20, "test": 30}
    )
    model = train(history, recipe)
    check_calibration(model, history, first=len(history) - 50, end=len(history) - 30)
    known_to = str(history.dates[-31])[:10]
    assert model.provenance.known_to == known_to > model.provenance.last_date


def test_without_a_validation_span_the_calibration_is_of_the_test_span(history):
    model = train(history, SMALL.model_copy(update={"validation": 0, "test": 30, "horizon": 3}))
    check_calibration(model, history, first=len(history) - 30, end=len(history))
    assert model.provenance.known_to == model.provenance.last_date


def check_calibration(model, history, *, first, end):
    """The scores must be those of forecasting rows first … end − 1 with the finished model."""
    horizon = model.recipe.horizon
    outlook = forecast_at_cutoffs(model, history, np.arange(first, end - horizon + 1))
    expected = measure_scores(
        outlook.actual, outlook.forecast, outlook.last_prices, outlook.volatility
    )
    assert model.calibration.scores.shape == (horizon, end - first - horizon + 1)
    assert model.calibration.scores.dtype == np.float32
    np.testing.assert_allclose(model.calibration.scores.T, expected, rtol=1e-3, atol=1e-4)


def test_without_anything_held_out_there_is_no_calibration(history):
    model = train(history, SMALL.model_copy(update={"validation": 0, "test": 0, "epochs": 1}))
    assert model.calibration is None
    assert model.skill is None
    assert model.provenance.known_to == str(history.dates[-1])[:10]


def test_of_very_many_scores_the_newest_are_kept(history, monkeypatch):
    whole = train(history, SMALL.model_copy(update={"horizon": 2, "epochs": 1}))
    monkeypatch.setattr("stockcast.training.fit.MOST_SCORES", 7)
    fewer = train(history, SMALL.model_copy(update={"horizon": 2, "epochs": 1}))
    np.testing.assert_array_equal(fewer.calibration.scores, whole.calibration.scores[:, -7:])


def test_prices_below_zero_are_trained_on_and_leave_no_score(history, tmp_path):
    level = float(np.median(history.columns["close"][-60:-20]))
    columns = {"close": history.columns["close"] - level}
    recipe = SMALL.model_copy(update={"target": "price", "validation": 40, "epochs": 1})
    series = window_history(replace(history, columns=columns), recipe)
    model = train(replace(history, columns=columns), recipe)
    first, end = series.spans.train_end, series.spans.validation_end
    positive = int((series.prices[first - 1 : end - 1] > 0).sum())
    assert 0 < positive < 40
    assert model.calibration.count == positive
    save_model(model, tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors").calibration
    np.testing.assert_array_equal(again.scores, model.calibration.scores)


def test_prices_that_are_all_below_zero_leave_no_calibration(history):
    columns = {"close": history.columns["close"] - 1000.0}
    recipe = SMALL.model_copy(update={"target": "price", "epochs": 1})
    assert train(replace(history, columns=columns), recipe).calibration is None


def test_a_loss_that_leaves_the_numbers_is_an_error_that_names_the_learning_rate(history):
    recipe = SMALL.model_copy(update={"target": "price"})
    series = window_history(history, recipe)
    broken = series.values.copy()
    broken[5] = math.inf
    from stockcast.training.fit import train_series

    with pytest.raises(TrainingDiverged, match="FB: the loss") as caught:
        train_series(replace(series, values=broken))
    assert "learning_rate=" in caught.value.hint


@pytest.mark.slow
def test_of_noise_the_network_says_nothing_and_the_path_remains(make_history):
    """The first weights, which add nothing, are an epoch as good as any."""
    history = make_history(600)
    recipe = SMALL.model_copy(update={"loss": "qlike", "horizon": 2, "epochs": 4, "patience": 0})
    model = train(history, recipe)
    zeros = Shrinkage((0.0, 0.0), (0.0, 0.0))
    assert model.provenance.best_epoch == 0 or model.provenance.shrinkage == zeros
    forecast = forecast_at_cutoffs(model, history, np.arange(500, 601))
    assert (forecast.forecast == forecast.last_prices[:, None]).all()
    expected = model.path.forecast(measure_moves(history, "adj_close"))[499:]
    np.testing.assert_allclose(forecast.volatility, expected, rtol=1e-9)


@pytest.mark.slow
def test_an_epoch_that_is_worse_than_saying_nothing_is_not_kept(make_history):
    recipe = SMALL.model_copy(
        update={"loss": "qlike", "epochs": 3, "learning_rate": 0.5, "patience": 0}
    )
    series = window_history(make_history(400), recipe)
    from stockcast.training.loop import fit_weights
    from stockcast.training.trainer import Trainer

    fit = fit_weights(Trainer(series), progress=Recorder())
    trainer = Trainer(series)
    nothing = trainer.measure_loss()
    trainer.close()
    assert fit.epochs == 3
    inputs, targets = series.draw("validation", np.arange(series.count_windows()[1]))
    answers = run_network(inputs, fit.weights)
    found = HEADS["qlike"].measure_loss(answers, targets, is_shrunk=True)
    assert found <= nothing + 1e-9
    assert (fit.best_epoch == 0) == (not fit.weights.head_kernel.any())


def test_without_a_validation_span_a_network_is_taken_at_its_word(make_history):
    recipe = SMALL.model_copy(update={"loss": "qlike", "validation": 0, "epochs": 2})
    model = train(make_history(300), recipe)
    assert model.provenance.shrinkage is None
    assert model.provenance.best_epoch == 2
    assert model.weights.head_kernel.any()


@pytest.mark.slow
def test_what_there_is_to_know_of_how_far_is_added_to_the_path(make_history):
    """The volume tells what the next bar's move will be, in a way that no autoregression sees."""
    random = np.random.default_rng(0)
    rows = 2400
    calm = random.random(rows) < 0.5
    size = np.where(np.roll(calm, 2), 0.004, 0.02)
    returns = size * random.normal(size=rows)
    volume = np.where(calm, 1e5, 1e6)
    history = make_history(
        rows, columns=("close", "volume"), close=50 * np.exp(np.cumsum(returns)), volume=volume
    )
    recipe = Recipe(
        window=6, layers=1, units=16, epochs=12, learning_rate=0.01, loss="qlike", test=400
    )
    model = train(history, recipe)
    assert model.provenance.shrinkage.how_far[0] > 0.5
    outlook = forecast_at_cutoffs(model, history, np.arange(rows - 400, rows))
    path = model.path.forecast(measure_moves(history, "close"))[rows - 401 : rows - 1]
    moved = returns[rows - 400 :] ** 2

    def score(deviations):
        ratio = moved / deviations[:, 0] ** 2
        return float(np.mean(ratio - np.log(deviations[:, 0] ** -2)))

    assert score(outlook.volatility) < score(path) - 0.1


@pytest.mark.slow
@pytest.mark.parametrize("target", ["log-return", "relative"])
def test_several_features_train_and_the_target_may_stand_anywhere(history, target):
    recipe = SMALL.model_copy(
        update={
            "features": ("open", "volume", "close"),
            "column": "close",
            "epochs": 1,
            "target": target,
        }
    )
    model = train(history, recipe)
    assert model.columns.target_index == 2
    assert model.weights.layers[0].kernel.shape == (3, 24)
    assert model.skill.rmse < 2 * model.skill.last_price_rmse


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "horizon"), [("log-return", 1), ("relative", 1), ("log-return", 3)]
)
def test_a_network_learns_what_there_is_to_learn(target, horizon):
    """Returns with autocorrelation 0.6: the best error possible is 0.8 of the last price's."""
    from stockcast.prices.history import PriceHistory, Source

    random = np.random.default_rng(0)
    returns = np.zeros(2600)
    for day in range(1, len(returns)):
        returns[day] = 0.6 * returns[day - 1] + random.normal(0, 0.01)
    history = PriceHistory(
        ticker="AR1",
        dates=np.arange(len(returns)).astype("datetime64[D]").astype("datetime64[us]"),
        columns={"close": 100 * np.exp(returns.cumsum())},
        findings=(),
        sources=(Source("made-up", "0" * 64),),
        lines=np.arange(len(returns), dtype=np.int32),
        files=np.zeros(len(returns), dtype=np.int16),
    )
    recipe = Recipe(
        window=10,
        layers=1,
        units=16,
        epochs=15,
        learning_rate=0.01,
        test=600,
        target=target,
        horizon=horizon,
    )
    skill = train(history, recipe).skill
    best = find_best_skill(0.6, horizon)
    assert 0.6 * best < skill.skill < best + 0.05
    assert skill.p_value < 0.001
    assert "better than repeating the last price" in skill.verdict


def find_best_skill(autocorrelation, horizon):
    """1 − the best RMSE possible over the last price's, `horizon` steps ahead.

    With a the autocorrelation, the part of the move over h steps that today's return tells is
    b = a + a² + … + aʰ of it; the rest are shocks e, each of weight 1 + a + … + its steps left.
    """
    powers = autocorrelation ** np.arange(1, horizon + 1)
    told = powers.sum() ** 2 / (1 - autocorrelation**2)
    shocks = (np.cumsum(np.concatenate([[1.0], powers[:-1]])) ** 2).sum()
    return 1 - math.sqrt(shocks / (told + shocks))
