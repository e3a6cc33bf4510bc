"""Forecasts that need no network, to hold one against: a closed registry, by name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stockcast.errors import TooShort, UsageError
from stockcast.evaluation.baseline_methods import KINDS, Rows, Task
from stockcast.plurals import count_of

if TYPE_CHECKING:
    from stockcast.prices.history import Numbers

_LARGEST_ORDER = 10_000

BASELINES = tuple(kind.form for kind in KINDS.values())
"""Every baseline as its name is written; N and P are whole numbers."""

LAST_PRICE = "last-price"
"""The baseline that all else is held against."""


def describe_baselines() -> str:
    """Return all baselines but the last price, as a help text lists them.

    Example:
        >>> describe_baselines()
        'drift, moving-average:N, autoregression:P, ewma, garch, gjr-garch, har'
    """
    return ", ".join(form for form in BASELINES if form != LAST_PRICE)


@dataclass(frozen=True)
class Baseline:
    """A baseline and its order, if it has one.

    Attributes:
        kind: a key of `KINDS`, such as `drift` or `moving-average`.
        order: the number after the colon, such as prices averaged or returns regressed on, at
            least 1; 0 where there is none.
    """

    kind: str
    order: int = 0

    @property
    def name(self) -> str:
        """What `parse_baseline` reads back to the same baseline."""
        return f"{self.kind}:{self.order}" if self.order else self.kind

    @property
    def volatility(self) -> str:
        """How it says how far the price will move, see `Kind`; empty where it does not."""
        return KINDS[self.kind].volatility

    @property
    def needed(self) -> int:
        """Rows that a forecast needs to know, at least."""
        return KINDS[self.kind].count_needed(self.order)

    def forecast(self, prices: Numbers, horizon: int) -> Numbers:
        """Forecast the prices after the rows given.

        Args:
            prices: (rows,), ascending in time.
            horizon: steps ahead, at least 1.

        Returns:
            (horizon,) prices.

        Raises:
            TooShort: fewer rows than the baseline needs.
        """
        forecasts: Numbers = forecast_baseline(self.name, prices, [len(prices)], horizon)[0]
        return forecasts


def parse_baseline(name: str) -> Baseline:
    """Read a baseline's name, such as `drift` or `moving-average:20`.

    Raises:
        UsageError: no such baseline, or its number is missing, too much or no number.
    """
    kind, colon, order = name.partition(":")
    if kind not in KINDS:
        near = difflib.get_close_matches(kind.lower(), KINDS, n=1)
        guess = f"did you mean {KINDS[near[0]].form!r}? " if near else ""
        raise UsageError(f"no baseline {name!r}", hint=f"{guess}there are {', '.join(BASELINES)}")
    form = KINDS[kind].form
    if form == kind:
        if colon:
            raise UsageError(f"baseline {name!r}: {kind} takes no number", hint=f"write {kind}")
        return Baseline(kind)
    # At most five digits, as Python takes its time over thousands of them.
    if not (order.isascii() and order.isdecimal() and len(order) <= len(str(_LARGEST_ORDER))):
        raise UsageError(f"baseline {name!r}: expected {form}", hint=f"for example {kind}:5")
    if not 1 <= int(order) <= _LARGEST_ORDER:
        raise UsageError(f"baseline {name!r}: {form[-1]} is 1 to {_LARGEST_ORDER:,}")
    return Baseline(kind, int(order))


def forecast_baseline(
    name: str,
    prices: Numbers,
    cutoffs: Sequence[int] | Rows,
    horizon: int,
    train_rows: int | None = None,
) -> Numbers:
    """Forecast after each of many cutoffs, each from the rows before it alone.

    Args:
        name: as `parse_baseline` takes it.
        prices: (rows,), ascending in time.
        cutoffs: (n,) rows known, each 1 to `rows`: with k of them, prices[:k].
        horizon: steps ahead, at least 1.
        train_rows: of these, only so many of the newest count; default: all.

    Returns:
        (n, horizon) prices; [i, h − 1] is the forecast of row cutoffs[i] + h − 1.

    Raises:
        UsageError: no such baseline.
        TooShort: a cutoff leaves fewer rows than the baseline needs.
        PriceError: autoregression on a price that is not above zero, or one that explodes.
    """
    import numpy as np

    baseline = parse_baseline(name)
    ends = np.asarray(cutoffs, dtype=np.int64)
    if not len(ends):
        return np.empty((0, horizon))
    if ends.min() < 1 or ends.max() > len(prices):
        raise ValueError(f"cutoffs {ends.min()} to {ends.max()}, with {len(prices)} rows")
    starts = np.zeros_like(ends) if train_rows is None else np.maximum(ends - train_rows, 0)
    known = int((ends - starts).min())
    if known < baseline.needed:
        raise TooShort(
            f"baseline {baseline.name} needs {count_of(baseline.needed, 'row')} before a "
            f"forecast, it is given {known:,}",
            hint="give it more history, or take a smaller number",
        )
    return KINDS[baseline.kind].run(Task(prices, starts, ends, horizon, baseline.order))
