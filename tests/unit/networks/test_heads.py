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
    np.testing.assert_allclose(run_network(windows, weights.keep_forecasts()), forecasts)
    gradient = differentiate_answer(trace_network(windows, weights), weights)
    windows[0, 2, 0] += 1e-6
    moved = run_network(windows, weights)[0, 0] - forecasts[0, 0]
    assert gradient[0, 2, 0] == pytest.approx(moved / 1e-6, rel=1e-4)
