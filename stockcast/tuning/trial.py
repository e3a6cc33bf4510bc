"""One trial: a recipe walks forward through the folds, and what its forecasts lose."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from stockcast.backtesting.candidates import Candidate
from stockcast.backtesting.date_folds import DateFolds, locate_dates
from stockcast.backtesting.leakage import check_leakage
from stockcast.backtesting.plan import Fold, Plan
from stockcast.backtesting.run import Engine, Fit, Walk, run_backtest
from stockcast.evaluation.panel import square_errors
from stockcast.evaluation.volatility_metrics import qlike_losses
from stockcast.forecast.outlook import Outlook, prepare_inputs
from stockcast.model.model import Model
from stockcast.prices.history import Numbers, PriceHistory
from stockcast.recipe import Recipe
from stockcast.windows.har import sum_variances
from stockcast.windows.moves import measure_moves

Objective = Literal["which-way", "how-far"]

FitPool = Callable[[Sequence[PriceHistory], Recipe, np.datetime64], Model]
"""All tickers' bars, a pooled recipe and a date ─▶ a model of the bars before it alone."""


@dataclass(frozen=True)
class Fits:
    """What trains a trial's models.

    Attributes:
        alone: fits one ticker's.
        pooled: fits one of all tickers.
    """

    alone: Fit
    pooled: FitPool


@dataclass(frozen=True)
class TrialLosses:
    """What a recipe's forecasts lost, beside what they are held against.

    Attributes:
        losses: (dates,) of all tickers together, on every date of the folds, 0 where none was
            forecast: squared errors in shares of the last price, or QLIKE.
        reference: (dates,) likewise of repeating the last price, or of the model's own path.
        forecasts: how many there are.
        replayed: cutoffs that were looked at for leakage.
    """

    losses: Numbers
    reference: Numbers
    forecasts: int
    replayed: int = 0

    def score(self, objective: Objective) -> float:
        """Return RMSE / RMSE of the last price, or QLIKE / QLIKE of the path; below 1 is better."""
        return score_losses(self.losses, self.reference, objective)


def score_losses(losses: Numbers, reference: Numbers, objective: Objective) -> float:
    """Return a loss beside its reference's, as `TrialLosses.score`.

    Example:
        >>> score_losses(np.array([0.0, 1.0]), np.array([2.0, 2.0]), "which-way")
        0.5
    """
    total = float(reference.sum())
    ratio = float(losses.sum()) / total if total else 1.0
    return math.sqrt(ratio) if objective == "which-way" else ratio


@dataclass
class _Sums:
    """Losses of all tickers, a number a date."""

    folds: DateFolds
    losses: Numbers = field(init=False)
    reference: Numbers = field(init=False)
    forecasts: int = 0

    def __post_init__(self) -> None:
        self.losses = np.zeros(len(self.folds.dates))
        self.reference = np.zeros(len(self.folds.dates))

    def add(self, history: PriceHistory, outlook: Outlook, pair: tuple[Numbers, Numbers]) -> None:
        known = np.isfinite(pair[0]) & np.isfinite(pair[1])
        places = locate_dates(history.dates[outlook.cutoffs[known]], self.folds.dates)
        np.add.at(self.losses, places, pair[0][known])
        np.add.at(self.reference, places, pair[1][known])
        self.forecasts += int(known.sum())


def walk_trial(
    histories: Sequence[PriceHistory],
    recipe: Recipe,
    folds: DateFolds,
    objective: Objective,
    fits: Fits,
    *,
    check: bool = False,
) -> TrialLosses:
    """Fit a recipe before each fold, forecast the fold, and add up what that loses.

    Args:
        histories: the tickers' bars; what is later than the folds plays no part.
        recipe: its test span plays none either.
        folds: what is forecast.
        objective: which loss.
        fits: what trains models.
        check: whether to look for leakage.

    Raises:
        PriceError: a ticker cannot be used with this recipe.
        TrainingDiverged: the loss is no longer a finite number.
        LeakageFound: a forecast depended on a later row.
    """
    recipe = recipe.model_copy(update={"test": 0})
    walk = _walk_pooled if recipe.pooled else _walk_alone
    return walk(histories, recipe, folds, objective, fits, check=check)


