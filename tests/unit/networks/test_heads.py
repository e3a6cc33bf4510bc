"""Heads: how many outputs, how they are scored, and what they forecast."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.networks.gradient import differentiate_answer
from stockcast.networks.heads import DEFAULT_LOSS, HEADS, Head
from stockcast.networks.network import Weights, list_shapes, run_network
from stockcast.networks.trace import trace_network
from stockcast.recipe import Recipe

ANSWERS = np.array([[0.5, -1.0], [0.0, 2.0]])
TARGETS = np.array([[1.5, -1.0], [-2.0, 2.5]])


def test_the_squared_error_by_hand():
    scores = HEADS["squared-error"].score(ANSWERS, TARGETS, np)
    assert scores.tolist() == [[1.0, 0.0], [4.0, 0.25]]


def test_with_the_squared_error_an_answer_is_the_forecast():
    assert HEADS["squared-error"].locate(ANSWERS) is ANSWERS


@pytest.mark.parametrize("loss", HEADS)
@pytest.mark.parametrize("horizon", [1, 5])
def test_outputs_steps_and_shapes_agree(loss, horizon):
    head = HEADS[loss]
    outputs = head.count_outputs(horizon)
    assert head.count_steps(outputs) == horizon
    assert head.locate(np.zeros((3, outputs))).shape == (3, horizon)
    targets = np.ones((3, horizon * head.targets_per_step))
    assert head.score(np.zeros((3, outputs)), targets, np).shape == (3, horizon)
    shapes = list_shapes(cell="lstm", features=2, units=4, layers=1, horizon=horizon, loss=loss)
    assert shapes["head.kernel"] == (4, outputs)
    assert shapes["head.bias"] == (outputs,)


@pytest.mark.parametrize("loss", HEADS)
def test_a_network_knows_its_head(loss):
    random = np.random.default_rng(0)
    shapes = list_shapes(cell="lstm", features=1, units=4, layers=1, horizon=3, loss=loss)
    arrays = {name: random.normal(0, 0.5, shape) for name, shape in shapes.items()}
    weights = Weights.from_arrays(arrays, cell="lstm", loss=loss).astype(np.float32)
    assert (weights.loss, weights.head, weights.horizon) == (loss, HEADS[loss], 3)
    answers = run_network(random.normal(size=(2, 5, 1)), weights)
    assert answers.shape == (2, weights.head.count_outputs(3))


def test_a_recipe_names_a_loss_that_there_is():
    assert Recipe().loss == "auto"
    assert DEFAULT_LOSS in HEADS
    for target in ("price", "log-return", "relative"):
        assert Recipe(target=target).scored_by == DEFAULT_LOSS
        of_pool = Recipe(target=target, pooled=True).scored_by
        assert of_pool == ("qlike" if target == "log-return" else DEFAULT_LOSS)
    for loss in HEADS:
        assert Recipe(loss=loss).scored_by == Recipe(loss=loss, pooled=True).scored_by == loss


@pytest.mark.slow
@pytest.mark.parametrize("loss", HEADS)
def test_training_scores_as_numpy_does(loss):
    from stockcast.training.tensorflow.runtime import tf

    head = HEADS[loss]
    random = np.random.default_rng(1)
    answers = random.normal(size=(7, head.count_outputs(3))).astype(np.float32)
    targets = random.normal(size=(7, 3 * head.targets_per_step)).astype(np.float32)
    found = head.score(tf.constant(answers), tf.constant(targets), tf).numpy()
    np.testing.assert_allclose(found, head.score(answers, targets, np), rtol=1e-6)


class MeanAndWidth(Head):
    """A head of two outputs a step, the first of which is the forecast."""

    outputs_per_step = 2

    def score(self, answers, targets, xp):
        return xp.square(answers[:, ::2] - targets) + xp.square(answers[:, 1::2])

    def differentiate(self, answers, targets, xp):
        slopes = 2 * answers
        slopes[:, ::2] -= 2 * targets
        return slopes

    def locate(self, answers):
        return answers[..., ::2]


@pytest.mark.parametrize(
    "head", [*HEADS.values(), MeanAndWidth()], ids=lambda one: type(one).__name__
)
def test_the_derivative_is_what_small_differences_of_the_score_give(head):
    random = np.random.default_rng(3)
    answers = random.normal(size=(4, head.count_outputs(3)))
    targets = random.normal(size=(4, 3 * head.targets_per_step))
    slopes = head.differentiate(answers, targets, np)
    assert slopes.shape == answers.shape
    for place in np.ndindex(answers.shape):
        nudge = np.zeros_like(answers)
        nudge[place] = 1e-6
        above, below = (head.score(answers + sign * nudge, targets, np).sum() for sign in (1, -1))
        assert slopes[place] == pytest.approx((above - below) / 2e-6, rel=1e-6, abs=1e-8)


QLIKE = HEADS["qlike"]


def test_qlike_by_hand():
    answers = np.array([[0.5, 0.0, -1.0, np.log(2)]])
    targets = np.array([[0.1, 1.0, -1.0, 8.0]])
    found = QLIKE.score(answers, targets, np)
    # ½ (0.4)² + 1 + 0 − 1, and 8 / 4 + 2 ln 2 − 1.
    np.testing.assert_allclose(found, [[0.08, 1 + 2 * np.log(2)]], rtol=1e-12)


def test_qlike_costs_nothing_and_pulls_nowhere_where_all_is_as_the_path_says():
    answers = np.array([[0.3, 0.0]])
    targets = np.array([[0.3, 1.0]])
    assert QLIKE.score(answers, targets, np).tolist() == [[0.0]]
    assert QLIKE.differentiate(answers, targets, np).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("ratio", [0.01, 0.5, 1.0, 3.0, 100.0])
def test_qlike_is_smallest_where_the_scale_is_what_came_true(ratio):
    deltas = np.linspace(-4, 4, 8001)
    answers = np.column_stack([np.zeros_like(deltas), deltas])
    targets = np.tile([0.0, ratio], (len(deltas), 1))
    best = deltas[QLIKE.score(answers, targets, np).argmin()]
    assert best == pytest.approx(0.5 * np.log(ratio), abs=1e-3)


def test_qlike_s_derivative_is_that_of_the_complex_step():
    random = np.random.default_rng(0)
    answers = random.normal(size=(5, 6))
    targets = random.normal(size=(5, 6)) ** 2
    slopes = QLIKE.differentiate(answers, targets, np)
    for place in np.ndindex(answers.shape):
        moved = answers.astype(complex)
        moved[place] += 1e-30j
        expected = QLIKE.score(moved, targets, np).sum().imag / 1e-30
        assert slopes[place] == pytest.approx(expected, rel=1e-12)


def test_the_two_outputs_of_a_step_stand_side_by_side():
    outputs = np.array([[1.0, 10.0, 2.0, 20.0, 3.0, 30.0]])
    assert QLIKE.locate(outputs).tolist() == [[1.0, 2.0, 3.0]]
    assert QLIKE.widen(outputs).tolist() == [[10.0, 20.0, 30.0]]
    factors = QLIKE.scale_outputs(np.array([0.1, 0.2, 0.3]), np.array([0.4, 0.5, 0.6]))
    assert factors.tolist() == [0.1, 0.4, 0.2, 0.5, 0.3, 0.6]
    assert HEADS["squared-error"].widen(outputs) is None


@pytest.mark.parametrize("loss", HEADS)
def test_factors_are_the_best_of_many(loss):
    head = HEADS[loss]
    random = np.random.default_rng(5)
    answers = random.normal(0, 0.4, (300, head.count_outputs(2)))
    targets = 0.6 * answers[:, : 2 * head.targets_per_step] + random.normal(0, 0.2, answers.shape)
    if loss == "qlike":
        targets[:, 1::2] = np.exp(0.8 * answers[:, 1::2]) * random.chisquare(2, (300, 2)) / 2
    found = head.scale_outputs(*head.find_factors(answers, targets))
    best = head.score(answers * found, targets, np).mean(axis=0)
    for share in np.linspace(0, 1, 101):
        for place in range(len(found)):
            other = found.copy()
            other[place] = share
            assert (head.score(answers * other, targets, np).mean(axis=0) >= best - 1e-9).all()
    assert head.measure_loss(answers, targets, is_shrunk=True) == pytest.approx(best.mean())
    assert head.measure_loss(answers, targets, is_shrunk=False) == pytest.approx(
        head.score(answers, targets, np).mean()
    )


def test_answers_far_off_are_worth_nothing():
    answers = np.array([[0.0, -2000.0], [0.0, 1500.0]])
    _, scale = QLIKE.find_factors(answers, np.ones((2, 2)))
    assert scale.tolist() == [0.0]


@pytest.mark.parametrize("loss", HEADS)
def test_a_network_that_is_shrunk_answers_with_as_much_less(loss):
    head, random = HEADS[loss], np.random.default_rng(0)
    shapes = list_shapes(cell="gru", features=1, units=4, layers=2, horizon=3, loss=loss)
    arrays = {
        name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()
    }
    weights = Weights.from_arrays(arrays, cell="gru", loss=loss)
    location, scale = np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.25, 0.0])
    shrunk = weights.shrink(location, scale)
    assert shrunk.head_kernel.dtype == shrunk.head_bias.dtype == np.float32
    windows = random.normal(size=(4, 5, 1))
    before, after = run_network(windows, weights), run_network(windows, shrunk)
    np.testing.assert_allclose(head.locate(after), head.locate(before) * location, rtol=1e-5)
    if loss == "qlike":
        np.testing.assert_allclose(head.widen(after), head.widen(before) * scale, rtol=1e-5)
    assert shrunk.layers == weights.layers


def test_a_head_may_have_more_outputs_than_steps(monkeypatch):
    monkeypatch.setitem(HEADS, "mean-and-width", MeanAndWidth())
    random = np.random.default_rng(2)
    shapes = list_shapes(
        cell="gru", features=1, units=4, layers=1, horizon=3, loss="mean-and-width"
    )
    assert shapes["head.kernel"] == (4, 6)
    arrays = {name: random.normal(0, 0.5, shape) for name, shape in shapes.items()}
    weights = Weights.from_arrays(arrays, cell="gru", loss="mean-and-width")
    windows = random.normal(size=(2, 5, 1))
    forecasts = run_network(windows, weights)[:, ::2]
    assert weights.horizon == 3
    np.testing.assert_allclose(weights.head.locate(run_network(windows, weights)), forecasts)
    gradient = differentiate_answer(trace_network(windows, weights), weights)
    windows[0, 2, 0] += 1e-6
    moved = run_network(windows, weights)[0, 0] - forecasts[0, 0]
    assert gradient[0, 2, 0] == pytest.approx(moved / 1e-6, rel=1e-4)
