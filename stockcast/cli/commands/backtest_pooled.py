"""What `stockcast backtest` fits once over all tickers, before it walks through the first."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.options.backtest_request import BacktestRequest
from stockcast.cli.output import console
from stockcast.cli.output.console import TrainingProgress
from stockcast.errors import StockcastError, UsageError

if TYPE_CHECKING:
    import numpy as np

    from stockcast.backtesting.candidates import Candidate
    from stockcast.model.model import Model
    from stockcast.prices.history import PriceHistory
    from stockcast.recipe import Recipe

    ReadAll = Callable[[], Iterator[PriceHistory]]


def resolve_candidates(
    named: Sequence[Candidate], read_all: ReadAll, asked: BacktestRequest
) -> tuple[Candidate, ...]:
    """Settle who forecasts: pooled recipes are fitted, and are trained models from then on.

    So each ticker's plan keeps its cutoffs behind the last date that these have seen.

    Args:
        named: as the user named them.
        read_all: begins to read all tickers anew, each time that it is called.
        asked: from which cutoffs, and what settles what candidates leave open.

    Raises:
        UsageError: they do not go together.
        PriceError: a pooled recipe has nothing to be trained on.
    """
    from stockcast.backtesting.candidates import Candidate, resolve_horizon

    resolve_horizon(named, asked.default.horizon)
    pooled = {one.name: one.source for one in named if one.is_pooled}
    if not pooled:
        return tuple(named)
    for flag, name in (("--refit", "refit"), ("--train-rows", "train_rows")):
        if asked.when[name] is not None:
            raise UsageError(
                f"{flag} with {next(iter(pooled))}: a pooled recipe is trained once, on all rows",
                hint="leave one of them out",
            )
    others = [one for one in named if not one.is_pooled]
    date = _find_start(others, read_all, asked)
    return tuple(
        Candidate(one.name, _fit(one, read_all, date)) if one.is_pooled else one for one in named
    )


def _find_start(
    others: Sequence[Candidate], read_all: ReadAll, asked: BacktestRequest
) -> np.datetime64:
    """Return the date from which on pooled recipes forecast, and before which they are trained.

    It is the median of the first dates that each ticker's own plan has: one that was delisted
    long ago is not to take years from all others.

    Raises:
        StockcastError: no ticker has a plan; of the first.
    """
    from stockcast.backtesting.candidates import adapt_candidates
    from stockcast.backtesting.plan import plan_backtest

    firsts: list[np.datetime64] = []
    problem: StockcastError | None = None
    for history in read_all():
        try:
            seen = adapt_candidates(others, history)
            plan = plan_backtest(history, seen, asked.default, **asked.when)
        except StockcastError as error:
            problem = problem or error
        else:
            firsts.append(history.dates[plan.cutoffs[0]])
    if not firsts:
        raise problem or UsageError("no prices to forecast")
    return sorted(firsts)[(len(firsts) - 1) // 2]


def _fit(candidate: Candidate, read_all: ReadAll, date: np.datetime64) -> Model:
    """Train a pooled recipe on all bars before a date."""
    from stockcast.prices.history import format_date
    from stockcast.windows.pooling import PoolBuilder

    recipe: Recipe = candidate.source  # type: ignore[assignment]
    with tempfile.TemporaryDirectory(prefix="stockcast-pool-") as folder:
        builder = PoolBuilder(recipe, Path(folder), until=date)
        left_out = 0
        for history in read_all():
            try:
                builder.add(history)
            except StockcastError:
                left_out += 1
        pool = builder.finish()
        more = f"; {left_out:,} have too few, or other columns" if left_out else ""
        console.say(
            f"{candidate.name} is trained once, on the {int(pool.edges[-1]):,} rows of "
            f"{len(pool.tickers):,} tickers before {format_date(date)}{more}"
        )
        with console.waiting("loading TensorFlow"):
            from stockcast.training.pooled import train_pool

        return train_pool(pool, progress=TrainingProgress(task=f"train {candidate.name}")).model
