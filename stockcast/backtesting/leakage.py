"""Proof that no forecast depends on a later row: the same again with others there, and with none.

A row is later than a cutoff if it was not known then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stockcast.backtesting.plan import Cutoffs, Fold, Plan
from stockcast.backtesting.run import (
    Engine,
    Fitted,
    Walk,
    fit_candidate,
    list_folds,
    place_last_intervals,
)
from stockcast.errors import LeakageFound
from stockcast.forecast.intervals import Intervals, Tails
from stockcast.forecast.outlook import Outlook
from stockcast.prices.history import Numbers, PriceHistory, format_date
from stockcast.progress import Progress, Silent

_ROUNDING = 1e-4  # relative: with fewer cutoffs at once, sums are made in another order


def alter_later(history: PriceHistory, cutoff: int) -> PriceHistory:
    """Multiply each later value by a factor of its own, mostly between 1 and 20.

    Level, range and every return become others, so that nothing computed from them stays.
    """
    altered = history.select(np.arange(len(history)))
    random = np.random.default_rng(0)
    for values in altered.columns.values():
        values[cutoff:] *= np.exp(random.normal(1.5, 0.75, len(history) - cutoff))
    market, covariates, date = history.market, history.covariates, history.dates[cutoff - 1]
    return replace(
        altered,
        market=market and market.alter_later(date),
        covariates=covariates and covariates.alter_later(date),
    )


def remove_later(history: PriceHistory, cutoff: int) -> PriceHistory:
    """Return the bars before the cutoff alone, as if the others had not come yet."""
    known = history.select(np.arange(cutoff))
    market, covariates, date = history.market, history.covariates, history.dates[cutoff - 1]
    return replace(
        known,
        market=market and market.remove_later(date),
        covariates=covariates and covariates.remove_later(date),
    )


def check_leakage(
    history: PriceHistory,
    walks: Sequence[Walk],
    plan: Plan,
    setup: Engine,
    *,
    progress: Progress | None = None,
) -> int:
    """Replay a part of each walk with all later rows altered, and again with them removed.

    The first, the middle and the last fold are fitted again, and of each of those the first, the
    middle and the last cutoff are forecast again, with all cutoffs before it in the fold.

    Args:
        history: the bars that were walked through.
        walks: what came of it.
        plan: as it was for them.
        setup: likewise.
        progress: receives each fold that was replayed.

    Returns:
        how many cutoffs were replayed.

    Raises:
        LeakageFound: a model file, a forecast or an interval is not the same, byte for byte.
    """
    progress, count = progress or Silent(), 0
    parts = [(walk, number) for walk in walks for number in _pick(len(walk.digests))]
    progress.begin("check for leakage", len(parts))
    try:
        for done, (walk, number) in enumerate(parts, start=1):
            folds = list_folds(walk.candidate, plan)
            first = sum(len(fold.cutoffs) for fold in folds[:number])
            replay = _Replay(history, walk, plan, setup, folds[number], first)
            fitted = replay.fit_again(walk.digests[number])
            for position in _pick(len(folds[number].cutoffs)):
                replay.forecast_again(fitted, position)
                count += 1
            progress.advance(done, {})
    finally:
        progress.end()
    return count


def _pick(count: int) -> list[int]:
    """Return the first, the middle and the last of so many numbers from 0."""
    return sorted({0, count // 2, count - 1})


@dataclass(frozen=True)
class _Replay:
    """One fold of a walk, to be walked again.

    Attributes:
        history: the bars that were walked through.
        walk: what came of it.
        plan: as it was.
        setup: as it was.
        fold: the one to be replayed.
        first: position of its first cutoff in the walk.
    """

    history: PriceHistory
    walk: Walk
    plan: Plan
    setup: Engine
    fold: Fold
    first: int

    def fit_again(self, digest: str) -> Fitted:
        """Fit on the rows before the fold, and return what came of it without the later ones.

        Raises:
            LeakageFound: the model file is not the one with this digest.
        """
        cutoff = self.fold.fitted_at
        for word, change in (("altered", alter_later), ("removed", remove_later)):
            history = change(self.history, cutoff)
            fitted = fit_candidate(history, self.walk.candidate, self.plan, self.fold, self.setup)
            if fitted.digest != digest:
                raise self._report("the model fitted", cutoff, word)
        return fitted

    def forecast_again(self, fitted: Fitted, position: int) -> None:
        """Forecast the fold again up to a cutoff, as if no later row were known.

        Raises:
            LeakageFound: a forecast or an interval is another one.
        """
        cutoff, until = int(self.fold.cutoffs[position]), slice(0, position + 1)
        some = self.fold.cutoffs[until]
        original = _stack(self.walk.outlook, self.walk.intervals, self.walk.tails)[self.first :][
            until
        ]
        altered = self._look(fitted, alter_later(self.history, cutoff), self.fold.cutoffs)
        self._compare(original, altered[until], "altered")
        # Fewer cutoffs at once round otherwise, so these are held against as many.
        expected = self._look(fitted, self.history, some)
        removed = self._look(fitted, remove_later(self.history, cutoff), some)
        self._compare(expected, removed, "removed")
        ahead = slice(0, self.plan.horizon)
        if not np.allclose(original[:, ahead], expected[:, ahead], rtol=_ROUNDING):
            raise self._report("the forecast", cutoff, "left out")

    def _look(self, fitted: Fitted, history: PriceHistory, cutoffs: Cutoffs) -> Numbers:
        """Forecast after some of the fold's cutoffs; what earlier folds forecast stands."""
        outlook = fitted.look(history, cutoffs)
        earlier = _take_first(self.walk.outlook, self.first, history.columns[self.plan.target])
        outlooks = [earlier, outlook] if self.first else [outlook]
        placed = place_last_intervals(fitted.calibration, outlooks, self.setup)
        return _stack(outlook, *placed)

    def _compare(self, expected: Numbers, found: Numbers, word: str) -> None:
        """Raise unless two stacks are the same, bit for bit."""
        differs = (expected.view(np.int64) != found.view(np.int64)).any(axis=1)
        if differs.any():
            raise self._report("the forecast", int(self.fold.cutoffs[differs.argmax()]), word)

    def _report(self, what: str, cutoff: int, word: str) -> LeakageFound:
        date = format_date(self.history.dates[cutoff - 1])
        return LeakageFound(
            f"{self.walk.candidate.name}: {what} at the cutoff {date} is another one "
            f"when later rows are {word}",
            hint="a bug in stockcast, please report it: these forecasts prove nothing",
        )


def _stack(outlook: Outlook, intervals: Intervals, tails: Tails) -> Numbers:
    """(n, …) all that was said at each cutoff, forecasts first."""
    pairs = (*intervals.values(), *tails.values())
    bounds = [bound for pair in pairs for bound in pair]
    stacked: Numbers = np.column_stack(
        [outlook.forecast, outlook.last_prices, outlook.volatility, *bounds]
    )
    return stacked


def _take_first(outlook: Outlook, count: int, prices: Numbers) -> Outlook:
    """Return the first `count` rows of an outlook, with what came true as `prices` have it."""
    horizon = outlook.forecast.shape[1]
    rows = outlook.cutoffs[:count, None] + np.arange(horizon)
    padded = np.concatenate([prices, np.full(horizon, np.nan)])
    return Outlook(
        cutoffs=outlook.cutoffs[:count],
        forecast=outlook.forecast[:count],
        last_prices=outlook.last_prices[:count],
        volatility=outlook.volatility[:count],
        actual=padded[rows],
    )
