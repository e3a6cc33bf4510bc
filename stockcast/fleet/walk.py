"""One ticker's backtest: a pure function that any process of any machine can run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from stockcast.backtesting.candidates import Candidate, adapt_candidates
from stockcast.backtesting.forecasts import Forecasts, gather_forecasts
from stockcast.backtesting.leakage import check_leakage
from stockcast.backtesting.plan import plan_backtest
from stockcast.backtesting.run import Engine, run_backtest
from stockcast.backtesting.ticker import TickerResult, measure_ticker
from stockcast.errors import LeakageFound, StockcastError
from stockcast.fleet.work import Deadline, Outcome
from stockcast.model.model import Model
from stockcast.prices.history import PriceHistory
from stockcast.recipe import Recipe


@dataclass(frozen=True)
class WalkTask:
    """What one ticker's backtest follows from.

    Attributes:
        name: what to call it; no two tasks of a run have the same.
        history: its bars.
        candidates: who forecasts.
        default: recipe that settles what candidates leave open, see `plan_backtest`.
        when: the other arguments of `plan_backtest`: folds, start, step, refit, train_rows.
        levels: of the intervals, 0 to 1.
        replay: whether to look for leakage.
        forecasts: whether each forecast is wanted back, and not only what they come to.
        timeout: seconds after which to give it up: at the end of an epoch, or before the next
            candidate; None: never.
    """

    name: str
    history: PriceHistory
    candidates: tuple[Candidate, ...]
    default: Recipe
    when: dict[str, Any]
    levels: tuple[float, ...]
    replay: bool = False
    forecasts: bool = True
    timeout: float | None = None


@dataclass(frozen=True)
class BacktestOutcome:
    """What came of one ticker's backtest.

    Attributes:
        result: what tables need.
        forecasts: all of them; None unless they were wanted.
        replayed: cutoffs that were looked at for leakage.
        leak: what was found there; None where nothing was.
    """

    result: TickerResult
    forecasts: Forecasts | None
    replayed: int = 0
    leak: LeakageFound | None = None


def walk_task(task: WalkTask) -> Outcome[BacktestOutcome]:
    """Walk forward through one ticker: history, candidates and plan ─▶ what came of it.

    The same task gives the same numbers in whichever process it runs. What is wrong with the
    data is an outcome too, not an exception.
    """
    fit = _load_fit(task.candidates)  # TensorFlow's import is not the ticker's time
    began = time.monotonic()
    try:
        walked = _walk(task, fit, began)
    except StockcastError as error:
        # A traceback would keep the history in memory, and no process sends one to another.
        seconds, error = time.monotonic() - began, error.with_traceback(None)
        return Outcome(task.name, seconds=seconds, error=error)
    return Outcome(task.name, content=walked, seconds=time.monotonic() - began)


def _walk(task: WalkTask, fit: Callable[..., Model] | None, began: float) -> BacktestOutcome:
    history = task.history
    candidates = adapt_candidates(task.candidates, history)
    plan = plan_backtest(history, candidates, task.default, **task.when)
    folds, epochs = (
        Deadline(task.name, began, task.timeout, unit=unit) for unit in ("fold", "epoch")
    )
    setup = Engine(fit=fit and partial(fit, progress=epochs), levels=task.levels)
    walks = []
    for one in candidates:
        folds.look(f"before {one.name}")
        walks += run_backtest(history, [one], plan, setup, progress=folds)
    replayed, leak = 0, None
    if task.replay:
        try:
            replayed = check_leakage(history, walks, plan, setup, progress=folds)
        except LeakageFound as error:
            leak = error
    return BacktestOutcome(
        result=measure_ticker(history, walks, plan),
        forecasts=gather_forecasts(history, walks) if task.forecasts else None,
        replayed=replayed,
        leak=leak,
    )


def _load_fit(candidates: Sequence[Candidate]) -> Callable[..., Model] | None:
    """Import TensorFlow only where something is fitted."""
    if not any(one.is_fitted for one in candidates):
        return None
    from stockcast.training.cutoff import fit_at_cutoff

    return fit_at_cutoff
