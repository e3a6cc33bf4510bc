"""Pooled training: the windows of plain loops, reproducible, and blind to what it holds out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stockcast.model.file import load_model, save_model, serialize_model
from stockcast.networks.heads import HEADS
from stockcast.prices.history import Source, combine_sha256
from stockcast.progress import Recorder, Silent
from stockcast.recipe import Recipe
from stockcast.training.checkpoint import Checkpoint, identify_training
from stockcast.windows.pooling import PoolBuilder
from tests.pools import list_by_hand

pytestmark = pytest.mark.slow

SMALL = Recipe(
    pooled=True, column="close", window=8, layers=2, units=4, epochs=3, batch_size=16, patience=3
)
KINDS = {
    "log-return": {"loss": "squared-error"},
    "relative": {"target": "relative", "horizon": 3, "features": ("volume", "open", "close")},
    "price": {"target": "price", "cell": "gru", "horizon": 2},
}
ALL_KINDS = {**KINDS, "how far": {"horizon": 2}}


class Breaking(Silent):
    """A Progress that breaks training off after an epoch."""

    def __init__(self, after):
        self.after = after

    def advance(self, step, figures):
        if step == self.after:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def histories(make_history):
    return [
        replace(
            make_history(110 + 30 * part, seed=part, ticker=f"T{part}"),
            sources=(Source(f"T{part}.csv", f"{part:064d}"),),
        )
        for part in range(4)
    ]


@pytest.fixture
def build(tmp_path_factory):
    """Pool histories in a folder of their own."""

    def make(histories, recipe=SMALL, **fields):
        builder = PoolBuilder(recipe.model_copy(update=fields), tmp_path_factory.mktemp("pool"))
        for history in histories:
            builder.add(history)
        return builder.finish()

    return make


def train(pool, **options):
    from stockcast.training.pooled import train_pool

    return train_pool(pool, **options)


def open_trainer(pool):
    from stockcast.training.trainer import Trainer

    return Trainer(pool)


@pytest.mark.parametrize("kind", KINDS)
def test_losses_are_those_of_windows_cut_by_hand(kind, histories, build):
    """Answered by the network's plain equations."""
    from stockcast.networks.network import run_network

    pool = build(histories, **KINDS[kind])
    trainer = open_trainer(pool)
    by_hand = list_by_hand(pool, histories)[1]
    answers = run_network(
        np.array([one.seen for one in by_hand], dtype=np.float32), trainer.to_weights()
    )
    wanted = np.array([one.answers for one in by_hand])
    if kind == "log-return":  # counts as far as it will be believed
        answers = answers * np.clip(np.sum(answers * wanted) / np.sum(answers**2), 0, 1)
    expected = np.mean((answers - wanted) ** 2)
    assert trainer.measure_loss() == pytest.approx(expected, rel=1e-4)
    trainer.close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_epoch_is_adam_on_windows_cut_by_hand(kind, histories, build):
    """Keras' optimizer beside it, batch by batch, the windows from plain loops, no dropout."""
    from stockcast.training.tensorflow.regressor import Regressor
    from stockcast.training.tensorflow.runtime import keras, tf

    pool = build(histories, dropout=0.0, **KINDS[kind])
    trainer = open_trainer(pool)
    by_hand = list_by_hand(pool, histories)[0]
    numbers = np.random.default_rng(1).permutation(len(by_hand))[:70]
    start = trainer.to_weights()
    loss = trainer.run_epoch(numbers, 1)
    found = trainer.to_weights().to_arrays()

    network = Regressor(pool.recipe, features=len(pool.columns.features))
    network.assign_weights(start)
    optimizer = keras.optimizers.Adam(pool.recipe.learning_rate)
    total = 0.0
    for first in range(0, len(numbers), 16):
        batch = [by_hand[number] for number in numbers[first : first + 16]]
        seen = tf.constant([one.seen for one in batch], tf.float32)
        aims = tf.constant([one.answers for one in batch], tf.float32)
        with tf.GradientTape() as tape:
            error = tf.reduce_mean(tf.square(network(seen) - aims))
        gradients = tape.gradient(error, network.trainable_variables)
        optimizer.apply(gradients, network.trainable_variables)
        total += float(error) * len(batch)
    assert loss == pytest.approx(total / len(numbers), rel=1e-4)
    for name, expected in network.to_weights().to_arrays().items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-3, atol=2e-5, err_msg=name)
    trainer.close()


