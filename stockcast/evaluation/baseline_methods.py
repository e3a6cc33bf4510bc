"""Every kind of baseline: what it computes, for many cutoffs at once, and how it is written.

To add one is to add a function here, with `@baseline` above it. Help texts name them all, so NumPy
is loaded when one of them runs, and not before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from stockcast.errors import PriceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stockcast.prices.history import Numbers

Rows: TypeAlias = "NDArray[np.int64]"


@dataclass(frozen=True)
class Task:
    """Forecast `horizon` prices after each of prices[starts[i]:ends[i]].

    Attributes:
        prices: (rows,), ascending in time.
        starts: (n,) first row that each forecast knows.
        ends: (n,) the row after the last that it knows.
        horizon: steps ahead.
        order: the number in the baseline's name; 0 where there is none.
    """

    prices: Numbers
    starts: Rows
    ends: Rows
    horizon: int
    order: int

    @property
    def last(self) -> Numbers:
        """(n, 1) the last price known."""
        return self.prices[self.ends - 1, None]


Method = Callable[[Task], "Numbers"]
"""Task ─▶ (n, horizon) prices."""


@dataclass(frozen=True)
class Kind:
    """A kind of baseline.

    Attributes:
        form: how it is written: a name, and a colon and a letter where it takes a whole number.
        count_needed: order ─▶ rows that a forecast needs to know, at least.
        run: what it does.
        volatility: how far it says the price will move, if it does: a name of `volatility_methods`,
            or `har`.
    """

    form: str
    count_needed: Callable[[int], int]
    run: Method
    volatility: str = ""


KINDS: dict[str, Kind] = {}
"""Every kind, by the name before its colon, in the order in which they are listed."""


def baseline(form: str, count_needed: Callable[[int], int]) -> Callable[[Method], Method]:
    """Register a function as a kind of baseline."""

    def register(run: Method) -> Method:
        KINDS[form.partition(":")[0]] = Kind(form, count_needed, run)
        return run

    return register


def _repeat_last_with(volatility: str, needed: int) -> None:
    """Register what repeats the last price and knows how far the next will be from it."""
    KINDS[volatility] = Kind(volatility, lambda _: needed, repeat_last, volatility)


@baseline("last-price", lambda _: 1)
def repeat_last(task: Task) -> Numbers:
    """Repeat the last known price."""
    import numpy as np

    return np.tile(task.last, task.horizon)


@baseline("drift", lambda _: 1)
def extend_drift(task: Task) -> Numbers:
    """Go on along the line from the first known price to the last; with one row, stay."""
    import numpy as np

    steps = np.maximum(task.ends - task.starts - 1, 1)[:, None]
    slopes = (task.last - task.prices[task.starts, None]) / steps
    forecasts: Numbers = task.last + slopes * np.arange(1, task.horizon + 1)
    return forecasts


@baseline("moving-average:N", lambda order: order)
def average_newest(task: Task) -> Numbers:
    """Repeat the mean of the newest prices."""
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view

    means = sliding_window_view(task.prices, task.order).mean(axis=1)
    return np.tile(means[task.ends - task.order, None], task.horizon)


# At least two equations for each of the order + 1 weights.
@baseline("autoregression:P", lambda order: 3 * (order + 1))
def autoregress(task: Task) -> Numbers:
    """Regress each log return on those before it, by least squares, and go on from the last.

    Raises:
        PriceError: a price is not above zero, or the recursion leaves the numbers.
    """
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view

    order, first = task.order, int(task.starts.min())
    seen = task.prices[first : task.ends.max()]
    if not (seen > 0).all():
        raise PriceError(
            f"baseline autoregression:{order}: a price is {seen.min():g}; "
            "a log return needs prices above zero"
        )
    returns = np.diff(np.log(seen))
    equations = sliding_window_view(returns, order + 1)  # the newest, last, is the one explained
    weights = _fit(equations, task.starts - first, task.ends - first - order - 1)
    recent = sliding_window_view(returns, order)[task.ends - first - order - 1]
    steps = np.empty((len(recent), task.horizon))
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(task.horizon):
            steps[:, step] = weights[:, 0] + np.sum(weights[:, 1:] * recent, axis=1)
            recent = np.column_stack([recent[:, 1:], steps[:, step]])
        forecasts: Numbers = task.last * np.exp(steps.cumsum(axis=1))
    if not np.isfinite(forecasts).all():
        raise PriceError(
            f"baseline autoregression:{order} explodes on these prices",
            hint="take a smaller number, or give it more history",
        )
    return forecasts


def _fit(equations: Numbers, starts: Rows, stops: Rows) -> Numbers:
    """Fit a constant and a weight for each return before, to equations[starts[i]:stops[i]].

    Products are summed from one cutoff to the next and the normal equations solved for each, so
    that thousands of cutoffs do not cost thousands of passes over all rows.

    Returns:
        (n, order + 1), the constant first.
    """
    import numpy as np

    equations = np.column_stack([np.ones(len(equations)), equations])
    weights = np.empty((len(stops), equations.shape[1] - 1))
    begin = end = 0
    products = np.zeros((equations.shape[1], equations.shape[1]))
    for row in np.argsort(stops, kind="stable"):
        if starts[row] != begin:  # summed anew: subtracting would leave rounding behind
            begin = end = starts[row]
            products = np.zeros_like(products)
        fresh = equations[end : stops[row]]
        products += fresh.T @ fresh
        end = stops[row]
        # The constant is given the returns' size, as they can be a millionth of 1.
        scale = np.ones(len(products))
        scale[0] = np.sqrt(np.diag(products)[1:].mean() / products[0, 0])
        scaled = products * scale * scale[:, None]
        solved = np.linalg.lstsq(scaled[:-1, :-1], scaled[:-1, -1], rcond=1e-10)[0]
        weights[row] = solved * scale[:-1]
    return weights


# Returns that each needs, and the bar before the first of them.
for _name, _needed in (("ewma", 21), ("garch", 101), ("gjr-garch", 101), ("har", 60)):
    _repeat_last_with(_name, _needed)
