"""The backtest of one ticker: its plan, its walks, and what they come to, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from stockcast.backtesting.candidates import Candidate
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.examine import examine_recorded
from stockcast.backtesting.forecasts import Forecasts, gather_forecasts
from stockcast.backtesting.judge import Judgement, conclude, judge_walks
from stockcast.backtesting.leakage import check_leakage
from stockcast.backtesting.plan import Plan, plan_backtest
from stockcast.backtesting.run import Engine, Fit, Walk, run_backtest
from stockcast.backtesting.spreads import SpreadJudgement
from stockcast.evaluation.panel import square_errors
from stockcast.evaluation.skill import Skill
from stockcast.evaluation.value_at_risk import TailScore
from stockcast.prices.history import Dates, Numbers, PriceHistory
from stockcast.progress import SILENT, Observer, Progress
from stockcast.recipe import Recipe
from stockcast.windows.moves import measure_moves

FitLoader = Callable[[Progress | None], Fit]
"""What observes each epoch ─▶ what fits recipes; called only when one is to be fitted."""


@dataclass(frozen=True)
class BacktestRequest:
    """What is asked of each ticker.

    Attributes:
        candidates: who forecasts.
        default: recipe that settles what candidates leave open, see `plan_backtest`.
        cutoffs: from where.
        levels: of the intervals, 0 to 1.
        check_leakage: whether to look for leakage.
        quantiles: one-sided ones, 0 to 1.
    """

    candidates: tuple[Candidate, ...]
    default: Recipe
    cutoffs: CutoffOptions = field(default_factory=CutoffOptions)
    levels: tuple[float, ...] = (0.8, 0.95)
    check_leakage: bool = False
    quantiles: tuple[float, ...] = ()

    def make_engine(self, fit: Fit | None) -> Engine:
        """Return how candidates are forecast with, by what fits recipes."""
        return Engine(fit, levels=self.levels, quantiles=self.quantiles)

    def narrow(self, history: PriceHistory) -> BacktestRequest:
        """Return what is asked of one ticker: with recorded forecasts of no other.

        Raises:
            UnusableForecasts: recorded forecasts do not fit the history.
        """
        candidates = [one.adapt(history) if one.is_recorded else one for one in self.candidates]
        return replace(self, candidates=tuple(candidates))


@dataclass(frozen=True)
class TickerScore:
    """How one candidate did on one ticker, at the farthest step ahead.

    Attributes:
        skill: errors beside the last price's.
        figures: as `Judgement.figures`.
        squares: (n,) squared errors, see `square_errors`.
        spread: how far it said that the price goes; None where it did not.
        held: level to how many prices lay within the interval, and how many had one.
        tails: how each one-sided quantile held.
    """

    skill: Skill
    figures: dict[str, float]
    squares: Numbers
    held: dict[float, tuple[int, int]]
    tails: tuple[TailScore, ...] = ()
    spread: SpreadJudgement | None = None


@dataclass(frozen=True)
class TickerResult:
    """How all candidates did on one ticker: without models and bars, so that it travels light.

    Attributes:
        ticker: whose prices.
        cutoffs: (n,) the last date known.
        dates: (n,) the date forecast.
        scores: name of each candidate to how it did.
        replayed: cutoffs that were looked at for leakage.
        forecasts: all of them; None unless they were wanted.
        left_out: dates of recorded forecasts that came true and are not judged.
    """

    ticker: str
    cutoffs: Dates
    dates: Dates
    scores: dict[str, TickerScore]
    replayed: int = 0
    forecasts: Forecasts | None = None
    left_out: int = 0


@dataclass(frozen=True)
class TickerBacktest:
    """The backtest of one ticker.

    Attributes:
        history: its bars.
        plan: what was forecast from where.
        walks: one a candidate, in their order.
        judgements: one a candidate, the best first.
        replayed: cutoffs that were looked at for leakage; 0 if that was not asked for.
    """

    history: PriceHistory
    plan: Plan
    walks: tuple[Walk, ...]
    judgements: tuple[Judgement, ...]
    replayed: int = 0

    @property
    def conclusion(self) -> str:
        """What follows, in a sentence or two."""
        return conclude(self.judgements, self.plan)

    @property
    def levels(self) -> tuple[float, ...]:
        """Of the intervals, 0 to 1."""
        return tuple(self.walks[0].intervals)

    def gather_forecasts(self) -> Forecasts:
        """Return what was forecast, beside what came true."""
        return gather_forecasts(self.history, self.walks)

    def measure(self, *, keep_forecasts: bool = False) -> TickerResult:
        """Return what a table of many tickers needs.

        Args:
            keep_forecasts: whether each forecast is wanted, and not only what they come to.
        """
        dates, cutoffs = self.history.dates, self.plan.cutoffs
        judged = {one.candidate.name: one for one in self.judgements}
        return TickerResult(
            ticker=self.history.ticker,
            cutoffs=dates[cutoffs - 1],
            dates=dates[cutoffs + self.plan.horizon - 1],
            scores={
                walk.candidate.name: _score(walk, judged[walk.candidate.name])
                for walk in self.walks
            },
            replayed=self.replayed,
            forecasts=self.gather_forecasts() if keep_forecasts else None,
            left_out=self.plan.covered.left_out if self.plan.covered else 0,
        )


def run_ticker(
    history: PriceHistory,
    request: BacktestRequest,
    *,
    load_fit: FitLoader | None = None,
    observer: Observer = SILENT,
    on_plan: Callable[[Plan], None] | None = None,
) -> TickerBacktest:
    """Walk forward through one ticker with each candidate, and judge what comes of it.

    Args:
        history: its bars.
        request: who forecasts, from where, and what else is asked.
        load_fit: loads what fits recipes; None where there are none.
        observer: shown the progress: of one fit its epochs, of several their number.
        on_plan: called with the plan before anything is fitted.

    Raises:
        UsageError: candidates do not go together, or the dates leave nothing to forecast.
        PriceError: too few bars before the first cutoff, or they cannot be used.
        UnusableForecasts: recorded forecasts do not fit the prices, or were known prices.
        LeakageFound: a forecast depended on a later row.

    Example:
        >>> from stockcast.backtesting.candidates import name_candidates
        >>> from stockcast.prices.csv.reader import read_prices
        >>> (history,) = read_prices("sample_data/GOOG.csv")
        >>> request = BacktestRequest(name_candidates(["drift"], {}), Recipe())
        >>> [one.candidate.name for one in run_ticker(history, request).judgements]
        ['drift', 'last-price']
    """
    candidates = [one.adapt(history) for one in request.candidates]
    plan = plan_backtest(history, candidates, request.default, request.cutoffs)
    examine_recorded(history, candidates, plan)
    if on_plan is not None:
        on_plan(plan)
    walks = [
        _walk(history, one, plan, request, load_fit=load_fit, observer=observer)
        for one in candidates
    ]
    replayed = 0
    if request.check_leakage:
        fitted = any(one.is_fitted for one in candidates)
        engine = request.make_engine(load_fit(None) if load_fit and fitted else None)
        progress = observer.open_progress(unit="fold")
        made_here = [walk for walk in walks if not walk.candidate.is_recorded]
        replayed = check_leakage(history, made_here, plan, engine, progress=progress)
    variances = measure_moves(history, plan.target).variances
    judgements = judge_walks(walks, history.columns[plan.target], plan, variances)
    return TickerBacktest(history, plan, tuple(walks), tuple(judgements), replayed)


def _walk(
    history: PriceHistory,
    candidate: Candidate,
    plan: Plan,
    request: BacktestRequest,
    *,
    load_fit: FitLoader | None,
    observer: Observer,
) -> Walk:
    folds: Progress | None = observer.open_progress(unit="fold", task=candidate.name)
    epochs = None
    if len(plan.folds) == 1:
        epochs, folds = observer.open_progress(task=f"train {candidate.name}"), None
    fit = load_fit(epochs) if load_fit and candidate.is_fitted else None
    (walk,) = run_backtest(history, [candidate], plan, request.make_engine(fit), progress=folds)
    return walk


def _score(walk: Walk, judgement: Judgement) -> TickerScore:
    outlook = walk.outlook
    actual = outlook.actual[:, -1]
    held = {}
    for level, (lower, upper) in walk.intervals.items():
        known = np.isfinite(upper[:, -1])
        inside = (lower[:, -1] <= actual) & (actual <= upper[:, -1])
        held[level] = int(inside[known].sum()), int(known.sum())
    return TickerScore(
        skill=judgement.skill,
        figures=judgement.figures,
        squares=square_errors(actual, outlook.forecast[:, -1], outlook.last_prices),
        spread=judgement.spread,
        held=held,
        tails=judgement.tails,
    )
