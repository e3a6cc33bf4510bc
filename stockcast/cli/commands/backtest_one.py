"""`stockcast backtest` of one ticker: walk, look for leakage, judge, write, tell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from stockcast.cli.commands.backtest_pooled import resolve_candidates
from stockcast.cli.options.backtest_request import BacktestRequest
from stockcast.cli.output import console
from stockcast.cli.output.backtest import report_judgements, report_plan
from stockcast.cli.output.backtest_page import write_report
from stockcast.cli.output.console import TrainingProgress
from stockcast.cli.output.forecast_rows import list_forecasts
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.tables import write_document, write_table

if TYPE_CHECKING:
    from stockcast.backtesting.candidates import Candidate
    from stockcast.backtesting.judge import Judgement
    from stockcast.backtesting.plan import Plan
    from stockcast.backtesting.run import Fit, Walk
    from stockcast.prices.history import PriceHistory
    from stockcast.progress import Progress


def backtest_one(
    history: PriceHistory,
    candidates: Sequence[Candidate],
    asked: BacktestRequest,
    ticker: str | None,
) -> None:
    """Walk forward through one ticker, and write and say what came of it.

    Args:
        history: its bars.
        candidates: who forecasts.
        asked: what, and how.
        ticker: of the first trained model; None where there is none.

    Raises:
        LeakageFound: a forecast depended on a later row.
    """
    from stockcast.backtesting.candidates import adapt_candidates
    from stockcast.backtesting.judge import judge_walks
    from stockcast.backtesting.plan import plan_backtest
    from stockcast.workflows.sources import report_history

    report_history(history, StderrObserver(), scan=True)
    candidates = resolve_candidates(candidates, lambda: iter([history]), asked)
    candidates = adapt_candidates(candidates, history)
    if ticker not in (None, "", history.ticker):
        console.warn(f"the model was trained on {ticker}, and sees {history.ticker} here")
    plan = plan_backtest(history, candidates, asked.default, **asked.when)
    report_plan(history, plan, candidates)
    walks = _walk(history, candidates, plan, asked.levels)
    if asked.replay:
        _check_leakage(history, walks, plan, asked.levels)
    judgements = judge_walks(walks, history.columns[plan.target], plan)
    if asked.report is not None:
        write_report(asked.report, history, walks, judgements, plan)
    try:
        _write(history, walks, judgements, asked)
    finally:  # a reader of stdout that has seen enough has not seen this
        report_judgements(judgements, walks, plan, asked.levels)


def _walk(
    history: PriceHistory, candidates: Sequence[Candidate], plan: Plan, levels: tuple[float, ...]
) -> list[Walk]:
    from stockcast.backtesting.run import Engine, run_backtest

    walks = []
    for one in candidates:
        # Of one fit the epochs are told, of many their number.
        once = len(plan.folds) == 1
        epochs = TrainingProgress(task=f"train {one.name}") if once else None
        fit = _load_fit(epochs) if one.is_fitted else None
        told = None if once else TrainingProgress(unit="fold")
        setup = Engine(fit=fit, levels=levels)
        walks += run_backtest(history, [one], plan, setup, progress=told)
    return walks


def _load_fit(progress: Progress | None = None) -> Fit:
    """Import TensorFlow, which takes seconds, so what can fail early comes before this."""
    with console.waiting("loading TensorFlow"):
        from stockcast.training.cutoff import fit_at_cutoff

    return partial(fit_at_cutoff, progress=progress)


def _check_leakage(
    history: PriceHistory, walks: list[Walk], plan: Plan, levels: tuple[float, ...]
) -> None:
    from stockcast.backtesting.leakage import check_leakage
    from stockcast.backtesting.run import Engine

    fitted = any(walk.candidate.is_fitted for walk in walks)
    setup = Engine(fit=_load_fit() if fitted else None, levels=levels)
    progress = TrainingProgress(unit="fold")
    count = check_leakage(history, walks, plan, setup, progress=progress)
    console.say(
        f"no leakage: {count:,} cutoffs replayed with all later rows altered, and removed; "
        "models, forecasts and intervals are the same to the bit"
    )


def _write(
    history: PriceHistory, walks: list[Walk], judgements: list[Judgement], asked: BacktestRequest
) -> None:
    from stockcast.backtesting.forecasts import gather_forecasts

    models = [{"ticker": history.ticker, **one.to_row()} for one in judgements]
    found = gather_forecasts(history, walks)
    summary = asked.rows == "tickers"
    if asked.form == "json":
        forecasts = {} if summary else {"forecasts": list_forecasts(found)}
        write_document({**forecasts, "models": models}, asked.output)
    else:
        write_table(models if summary else list_forecasts(found), asked.form, asked.output)
