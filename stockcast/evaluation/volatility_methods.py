"""Yardsticks of volatility: what is known of how far prices move, for many cutoffs at once.

To add one is to add a function here, with `@volatility_method` above it. Help texts name them
all, so NumPy and arch are loaded when one of them runs, and not before.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stockcast.errors import TooShort, UsageError
from stockcast.evaluation.baseline_methods import Rows
from stockcast.imports import hide_modules
from stockcast.plurals import count_of

if TYPE_CHECKING:
    from stockcast.prices.history import Numbers

_DECAY = 0.94  # RiskMetrics' of daily returns
_COUNTED = 500  # newest returns in the weighted mean; older ones weigh less than a rounding error
_FITTED = 2500  # newest returns that a GARCH model is fitted on, ten years
_LEAST = 1e-8  # variance of a bar; below it a still price would mean certainty


@dataclass(frozen=True)
class Task:
    """Forecast the variance of `horizon` returns after each of returns[starts[i]:ends[i]].

    Attributes:
        returns: (m,) log returns that are numbers, ascending in time.
        starts: (n,) first return that each forecast knows.
        ends: (n,) the return after the last that it knows.
        horizon: steps ahead.
        refit: cutoffs that share a fit.
    """

    returns: Numbers
    starts: Rows
    ends: Rows
    horizon: int
    refit: int


Method = Callable[[Task], "Numbers"]
"""Task ─▶ (n, horizon) variances of each single return ahead."""


@dataclass(frozen=True)
class Kind:
    """A yardstick of volatility.

    Attributes:
        needed: returns that a forecast needs to know, at least.
        run: what it does.
    """

    needed: int
    run: Method


KINDS: dict[str, Kind] = {}
"""Every kind by its name, in the order in which they are listed."""


def volatility_method(name: str, *, needed: int) -> Callable[[Method], Method]:
    """Register a function as a yardstick of volatility."""

    def register(run: Method) -> Method:
        KINDS[name] = Kind(needed, run)
        return run

    return register


@volatility_method("ewma", needed=20)
def average_exponentially(task: Task) -> Numbers:
    """Weight each squared return 0.94 times the one after it (J.P. Morgan/Reuters 1996).

    The weights of the returns that are known are made to sum to 1, so there is no value to start
    from. Each return ahead has the same variance.
    """
    import numpy as np

    weights = _DECAY ** np.arange(_COUNTED, dtype=np.float64)[::-1]
    variances = np.empty(len(task.ends))
    for row, (start, end) in enumerate(zip(task.starts, task.ends, strict=True)):
        known = task.returns[max(start, end - _COUNTED) : end]
        counted = weights[_COUNTED - len(known) :]
        variances[row] = np.sum(counted * known**2) / np.sum(counted)
    return np.tile(variances[:, None], task.horizon)


@volatility_method("garch", needed=100)
def follow_garch(task: Task) -> Numbers:
    """Fit a GARCH(1,1) model with Student's t and no mean (Bollerslev 1986, 1987)."""
    return _follow(task, asymmetric=False)


@volatility_method("gjr-garch", needed=100)
def follow_gjr_garch(task: Task) -> Numbers:
    """Let falls count for more than rises (Glosten, Jagannathan & Runkle 1993); else as `garch`."""
    return _follow(task, asymmetric=True)


VOLATILITY_METHODS = tuple(KINDS)
"""Every yardstick of volatility, as its name is written."""


def forecast_variances(
    name: str,
    returns: Numbers,
    cutoffs: Sequence[int] | Rows,
    horizon: int,
    *,
    train_rows: int | None = None,
    refit: int = 250,
) -> Numbers:
    """Forecast the variance after each of many cutoffs, each from the bars before it alone.

    A GARCH model is fitted at the earliest cutoff and at every `refit`-th after it, on the newest
    2,500 returns known there or those of `train_rows`; until the next fit its parameters stay
    and its variance follows the returns. Where they do not move, or the optimizer finds no
    optimum, the cutoffs up to the next fit get the forecasts of `ewma`.

    Args:
        name: one of `VOLATILITY_METHODS`.
        returns: (rows,) the log return of each bar, ascending in time; what is not a finite
            number, such as that of bar 0, is passed over.
        cutoffs: (n,) bars known, each 1 to `rows`, in any order: with k of them, returns[:k].
        horizon: steps ahead, at least 1.
        train_rows: of these bars, only so many of the newest count; default: all.
        refit: cutoffs that share a fit, at least 1.

    Returns:
        (n, horizon) variances; [i, h − 1] is that of the log return from bar cutoffs[i] − 1 to
        bar cutoffs[i] − 1 + h, the sum of those of its h returns; each of them at least 1e-8,
        a hundredth of a percent squared.

    Raises:
        UsageError: no such yardstick.
        TooShort: a cutoff leaves fewer returns than the yardstick needs.

    Example:
        >>> import numpy as np
        >>> returns = np.array([np.nan, *[0.01, -0.01] * 15])
        >>> forecast_variances("ewma", returns, [25, 31], horizon=2).round(6).tolist()
        [[0.0001, 0.0002], [0.0001, 0.0002]]
    """
    import numpy as np

    kind = _find_kind(name)
    ends = np.asarray(cutoffs, dtype=np.int64)
    if not len(ends):
        return np.empty((0, horizon))
    if ends.min() < 1 or ends.max() > len(returns):
        raise ValueError(f"cutoffs {ends.min()} to {ends.max()}, with {len(returns)} rows")
    oldest = np.zeros_like(ends) if train_rows is None else np.maximum(ends - train_rows, 0)
    finite = np.isfinite(returns)
    before = np.concatenate([[0], finite.cumsum()])  # [k]: returns known with k bars
    # The return of the oldest bar known came from a bar that is not.
    starts, ends = before[oldest + 1], before[ends]
    known = int((ends - starts).min())
    if known < kind.needed:
        raise TooShort(
            f"volatility {name} needs {count_of(kind.needed, 'return')} before a forecast, "
            f"it is given {known:,}",
            hint="give it more history",
        )
    ahead = kind.run(Task(returns[finite], starts, ends, horizon, refit))
    variances: Numbers = np.maximum(ahead, _LEAST).cumsum(axis=1)
    return variances


