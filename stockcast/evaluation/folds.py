"""Folds in time order: what is learnt from always comes before what is judged.

scikit-learn's `TimeSeriesSplit` defines them. Its `gap` is what answers several steps ahead need:
the last windows before a fold's judged ones have answers that lie among those, and are left out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from stockcast.errors import UsageError, option
from stockcast.plurals import count_of


class Fold(NamedTuple):
    """One fold: windows 0 … known − 1 are learnt from, windows first … end − 1 judged."""

    known: int
    first: int
    end: int


def split_folds(
    count: int, *, folds: int = 5, horizon: int = 1, judged: int | None = None
) -> list[Fold]:
    """Split windows into walk-forward folds, the oldest first.

    Args:
        count: windows, in time order.
        folds: how many, at least 2.
        horizon: steps ahead of each window's answer.
        judged: windows that each fold judges; None: as many as each learns from at first.

    Returns:
        the folds; the judged windows of all are the newest ones, without a hole between.

    Raises:
        UsageError: too few windows for so many folds.

    Example:
        >>> split_folds(10, folds=2, judged=3, horizon=2)
        [Fold(known=3, first=4, end=7), Fold(known=6, first=7, end=10)]
    """
    import numpy as np
    from sklearn.model_selection import TimeSeriesSplit  # takes a second: only where it is needed

    split = TimeSeriesSplit(n_splits=folds, gap=horizon - 1, test_size=judged)
    try:
        parts = list(split.split(np.zeros(count)))
    except ValueError:
        raise UsageError(
            f"{count_of(count, 'window')} are too few for {count_of(folds, 'fold')}"
            + (f" of {judged:,}" if judged else ""),
            hint="give more rows, or fewer folds",
        ) from None
    return [Fold(len(known), int(later[0]), int(later[-1]) + 1) for known, later in parts]


def hold_out_newest(count: int, *, share: float, horizon: int = 1) -> Fold:
    """Hold the newest windows out: the last fold of `split_folds`, whatever came before it.

    Args:
        count: windows, in time order.
        share: of them that are held out, rounded up, between 0 and 1.
        horizon: steps ahead of each window's answer.

    Raises:
        UsageError: no window is left to learn from.

    Example:
        >>> hold_out_newest(100, share=0.1, horizon=3)
        Fold(known=88, first=90, end=100)
    """
    held = math.ceil(count * share)
    known = count - held - (horizon - 1)
    if known < 1:
        raise UsageError(
            f"{count_of(count, 'window')}, of which {held:,} are held out, leave none to learn "
            f"from {count_of(horizon, 'step')} ahead",
            hint=f"give more windows, or a smaller {option('validation_fraction')}",
        )
    return Fold(known, count - held, count)
