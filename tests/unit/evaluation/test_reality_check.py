"""The best of many attempts: Hansen's test says "better" as rarely as it promises."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.evaluation.reality_check import superior_predictive_ability
from stockcast.evaluation.significance import diebold_mariano_of_gains

pytestmark = pytest.mark.slow


def draw(seed, *, attempts=20, rows=250, gain=0.0):
    """Draw gains of heavy tails that attempts have in common in part."""
    random = np.random.default_rng(seed)
    common = random.standard_t(5, (rows, 1))
    return gain + common + random.standard_t(5, (rows, attempts))


def test_luck_is_called_skill_rarely_where_each_attempt_alone_would_be_called_so_often():
    claims = alone = 0
    for seed in range(60):
        gains = draw(seed)
        claims += superior_predictive_ability(gains, repetitions=300) < 0.05
        best = gains[:, gains.mean(axis=0).argmax()]
        alone += diebold_mariano_of_gains(best)[1] < 0.05 and best.mean() > 0
    assert claims <= 7
    assert alone > 2 * max(claims, 3)


def test_skill_is_found_also_among_many_without():
    gains = draw(0)
    gains[:, 3] += 0.6
    assert superior_predictive_ability(gains, repetitions=500) < 0.01


def test_hopeless_attempts_change_nothing():
    gains = draw(0, attempts=1, gain=0.25)
    alone = superior_predictive_ability(gains, repetitions=500)
    hopeless = np.concatenate([gains, draw(1, attempts=30, gain=-5.0)], axis=1)
    among = superior_predictive_ability(hopeless, repetitions=500)
    assert among == pytest.approx(alone, abs=0.03)


def test_what_never_differs_from_the_reference_is_no_attempt():
    gains = draw(0, attempts=2, gain=0.2)
    more = np.concatenate([gains, np.zeros((len(gains), 5))], axis=1)
    expected = superior_predictive_ability(gains, repetitions=300)
    assert superior_predictive_ability(more, repetitions=300) == expected
    assert superior_predictive_ability(np.zeros((50, 3))) == 1.0
    assert superior_predictive_ability(-np.abs(gains)) == 1.0
    assert superior_predictive_ability(np.empty((0, 3))) == 1.0


def test_the_unit_of_the_losses_falls_out_and_the_seed_settles_the_rest():
    gains = draw(2, gain=0.1)
    expected = superior_predictive_ability(gains, repetitions=300)
    assert superior_predictive_ability(gains * 1e-9, repetitions=300) == expected
