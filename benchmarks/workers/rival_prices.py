"""Prices as others read them, and their forecasts as `backtest --forecasts` does; pandas alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd


def read_tickers(folder: Path) -> Iterator[pd.DataFrame]:
    """Yield each ticker's `ticker`, `date`, `price` and `y`, its log returns in percent.

    In percent, as both statsforecast's and arch's optimizers want them.
    """
    for file in sorted(folder.glob("*.csv")):
        prices = pd.read_csv(file)["Adj Close"]
        yield pd.DataFrame(
            {
                "ticker": file.stem,
                "date": pd.read_csv(file)["Date"],
                "price": prices,
                "y": 100 * np.log(prices).diff(),
            }
        )


def list_rows(table: pd.DataFrame, first: str) -> list[int]:
    """Return the rows to be forecast."""
    return [int(row) for row in np.flatnonzero(table["date"] >= first)]


def to_forecast(
    table: pd.DataFrame,
    row: int,
    *,
    model: str,
    center: float,
    deviation: float,
    bounds: dict[int, tuple[float, float]],
) -> dict[str, object]:
    """Return the forecast of a row as a line of the file.

    Args:
        table: of `read_tickers`.
        row: to be forecast; the row before is the last one known.
        model: what to call it.
        center: forecast log return, in percent; so are the others.
        deviation: its standard deviation.
        bounds: percent to lower and upper; without one, it is the court that makes them.
    """
    last = table["price"].iloc[row - 1]
    line: dict[str, object] = {
        "ticker": table["ticker"].iloc[row],
        "date": table["date"].iloc[row],
        "last_date": table["date"].iloc[row - 1],
        "model": model,
        "forecast": last * np.exp(center / 100),
        "volatility": deviation,
    }
    for percent, (lower, upper) in bounds.items():
        line[f"lower_{percent}"] = last * np.exp(lower / 100)
        line[f"upper_{percent}"] = last * np.exp(upper / 100)
    return line