def _find_kind(name: str) -> Kind:
    if name not in KINDS:
        near = difflib.get_close_matches(name.lower(), KINDS, n=1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"no volatility {name!r}", hint=f"{guess}there are {', '.join(VOLATILITY_METHODS)}"
        )
    return KINDS[name]


@dataclass(frozen=True)
class _Garch:
    """σ² of a return = omega + (alpha + gamma where the one before fell) × its square + beta × σ².

    Attributes:
        omega: in squared percent, as are all its variances.
        alpha: weight of the squared return before.
        gamma: what is added to it after a fall.
        beta: weight of the variance before.
        start: stands for the variance and the squared return before the first.
    """

    omega: float
    alpha: float
    gamma: float
    beta: float
    start: float

    @property
    def persistence(self) -> float:
        """What is left of a deviation of the variance after a bar, on average."""
        return self.alpha + self.gamma / 2 + self.beta

    def filter(self, percents: Numbers) -> Numbers:
        """(m,) returns ─▶ (m + 1,) variances: of each, and of the return after the last."""
        import numpy as np

        weights = self.alpha + self.gamma * (percents < 0)
        news = (self.omega + weights * percents**2).tolist()
        first = self.omega + self.persistence * self.start
        variances = itertools.accumulate(
            news, lambda variance, new: new + self.beta * variance, initial=first
        )
        return np.fromiter(variances, np.float64, len(percents) + 1)

    def forecast(self, variances: Numbers, horizon: int) -> Numbers:
        """(n,) variances of the next return ─▶ (n, horizon), and of those after it."""
        import numpy as np

        steps = [variances]
        for _ in range(horizon - 1):
            steps.append(self.omega + self.persistence * steps[-1])
        return np.column_stack(steps)


def _follow(task: Task, *, asymmetric: bool) -> Numbers:
    """Forecast with GARCH models, each fitted at the first of the cutoffs that share it."""
    variances = average_exponentially(task)
    for rows in _share_fits(task):
        start, end = int(task.starts[rows[0]]), int(task.ends[rows[0]])
        start = max(start, end - _FITTED)
        percents = 100 * task.returns[start : task.ends[rows[-1]]]
        garch = _fit(percents[: end - start], asymmetric=asymmetric)
        if garch is not None:
            following = garch.filter(percents)[task.ends[rows] - start]
            variances[rows] = garch.forecast(following, task.horizon) / 100**2
    return variances


def _share_fits(task: Task) -> Iterator[Rows]:
    """Yield the rows of the cutoffs that share a fit, in ascending order of what they know."""
    import numpy as np

    order = np.argsort(task.ends, kind="stable")
    for first in range(0, len(order), task.refit):
        yield order[first : first + task.refit]


def _fit(percents: Numbers, *, asymmetric: bool) -> _Garch | None:
    """Fit to returns in percent, as the optimizer likes them; None where it finds no optimum."""
    import warnings

    import numpy as np

    with hide_modules("matplotlib", "polars", "narwhals"):
        from arch.univariate import GARCH, StudentsT, ZeroMean

    if not np.ptp(percents):
        return None
    model = ZeroMean(
        percents,
        volatility=GARCH(1, int(asymmetric), 1),
        distribution=StudentsT(),
        rescale=False,
    )
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of bounds that a step of the search has crossed
            found = model.fit(disp="off", show_warning=False)
    except (ValueError, ArithmeticError):
        return None
    if found.convergence_flag or not np.isfinite(found.params).all():
        return None
    omega, alpha, *gamma, beta, _ = found.params.tolist()
    start = float(model.volatility.backcast(percents))
    return _Garch(omega, alpha, gamma[0] if gamma else 0.0, beta, start)
