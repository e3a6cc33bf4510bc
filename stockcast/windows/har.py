"""HarPath: the straight path to how far the price will move, which a network may add to.

A heterogeneous autoregression (Corsi 2009) in logarithms: the log scale of the bars to come on the
mean log scales of the last day, week, month, quarter and year, and on how far the price fell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stockcast.prices.history import Numbers
from stockcast.prices.market import FEWEST
from stockcast.windows.moves import (
    MARKET_REGRESSORS,
    REGRESSORS,
    SPANS,
    Measure,
    Moves,
    MovesSpan,
    Regressors,
    UnmeasuredMoves,
    iterate_spans,
)

_Coefficient = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]  # sums stay finite
Row = Annotated[tuple[_Coefficient, ...], Field(min_length=REGRESSORS, max_length=REGRESSORS)]
_WITH_MARKET = REGRESSORS + MARKET_REGRESSORS
MarketRow = Annotated[
    tuple[_Coefficient, ...], Field(min_length=_WITH_MARKET, max_length=_WITH_MARKET)
]

# What regressions over 120 US stocks before 2012 came to, some steps ahead (docs/studies.md): the
# slopes add up to 1 over the spans, so that they hold at any scale. A ticker's own are drawn
# towards them, since a few hundred bars say little about ten slopes.
_PRIOR: dict[str, dict[int, tuple[float, ...]]] = {
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
_STRENGTH: dict[Measure, float] = {
    "range": 400.0,
    "market": 400.0,
    "return": 1500.0,
}  # bars that the prior is worth
_FEWEST = 22  # bars before the first that is learnt from
_LARGEST_RATIO = 100.0  # ten times as far as the path says; no single bar may outweigh a year
FARTHEST = np.log(20.0)  # from the year's scale
_LEAST = 1e-4  # of the price


@dataclass(frozen=True)
class HarPath:
    """Coefficients of the autoregressions.

    Attributes:
        by_return: a row a step ahead, (horizon, REGRESSORS): of returns alone.
        by_range: likewise of ranges; None where the training span had none.
        by_market: likewise of ranges and what all tickers did, (horizon, REGRESSORS +
            MARKET_REGRESSORS); None where it was trained on too few tickers.
    """

    by_return: tuple[Row, ...]
    by_range: tuple[Row, ...] | None = None
    by_market: tuple[MarketRow, ...] | None = None

    def __post_init__(self) -> None:
        for rows in (self.by_range, self.by_market):
            if rows is not None and len(rows) != len(self.by_return):
                raise ValueError("the ways of the path have different steps")

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
        deviations = np.empty((len(moves), self.horizon))
        for span in iterate_spans(moves, len(moves)):
            logs = self._forecast_logs(span.moves)[span.rows]
            deviations[span.first : span.last] = np.maximum(np.exp(logs), _LEAST)
        return deviations

    def _forecast_logs(self, moves: Moves) -> Numbers:
        regressors = Regressors(moves)
        logs = _forecast_logs(moves, regressors.list_columns("return"), self.by_return)
        if self.by_range is not None and moves.has_range.any():
            by_range = _forecast_logs(moves, regressors.list_columns("range"), self.by_range)
            logs = np.where(moves.has_range[:, None], by_range, logs)
        if self.by_market is not None and (known := moves.has_range & moves.has_market).any():
            by_market = _forecast_logs(moves, regressors.list_columns("market"), self.by_market)
            logs = np.where(known[:, None], by_market, logs)
        return logs


def _forecast_logs(
    moves: Moves, regressors: Sequence[Numbers], rows: Sequence[tuple[float, ...]]
) -> Numbers:
    """(rows, horizon) logs, within a factor of 20 of what the year's scale comes to."""
    coefficients = np.array(rows)
    logs = np.zeros((len(moves), len(coefficients)))
    # Column by column and not as a matrix product, whose sums' order depends on how many rows.
    for position, column in enumerate(regressors):
        logs += column[:, None] * coefficients[:, position]
    steps = 0.5 * np.log(np.arange(1, len(coefficients) + 1))
    year = np.log(moves.year)[:, None] + steps
    bounded: Numbers = np.clip(logs, year - FARTHEST, year + FARTHEST)
    return bounded


@dataclass(frozen=True)
class TrainingMoves:
    """The moves of one ticker and the rows of them that are learnt from.

    Attributes:
        moves: of its bars.
        train_end: the row after the last that is learnt from, targets and all.
    """

    moves: Moves | UnmeasuredMoves
    train_end: int

    def iterate_spans(self, *, after: int = 0) -> Iterator[MovesSpan]:
        """Yield the moves that are learnt from; see `moves.iterate_spans`."""
        return iterate_spans(self.moves, self.train_end, after=after)

    def count_ranged(self) -> int:
        """Return how many of the rows that are learnt from have ranges to believe."""
        return sum(int(span.moves.has_range[span.rows].sum()) for span in self.iterate_spans())


def fit_har(tickers: Collection[TrainingMoves], *, horizon: int) -> HarPath:
    """Fit the path on the training spans of one ticker or many; one row counts like another.

    Args:
        tickers: at least one; it is gone through several times.
        horizon: steps ahead.
    """
    ranged = known = 0
    for one in tickers:
        ranged += one.count_ranged()
        known += one.train_end
    measures: list[Measure] = ["return"]
    if 2 * ranged > known:
        measures += ["range", "market"] if len(tickers) >= FEWEST else ["range"]
    return HarPath(*_fit_steps(tickers, measures, horizon))


