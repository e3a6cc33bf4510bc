"""When one model of many tickers is better than a model each: short histories that share a law."""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

from benchmarks.processes import STOCKCAST, read_output
from benchmarks.studies.simulate import simulate_history
from stockcast.prices.history import format_date

_TICKERS, _ROWS, _FOLDS = 40, 650, 150
_AUTOCORRELATION = 0.2
_NAMES = ("default", "pooled", "autoregression:1")


def run_pooling(folder: Path) -> list[dict[str, str]]:
    """Backtest a pooled model beside a model a ticker; a row of figures over all a model.

    Args:
        folder: keeps the rows; what is there of an earlier run is not run again.
    """
    done = folder / "pooling.csv"
    if not done.exists():
        prices = folder / "pooling-prices"
        prices.mkdir(parents=True, exist_ok=True)
        for seed in range(_TICKERS):
            history = simulate_history(seed, rows=_ROWS, autocorrelation=_AUTOCORRELATION)
            rows = zip(history.dates, history.columns["close"], strict=True)
            lines = [f"{format_date(date)},{price!r}\n" for date, price in rows]
            (prices / f"S{seed:02}.csv").write_text("date,close\n" + "".join(lines))
        argv = ("backtest", str(prices), "--models", ",".join(_NAMES), "--folds", str(_FOLDS))
        print(f"pooling: {' '.join(argv)}", file=sys.stderr)
        done.write_text(read_output(STOCKCAST, *argv, "--overall"))
    with done.open(newline="") as file:
        return list(csv.DictReader(file))


def print_pooling(rows: list[dict[str, str]]) -> None:
    """Print a table of them."""
    best = math.sqrt(1 - _AUTOCORRELATION**2)
    print(f"the best possible: {best:.4f}\n")
    print("| model | typical RMSE / last price's | all together | p | better on | worse on |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        if row["p_value"]:
            together = 1 - float(row["skill"])
            told = f"{float(row['ratio']):.4f} | {together:.4f} | {float(row['p_value']):.2g}"
            print(f"| {row['model']} | {told} | {row['better']} | {row['worse']} |")
