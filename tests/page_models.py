"""Made-up backtests for pages."""

from __future__ import annotations

import numpy as np

from stockcast.report.backtest_page import PageModel

COUNT = 80


def make_page_models(horizon: int = 1) -> list[PageModel]:
    """Three models over the same made-up prices: the last price, a better and a worse one."""
    random = np.random.default_rng(0)
    prices = 50 + np.cumsum(random.normal(0, 1, COUNT + horizon))
    days = np.datetime64("2013-01-01", "us") + np.arange(COUNT + horizon) * np.timedelta64(1, "D")
    rows = np.arange(COUNT)[:, None] + 1 + np.arange(horizon)
    actual = prices[rows].ravel()
    last = np.repeat(prices[:COUNT], horizon)
    common = {
        "dates": days[rows].ravel(),
        "steps": np.tile(np.arange(1, horizon + 1), COUNT),
        "actual": actual,
        "last": last,
    }
    models = []
    for name, forecast in (
        ("good", last + 0.5 * (actual - last)),
        ("last-price", last),
        ("bad", last + 3.0),
    ):
        bounds = {0.8: (forecast - 1, forecast + 1)}
        models.append(
            PageModel(
                name=name, verdict=f"the {name} one", forecast=forecast, intervals=bounds, **common
            )
        )
    return models
