"""What the network sees of other prices beside its ticker's: scale-free, and known by each bar."""

from __future__ import annotations

import numpy as np

from stockcast.errors import CovariateMismatch, UnreadablePrices, option
from stockcast.prices.covariates import Covariates, find_known, require_known
from stockcast.prices.history import Numbers, PriceHistory
from stockcast.prices.target import choose_target, count_others
from stockcast.windows.features import CovariateColumn
from stockcast.windows.moves import REACH, measure_moves
from stockcast.windows.signals import FARTHEST
from stockcast.windows.windowing import Array


def describe_covariates(
    covariates: Covariates | None, until: np.datetime64
) -> tuple[CovariateColumn, ...]:
    """Return what a network sees of covariates, for its model to remember.

    Args:
        covariates: the covariates; None: none.
        until: date of the newest bar that they are seen beside; later ones of theirs play no part.

    Raises:
        AmbiguousPrices: which column is the price of one is the user's to say.
        UnreadablePrices: one has no price column.
    """
    if covariates is None:
        return ()
    return tuple(
        CovariateColumn(one.ticker, choose_target(one), one.header, one.hash_rows())
        for one in covariates.remove_later(until).histories
    )


def compute_covariates(
    history: PriceHistory, columns: tuple[CovariateColumn, ...], first: int, last: int
) -> Array:
    """Return what the network sees of covariates at bars first … last − 1 of a history.

    Of each two columns: its log return since the bar before, in the standard deviations of its
    own year; and the log of how far its newest bar moved over its own year's scale, 0 where its
    bars have no ranges. Both come from its newest bar at or before each date, so that on its
    holidays the first is 0 and the second is that of the bar before.

    Args:
        history: with its covariates.
        columns: which of them, in this order.
        first: row of the first bar.
        last: row after the last bar.

    Returns:
        (last − first, 2 · covariates) float32, from −8 to 8.

    Raises:
        CovariateMismatch: the history has no such covariate, or it lacks the column.
        CovariateGap: one is not known at a bar, or too old.
        UnreadablePrices: a price has no logarithm.
    """
    tables = [_compute(history, one, first, last) for one in columns]
    table = np.concatenate([np.empty((last - first, 0)), *tables], axis=1)
    known = np.where(np.isfinite(table), table, 0.0)
    seen: Array = np.clip(known, -FARTHEST, FARTHEST).astype(np.float32)
    return seen


def _compute(history: PriceHistory, column: CovariateColumn, first: int, last: int) -> Numbers:
    """(last − first, 2) float64 of one covariate; NaN where it does not say."""
    covariates = history.covariates
    bars = None if covariates is None else covariates.find(column.name)
    if covariates is None or bars is None:
        raise CovariateMismatch(
            f"the model sees {column.name} beside {history.ticker}, and it is not given",
            hint=f"name its file: {option('covariates', shown='FILE')}",
        )
    if column.column not in bars.columns or column.header != bars.header:
        raise CovariateMismatch(
            f"{bars.name} has no {column.header or column.column} column as the price, which the "
            "model saw of it in training",
            hint="give a file with that column, or train a model on this one",
        )
    require_known(history, bars, first, last, age=covariates.find_age(column.name))
    rows = find_known(bars, history.dates[first:last])
    before = np.append(rows[0] - 1, rows[:-1])
    if first:
        before[0] = find_known(bars, history.dates[first - 1 : first])[0]
    oldest = max(0, min(int(rows[0]), int(before[0])) - REACH)
    part = bars.select(np.arange(oldest, int(rows[-1]) + 1))
    _require_positive(part, column.column)
    prices = part.columns[column.column]
    moves = measure_moves(part, column.column)
    now, then = rows - oldest, np.maximum(before - oldest, 0)
    returns = np.log(prices[now] / prices[then]) / moves.year[now]
    ranges = moves.log_scales[now] - np.log(moves.year[now])
    return np.column_stack([returns, np.where(moves.has_range[now], ranges, np.nan)])


def _require_positive(bars: PriceHistory, name: str) -> None:
    low = ~(bars.columns[name] > 0)
    if low.any():
        row = int(low.argmax())
        raise UnreadablePrices(
            f"{bars.locate(row)}: {name} is {bars.columns[name][row]:g}"
            f"{count_others(int(low.sum()))}; a covariate's return needs prices above zero",
            hint=f"leave it out of {option('covariates')}, or remove these rows",
        )
