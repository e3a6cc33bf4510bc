"""The walk: each candidate forecasts after each cutoff, fitted on what came before it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from stockcast.backtesting.candidates import Candidate
from stockcast.backtesting.plan import Cutoffs, Fold, Plan
from stockcast.backtesting.recorded import PlacedForecasts
from stockcast.evaluation.baselines import Baseline, forecast_baseline
from stockcast.evaluation.conformal import Calibration, measure_residuals
from stockcast.evaluation.volatility_methods import forecast_variances
from stockcast.forecast.intervals import Intervals, Tails, adapt_intervals
from stockcast.forecast.outlook import Outlook, forecast_at_cutoffs, join_outlooks
from stockcast.model.file import serialize_model
from stockcast.model.model import Model
from stockcast.prices.history import Numbers, PriceHistory
from stockcast.progress import Progress, Silent
from stockcast.recipe import Recipe
from stockcast.windows.har import TrainingMoves, fit_har
from stockcast.windows.moves import measure_moves
from stockcast.windows.volatility import SPAN, estimate_volatility

Fit = Callable[[PriceHistory, Recipe, int], Model]
"""The whole history, a recipe and a cutoff ─▶ a model. It may use the bars before the cutoff
alone; it is given the others so that `check_leakage` can find out whether it does."""

Look = Callable[[Model, PriceHistory, Cutoffs], Outlook]
"""A model, the whole history and cutoffs ─▶ what it answers after each; likewise."""


@dataclass(frozen=True)
class Engine:
    """How candidates are fitted and forecast with.

    Attributes:
        fit: fits recipes; None where there are none.
        look: forecasts with a model.
        levels: of the intervals, 0 to 1.
        quantiles: one-sided ones, 0 to 1.
    """

    fit: Fit | None = None
    look: Look = forecast_at_cutoffs
    levels: tuple[float, ...] = (0.8, 0.95)
    quantiles: tuple[float, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """A candidate that is ready to forecast.

    Attributes:
        look: a history and cutoffs ─▶ what it answers after each.
        calibration: residuals from before its first cutoff; None if there are none.
        digest: SHA-256 of the model file; empty for a baseline.
    """

    look: Callable[[PriceHistory, Cutoffs], Outlook]
    calibration: Calibration | None
    digest: str


@dataclass(frozen=True)
class Walk:
    """What one candidate forecast after all cutoffs.

    Attributes:
        candidate: who.
        outlook: (n, horizon) forecasts and what came true.
        intervals: level to lower and upper, (n, horizon) each; NaN while too little was known.
        digests: one a fold, of the model file that forecast it.
        tails: quantile to the price at it and the mean price beyond it, likewise.
    """

    candidate: Candidate
    outlook: Outlook
    intervals: Intervals
    digests: tuple[str, ...]
    tails: Tails = field(default_factory=dict)


def run_backtest(
    history: PriceHistory,
    candidates: Sequence[Candidate],
    plan: Plan,
    setup: Engine,
    *,
    progress: Progress | None = None,
) -> list[Walk]:
    """Let each candidate forecast after each cutoff, each from the bars before it alone.

    Args:
        history: the bars.
        candidates: who forecasts.
        plan: from where.
        setup: how.
        progress: receives each fold in which a recipe was fitted.
    """
    return [
        _walk(history, candidate, plan, setup, progress or Silent()) for candidate in candidates
    ]


def list_folds(candidate: Candidate, plan: Plan) -> tuple[Fold, ...]:
    """Return a candidate's folds: what is not fitted anew forecasts all cutoffs at once."""
    return plan.folds if candidate.is_fitted else (plan.whole,)


def _walk(
    history: PriceHistory, candidate: Candidate, plan: Plan, setup: Engine, progress: Progress
) -> Walk:
    if isinstance(candidate.source, PlacedForecasts):
        return _walk_recorded(history, candidate, candidate.source, plan, setup)
    folds = list_folds(candidate, plan)
    outlooks: list[Outlook] = []
    intervals: list[Intervals] = []
    tails: list[Tails] = []
    digests: list[str] = []
    if candidate.is_fitted:
        progress.begin(candidate.name, len(folds))
    try:
        for number, fold in enumerate(folds, start=1):
            fitted = fit_candidate(history, candidate, plan, fold, setup)
            outlooks.append(fitted.look(history, fold.cutoffs))
            placed = place_last_intervals(fitted.calibration, outlooks, setup)
            intervals.append(placed[0])
            tails.append(placed[1])
            digests.append(fitted.digest)
            if candidate.is_fitted:
                progress.advance(number, {})
    finally:
        if candidate.is_fitted:
            progress.end()
    return Walk(
        candidate,
        join_outlooks(outlooks),
        _join(intervals),
        tuple(digests),
        _join(tails),
    )


def _join(parts: Sequence[Intervals]) -> Intervals:
    """Put the pairs of folds one after the other."""
    return {
        key: (
            np.concatenate([part[key][0] for part in parts]),
            np.concatenate([part[key][1] for part in parts]),
        )
        for key in parts[0]
    }


