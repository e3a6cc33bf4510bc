"""Made-up tickers: geometric random walks of closes on the same days, the same in every run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stockcast.prices.history import PriceHistory, Source
from stockcast.recipe import Recipe
from stockcast.windows.pool import Pool
from stockcast.windows.pooling import PoolBuilder

POOLED = Recipe(pooled=True, batch_size=256, epoch_windows=8_192)


def make_history(number: int, *, rows: int) -> PriceHistory:
    """Return one ticker's bars, on working days."""
    returns = np.random.default_rng([7, number]).normal(0, 0.02, rows)
    dates = np.busday_offset("2000-01-03", np.arange(rows), roll="forward")
    return PriceHistory(
        ticker=f"T{number:05d}",
        dates=dates.astype("datetime64[us]"),
        columns={"close": 50 * np.exp(np.cumsum(returns))},
        findings=(),
        sources=(Source(f"T{number:05d}.csv", f"{number:064x}"),),
        lines=np.arange(2, rows + 2, dtype=np.int32),
        files=np.zeros(rows, dtype=np.int16),
    )


def make_pool(recipe: Recipe, folder: Path, *, tickers: int, rows: int) -> Pool:
    """Pool so many tickers in an empty folder."""
    builder = PoolBuilder(recipe, folder)
    for number in range(tickers):
        builder.add(make_history(number, rows=rows))
    return builder.finish()