def _fit_steps(
    tickers: Collection[TrainingMoves], measures: Sequence[Measure], horizon: int
) -> list[tuple[Row, ...]]:
    keeps_scale = len(tickers) > 1
    fits = [
        [_Regression(measure, step, keeps_scale) for step in range(1, horizon + 1)]
        for measure in measures
    ]
    for learn in (_Regression.add_products, _Regression.add_ratios):
        for one in tickers:
            skipped = min(_FEWEST, one.train_end // 4)
            for span in one.iterate_spans(after=horizon):
                regressors = Regressors(span.moves)
                for measure, steps in zip(measures, fits, strict=True):
                    table = np.column_stack(
                        [column[span.rows] for column in regressors.list_columns(measure)]
                    )
                    for fit in steps:
                        sums = _sum_following(span, measure, fit.step, skipped)
                        known = np.isfinite(sums)
                        learn(fit, table[known], sums[known])
        for steps in fits:
            for fit in steps:
                fit.conclude()
    return [tuple(fit.to_row() for fit in steps) for steps in fits]


def _sum_following(span: MovesSpan, measure: Measure, step: int, skipped: int) -> Numbers:
    """Return (rows,) the summed variances of the bars after each row of a span.

    NaN where nothing is learnt from a row, as of the history's first `skipped`.
    """
    moves, rows = span.moves, span.rows
    variances = moves.returns**2 if measure == "return" else moves.variances
    sums = sum_variances(variances[rows.start :], step)[: span.last - span.first]
    unknown = ~(sums > 0) | np.isinf(sums)
    unknown[: max(0, skipped - span.first)] = True
    if measure == "market":
        unknown |= ~moves.has_market[rows]
    sums[unknown] = np.nan
    return sums


class _Regression:
    """Half the log of summed variances on regressors, drawn towards the prior.

    Ridge regression (Hoerl & Kennard 1970) around it: as if so many bars more had been seen that
    follow the prior. The constant is what makes the mean of variance / forecast 1.

    Args:
        measure: of the moves.
        step: bars ahead.
        keeps_scale: whether the slopes over the spans add up to 1, and the market's to 0, so that
            what was learnt of some tickers holds for others that move more, or less.
    """

    def __init__(self, measure: Measure, step: int, keeps_scale: bool) -> None:  # noqa: FBT001
        self.step = step
        self._keeps_scale = keeps_scale
        self._strength = _STRENGTH[measure]
        self._prior = self._slopes = find_prior(measure, step)
        size = len(self._prior) + 2  # slopes, constant, target
        self._products = np.zeros((size, size))
        self._ratios = np.zeros(2)  # sum and count

    def add_products(self, regressors: Numbers, sums: Numbers) -> None:
        """Add (n, REGRESSORS) and (n,) to what the slopes follow from."""
        table = np.column_stack([regressors, 0.5 * np.log(sums + 1e-8)])
        if self._keeps_scale:
            table = self._relate(table)
        self._products += table.T @ table

    def add_ratios(self, regressors: Numbers, sums: Numbers) -> None:
        """Add the ratios of the same to what the slopes say."""
        ratios = sums / np.exp(2 * (regressors[:, :-1] @ self._slopes))
        self._ratios += np.sum(ratios), len(ratios)

    def _relate(self, table: Numbers) -> Numbers:
        """Take the year's log scale off the others and the target, and the market's likewise."""
        related = table.copy()
        last = len(SPANS) - 1
        related[:, :last] -= table[:, last, None]
        related[:, -1] -= table[:, last]
        related[:, last] = 0.0
        if len(self._prior) > REGRESSORS:
            first = REGRESSORS - 1
            related[:, first : first + last] -= table[:, first + last, None]
            related[:, first + last] = 0.0
        return related

    def _complete(self, slopes: Numbers) -> Numbers:
        """Give the year's log scales the slopes that `_relate` took for granted."""
        last, first = len(SPANS) - 1, REGRESSORS - 1
        complete = slopes.copy()
        complete[last] = 1.0 - slopes[:last].sum()
        if len(slopes) > REGRESSORS:
            complete[first + last] = -slopes[first : first + last].sum()
        return complete

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
        if self._keeps_scale:
            self._slopes = self._complete(self._slopes)

    def to_row(self) -> Row:
        """Return slopes and constant."""
        total, count = self._ratios
        constant = 0.5 * np.log(total / count) if count else 0.5 * np.log(self.step)
        return (*map(float, self._slopes), float(constant))


def find_prior(measure: Measure, step: int) -> Numbers:
    """Return the slopes that many stocks have, for a step ahead; of what all tickers did, none.

    Between the steps that were looked at they follow the step's logarithm.
    """
    known = _PRIOR["return" if measure == "return" else "range"]
    place = np.log(step)
    columns = zip(*known.values(), strict=True)
    slopes = np.array([np.interp(place, np.log(list(known)), column) for column in columns])
    return slopes if measure != "market" else np.append(slopes, np.zeros(MARKET_REGRESSORS))


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
