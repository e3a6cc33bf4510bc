"""The sample data as the figures' scripts use them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import stockcast as sc
from stockcast.prices.history import Numbers

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data"
TICKERS = ("AAPL", "GOOG", "IBM", "MSFT")


def read_returns(ticker: str) -> Numbers:
    """Return a ticker's daily log returns in their standard deviation, cut off at ± 3."""
    (history,) = sc.read_prices(SAMPLE / f"{ticker}.csv")
    returns = np.diff(np.log(history.columns["adj_close"]))
    cut: Numbers = np.clip(returns / returns.std(), -3, 3)
    return cut