def _walk_alone(
    histories: Sequence[PriceHistory],
    recipe: Recipe,
    folds: DateFolds,
    objective: Objective,
    fits: Fits,
    *,
    check: bool,
) -> TrialLosses:
    sums, replayed = _Sums(folds), 0
    candidate = Candidate("the trial", recipe)
    for history in histories:
        known, cut = folds.cut(history, recipe.horizon)
        parts = tuple(one for one in cut if len(one.cutoffs))
        if not parts:
            continue
        models: list[Model] = []

        def fit(
            bars: PriceHistory, recipe: Recipe, cutoff: int, kept: list[Model] = models
        ) -> Model:
            kept.append(fits.alone(bars, recipe, cutoff))
            return kept[-1]

        plan = _plan(candidate, known, recipe, parts)
        (walk,) = run_backtest(known, [candidate], plan, Engine(fit, levels=()))
        volatility = _follow_paths(models, known, parts) if objective == "how-far" else None
        sums.add(known, walk.outlook, _measure(known, walk, volatility, plan))
        if check:
            replayed += check_leakage(known, [walk], plan, Engine(fits.alone, levels=()))
    return TrialLosses(sums.losses, sums.reference, sums.forecasts, replayed)


def _walk_pooled(
    histories: Sequence[PriceHistory],
    recipe: Recipe,
    folds: DateFolds,
    objective: Objective,
    fits: Fits,
    *,
    check: bool,
) -> TrialLosses:
    """Fit one model before each fold, on all tickers that there were by then."""
    sums, replayed = _Sums(folds), 0
    for number, edge in enumerate(folds.edges[:-1]):
        model = fits.pooled(histories, recipe, edge)
        for history in histories:
            known, cut = folds.cut(history, recipe.horizon)
            part = cut[number]
            if not len(part.cutoffs):
                continue
            adapted = model.adapt(known)
            candidate = Candidate("the trial", adapted)
            plan = _plan(candidate, known, recipe, (part,))
            (walk,) = run_backtest(known, [candidate], plan, Engine(levels=()))
            is_far = objective == "how-far"
            volatility = _follow_paths([adapted], known, (part,)) if is_far else None
            sums.add(known, walk.outlook, _measure(known, walk, volatility, plan))
            if check:
                replayed += check_leakage(known, [walk], plan, Engine(levels=()))
    return TrialLosses(sums.losses, sums.reference, sums.forecasts, replayed)


def _plan(
    candidate: Candidate, known: PriceHistory, recipe: Recipe, parts: tuple[Fold, ...]
) -> Plan:
    target = candidate.find_target(known)
    if target is None:
        raise ValueError("a trial is a recipe or a model")
    return Plan(target, recipe.horizon, 1, None, 0, parts)


def _follow_paths(models: Sequence[Model], known: PriceHistory, parts: Sequence[Fold]) -> Numbers:
    """(n, horizon) how far the paths alone say that the price goes, without what networks add."""
    return np.concatenate(
        [
            prepare_inputs(model, known, fold.cutoffs).volatility
            for model, fold in zip(models, parts, strict=True)
        ]
    )


def _measure(
    known: PriceHistory, walk: Walk, volatility: Numbers | None, plan: Plan
) -> tuple[Numbers, Numbers]:
    """Return (n,) losses at the farthest step ahead, and the reference's; NaN where unknown."""
    outlook = walk.outlook
    actual, last = outlook.actual[:, -1], outlook.last_prices
    if volatility is None:
        return (
            square_errors(actual, outlook.forecast[:, -1], last),
            square_errors(actual, last, last),
        )
    true = sum_variances(measure_moves(known, plan.target).variances, plan.horizon)
    true = true[outlook.cutoffs - 1]
    moved = np.isfinite(true) & (true > 0)
    losses = np.full((2, len(true)), np.nan)
    for row, said in enumerate((outlook.volatility[:, -1], volatility[:, -1])):
        losses[row, moved] = qlike_losses(true[moved], said[moved] ** 2)
    return losses[0], losses[1]
