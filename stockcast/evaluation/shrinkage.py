"""How far a network's answers are believed: as far as held-out rows bear them out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stockcast.evaluation.panel import panel_diebold_mariano
from stockcast.prices.history import Dates, Numbers

_CHANCE = 0.01  # one-sided; the epoch was chosen on the same rows, so 0.05 would be too kind
_ROUNDS = 60  # of bisection: to the last bit


@dataclass(frozen=True)
class Shrinkage:
    """What a network's answers were multiplied by, a number from 0 to 1 for each step ahead.

    Attributes:
        which_way: of the direction; 0 repeats the last price.
        how_far: of what it adds to the path; 0 is the path alone.
    """

    which_way: tuple[float, ...]
    how_far: tuple[float, ...]


def shrink_location(answers: Numbers, targets: Numbers, dates: Dates, *, step: int) -> float:
    """Return how much of some answers is borne out: 0 where it may be chance.

    The least-squares slope of targets on answers, if it is above 0 by more than chance: the test of
    forecast encompassing (Harvey, Leybourne & Newbold 1998) against answering 0.

    Args:
        answers: (n,) of a network on rows that it was not fitted on.
        targets: (n,) what should have been answered.
        dates: (n,) of the targets; those of one date count as one observation.
        step: bars ahead.

    Returns:
        0 to 1.

    Example:
        >>> dates = np.datetime64("2020-01-01", "us") + np.arange(400) * np.timedelta64(1, "D")
        >>> answers = np.random.default_rng(0).normal(size=400)
        >>> round(shrink_location(answers, 0.5 * answers, dates, step=1), 3)
        0.5
        >>> shrink_location(answers, answers[::-1], dates, step=1)
        0.0
    """
    products = answers * targets
    if not _is_borne_out(products, dates, step):
        return 0.0
    return float(np.clip(products.sum() / np.sum(answers**2), 0.0, 1.0))


def shrink_log_ratios(log_ratios: Numbers, ratios: Numbers, dates: Dates, *, step: int) -> float:
    """Return how much of what was added to a path is borne out: 0 where it may be chance.

    The factor from 0 to 1 at which QLIKE is smallest, if QLIKE falls from 0 on by more than chance.

    Args:
        log_ratios: (n,) δ, log of the scale that was said over the path's.
        ratios: (n,) variance that came true over the path's.
        dates: (n,) of the targets; those of one date count as one observation.
        step: bars ahead.

    Returns:
        0 to 1.
    """
    if not _is_borne_out(log_ratios * (ratios - 1), dates, step):
        return 0.0

    def is_falling(factor: float) -> bool:
        return float(np.sum(log_ratios * (ratios * np.exp(-2 * factor * log_ratios) - 1))) > 0

    low, high = 0.0, 1.0
    if is_falling(high):
        return high
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_falling(middle) else (low, middle)
    return low


def _is_borne_out(gains: Numbers, dates: Dates, step: int) -> bool:
    """Whether (n,) gains are above 0 on average by more than chance."""
    statistic, p_value = panel_diebold_mariano(dates, gains, step=step)
    return statistic > 0 and p_value / 2 < _CHANCE
