"""HarPath: the straight path to how far the price will move, which a network may add to.

A heterogeneous autoregression (Corsi 2009) in logarithms: the log scale of the bars to come on the
mean log scales of the last day, week, month, quarter and year, and on how far the price fell.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stockcast.prices.history import Numbers
from stockcast.windows.moves import REGRESSORS, Moves, list_regressors

Measure = Literal["range", "return"]
"""What a bar's move is measured by."""

_Coefficient = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]  # sums stay finite
Row = Annotated[tuple[_Coefficient, ...], Field(min_length=REGRESSORS, max_length=REGRESSORS)]

# What regressions over 120 US stocks before 2012 came to, some steps ahead (docs/studies.md): the
# slopes add up to 1 over the spans, so that they hold at any scale. A ticker's own are drawn
# towards them, since a few hundred bars say little about ten slopes.
_PRIOR: dict[Measure, dict[int, tuple[float, ...]]] = {
    "range": {
        1: (0.114, 0.274, 0.230, 0.185, 0.197, -0.035, -0.108, -0.203, 0.069, -0.041),
        5: (0.062, 0.278, 0.177, 0.254, 0.229, -0.026, -0.092, -0.223, 0.037, -0.049),
        22: (0.035, 0.219, 0.120, 0.381, 0.245, -0.016, -0.092, -0.160, 0.017, -0.056),
    },
    "return": {
        1: (-0.017, 0.089, 0.140, 0.426, 0.362, -0.028, -0.166, -0.485, 0.121, -0.016),
        5: (-0.001, 0.092, 0.085, 0.475, 0.349, -0.020, -0.140, -0.448, 0.054, -0.019),
        22: (0.000, 0.060, 0.058, 0.555, 0.327, -0.014, -0.130, -0.271, 0.025, -0.020),
    },
}
_STRENGTH: dict[Measure, float] = {"range": 400.0, "return": 1500.0}  # bars that the prior is worth
_FEWEST = 22  # bars before the first that is learnt from
_LARGEST_RATIO = 100.0  # ten times as far as the path says; no single bar may outweigh a year
_FARTHEST = np.log(20.0)  # from the year's scale
_LEAST = 1e-4  # of the price


@dataclass(frozen=True)
class HarPath:
    """Coefficients of the autoregressions.

    Attributes:
        by_return: a row a step ahead, (horizon, REGRESSORS): of returns alone.
        by_range: likewise of ranges; None where the training span had none.
    """

    by_return: tuple[Row, ...]
    by_range: tuple[Row, ...] | None = None

    def __post_init__(self) -> None:
        if self.by_range is not None and len(self.by_range) != len(self.by_return):
            raise ValueError("by_range and by_return have different steps")

    @property
    def horizon(self) -> int:
        """Steps ahead."""
        return len(self.by_return)

    def forecast(self, moves: Moves) -> Numbers:
        """Forecast from each bar how far the price will have moved some steps on.

        Args:
            moves: of the bars, with the YEAR before the first whose forecast is wanted.

        Returns:
            (rows, horizon) the standard deviation of the log return up to each step, at least
            1e-4: from a bar's own moves and those before it.
        """
        logs = _forecast_logs(moves, self.by_return, by_range=False)
        if self.by_range is not None and moves.has_range.any():
            of_range = _forecast_logs(moves, self.by_range, by_range=True)
            logs = np.where(moves.has_range[:, None], of_range, logs)
        deviations: Numbers = np.maximum(np.exp(logs), _LEAST)
        return deviations


def _forecast_logs(moves: Moves, rows: tuple[Row, ...], *, by_range: bool) -> Numbers:
    """(rows, horizon) logs, within a factor of 20 of what the year's scale comes to."""
    coefficients = np.array(rows)
    # Column by column and not as a matrix product, whose sums' order depends on how many rows.
    regressors = list_regressors(moves, by_range=by_range)
    logs = np.zeros((len(moves), len(coefficients)))
    for position in range(REGRESSORS):
        logs += regressors[:, position, None] * coefficients[:, position]
    steps = 0.5 * np.log(np.arange(1, len(coefficients) + 1))
    year = np.log(moves.year)[:, None] + steps
    bounded: Numbers = np.clip(logs, year - _FARTHEST, year + _FARTHEST)
    return bounded


@dataclass(frozen=True)
class TrainingMoves:
    """The moves of one ticker and the rows of them that are learnt from.

    Attributes:
        moves: of its bars.
        train_end: the row after the last that is learnt from, targets and all.
    """

    moves: Moves
    train_end: int


