"""What early stopping holds out: the newest windows, as the last fold of a TimeSeriesSplit."""

from __future__ import annotations

import math
from typing import NamedTuple

from stockcast.errors import UsageError, option
from stockcast.plurals import count_of


class Fold(NamedTuple):
    """Windows 0 … known − 1 are learnt from, windows first … end − 1 judged."""

    known: int
    first: int
    end: int


def hold_out_newest(count: int, *, share: float, horizon: int) -> Fold:
    """Hold the newest windows out, as scikit-learn's `TimeSeriesSplit` does in its last fold.

    Its `gap` is horizon − 1: the last windows before those held out have answers that lie among
    theirs, and are left out.

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
            f"{count_of(count, 'window')}, of which {held:,} held out, leave none to learn from "
            f"{count_of(horizon, 'step')} ahead",
            hint=f"give more windows, or a smaller {option('validation_fraction')}",
        )
    return Fold(known, count - held, count)
