"""How far a network's answers are believed: as far as held-out rows bear them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from stockcast.evaluation.panel import panel_diebold_mariano
from stockcast.networks.heads import Head
from stockcast.networks.network import Weights
from stockcast.prices.history import Dates, Numbers

_CHANCE = 0.01  # one-sided; the epoch was chosen on the same rows, so 0.05 would be too kind


Factor = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


@dataclass(frozen=True)
class Shrinkage:
    """What a network's answers are multiplied by, a number from 0 to 1 for each step ahead.

    Attributes:
        which_way: of the direction; 0 repeats the last price.
        how_far: of what it adds to the path; 0 is the path alone.
    """

    which_way: tuple[Factor, ...]
    how_far: tuple[Factor, ...]

    def shrink(self, weights: Weights) -> Weights:
        """Return a network whose answers are those of another, multiplied."""
        return weights.shrink(np.array(self.which_way), np.array(self.how_far))


def find_shrinkage(head: Head, answers: Numbers, targets: Numbers, dates: Dates) -> Shrinkage:
    """Return how much of a network's answers is borne out: 0 where it may be chance.

    The factor that suits the rows best (`Head.find_factors`), if the loss falls from 0 on by more
    than chance. For the direction this is the test of forecast encompassing (Harvey, Leybourne &
    Newbold 1998) against answering 0; for the scale, the same of QLIKE's derivative.

    Args:
        head: the network's.
        answers: (n, outputs) on rows that the network was not fitted on.
        targets: (n, horizon · targets a step).
        dates: (n,) of the targets; those of one date count as one observation.
    """
    of_location, of_scale = head.find_factors(answers, targets)
    products = head.locate(answers) * head.locate(targets)
    log_ratios = head.widen(answers)
    falls = np.zeros_like(products)
    if log_ratios is not None:
        falls = log_ratios * (np.asarray(head.widen(targets)) - 1)
    return Shrinkage(_keep(of_location, products, dates), _keep(of_scale, falls, dates))


def _keep(factors: Numbers, gains: Numbers, dates: Dates) -> tuple[float, ...]:
    """Return (horizon,) factors, 0 where the mean of (n, horizon) gains may be 0."""
    kept = []
    for step, (factor, gain) in enumerate(zip(factors, gains.T, strict=True), start=1):
        statistic, p_value = panel_diebold_mariano(dates, gain, step=step)
        kept.append(float(factor) if statistic > 0 and p_value / 2 < _CHANCE else 0.0)
    return tuple(kept)
