"""What a backtest hands over to its page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stockcast.backtesting.judge import Judgement
    from stockcast.backtesting.plan import Plan
    from stockcast.backtesting.run import Walk
    from stockcast.prices.history import PriceHistory
    from stockcast.report.backtest_page import PageModel


def write_report(
    path: Path,
    history: PriceHistory,
    walks: Sequence[Walk],
    judgements: Sequence[Judgement],
    plan: Plan,
) -> None:
    """Write the page of a backtest, its models in the order of their judgements."""
    from stockcast.backtesting.judge import conclude
    from stockcast.report.backtest_page import write_backtest_page

    of_name = {walk.candidate.name: walk for walk in walks}
    models = [_hand_over(history, of_name[one.candidate.name], one.verdict) for one in judgements]
    write_backtest_page(
        path,
        models,
        title=f"{history.ticker}: models held against the last price",
        lead=conclude(judgements, plan),
        facts=_list_facts(history, walks, plan),
    )


def _hand_over(history: PriceHistory, walk: Walk, verdict: str) -> PageModel:
    import numpy as np

    from stockcast.report.backtest_page import PageModel

    outlook = walk.outlook
    count, horizon = outlook.forecast.shape
    ahead = np.arange(horizon)
    return PageModel(
        name=walk.candidate.name,
        verdict=verdict,
        dates=history.dates[outlook.cutoffs[:, None] + ahead].ravel(),
        steps=np.tile(ahead + 1, count),
        actual=outlook.actual.ravel(),
        forecast=outlook.forecast.ravel(),
        last=np.repeat(outlook.last_prices, horizon),
        intervals={
            level: (lower.ravel(), upper.ravel())
            for level, (lower, upper) in walk.intervals.items()
        },
    )


def _list_facts(history: PriceHistory, walks: Sequence[Walk], plan: Plan) -> list[tuple[str, str]]:
    import stockcast
    from stockcast.prices.history import combine_sha256, format_date

    cutoffs, fold = plan.cutoffs, plan.folds[0]
    known = "all bars known" if plan.train_rows is None else f"the newest {plan.train_rows:,} bars"
    fitted = [walk.candidate.name for walk in walks if walk.candidate.is_fitted]
    facts = [
        ("ticker", history.ticker),
        ("forecast column", plan.target),
        (
            "cutoffs",
            f"{len(cutoffs):,}, {plan.step} bars apart" if plan.step > 1 else f"{len(cutoffs):,}",
        ),
        ("steps ahead", str(plan.horizon)),
        ("first cutoff", format_date(history.dates[cutoffs[0] - 1])),
        ("last cutoff", format_date(history.dates[cutoffs[-1] - 1])),
    ]
    if fitted:
        facts += [
            ("trained", f"{', '.join(fitted)}: {len(plan.folds):,} times, on {known}"),
            ("bars before the first fit", f"{fold.fitted_at - fold.first_row:,}"),
        ]
    return [
        *facts,
        ("price files", ", ".join(source.name for source in history.sources)),
        ("SHA-256 of the prices", combine_sha256(history.sources)),
        ("version of stockcast", stockcast.__version__),
    ]