def fit_har(tickers: Collection[TrainingMoves], *, horizon: int) -> HarPath:
    """Fit the path on the training spans of one ticker or many; one row counts like another.

    Args:
        tickers: at least one; it is gone through several times.
        horizon: steps ahead.
    """
    ranged = sum(int(one.moves.has_range[: one.train_end].sum()) for one in tickers)
    known = sum(one.train_end for one in tickers)
    by_range = _fit_steps(tickers, "range", horizon) if 2 * ranged > known else None
    return HarPath(_fit_steps(tickers, "return", horizon), by_range)


def _fit_steps(
    tickers: Collection[TrainingMoves], measure: Measure, horizon: int
) -> tuple[Row, ...]:
    fits = [_Regression(measure, step) for step in range(1, horizon + 1)]
    for learn in (_Regression.add_products, _Regression.add_ratios):
        for one in tickers:
            regressors = list_regressors(one.moves, by_range=measure == "range")[: one.train_end]
            variances = one.moves.variances if measure == "range" else one.moves.returns**2
            for fit in fits:
                sums = sum_variances(variances[: one.train_end], fit.step)
                known = np.isfinite(sums) & (sums > 0)
                known[: min(_FEWEST, one.train_end // 4)] = False
                learn(fit, regressors[known], sums[known])
        for fit in fits:
            fit.conclude()
    return tuple(fit.to_row() for fit in fits)


class _Regression:
    """Half the log of summed variances on regressors, drawn towards the prior.

    Ridge regression (Hoerl & Kennard 1970) around it: as if so many bars more had been seen that
    follow the prior. The constant is what makes the mean of variance / forecast 1.

    Args:
        measure: of the moves.
        step: bars ahead.
    """

    def __init__(self, measure: Measure, step: int) -> None:
        self.step = step
        self._strength = _STRENGTH[measure]
        self._prior = self._slopes = find_prior(measure, step)
        size = len(self._prior) + 2  # slopes, constant, target
        self._products = np.zeros((size, size))
        self._ratios = np.zeros(2)  # sum and count

    def add_products(self, regressors: Numbers, sums: Numbers) -> None:
        """Add (n, REGRESSORS) and (n,) to what the slopes follow from."""
        target = 0.5 * np.log(sums + 1e-8)
        table = np.column_stack([regressors, target])
        self._products += table.T @ table

    def add_ratios(self, regressors: Numbers, sums: Numbers) -> None:
        """Add the ratios of the same to what the slopes say."""
        ratios = sums / np.exp(2 * (regressors[:, :-1] @ self._slopes))
        self._ratios += np.sum(ratios), len(ratios)

    def conclude(self) -> None:
        """Solve for the slopes; what was added of ratios stays."""
        count = self._products[-2, -2]
        if self._ratios[1] or count < 2:
            return
        mean = self._products[-2] / count
        centred = self._products - count * np.outer(mean, mean)
        normal, moment = centred[:-2, :-2], centred[:-2, -1]
        spread = np.diag(np.diag(normal) / count + 1e-9) * self._strength
        self._slopes = np.linalg.solve(normal + spread, moment + spread @ self._prior)

    def to_row(self) -> Row:
        """Return slopes and constant."""
        total, count = self._ratios
        constant = 0.5 * np.log(total / count) if count else 0.5 * np.log(self.step)
        return (*map(float, self._slopes), float(constant))


def find_prior(measure: Measure, step: int) -> Numbers:
    """Return (REGRESSORS − 1,) slopes that many stocks have, for a step ahead.

    Between the steps that were looked at they follow the step's logarithm.
    """
    known = _PRIOR[measure]
    place = np.log(step)
    columns = zip(*known.values(), strict=True)
    return np.array([np.interp(place, np.log(list(known)), column) for column in columns])


def sum_variances(variances: Numbers, step: int) -> Numbers:
    """(rows,) variances ─▶ (rows,) of the `step` bars after each; NaN where one is unknown."""
    sums = np.full(len(variances), np.nan)
    if len(variances) > step:
        following = np.lib.stride_tricks.sliding_window_view(variances[1:], step)
        sums[: len(following)] = following.sum(axis=1)
    return sums


def pair_targets(
    targets: NDArray[np.float32], following: Numbers, deviations: Numbers
) -> NDArray[np.float32]:
    """Put beside each target the variance that came true over the path's.

    Args:
        targets: (n, horizon) what should be answered of the direction.
        following: (n, horizon) variances of the bars after each window; NaN where unknown.
        deviations: (n, horizon) of the path.

    Returns:
        (n, 2 · horizon): each step's target, then its ratio, at most 100; 1 where it is unknown.
    """
    with np.errstate(over="ignore"):
        ratios = following.cumsum(axis=1) / deviations**2
    known = np.where(np.isfinite(ratios), np.minimum(ratios, _LARGEST_RATIO), 1.0)
    paired: NDArray[np.float32] = np.stack([targets, known], axis=-1).astype(np.float32)
    return paired.reshape(len(targets), 2 * targets.shape[1])
