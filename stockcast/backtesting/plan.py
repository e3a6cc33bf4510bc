"""Where a backtest stands: its cutoffs, and the folds that share a fit.

A cutoff is the number of bars known. From each, `horizon` steps are forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stockcast.backtesting.candidates import (
    Candidate,
    Need,
    resolve_horizon,
    resolve_target,
)
from stockcast.backtesting.covered import CoveredDates, choose_covered, find_gap
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.recorded import PlacedForecasts
from stockcast.errors import TooShort, UsageError, option
from stockcast.plurals import count_of
from stockcast.prices.history import PriceHistory, format_date
from stockcast.recipe import PriceColumn, Recipe
from stockcast.windows.features import Columns, compute_features
from stockcast.windows.series import window_history

Cutoffs = NDArray[np.int64]
_DEFAULT_OPTIONS = CutoffOptions()

MOST_FOLDS = 250
"""Cutoffs by default, about a year of trading days; at most a third of the bars."""


@dataclass(frozen=True)
class Fold:
    """Cutoffs that share one fit, made at the first of them.

    Attributes:
        first_row: the first bar that the fit may see.
        cutoffs: (n,) ascending, n at least 1.
    """

    first_row: int
    cutoffs: Cutoffs

    @property
    def fitted_at(self) -> int:
        """The cutoff that the fit is made at: it sees bars first_row … fitted_at − 1."""
        return int(self.cutoffs[0])


@dataclass(frozen=True)
class Plan:
    """What is forecast from where, and what each fit may see.

    Attributes:
        target: the column forecast.
        horizon: steps ahead.
        step: bars between cutoffs; with recorded forecasts the fewest between any two.
        train_rows: bars that a fit sees; None: all before its cutoff.
        validation_rows: bars right before the first cutoff on which baselines are calibrated:
            the longest validation span of all recipes there.
        folds: in time order, at least one.
        covered: what became of the dates that recorded forecasts have; None without any.
    """

    target: PriceColumn
    horizon: int
    step: int
    train_rows: int | None
    validation_rows: int
    folds: tuple[Fold, ...]
    covered: CoveredDates | None = None

    @property
    def cutoffs(self) -> Cutoffs:
        """(n,) all of them, ascending."""
        return np.concatenate([fold.cutoffs for fold in self.folds])

    @property
    def is_regular(self) -> bool:
        """Whether each cutoff is the same number of bars after the one before."""
        return bool((np.diff(self.cutoffs) == self.step).all())

    @property
    def whole(self) -> Fold:
        """All cutoffs as one fold, for what is not fitted anew."""
        return Fold(self.folds[0].first_row, self.cutoffs)


def plan_backtest(
    history: PriceHistory,
    candidates: Sequence[Candidate],
    default: Recipe,
    options: CutoffOptions = _DEFAULT_OPTIONS,
) -> Plan:
    """Settle what is forecast from where, and check that every fit has the bars it needs.

    Args:
        history: the bars.
        candidates: all that forecast.
        default: settles column, horizon and validation span where there are only baselines.
        options: from where; the last cutoff leaves exactly the horizon to come true.

    Raises:
        UsageError: candidates do not go together, or the dates leave nothing to forecast.
        PriceError: too few bars before the first cutoff, or they cannot be used.
        UnusableForecasts: recorded forecasts have no date that can be judged.
    """
    target = resolve_target(candidates, history, default)
    horizon = resolve_horizon(candidates, default.horizon)
    history.require_columns((target,))
    compute_features(history, Columns(target, (target,)), "price")  # no price is missing
    cutoffs, covered = _place(history, candidates, horizon=horizon, options=options)
    grouped = group_cutoffs(cutoffs, refit=options.refit, train_rows=options.train_rows)
    return Plan(
        target=target,
        horizon=horizon,
        step=options.step if covered is None else find_gap(cutoffs),
        train_rows=options.train_rows,
        validation_rows=_count_validation(history, candidates, default, grouped[0]),
        folds=grouped,
        covered=covered,
    )


def _place(
    history: PriceHistory,
    candidates: Sequence[Candidate],
    *,
    horizon: int,
    options: CutoffOptions,
) -> tuple[Cutoffs, CoveredDates | None]:
    """Return the cutoffs, and check that every fit has the bars it needs."""
    # Scaled errors are divided by the moves over so many bars before the first cutoff.
    rows = horizon + 1
    moves = Need(rows, f"scaled errors need {rows:,} before the first")
    needs = [one.find_need(history) for one in candidates]
    if options.train_rows is not None:
        of_fits = [
            need
            for one, need in zip(candidates, needs, strict=True)
            if one.is_fitted or one.is_baseline
        ]
        _check_train_rows(options.train_rows, _take_largest([*of_fits, moves]))
    need = _take_largest([*needs, moves])
    placed = [one.source for one in candidates if isinstance(one.source, PlacedForecasts)]
    if placed:
        return choose_covered(
            history,
            placed,
            horizon=horizon,
            options=options,
            needed=need.rows,
            reason=need.reason,
        )
    step, start = options.step, options.find_start()
    room = _count_room(len(history), horizon, step, need.rows)
    if start is not None:
        cutoffs = _start_at(history, start, horizon=horizon, step=step)
    else:
        folds = options.folds
        if folds is None:
            folds = _choose_folds(candidates, len(history), room)
        cutoffs = place_cutoffs(len(history), folds, horizon=horizon, step=step)
    if cutoffs[0] < need.rows:
        raise _explain_lack(history, cutoffs, need, room)
    return cutoffs, None


def place_cutoffs(rows: int, count: int, *, horizon: int, step: int) -> Cutoffs:
    """Return `count` cutoffs `step` apart, the last of them `horizon` before the end.

    The first may be below 0, where there are too few rows.
    """
    return rows - horizon - step * np.arange(count, dtype=np.int64)[::-1]


def group_cutoffs(
    cutoffs: Cutoffs, *, refit: int | None, train_rows: int | None
) -> tuple[Fold, ...]:
    """Group cutoffs into folds of `refit`; None: all into one."""
    edges = [*range(0, len(cutoffs), refit or len(cutoffs)), len(cutoffs)]
    parts = [cutoffs[first:last] for first, last in pairwise(edges)]
    return tuple(
        Fold(0 if train_rows is None else max(0, int(part[0]) - train_rows), part) for part in parts
    )


def _start_at(history: PriceHistory, start: np.datetime64, *, horizon: int, step: int) -> Cutoffs:
    first = int(np.searchsorted(history.dates, start))
    latest = len(history) - horizon
    if first > latest:
        raise UsageError(
            f"{history.name} has no {horizon} bars from {format_date(start)} on"
            if horizon > 1
            else f"{history.name} has no bar from {format_date(start)} on",
            hint=f"it has {format_date(history.dates[0])} to {format_date(history.dates[-1])}",
        )
    return np.arange(first, latest + 1, step, dtype=np.int64)


def _choose_folds(candidates: Sequence[Candidate], rows: int, room: int) -> int:
    """Return how many cutoffs there are by default: with trained models all that have room."""
    if any(one.is_trained for one in candidates):
        return max(1, room)
    return min(MOST_FOLDS, max(1, rows // 3))


def _count_room(rows: int, horizon: int, step: int, earliest: int) -> int:
    """Return how many cutoffs have at least `earliest` rows before them."""
    return max(0, (rows - horizon - earliest) // step + 1)


def _explain_lack(history: PriceHistory, cutoffs: Cutoffs, need: Need, room: int) -> TooShort:
    hint = "give it more history"
    if room:
        date = format_date(history.dates[need.rows])
        hint = f"give {option('folds', room)} or fewer, or {option('start', date)} or later"
    count = f"{len(cutoffs):,} cutoffs" if len(cutoffs) > 1 else "a cutoff"
    has = "has" if len(history) == 1 else "have"
    return TooShort(
        f"{history.name}: {count_of(len(history), 'row')} {has} no room for {count}: {need.reason}",
        hint=hint,
    )


def _take_largest(needs: Sequence[Need]) -> Need:
    return max(needs, key=lambda need: need.rows)


def _check_train_rows(train_rows: int, need: Need) -> None:
    if train_rows < need.rows:
        raise UsageError(
            f"{option('train_rows')} is {train_rows:,}: {need.reason}",
            hint=f"give at least {need.rows}, or leave it out",
        )


def _count_validation(
    history: PriceHistory, candidates: Sequence[Candidate], default: Recipe, fold: Fold
) -> int:
    """Return the longest validation span before the first cutoff; at least the default's.

    Windowing the bars of the first fit also finds what is wrong with them before it begins.
    """
    known = history.select(np.arange(fold.first_row, fold.fitted_at))
    known = replace(known, covariates=None)  # they make no difference to spans
    spans = [
        window_history(known, one.recipe).spans
        for one in candidates
        if one.is_fitted and one.recipe is not None
    ]
    longest = max((span.validation_end - span.train_end for span in spans), default=0)
    if longest:
        return longest
    share = default.validation or Recipe().validation
    return share if isinstance(share, int) else max(1, int(len(known) * share))
