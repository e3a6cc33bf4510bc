"""The native engine against plain equations, against TensorFlow, and against itself."""

import time
from dataclasses import replace

import numpy as np
import pytest

from stockcast.networks.cells import CELLS
from stockcast.networks.heads import HEADS
from stockcast.networks.network import Weights, run_network
from stockcast.recipe import Recipe
from stockcast.training.first_weights import draw_weights
from stockcast.training.native import NativeEngine
from tests.threefry import draw_masks

pytestmark = pytest.mark.slow

SMALL = Recipe(
    layers=2, units=7, window=9, dropout=0.0, batch_size=40, horizon=2, loss="squared-error"
)


def draw_batch(recipe, count, *, features=2, seed=0):
    random = np.random.default_rng(seed)
    windows = random.normal(size=(count, recipe.window, features)).astype(np.float32)
    wanted = recipe.horizon * HEADS[recipe.scored_by].targets_per_step
    targets = random.normal(size=(count, wanted)).astype(np.float32)
    if recipe.scored_by == "qlike":
        targets[:, 1::2] = targets[:, 1::2] ** 2  # variance over the path's
    return windows, targets


def open_engine(recipe, *, features=2, threads=1, weights=None):
    weights = weights or draw_weights(recipe, features=features)
    return NativeEngine(recipe, features, weights, threads=threads)


@pytest.fixture(autouse=True)
def closing(monkeypatch):
    """Every engine that a test opens is closed."""
    opened = []
    start = NativeEngine.__init__

    def note(self, *arguments, **options):
        start(self, *arguments, **options)
        opened.append(self)

    monkeypatch.setattr(NativeEngine, "__init__", note)
    yield
    for engine in opened:
        engine.close()


