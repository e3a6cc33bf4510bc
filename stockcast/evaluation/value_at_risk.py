"""How one-sided quantiles held: value at risk and expected shortfall, of one ticker or of many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stockcast.evaluation.conformal import face_tail, format_level
from stockcast.evaluation.metrics import pinball_losses
from stockcast.evaluation.skill import CHANCE
from stockcast.evaluation.volatility_metrics import christoffersen, kupiec
from stockcast.prices.history import Numbers


@dataclass(frozen=True)
class TailScore:
    """How a one-sided quantile held on one ticker.

    A breach is a price beyond it: below a lower one, above an upper one.

    Attributes:
        quantile: 0 to 1.
        count: forecasts that had one.
        breaches: of these.
        pinball: mean loss (Koenker & Bassett 1978) in shares of the last price; smaller is better.
        kupiec: p of the test that the share of breaches is right.
        christoffersen: p of the test that breaches do not come in clusters.
        shortfall_bias: mean of how much farther breaches went than the mean price beyond said, in
            shares of the last price; above 0 is farther. NaN without a breach.
    """

    quantile: float
    count: int
    breaches: int
    pinball: float
    kupiec: float
    christoffersen: float
    shortfall_bias: float

    @classmethod
    def empty(cls, quantile: float) -> TailScore:
        """Return the score of no forecast."""
        return cls(quantile, 0, 0, *[math.nan] * 4)

    @property
    def share(self) -> float:
        """Of forecasts that were breached; NaN without any."""
        return self.breaches / self.count if self.count else math.nan

    @property
    def expected(self) -> float:
        """The share of breaches that the quantile says."""
        return 1 - face_tail(self.quantile)[1]

    def to_row(self) -> dict[str, float]:
        """Return its columns of the summary."""
        name = format_level(self.quantile)
        return {
            f"breaches_{name}": self.share,
            f"pinball_{name}": self.pinball,
            f"kupiec_p_{name}": self.kupiec,
            f"christoffersen_p_{name}": self.christoffersen,
            f"shortfall_bias_{name}": self.shortfall_bias,
        }


@dataclass(frozen=True)
class TailsOfMany:
    """How a one-sided quantile held over many tickers.

    Attributes:
        quantile: 0 to 1.
        share: of all forecasts that were breached.
        pinball: mean over tickers of the mean loss, in shares of the last price.
        tickers: with a forecast.
        off: tickers on which the share of breaches was off by more than chance; where all is
            right, one in twenty.
        clustered: tickers on which breaches came in clusters, likewise.
    """

    quantile: float
    share: float
    pinball: float
    tickers: int
    off: int
    clustered: int

    def to_row(self) -> dict[str, float | int]:
        """Return its columns of the figures over all tickers."""
        name = format_level(self.quantile)
        return {
            f"breaches_{name}": self.share,
            f"pinball_{name}": self.pinball,
            f"kupiec_off_{name}": self.off,
            f"christoffersen_off_{name}": self.clustered,
        }


def score_tail(
    actual: Numbers,
    bounds: tuple[Numbers, Numbers],
    last_prices: Numbers,
    quantile: float,
    *,
    overlap: int = 1,
) -> TailScore:
    """Judge a one-sided quantile by what came true.

    Args:
        actual: (n,) prices, in time order.
        bounds: (n,) each, the price at the quantile and the mean price beyond it; NaN: none.
        last_prices: (n,) the last price that each knew.
        quantile: 0 to 1.
        overlap: how many forecasts in a row share bars; the tests look at every such one alone.

    Example:
        >>> prices = np.arange(90.0, 110.0)
        >>> same = np.full(20, 91.0), np.full(20, 89.0)
        >>> one = score_tail(prices, same, np.full(20, 100.0), 0.05)
        >>> one.breaches, round(one.kupiec, 2), one.shortfall_bias
        (1, 1.0, -0.01)
    """
    known = np.isfinite(bounds[0]) & np.isfinite(actual) & (last_prices > 0)
    if not known.any():
        return TailScore.empty(quantile)
    price, (at, beyond), last = actual[known], (one[known] for one in bounds), last_prices[known]
    sign, level = face_tail(quantile)
    breached = sign * price > sign * at
    apart = breached[::overlap]
    return TailScore(
        quantile=quantile,
        count=len(price),
        breaches=int(breached.sum()),
        pinball=float(pinball_losses(price / last, at / last, quantile).mean()),
        kupiec=kupiec(apart, 1 - level)[1],
        christoffersen=christoffersen(apart, 1 - level)[0][1],
        shortfall_bias=float((sign * (price - beyond) / last)[breached].mean())
        if breached.any()
        else math.nan,
    )


def add_up_tails(scores: Sequence[TailScore]) -> TailsOfMany:
    """Say how the same quantile held over many tickers, at least one."""
    known = [one for one in scores if one.count]
    count = sum(one.count for one in known)
    return TailsOfMany(
        quantile=scores[0].quantile,
        share=sum(one.breaches for one in known) / count if count else math.nan,
        pinball=float(np.mean([one.pinball for one in known])) if known else math.nan,
        tickers=len(known),
        off=sum(one.kupiec < CHANCE for one in known),
        clustered=sum(one.christoffersen < CHANCE for one in known),
    )
