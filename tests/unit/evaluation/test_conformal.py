"""Conformal quantiles: ranks by hand, coverage, and an adaptation that never looks ahead."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from stockcast.evaluation.conformal import (
    RATE,
    Calibration,
    adapt_quantiles,
    adapt_tails,
    count_scores_needed,
    expect_moves,
    find_quantile,
    find_tail,
    measure_scores,
)

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)


def draw_scores(count, *, seed=0):
    return np.abs(np.random.default_rng(seed).normal(0, 1, count))


def adapt_slowly(calibration, scores, cutoffs, *, step, level):
    """The same from its definition: for each forecast everything anew, from what is known."""
    size = max(len(calibration), 500)
    quantiles = []
    for cutoff in cutoffs:
        current, past = level, list(calibration)
        for earlier, score in enumerate(scores[: len(quantiles)]):
            # The bar that it forecast, `step` after the last one known, must be known itself.
            if cutoffs[earlier] - 1 + step > cutoff - 1 or math.isnan(score):
                continue
            if not math.isnan(quantiles[earlier]):
                is_miss = score > quantiles[earlier]
                current += RATE * (level if is_miss else level - 1)
            past.append(score)
        past = sorted(past[-size:])
        if len(past) < count_scores_needed(level):
            quantiles.append(math.nan)
            continue
        rank = math.ceil(round((len(past) + 1) * min(1, max(0, current)), 9))
        quantiles.append(0.0 if rank == 0 else past[min(rank, len(past)) - 1])
    return quantiles


def test_scores_are_how_many_expected_moves_a_forecast_was_off():
    scores = measure_scores(
        actual=np.array([[110.0, 80.0], [50.0, math.nan]]),
        forecast=np.array([[100.0, 100.0], [51.0, 51.0]]),
        last_prices=np.array([100.0, 50.0]),
        volatility=np.array([[0.05], [0.01]]),
    )
    np.testing.assert_allclose(scores, [[2.0, 4.0], [2.0, math.nan]], rtol=1e-12)


def test_each_step_may_have_a_volatility_of_its_own():
    scores = measure_scores(
        np.array([[110.0, 120.0]]),
        np.array([[100.0, 100.0]]),
        np.array([100.0]),
        np.array([[0.05, 0.1]]),
    )
    assert list(scores[0]) == pytest.approx([2.0, 2.0], rel=1e-12)


def test_a_price_at_or_below_zero_has_no_expected_move_and_no_score():
    last_prices, volatility = np.array([-5.0, 0.0, 5.0]), np.full((3, 1), 0.1)
    assert np.isnan(expect_moves(last_prices, volatility)[:, 0]).tolist() == [True, True, False]
    scores = measure_scores(np.ones((3, 2)), np.zeros((3, 2)), last_prices, volatility)
    assert np.isnan(scores).all(axis=1).tolist() == [True, True, False]
    assert list(scores[2]) == [2.0, 2.0]


@pytest.mark.parametrize(
    ("count", "level", "rank"),
    [
        (4, 0.8, 4),
        (5, 0.8, 5),
        (9, 0.8, 8),
        (10, 0.8, 9),
        (14, 0.8, 12),
        (19, 0.95, 19),
        (39, 0.95, 38),
        (99, 0.95, 95),
        (100, 0.95, 96),
        (1, 0.5, 1),
        (2, 0.5, 2),
        (3, 0.5, 2),
    ],
)
def test_the_quantile_is_the_score_of_the_rank_by_hand(count, level, rank):
    scores = np.random.default_rng(0).permutation(np.arange(1.0, count + 1))
    assert find_quantile(scores, level) == rank


def test_rounding_does_not_move_the_rank():
    """0.7 · 10 is 7.000000000000001 or less in binary; the rank is 7."""
    for hundredths, count in itertools.product(range(1, 100), range(1, 120)):
        rank = -(-hundredths * (count + 1) // 100)
        found = find_quantile(np.arange(1.0, count + 1), hundredths / 100)
        assert found == rank if rank <= count else math.isnan(found)


def test_finding_a_quantile_leaves_the_scores_in_their_order():
    scores = np.array([3.0, 1.0, 2.0, 5.0, 4.0])
    find_quantile(scores, 0.5)
    assert list(scores) == [3.0, 1.0, 2.0, 5.0, 4.0]


@pytest.mark.parametrize(
    ("level", "needed"),
    [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99), (0.995, 199), (0.999, 999)],
)
def test_a_level_needs_as_many_scores_as_its_rank_is_among(level, needed):
    assert count_scores_needed(level) == needed
    assert find_quantile(np.arange(1.0, needed + 1), level) == needed
    assert math.isnan(find_quantile(np.arange(1.0, needed), level))


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_of_exchangeable_scores_the_share_below_the_quantile_is_the_level(level):
    count = 199
    random = np.random.default_rng(0)
    scores = random.standard_t(3, (4000, count + 1)) ** 2
    below = [new <= find_quantile(known, level) for *known, new in scores]
    assert np.mean(below) == pytest.approx(level, abs=0.015)


def test_a_calibration_counts_the_scores_of_one_step():
    assert Calibration(np.ones((3, 7), np.float32)).count == 7


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("step", [1, 3])
@pytest.mark.parametrize("apart", [1, 2, 7])
@pytest.mark.parametrize("count", [0, 3, 60])
def test_adapted_quantiles_equal_plain_loops(count, apart, step, level):
    calibration, scores = draw_scores(count, seed=1), draw_scores(160) * np.linspace(1, 3, 160)
    scores[[0, 17, 18, 90]] = math.nan
    cutoffs = 100 + apart * np.arange(160)
    found = adapt_quantiles(calibration, scores, cutoffs, step=step, level=level)
    expected = adapt_slowly(calibration.tolist(), scores, cutoffs, step=step, level=level)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.slow
@pytest.mark.parametrize("count", [300, 600])
def test_only_the_newest_scores_count_as_in_plain_loops(count):
    calibration, scores = draw_scores(count, seed=1), draw_scores(700)
    cutoffs = np.arange(700)
    found = adapt_quantiles(calibration, scores, cutoffs, step=1, level=0.8)
    expected = adapt_slowly(calibration.tolist(), scores, cutoffs, step=1, level=0.8)
    np.testing.assert_array_equal(found, expected)


def test_cutoffs_of_any_distances_equal_plain_loops():
    random = np.random.default_rng(3)
    cutoffs = np.cumsum(random.integers(1, 9, 150))
    calibration, scores = draw_scores(20, seed=1), draw_scores(150)
    for step in (1, 2, 5, 40):
        found = adapt_quantiles(calibration, scores, cutoffs, step=step, level=0.8)
        expected = adapt_slowly(calibration.tolist(), scores, cutoffs, step=step, level=0.8)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_first_quantile_is_the_split_conformal_one(level):
    calibration = draw_scores(77)
    found = adapt_quantiles(calibration, np.ones(1), np.array([9]), step=1, level=level)
    assert list(found) == [find_quantile(calibration, level)]


@pytest.mark.parametrize("apart", [1, 3, 5])
@pytest.mark.parametrize("step", [1, 2, 5])
def test_no_quantile_depends_on_a_score_that_was_not_known_at_its_cutoff(step, apart):
    calibration, scores = draw_scores(40, seed=1), draw_scores(80)
    cutoffs = 50 + apart * np.arange(80)
    before = adapt_quantiles(calibration, scores, cutoffs, step=step, level=0.8)
    for changed in (0, 1, 30, 79):
        wild = scores.copy()
        wild[changed:] = [math.nan, 1e6, 0.0][changed % 3]
        after = adapt_quantiles(calibration, wild, cutoffs, step=step, level=0.8)
        knows = cutoffs - 1 >= cutoffs[changed] - 1 + step
        assert np.array_equal(after[~knows], before[~knows])
        assert not np.array_equal(after[knows], before[knows]) or not knows.any()


@pytest.mark.parametrize("step", [1, 2, 5])
def test_a_score_counts_from_the_first_cutoff_at_which_it_is_known(step):
    cutoffs = np.arange(10)
    scores = np.ones(10)
    scores[2] = 50.0
    found = adapt_quantiles(np.ones(4), scores, cutoffs, step=step, level=0.8)
    assert (found[: 2 + step] == 1).all()
    # The largest of five is the 80 % quantile.
    is_largest = adapt_quantiles(
        np.ones(4), np.array([50.0, 1.0]), np.array([0, step]), step=step, level=0.8
    )
    assert list(is_largest) == [1.0, 50.0]


def test_without_a_calibration_there_are_quantiles_once_enough_is_known():
    scores = np.arange(1.0, 11.0)
    found = adapt_quantiles(np.empty(0), scores, np.arange(10), step=1, level=0.8)
    assert np.isnan(found).tolist() == [True] * 4 + [False] * 6
    assert found[4] == 4.0


def test_what_is_not_known_yet_neither_widens_nor_narrows():
    scores = np.full(30, math.nan)
    calibration = draw_scores(50)
    found = adapt_quantiles(calibration, scores, np.arange(30), step=1, level=0.8)
    assert (found == find_quantile(calibration, 0.8)).all()


def test_a_miss_widens_what_follows_and_a_hit_narrows_it():
    calibration = draw_scores(100)
    cutoffs = np.arange(120)
    start = find_quantile(calibration, 0.8)
    missed = adapt_quantiles(calibration, np.full(120, 10.0), cutoffs, step=1, level=0.8)
    hit = adapt_quantiles(calibration, np.zeros(120), cutoffs, step=1, level=0.8)
    assert (np.diff(missed) >= 0).all()
    assert (np.diff(hit) <= 0).all()
    assert hit[-1] < start < missed[-1] == 10.0


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_a_shift_in_scale_is_followed(level):
    scores = draw_scores(1500)
    scores[500:] *= 3
    calibration = draw_scores(250, seed=1)
    found = adapt_quantiles(calibration, scores, np.arange(1500), step=1, level=level)
    fixed = find_quantile(calibration, level)
    assert np.median(found[:500]) == pytest.approx(fixed, rel=0.25)
    assert np.median(found[-500:]) == pytest.approx(3 * fixed, rel=0.25)
    assert np.mean(scores[500:] <= fixed) < level - 0.2
    assert np.mean(scores[800:] <= found[800:]) == pytest.approx(level, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("step", [1, 5])
def test_along_a_drifting_series_the_share_within_keeps_to_the_level(step, level):
    days = np.arange(4000)
    scores = draw_scores(4000) * np.exp(np.sin(days / 300) + days / 4000)
    calibration = draw_scores(250, seed=1)
    found = adapt_quantiles(calibration, scores, days, step=step, level=level)
    assert np.mean(scores <= found) == pytest.approx(level, abs=0.02)
    assert np.mean(scores <= find_quantile(calibration, level)) < level - 0.1


@pytest.mark.parametrize("count", [99, 100, 250])
def test_a_tail_is_the_quantile_from_one_side_and_the_mean_beyond_it(count):
    residuals = np.random.default_rng(0).standard_t(4, count)
    at, beyond = find_tail(residuals, 0.05)
    rank = math.floor((count + 1) * 0.05 + 1e-9)  # the rank-th smallest
    ordered = np.sort(residuals)
    assert at == ordered[rank - 1]
    assert beyond == pytest.approx(ordered[:rank].mean())
    upper = find_tail(-residuals, 0.95)
    assert upper == pytest.approx((-at, -beyond))


def test_too_few_residuals_say_nothing_of_a_tail():
    assert all(math.isnan(one) for one in find_tail(np.arange(98.0), 0.01))
    assert find_tail(np.arange(99.0), 0.01) == (0.0, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.9])
def test_tails_that_adapt_hold_as_many_as_they_say_after_a_shift(quantile):
    random = np.random.default_rng(3)
    before, after = random.normal(0, 1, 250), random.normal(0, 2, 4_000)
    at, beyond = adapt_tails(before, after, np.arange(4_000), step=1, quantile=quantile)
    assert (after < at).mean() == pytest.approx(quantile, abs=0.02)
    sign = 1 if quantile > 0.5 else -1
    assert (sign * beyond >= sign * at).all()


def test_a_tail_knows_only_what_came_true_before():
    residuals = np.random.default_rng(1).normal(0, 1, 300)
    known = adapt_tails(residuals[:100], residuals[100:], np.arange(200), step=2, quantile=0.1)
    later = residuals.copy()
    later[250:] *= 9
    other = adapt_tails(later[:100], later[100:], np.arange(200), step=2, quantile=0.1)
    for one, changed in zip(known, other, strict=True):
        assert (one[:152] == changed[:152]).all()
        assert (one != changed).any()


def test_sizes_without_signs_stand_for_both_sides():
    sizes = Calibration(np.array([[1.0, 2.0]], np.float32), has_signs=False)
    assert sizes.both_tails.tolist() == [[1, -1, 2, -2]]
    signed = Calibration(np.array([[1.0, -2.0]], np.float32))
    assert signed.both_tails.tolist() == [[1, -2]]
    assert signed.scores.tolist() == [[1, 2]]