@pytest.mark.parametrize("loss", HEADS)
@pytest.mark.parametrize("count", [1, 16, 31, 33, 40])
@pytest.mark.parametrize("cell", CELLS)
def test_a_batch_s_gradient_is_that_of_its_mean_loss(cell, count, loss):
    """Heads and all, by the complex step along random directions."""
    recipe = SMALL.model_copy(update={"cell": cell, "loss": loss})
    engine = open_engine(recipe, weights=draw_with_head(recipe))
    windows, targets = draw_batch(recipe, count)
    total = engine.add_gradients(windows, targets, key=(0, 0))
    rows = engine.gradients[: min(-(-count // 16), 16)]
    found = sum(row.vector.astype(np.float64) for row in rows)
    weights = {
        name: one.astype(np.float64) for name, one in engine.to_weights().to_arrays().items()
    }
    answers = run_network(windows, Weights.from_arrays(weights, cell=cell, loss=recipe.loss))
    expected = HEADS[recipe.loss].score(answers, targets, np).mean()
    assert total / count == pytest.approx(expected, rel=1e-5)
    summed = type(rows[0]).view(rows[0].shape, found.astype(np.float32)).to_weights().to_arrays()
    random = np.random.default_rng(1)
    for name, gradient in summed.items():
        direction = random.normal(size=gradient.shape)
        expected = differentiate(recipe, weights, windows, targets, name, direction)
        size = float(np.linalg.norm(gradient))
        assert size > 0
        assert (gradient * direction).sum() == pytest.approx(expected, abs=1e-5 * size), name


def draw_with_head(recipe):
    """Draw first weights; the head's, which may begin at zero, as those of the others."""
    weights = draw_weights(recipe, features=2)
    kernel = np.random.default_rng(4).normal(0, 0.3, weights.head_kernel.shape)
    return replace(weights, head_kernel=kernel.astype(np.float32))


def differentiate(recipe, weights, windows, targets, name, direction):
    """Return how fast the mean loss grows, by the complex step."""
    from stockcast.networks.network import run_sequence

    moved = {**weights, name: weights[name] + 1e-30j * direction}
    sequence = np.swapaxes(windows, 0, 1).astype(np.complex128)
    network = Weights.from_arrays(moved, cell=recipe.cell, loss=recipe.loss)
    scores = HEADS[recipe.loss].score(run_sequence(sequence, network), targets, np)
    return scores.mean().imag / 1e-30


@pytest.mark.parametrize("batch", [1, 16, 31, 33, 300])
def test_any_number_of_threads_gives_the_same_bytes(batch):
    recipe = SMALL.model_copy(update={"batch_size": batch, "dropout": 0.3})
    windows, targets = draw_batch(recipe, 310)
    found = []
    for threads in (1, 2, 3, 2):
        engine = open_engine(recipe, threads=threads)
        losses = [engine.run_steps(windows, targets, seed=5, position=0) for _ in range(2)]
        losses.append(engine.answer(windows).tobytes())
        arrays = engine.to_weights().to_arrays()
        found.append((losses, {name: one.tobytes() for name, one in arrays.items()}))
    assert all(one == found[0] for one in found)


def test_the_last_batch_of_an_epoch_may_be_small_and_what_is_left_over_counts_for_nothing():
    """Columns that hold no window hold what was there before; it must change nothing."""
    recipe = SMALL.model_copy(update={"batch_size": 32})
    windows, targets = draw_batch(recipe, 35)
    engine, other = open_engine(recipe), open_engine(recipe)
    engine.add_gradients(windows[:32], targets[:32], key=(0, 0))
    for one in (engine, other):
        one.add_gradients(windows[32:], targets[32:], key=(0, 0))
    assert engine.gradients[0].vector.tobytes() == other.gradients[0].vector.tobytes()


@pytest.mark.parametrize("cell", CELLS)
def test_weights_survive_the_kernel_s_order(cell):
    recipe = SMALL.model_copy(update={"cell": cell, "layers": 3})
    weights = draw_weights(recipe, features=2)
    random = np.random.default_rng(0)
    drawn = {
        name: random.normal(size=one.shape).astype(np.float32)
        for name, one in weights.to_arrays().items()
    }
    engine = open_engine(recipe, weights=Weights.from_arrays(drawn, cell=cell))
    for name, one in engine.to_weights().to_arrays().items():
        np.testing.assert_array_equal(one, drawn[name], err_msg=name)


@pytest.mark.parametrize("loss", HEADS)
@pytest.mark.parametrize("cell", CELLS)
def test_answers_without_dropout_are_those_of_the_plain_equations(cell, loss):
    recipe = SMALL.model_copy(update={"cell": cell, "dropout": 0.5, "loss": loss})
    engine = open_engine(recipe, threads=2, weights=draw_with_head(recipe))
    windows, _ = draw_batch(recipe, 37)
    answers = run_network(windows, engine.to_weights().astype(np.float64))
    np.testing.assert_allclose(engine.answer(windows), answers, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize(
    ("cell", "loss"),
    [*((cell, "squared-error") for cell in CELLS), ("lstm", "qlike"), ("gru", "qlike")],
)
def test_after_fifty_steps_the_engines_weights_agree(cell, dropout, loss):
    """TensorFlow's layers and Keras' Adam, with the kernel's masks."""
    recipe = SMALL.model_copy(
        update={"cell": cell, "dropout": dropout, "batch_size": 33, "layers": 3, "loss": loss}
    )
    windows, targets = draw_batch(recipe, 66)
    first = draw_weights(recipe, features=2)
    engine = open_engine(recipe, weights=first, threads=2)
    theirs = KerasSteps(recipe, first)
    for step in range(50):
        part = slice(0, 33) if step % 2 else slice(33, 66)
        ours = engine.run_steps(windows[part], targets[part], seed=3, position=33 * step)
        expected = theirs.take_step(windows[part], targets[part], key=(3, 33 * step))
        assert ours == pytest.approx(expected, rel=1e-4)
    expected = theirs.regressor.to_weights().to_arrays()
    for name, one in engine.to_weights().to_arrays().items():
        np.testing.assert_allclose(one, expected[name], atol=1e-4, err_msg=name)
        moved = np.abs(one - first.to_arrays()[name]).max()
        assert moved > 0.01, name


class KerasSteps:
    """Steps of the TensorFlow engine's layers under masks that are given."""

    def __init__(self, recipe, weights):
        from stockcast.training.tensorflow.regressor import Regressor
        from stockcast.training.tensorflow.runtime import keras, tf

        self.recipe = recipe
        self.step = tf.function(self._step)
        self.regressor = Regressor(recipe, features=2)
        self.regressor.assign_weights(weights)
        self.optimizer = keras.optimizers.Adam(recipe.learning_rate)
        self.optimizer.build(self.regressor.trainable_variables)

    def take_step(self, windows, targets, *, key):
        recipe = self.recipe
        blocks = [
            draw_masks(
                key,
                block=number,
                layers=recipe.layers,
                window=recipe.window,
                units=recipe.units,
                dropout=recipe.dropout,
            )
            for number in range(-(-len(windows) // 16))
        ]
        masks = np.concatenate(blocks, axis=2)[:, :, : len(windows)].astype(np.float32)
        return float(self.step(np.swapaxes(windows, 0, 1), targets, masks)) * len(windows)

    def _step(self, sequence, targets, masks):
        from stockcast.training.tensorflow.runtime import tf

        with tf.GradientTape() as tape:
            for layer, mask in zip(self.regressor.recurrent, tf.unstack(masks), strict=True):
                (hidden,) = layer([sequence])
                sequence = hidden * mask / (1 - self.recipe.dropout)
            answers = self.regressor.head(sequence[-1])
            loss = tf.reduce_mean(HEADS[self.recipe.scored_by].score(answers, targets, tf))
        variables = self.regressor.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e38])
def test_what_is_no_number_makes_the_loss_none(poison):
    engine = open_engine(SMALL, threads=2)
    windows, targets = draw_batch(SMALL, 40)
    targets[3, 1] = poison
    assert not np.isfinite(engine.run_steps(windows, targets, seed=0, position=0))
    windows[5, 2, 1] = np.nan
    assert np.isnan(engine.run_steps(windows, targets, seed=0, position=0))


def test_infinite_inputs_saturate_the_gates_as_in_the_plain_equations():
    engine = open_engine(SMALL)
    windows, _ = draw_batch(SMALL, 3)
    windows[0, 4, 0] = np.inf
    found = engine.answer(windows[:1])
    with np.errstate(invalid="ignore"):  # some processors report infinity times zero
        answers = run_network(windows[:1], engine.to_weights())
    np.testing.assert_allclose(found, answers, rtol=1e-4)


def test_numbers_too_small_for_float32_s_normal_ones_count_as_nothing():
    """They are a hundred times slower on some processors; elsewhere they stay what they are."""
    recipe = SMALL.model_copy(update={"layers": 1, "units": 2, "window": 1, "horizon": 1})
    engine = open_engine(recipe, features=1)
    block = engine._blocks[0]
    engine._parameters.vector[...] = 0
    block.states[0][0] = 1e-40
    hidden = block.run_forward(np.zeros((1, 1, 1), np.float32), drops=False)
    assert not block.states[0][1].any()
    assert not hidden.any()
    assert np.float32(1e-40) * np.float32(0.5) > 0


def test_an_engine_goes_on_where_its_arrays_say():
    recipe = SMALL.model_copy(update={"dropout": 0.2})
    windows, targets = draw_batch(recipe, 80)
    whole, other = open_engine(recipe, threads=2), open_engine(recipe)
    for epoch in range(3):
        whole.run_steps(windows, targets, seed=epoch, position=0)
        if epoch == 0:
            other.import_arrays(whole.export_arrays())
        else:
            other.run_steps(windows, targets, seed=epoch, position=0)
    for name, one in whole.export_arrays().items():
        assert np.array_equal(one, other.export_arrays()[name]), name


@pytest.mark.parametrize(
    ("sizes", "threads"),
    [({"units": 16, "layers": 1, "window": 20}, 1), ({"units": 50, "layers": 4, "window": 60}, 2)],
    ids=["fast", "classic"],
)
def test_a_network_too_small_to_share_is_trained_on_one_thread(sizes, threads, monkeypatch):
    monkeypatch.setenv("STOCKCAST_THREADS", "8")
    recipe = Recipe(batch_size=32, **sizes)
    engine = NativeEngine(recipe, 1, draw_weights(recipe, features=1))
    assert len(engine._blocks) == threads  # memory for so many threads


def test_what_fails_on_one_thread_stops_the_others_and_is_raised():
    engine = open_engine(SMALL, threads=2)
    done = []

    def fail_once(number, block):
        done.append(number)
        if number == 3:
            raise FloatingPointError("three")
        time.sleep(0.001)

    with pytest.raises(FloatingPointError, match="three"):
        engine._map(fail_once, 1_000)
    assert len(done) < 100
    assert len(engine._blocks) == 2
