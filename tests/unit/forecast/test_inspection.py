"""How far back a network remembers, by hand-made sensitivities."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import make_inspection


@pytest.mark.parametrize("half_life", [0.5, 3, 40])
def test_a_sensitivity_that_halves_every_few_steps_has_that_half_life(half_life):
    seen = make_inspection(*(7 * 2 ** (-np.arange(30) / half_life)))
    assert seen.gradient_half_life == pytest.approx(half_life)
    assert seen.peak == 1


def test_what_is_newer_than_the_peak_does_not_count_for_the_half_life():
    rising, falling = [1e-7, 0.2, 0.9], 2 ** (-np.arange(20) / 5)
    seen = make_inspection(*rising, *falling)
    assert seen.peak == 4
    assert seen.gradient_half_life == pytest.approx(5)


def test_where_the_gradient_changes_sign_the_half_life_hardly_does():
    sensitivity = 2 ** (-np.arange(40) / 4)
    sensitivity[[9, 23, 24]] = [0, 1e-14, 0]
    assert make_inspection(*sensitivity).gradient_half_life == pytest.approx(4, rel=0.05)


def test_zeros_at_the_far_end_are_left_out():
    assert make_inspection(8, 4, 2, 1, 0, 0, 0).gradient_half_life == pytest.approx(1)


@pytest.mark.parametrize(
    "newest_first",
    [(1, 2, 3), (0.3,) * 7, (5,), (0, 0, 0), (1, 0, 0), (0, 0, 4)],
    ids=["growing", "level", "one step", "nothing", "the newest alone", "the oldest alone"],
)
def test_a_sensitivity_that_does_not_fall_has_no_half_life(newest_first):
    assert make_inspection(*newest_first).gradient_half_life is None


@pytest.mark.parametrize(
    ("newest_first", "steps"),
    [
        ((1, 0, 0), 1),
        ((4, 3, 2, 1), 2),
        ((1, 1, 1, 1), 2),
        ((0, 0, 1), 3),
        ((1, 1, 1), 2),
        ((9,), 1),
        ((0, 0), 1),
    ],
)
def test_half_of_all_is_carried_by_the_newest_steps(newest_first, steps):
    assert make_inspection(*newest_first).half_within == steps


def test_of_two_equal_peaks_the_newer_is_the_peak():
    assert make_inspection(0.1, 3, 1, 3).peak == 2
