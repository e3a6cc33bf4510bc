"""How one-sided quantiles held, as sentences and rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stockcast.evaluation.conformal import format_level
from stockcast.evaluation.value_at_risk import TailScore, TailsOfMany

Tails = Sequence[TailScore] | Sequence[TailsOfMany]
"""One a quantile, of one ticker or of many."""

EXPLANATION = (
    "prices beyond each quantile, and p that their share is right (Kupiec) and that they do not "
    "come in clusters (Christoffersen):"
)
EXPLANATION_OF_MANY = (
    "prices beyond each quantile, and tickers on which their share is off (Kupiec) or they come "
    "in clusters (Christoffersen) by more than chance:"
)


def list_tail_titles(quantiles: Sequence[float]) -> list[str]:
    """Return three titles a quantile, 0 to 1."""
    return [
        title
        for one in quantiles
        for title in (
            f"{'above' if one > 0.5 else 'below'}\n{format_level(one)} %",
            "share\nright?",
            "apart?",
        )
    ]


def list_tail_cells(tails: Tails) -> list[str]:
    """Return the cells below `list_tail_titles`.

    >>> list_tail_cells([TailScore(0.05, 100, 6, 0.1, 0.65, 0.0004, 0.0)])
    ['6.0 %', '0.65', '<0.001']
    """
    return [cell for one in tails for cell in (_show_share(one.share), *_show_tests(one))]


def _show_tests(one: TailScore | TailsOfMany) -> tuple[str, str]:
    if isinstance(one, TailsOfMany):
        return f"{one.off:,} of {one.tickers:,}", f"{one.clustered:,} of {one.tickers:,}"
    return _show_chance(one.kupiec), _show_chance(one.christoffersen)


def _show_share(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f} %"


def _show_chance(p_value: float) -> str:
    if math.isnan(p_value):
        return "–"
    return "<0.001" if p_value < 0.001 else f"{p_value:.2f}"
