"""Made-up price histories whose best possible forecast is known."""

from __future__ import annotations

import numpy as np

from stockcast.prices.history import PriceHistory, Source

_DEVIATION = 0.015  # of a day's log return, that of a lively stock


def simulate_history(seed: int, *, rows: int, autocorrelation: float) -> PriceHistory:
    """Return prices whose log returns are AR(1) with Gaussian noise, starting at 100.

    With `autocorrelation` φ the best forecast knows φ times the last return, and its error is
    √(1 − φ²) times that of the last price; with 0 nothing beats the last price.
    """
    random = np.random.default_rng([seed, rows])
    noise = random.normal(0, _DEVIATION * np.sqrt(1 - autocorrelation**2), rows)
    returns = np.zeros(rows)
    for day in range(1, rows):
        returns[day] = autocorrelation * returns[day - 1] + noise[day]
    days = np.busday_offset("2000-01-03", np.arange(rows), roll="forward")
    return PriceHistory(
        ticker=f"simulated-{seed}",
        dates=days.astype("datetime64[us]"),
        columns={"close": 100 * np.exp(np.cumsum(returns))},
        findings=(),
        sources=(Source(f"simulated-{seed}", ""),),
        lines=np.arange(2, rows + 2, dtype=np.int32),
        files=np.zeros(rows, np.int16),
    )
