"""Shrinkage: nothing is left of chance, and of what is there about as much as there is."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.evaluation.shrinkage import find_shrinkage
from stockcast.networks.heads import HEADS

SEEDS = range(100)


def count_dates(count, each=1):
    days = np.arange(count).repeat(each)
    return np.datetime64("2020-01-01", "us") + days * np.timedelta64(1, "D")


def draw(seed, count, *, size=0.1):
    """Answers of one step, and targets that have nothing to do with them."""
    random = np.random.default_rng(seed)
    answers = random.normal(0, size, (count, 2))
    targets = np.column_stack([random.normal(size=count), random.chisquare(1, count)])
    return answers, targets


@pytest.mark.slow
@pytest.mark.parametrize("count", [60, 400])
def test_nothing_is_left_of_noise(count):
    kept = {"which_way": 0, "how_far": 0}
    for seed in SEEDS:
        found = find_shrinkage(HEADS["qlike"], *draw(seed, count), count_dates(count))
        for part in kept:
            assert 0 <= getattr(found, part)[0] <= 1
            kept[part] += getattr(found, part)[0] > 0
    assert max(kept.values()) <= 5


@pytest.mark.slow
def test_what_fifty_tickers_have_in_common_on_a_date_counts_once():
    """The same noise fifty times over is no more to go by than once."""
    kept = 0
    for seed in SEEDS:
        answers, targets = draw(seed, 100)
        pair = (np.repeat(one, 50, axis=0) for one in (answers, targets))
        found = find_shrinkage(HEADS["qlike"], *pair, count_dates(100, 50))
        kept += found.which_way[0] > 0 or found.how_far[0] > 0
    assert kept <= 8


@pytest.mark.slow
@pytest.mark.parametrize("true", [0.3, 0.7, 1.0])
def test_what_is_there_is_kept_about_as_far_as_it_is(true):
    found = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        answers, _ = draw(seed, 4000, size=0.5)
        which_way = true * answers[:, 0] + random.normal(0, 0.3, 4000)
        how_far = np.exp(2 * true * answers[:, 1]) * random.chisquare(3, 4000) / 3
        targets = np.column_stack([which_way, how_far])
        one = find_shrinkage(HEADS["qlike"], answers, targets, count_dates(4000))
        found.append([one.which_way[0], one.how_far[0]])
    np.testing.assert_allclose(np.mean(found, axis=0), true, atol=0.05)


def test_what_is_the_wrong_way_round_is_not_believed():
    answers, _ = draw(0, 500)
    targets = np.column_stack([-answers[:, 0], np.exp(-2 * answers[:, 1])])
    found = find_shrinkage(HEADS["qlike"], answers, targets, count_dates(500))
    assert (found.which_way, found.how_far) == ((0.0,), (0.0,))


def test_more_than_is_there_is_not_asked_for():
    """Answers that are too timid stay what they are."""
    answers, _ = draw(0, 500)
    targets = np.column_stack([5 * answers[:, 0], np.exp(10 * answers[:, 1])])
    found = find_shrinkage(HEADS["qlike"], answers, targets, count_dates(500))
    assert (found.which_way, found.how_far) == ((1.0,), (1.0,))


def test_each_step_is_believed_on_its_own():
    first, noise = draw(1, 600), draw(2, 600)
    told = np.column_stack([0.8 * first[0][:, 0], np.exp(1.0 * first[0][:, 1])])
    answers = np.concatenate([first[0], noise[0]], axis=1)
    targets = np.concatenate([told, noise[1]], axis=1)
    found = find_shrinkage(HEADS["qlike"], answers, targets, count_dates(600))
    assert found.which_way == pytest.approx((0.8, 0.0), abs=0.01)
    assert found.how_far == pytest.approx((0.5, 0.0), abs=0.01)


def test_a_head_that_says_which_way_alone_has_nothing_to_say_of_how_far():
    answers, _ = draw(0, 500)
    found = find_shrinkage(
        HEADS["squared-error"], answers[:, :1], 0.4 * answers[:, :1], count_dates(500)
    )
    assert found.which_way == pytest.approx((0.4,))
    assert found.how_far == (0.0,)


def test_answers_of_zero_stay_zero():
    _, targets = draw(0, 500)
    found = find_shrinkage(HEADS["qlike"], np.zeros((500, 2)), targets, count_dates(500))
    assert (found.which_way, found.how_far) == ((0.0,), (0.0,))
