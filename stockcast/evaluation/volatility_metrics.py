"""How good forecasts of variance and of value at risk are: pure functions, as in `metrics`.

A breach is a bar whose number lies beyond the quantile that was forecast for it, such as a return
below the 5 % quantile; its probability is then 0.05.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stockcast.evaluation.metrics import check_any, check_share
from stockcast.prices.history import Numbers

Flags: TypeAlias = NDArray[np.bool_]


def qlike_losses(variance: Numbers, forecast: Numbers) -> Numbers:
    """v/σ² − ln(v/σ²) − 1; at least 0, and 0 where forecast and variance are equal.

    Patton 2011: on average smallest for the best forecast, even where `variance` is only a noisy
    estimate of it without bias. Too low costs more than too high by as many times.

    Args:
        variance: (n,) v, estimated from what came true, above 0: a squared return that is 0 has
            no loss, so take an estimate that knows the bar's range.
        forecast: (n,) σ², forecasts of it, above 0.

    Returns:
        (n,) losses without a unit; smaller is better.

    Raises:
        ValueError: a variance or a forecast is not above 0.

    Example:
        >>> qlike_losses(np.array([4.0, 4.0, 4.0]), np.array([4.0, 2.0, 8.0])).round(3).tolist()
        [0.0, 0.307, 0.193]
    """
    for name, values in (("variance", variance), ("forecast", forecast)):
        if not (values > 0).all():
            raise ValueError(f"a {name} is {values[~(values > 0)][0]:g}, expected one above 0")
    ratio = variance / forecast
    # Near 1 the two differ by less than their rounding.
    losses: Numbers = np.maximum(ratio - 1 - np.log(ratio), 0.0)
    return losses


def kupiec(breaches: Flags, probability: float) -> tuple[float, float]:
    """Test whether the share of breaches is the probability (Kupiec 1995).

    Args:
        breaches: (n,) whether each bar was one.
        probability: of a breach, as forecast, above 0 and below 1.

    Returns:
        the likelihood ratio, at least 0 and larger the further the share is off, to either side;
        and its p, from χ² with one degree of freedom: below 0.05 the forecasts are off by more
        than chance.

    Example:
        >>> breaches = np.arange(250) % 25 == 0  # 10 of 250
        >>> statistic, p_value = kupiec(breaches, probability=0.01)
        >>> round(statistic, 2), round(p_value, 4)
        (12.96, 0.0003)
    """
    check_any(breaches)
    check_share("probability", probability)
    ratio = _compare_share(breaches, probability)
    return ratio, _find_p(ratio, 1)


def christoffersen(
    breaches: Flags, probability: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Test whether breaches come in clusters, and that together with their share.

    Christoffersen 1998: independence asks whether a breach is as likely after a breach as after
    none (a Markov chain of first order); conditional coverage adds that this is the probability
    forecast. Both take the first bar as given, so that one is the other plus the likelihood ratio
    of `kupiec` on the bars after it.

    Args:
        breaches: (n,) whether each bar was one, of consecutive bars in ascending order.
        probability: of a breach, as forecast, above 0 and below 1.

    Returns:
        independence and conditional coverage, each the likelihood ratio, at least 0 and larger
        the further off, and its p, from χ² with one and two degrees of freedom: below 0.05 the
        forecasts are off by more than chance. (0, 1) for a single bar; independence is (0, 1)
        too where no bar, or every bar, was a breach.

    Example:
        >>> breaches = np.arange(250) < 10  # the right share, all at once
        >>> independence, coverage = christoffersen(breaches, probability=0.04)
        >>> round(independence[0], 1), round(coverage[0], 1)
        (70.9, 71.0)
    """
    check_any(breaches)
    check_share("probability", probability)
    before, after = breaches[:-1], breaches[1:]
    apart = _log_likelihood(after[before]) + _log_likelihood(after[~before])
    clusters = max(2 * (apart - _log_likelihood(after)), 0.0)
    both = clusters + _compare_share(after, probability)
    return (clusters, _find_p(clusters, 1)), (both, _find_p(both, 2))


def _compare_share(breaches: Flags, probability: float) -> float:
    """Return the likelihood ratio of a share of breaches against the probability forecast."""
    return max(2 * (_log_likelihood(breaches) - _log_likelihood(breaches, probability)), 0.0)


def _log_likelihood(breaches: Flags, probability: float | None = None) -> float:
    """Return that of breaches that are independent, by default as probable as they are frequent."""
    from scipy.special import xlog1py, xlogy  # 0 times the logarithm of 0 is 0

    count = len(breaches)
    if not count:
        return 0.0
    hits = int(breaches.sum())
    share = hits / count if probability is None else probability
    return float(xlogy(hits, share) + xlog1py(count - hits, -share))


def _find_p(ratio: float, freedom: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, ratio))