def test_a_pool_of_one_ticker_trains_as_that_ticker_where_scales_coincide(make_history, build):
    """Returns of one size and either sign: every window's deviation is the training span's."""
    from stockcast.training.trainer import Trainer
    from stockcast.windows.series import window_history

    signs = np.random.default_rng(0).permutation(np.repeat([1.0, -1.0], 200))
    pairs = np.empty(400)
    pairs[::2], pairs[1::2] = signs[:200], -signs[:200]
    history = make_history(401, close=50 * np.exp(np.cumsum(np.append(0, 0.01 * pairs))))
    fields = {"dropout": 0.3, "loss": "squared-error", "validation": 0, "test": 0}
    pool = build([history], **fields)
    series = window_history(history, SMALL.model_copy(update={"pooled": False, **fields}))
    found, losses = [], []
    for trainer in (open_trainer(pool), Trainer(series)):
        # Windows from row 242 on have 250 rows, and those are whole pairs for every other one.
        losses.append(trainer.run_epoch(np.arange(242, 392, 2), 1))
        found.append(trainer.to_weights().to_arrays())
        trainer.close()
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for name, array in found[0].items():
        np.testing.assert_allclose(array, found[1][name], rtol=1e-3, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_same_tickers_recipe_and_seed_give_the_same_bytes(kind, histories, build):
    first, second = (
        serialize_model(train(build(histories, **ALL_KINDS[kind])).model) for _ in range(2)
    )
    assert first == second


def test_another_seed_gives_another_model(histories, build):
    first, second = (train(build(histories, seed=seed, **KINDS["price"])).model for seed in (0, 1))
    assert not np.array_equal(first.weights.head_kernel, second.weights.head_kernel)


def test_a_model_survives_its_file(histories, build, tmp_path):
    model = train(build(histories)).model
    save_model(model, tmp_path / "pool.safetensors")
    again = load_model(tmp_path / "pool.safetensors")
    assert serialize_model(again) == serialize_model(model)
    assert (again.ticker, again.name) == ("", "a pool of 4 tickers")
    assert again.provenance.tickers == ("T0", "T1", "T2", "T3")
    assert again.provenance.data_sha256 == combine_sha256([one.sources[0] for one in histories])


@pytest.mark.parametrize("kind", ["how far", "log-return", "relative"])
@pytest.mark.parametrize("after", [1, 2])
def test_what_was_broken_off_ends_in_the_same_bytes(kind, after, histories, build, tmp_path):
    fields = {"epoch_windows": 150, **ALL_KINDS[kind]}
    whole = train(build(histories, **fields)).model
    path = tmp_path / "snapshot"

    def resume(**options):
        pool = build(histories, **fields)
        notes = []
        checkpoint = Checkpoint(path, identify_training(pool), every=1, note=notes.append)
        fit = train(pool, checkpoint=checkpoint, **options)
        assert notes == []
        return fit

    with pytest.raises(KeyboardInterrupt):
        resume(progress=Breaking(after))
    assert path.exists()
    recorder = Recorder(Silent())
    assert serialize_model(resume(progress=recorder).model) == serialize_model(whole)


def test_another_pool_does_not_go_on_from_a_snapshot(histories, build):
    key = identify_training(build(histories))
    assert key == identify_training(build(histories))
    renamed = [replace(histories[0], ticker="OTHER"), *histories[1:]]
    changed = histories[1].columns | {"close": histories[1].columns["close"] * 1.01}
    for others in (
        histories[:3],
        histories[::-1],
        renamed,
        [histories[0], replace(histories[1], columns=changed), *histories[2:]],
    ):
        assert identify_training(build(others)) != key
    assert identify_training(build(histories, seed=3)) != key


@pytest.mark.parametrize("count", [1, 40, 150])
def test_an_epoch_sees_as_many_windows_as_the_recipe_says(count, histories, build, monkeypatch):
    from stockcast.training.trainer import Trainer

    seen = []
    run_epoch = Trainer.run_epoch

    def note(self, numbers, epoch):
        seen.append(numbers)
        return run_epoch(self, numbers, epoch)

    monkeypatch.setattr(Trainer, "run_epoch", note)
    pool = build(histories, epoch_windows=count)
    available = len(pool.list_windows()[0])
    first = serialize_model(train(pool).model)
    assert [len(numbers) for numbers in seen] == [count] * len(seen)
    assert all((numbers >= 0).all() and (numbers < available).all() for numbers in seen)
    assert not np.array_equal(seen[0], seen[1])
    assert serialize_model(train(build(histories, epoch_windows=count)).model) == first


def test_an_epoch_of_more_windows_than_there_are_sees_each_once(histories, build, monkeypatch):
    from stockcast.training.trainer import Trainer

    seen = []
    monkeypatch.setattr(
        Trainer, "run_epoch", lambda self, numbers, epoch: seen.append(numbers) or 1.0
    )
    pool = build(histories, epochs=2)
    train(pool)
    available = np.arange(len(pool.list_windows()[0]))
    assert len(seen) == 2
    assert all(np.array_equal(np.sort(numbers), available) for numbers in seen)
    assert not np.array_equal(seen[0], seen[1])


def test_the_validation_loss_is_of_windows_evenly_apart_where_there_are_many(histories, build):
    pool = build(histories, epoch_windows=10)
    trainer = open_trainer(pool)
    validation = pool.list_windows()[1]
    numbers = np.arange(10) * len(validation) // 10
    assert np.unique(numbers // (len(validation) // 10 + 1)).size > 5
    drawn = pool.draw("validation", numbers)
    trainer.run_epoch(np.arange(50), 1)
    answers = trainer._engine.answer(drawn[0])
    expected = HEADS["qlike"].measure_loss(answers, drawn[1], is_shrunk=True)
    assert trainer.measure_loss() == pytest.approx(expected, rel=1e-6)
    trainer.close()


def test_a_series_of_many_windows_is_sampled_too(make_history):
    from stockcast.training.fit import train_series
    from stockcast.windows.series import window_history

    recipe = SMALL.model_copy(update={"pooled": False, "epoch_windows": 20})
    series = window_history(make_history(120), recipe)
    first, second = (serialize_model(train_series(series)) for _ in range(2))
    whole = train_series(replace(series, recipe=recipe.model_copy(update={"epoch_windows": 500})))
    assert first == second
    assert first != serialize_model(replace(whole, recipe=recipe))


def alter(history, date):
    """Other prices and volumes from a date on."""
    random = np.random.default_rng(9)
    columns = {
        name: np.where(history.dates >= date, values * random.uniform(0.5, 2, len(values)), values)
        for name, values in history.columns.items()
    }
    return replace(history, columns=columns)


@pytest.mark.parametrize("kind", KINDS)
def test_the_test_span_leaves_no_trace_but_the_skill(kind, histories, build):
    pool = build(histories, **KINDS[kind])
    honest = train(pool)
    altered = [alter(history, pool.spans.validation_end) for history in histories]
    blind = train(build(altered, **KINDS[kind]))
    assert honest.model.skill != blind.model.skill
    assert serialize_model(replace(blind.model, skill=honest.model.skill)) == serialize_model(
        honest.model
    )


def test_the_validation_span_chooses_the_epoch_and_moves_no_weight(histories, build):
    pool = build(histories, patience=0)
    altered = [alter(history, pool.spans.train_end) for history in histories]
    figures = []
    for one in (pool, build(altered, patience=0)):
        recorder = Recorder(Silent())
        train(one, progress=recorder)
        figures.append(recorder.figures)
    assert figures[0]["loss"] == figures[1]["loss"]
    assert figures[0]["val"] != figures[1]["val"]


@pytest.mark.parametrize("kind", ["log-return", "relative"])
def test_the_skill_of_each_ticker_is_that_of_forecasting_its_held_out_bars(kind, histories, build):
    from stockcast.evaluation.skill import judge_forecasts
    from stockcast.forecast.outlook import forecast_at_cutoffs

    pool = build(histories, **KINDS[kind])
    fit = train(pool)
    horizon = pool.recipe.horizon
    assert list(fit.skills) == [history.ticker for history in histories]
    shares, last_shares = [], []
    for history in histories:
        held = np.flatnonzero(history.dates >= pool.spans.validation_end)
        cutoffs = held[: max(0, len(held) - horizon + 1)]
        if not len(cutoffs):
            assert fit.skills[history.ticker] is None
            continue
        outlook = forecast_at_cutoffs(fit.model, history, cutoffs)
        actual, forecast = outlook.actual[:, -1], outlook.forecast[:, -1]
        expected = judge_forecasts(actual, forecast, outlook.last_prices, step=horizon)
        found = fit.skills[history.ticker]
        assert found.count == len(cutoffs)
        assert found.rmse == pytest.approx(expected.rmse, rel=1e-6)
        assert found.skill == pytest.approx(expected.skill, abs=1e-6)
        shares += [*((forecast - actual) / outlook.last_prices) ** 2]
        last_shares += [*((actual - outlook.last_prices) / outlook.last_prices) ** 2]
    skill = fit.model.skill
    assert skill.count == len(shares)
    assert skill.rmse == pytest.approx(np.sqrt(np.mean(shares)), rel=1e-6)
    assert skill.last_price_rmse == pytest.approx(np.sqrt(np.mean(last_shares)), rel=1e-9)


def test_a_pool_learns_what_is_the_same_in_all_its_tickers(make_history, build):
    """Returns that repeat with the opposite sign; a ticker it never saw moves so as well."""
    from stockcast.evaluation.skill import judge_forecasts
    from stockcast.forecast.outlook import forecast_at_cutoffs

    def make(seed, size):
        random = np.random.default_rng(seed)
        returns = random.normal(0, size, 300)
        for row in range(1, 300):
            returns[row] -= 0.8 * returns[row - 1]
        return make_history(300, close=50 * np.exp(np.cumsum(returns)), ticker=f"T{seed}")

    tickers = [make(seed, 0.002 * (1 + seed)) for seed in range(6)]
    pool = build(
        tickers, layers=1, units=8, window=4, epochs=25, dropout=0.0, learning_rate=0.01, patience=0
    )
    model = train(pool).model
    assert model.skill.skill > 0.25
    unseen = make(77, 0.03)
    outlook = forecast_at_cutoffs(model, unseen, np.arange(30, 300))
    skill = judge_forecasts(outlook.actual[:, 0], outlook.forecast[:, 0], outlook.last_prices)
    assert skill.skill > 0.25
