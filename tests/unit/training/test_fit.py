"""Training: reproducible, early to stop, honest about the held-out span."""

import math
from dataclasses import replace

import numpy as np
import pytest

from stockcast.errors import TrainingDiverged
from stockcast.model.file import serialize_model
from stockcast.prices.reader import read_prices
from stockcast.recipe import Recipe
from stockcast.windows.series import window_history
from tests.support import SAMPLES

pytestmark = pytest.mark.slow

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


def test_the_same_data_recipe_and_seed_give_the_same_bytes(history):
    first, second = (serialize_model(train(history, SMALL)) for _ in range(2))
    assert first == second


def test_another_seed_gives_another_model(history):
    first = train(history, SMALL).weights.to_arrays()
    second = train(history, SMALL.model_copy(update={"seed": 1})).weights.to_arrays()
    assert not np.array_equal(first["layers.0.kernel"], second["layers.0.kernel"])


def test_the_tutorials_network_has_71051_weights(history):
    model = train(history, Recipe(target="price", validation=0, epochs=1))
    assert sum(array.size for array in model.weights.to_arrays().values()) == 71_051


@pytest.mark.parametrize("target", ["price", "log-return"])
def test_the_test_span_leaves_no_trace_in_the_weights(history, target):
    recipe = SMALL.model_copy(update={"target": target, "test": 40})
    columns = {name: values.copy() for name, values in history.columns.items()}
    columns["adj_close"][-40:] *= 1.5
    altered = train(replace(history, columns=columns), recipe)
    model = train(history, recipe)
    for name, array in model.weights.to_arrays().items():
        np.testing.assert_array_equal(array, altered.weights.to_arrays()[name], err_msg=name)
    assert model.scalers == altered.scalers
    assert model.skill != altered.skill


def test_progress_hears_of_each_epoch_with_both_losses(history):
    progress = Recorder()
    train(history, SMALL, progress)
    assert progress.total == 3
    assert [sorted(figures) for figures in progress.figures] == [["loss", "val"]] * 3
    assert progress.ended == 1


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


def test_the_skill_is_that_of_forecasting_the_held_out_span(history):
    from stockcast.evaluation.skill import judge_forecasts
    from stockcast.forecast.forecaster import forecast_span

    model = train(history, SMALL.model_copy(update={"test": 30}))
    forecast = forecast_span(model, history, start=history.dates[-30])
    assert model.skill == judge_forecasts(
        forecast.actual,
        forecast.forecast,
        forecast.last_prices,
        earlier=history.columns[model.columns.target][:-30],
    )
    assert model.skill.count == 30


def test_a_loss_that_leaves_the_numbers_is_an_error_that_names_the_learning_rate(history):
    recipe = SMALL.model_copy(update={"target": "price"})
    series = window_history(history, recipe)
    broken = series.values.copy()
    broken[5] = math.inf
    from stockcast.training.fit import train_series

    with pytest.raises(TrainingDiverged, match="FB: the loss") as caught:
        train_series(replace(series, values=broken))
    assert "--learning-rate" in caught.value.hint


def test_several_features_train_and_the_target_may_stand_anywhere(history):
    recipe = SMALL.model_copy(
        update={"features": ("open", "volume", "close"), "column": "close", "epochs": 1}
    )
    model = train(history, recipe)
    assert model.columns.target_index == 2
    assert model.weights.layers[0].kernel.shape == (3, 24)
    assert model.skill.rmse < 2 * model.skill.last_price_rmse


def test_a_network_learns_what_there_is_to_learn():
    """Returns with autocorrelation 0.6: the best possible error is 0.8 of the last price's."""
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
    recipe = Recipe(window=10, layers=1, units=16, epochs=15, learning_rate=0.01, test=600)
    skill = train(history, recipe).skill
    assert 0.12 < skill.skill < 0.25
    assert skill.p_value < 0.001
    assert "better than repeating the last price" in skill.verdict
