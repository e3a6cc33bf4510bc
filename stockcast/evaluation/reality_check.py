"""Is the best of many attempts more than the luckiest of them?"""

from __future__ import annotations

import math

import numpy as np

from stockcast.imports import hide_modules
from stockcast.prices.history import Numbers

REPETITIONS = 2_000
"""Of the bootstrap: p is told to the nearest half of a thousandth."""


def superior_predictive_ability(
    gains: Numbers, *, step: int = 1, repetitions: int = REPETITIONS, seed: int = 0
) -> float:
    """Test whether the best of several forecasts is better than their reference.

    Hansen's (2005) test for superior predictive ability, a reality check (White 2000) whose p does
    not grow with attempts that are hopeless: studentized, with the consistent p, by a stationary
    bootstrap (Politis & Romano 1994) over blocks of √n rows on average, or of twice the step where
    that is more.

    Args:
        gains: (n, attempts) loss of the reference minus loss of each attempt, of consecutive dates
            in ascending order.
        step: a gain shares what came true with the step − 1 gains before it.
        repetitions: of the bootstrap.
        seed: of the bootstrap.

    Returns:
        p that the best attempt's mean gain is this large if none has any; 1 where no attempt's mean
        gain is above 0.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> superior_predictive_ability(rng.normal(size=(500, 30))) > 0.05
        True
        >>> superior_predictive_ability(rng.normal(0.2, 1, size=(500, 30))) < 0.01
        True
    """
    gains = gains[:, gains.any(axis=0)]  # what never differs from the reference is no attempt
    if gains.size == 0 or len(gains) < 2 or not (gains.mean(axis=0) > 0).any():
        return 1.0
    with hide_modules("matplotlib", "polars", "narwhals"):
        from arch.bootstrap import SPA

    gains = gains / np.abs(gains).max(axis=0)  # the test is studentized: units fall out
    block = max(math.isqrt(len(gains)), 2 * step)
    test = SPA(
        np.zeros(len(gains)), -gains, block_size=min(block, len(gains)), reps=repetitions, seed=seed
    )
    test.compute()
    return float(test.pvalues["consistent"])