def _walk_recorded(
    history: PriceHistory,
    candidate: Candidate,
    placed: PlacedForecasts,
    plan: Plan,
    setup: Engine,
) -> Walk:
    """Return what was forecast elsewhere, with its own intervals or those of its volatility.

    Its volatility is calibrated, as that of baselines is, on its forecasts from before the first
    cutoff that had come true by then. Quantiles are its own likewise where it has them.
    """
    prices, first = history.columns[plan.target], int(plan.cutoffs[0])
    outlook = placed.look(prices, plan.cutoffs, plan.horizon)
    cutoffs = placed.list_cutoffs(plan.horizon)
    cutoffs = cutoffs[cutoffs + plan.horizon <= first][-plan.validation_rows :]
    seen = placed.look(prices, cutoffs, plan.horizon)
    residuals = measure_residuals(seen.actual, seen.forecast, seen.last_prices, seen.volatility)
    known = residuals[np.isfinite(residuals).all(axis=1)]
    calibration = Calibration(known.T.astype(np.float32)) if len(known) else None
    intervals, tails = place_last_intervals(calibration, [outlook], setup)
    intervals |= placed.take_intervals(plan.cutoffs, plan.horizon, setup.levels)
    tails |= placed.take_tails(plan.cutoffs, plan.horizon, setup.quantiles)
    return Walk(candidate, outlook, intervals, ("",), tails)


def fit_candidate(
    history: PriceHistory, candidate: Candidate, plan: Plan, fold: Fold, setup: Engine
) -> Fitted:
    """Make a candidate ready for a fold, from what is known at its first cutoff.

    Raises:
        ValueError: it is a recipe, and there is nothing to fit it with; or its forecasts are
            recorded ones.
    """
    source = candidate.source
    if isinstance(source, Baseline):
        return _prepare_baseline(history, source, plan)
    if isinstance(source, Model):
        # Without a validation span it was calibrated on its test span, which may lie ahead here.
        calibration = source.calibration if source.recipe.validation else None
        return Fitted(_look_with(source, setup.look), calibration, _digest(source))
    if not isinstance(source, Recipe):
        raise ValueError("recorded forecasts are not made again")
    if setup.fit is None:
        raise ValueError("a recipe needs a function that fits it")
    span = history.select(np.arange(fold.first_row, len(history)))
    if not candidate.sees_covariates:
        span = replace(span, covariates=None)
    model = setup.fit(span, source, fold.fitted_at - fold.first_row)
    return Fitted(_look_with(model, setup.look), model.calibration, _digest(model))


def place_last_intervals(
    calibration: Calibration | None, outlooks: Sequence[Outlook], setup: Engine
) -> tuple[Intervals, Tails]:
    """Surround the last of a row of outlooks, each forecast from what was known before it.

    Intervals and quantiles adapt to how the forecasts before them came out, those of earlier
    folds too.

    Args:
        calibration: of the model behind the last outlook.
        outlooks: in time order; the last one is surrounded.
        setup: which levels and quantiles.
    """
    return adapt_intervals(
        calibration,
        join_outlooks(outlooks),
        levels=setup.levels,
        quantiles=setup.quantiles,
        newest=len(outlooks[-1].cutoffs),
    )


def _look_with(model: Model, look: Look) -> Callable[[PriceHistory, Cutoffs], Outlook]:
    return lambda history, cutoffs: look(model, history, cutoffs)


def _digest(model: Model) -> str:
    return hashlib.sha256(serialize_model(model)).hexdigest()


def _prepare_baseline(history: PriceHistory, baseline: Baseline, plan: Plan) -> Fitted:
    """Calibrate a baseline on the rows that recipes validate on, before the first cutoff."""

    def look(history: PriceHistory, cutoffs: Cutoffs) -> Outlook:
        return forecast_baseline_at_cutoffs(baseline, history, cutoffs, plan)

    first = int(plan.folds[0].cutoffs[0])
    earliest = max(first - plan.validation_rows, baseline.needed)
    cutoffs = np.arange(earliest, first - plan.horizon + 1)
    if not len(cutoffs):
        return Fitted(look, None, "")
    seen = look(history.select(np.arange(first)), cutoffs)
    residuals = measure_residuals(seen.actual, seen.forecast, seen.last_prices, seen.volatility)
    return Fitted(look, Calibration(residuals.T.astype(np.float32)), "")


def forecast_baseline_at_cutoffs(
    baseline: Baseline, history: PriceHistory, cutoffs: Cutoffs, plan: Plan
) -> Outlook:
    """Forecast after each cutoff with a baseline, as `forecast_at_cutoffs` does with a model."""
    prices = history.columns[plan.target]
    padded = np.concatenate([prices, np.full(plan.horizon, np.nan)])
    return Outlook(
        cutoffs=cutoffs,
        forecast=forecast_baseline(
            baseline.name, prices, cutoffs, plan.horizon, train_rows=plan.train_rows
        ),
        last_prices=prices[cutoffs - 1],
        volatility=_forecast_volatility(baseline, history, cutoffs, plan),
        actual=padded[cutoffs[:, None] + np.arange(plan.horizon)],
    )


def _forecast_volatility(
    baseline: Baseline, history: PriceHistory, cutoffs: Cutoffs, plan: Plan
) -> Numbers:
    """Return how far a baseline says that the price will move, (n, horizon) or (n, 1).

    What has parameters is fitted at the first cutoff, on the bars before it.
    """
    first, last = int(cutoffs[0]), int(cutoffs[-1])
    if not baseline.volatility:
        oldest = max(0, first - SPAN)
        recent = history.select(np.arange(oldest, last))
        return estimate_volatility(recent, plan.target)[cutoffs - 1 - oldest, None]
    oldest = 0 if plan.train_rows is None else max(0, first - plan.train_rows)
    known = history.select(np.arange(oldest, last))
    moves = measure_moves(known, plan.target)
    if baseline.volatility == "har":
        path = fit_har([TrainingMoves(moves, first - oldest)], horizon=plan.horizon)
        return path.forecast(moves)[cutoffs - 1 - oldest]
    variances = forecast_variances(
        baseline.volatility,
        moves.returns,
        cutoffs - oldest,
        plan.horizon,
        train_rows=plan.train_rows,
    )
    deviations: Numbers = np.sqrt(variances)
    return deviations
