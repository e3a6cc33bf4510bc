"""`python -m benchmarks.studies.volatility FOLDER`: how far prices move, beside GARCH.

FOLDER has daily prices of many tickers, a `.csv` or `.csv.gz` each, with open, high, low and close.
Everything is fitted on dates before 2012; what is printed is of the dates from 2012 on.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pretrained import RECIPE, unpack
from stockcast.evaluation.panel import average_ratios, panel_diebold_mariano
from stockcast.evaluation.shrinkage import Shrinkage
from stockcast.evaluation.volatility_skill import (
    SpreadForecasts,
    list_yardsticks,
    measure_losses,
)
from stockcast.forecast.outlook import forecast_at_cutoffs
from stockcast.model.model import Model
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.history import Dates, Numbers, PriceHistory
from stockcast.training.pooled import train_pool
from stockcast.windows.har import TrainingMoves, fit_har, sum_variances
from stockcast.windows.moves import measure_moves
from stockcast.windows.pooling import PoolBuilder
from stockcast.workflows.markets import add_up

CUT = np.datetime64("2012-01-01", "us")
_TRAIN, _CALIBRATION = 1250, 250
_YARDSTICKS = ("gjr-garch", "garch", "ewma")
_REFERENCE = "gjr-garch"


def main() -> None:
    """Print a row a way of knowing the volatility."""
    horizons = [int(text) for text in sys.argv[2:]] or [1]
    with tempfile.TemporaryDirectory() as folder:
        files = unpack(Path(sys.argv[1]), Path(folder))
        histories = [read_prices([file])[0] for file in files]
        for horizon in horizons:
            print(f"\n{horizon} ahead\n", flush=True)
            _study(histories, horizon, Path(folder))


def _study(histories: list[PriceHistory], horizon: int, folder: Path) -> None:
    market = add_up(histories)
    model = train_on_others(histories[::2], horizon, folder)
    rows: dict[str, list[Any]] = {}
    dates: list[Dates] = []
    for history in histories[1::2]:
        dates.append(history.dates[int(np.searchsorted(history.dates, CUT)) + horizon - 1 :])
        found_of = _measure(replace(history, market=market), model, horizon)
        for name, found in found_of.items():
            rows.setdefault(name, []).append(found)
        print(f"{history.ticker} done", file=sys.stderr, flush=True)
    _print(rows, dates, horizon)


def train_on_others(histories: list[PriceHistory], horizon: int, folder: Path) -> Model:
    """Train a pooled model on every other ticker, before the cut."""
    recipe = RECIPE.model_copy(update={"horizon": horizon, "validation": 0.12})
    with tempfile.TemporaryDirectory(dir=folder) as files:
        builder = PoolBuilder(recipe, Path(files), until=CUT)
        for history in histories:
            builder.add(history)
        model = train_pool(builder.finish()).model
    told = model.provenance
    print(f"pooled: epoch {told.best_epoch}, {told.shrinkage}", file=sys.stderr, flush=True)
    return model


def _measure(history: PriceHistory, model: Model, horizon: int) -> dict[str, Any]:
    """Return the losses of each way on one ticker that the pooled model has not seen."""
    first = int(np.searchsorted(history.dates, CUT))
    cutoffs = np.arange(first - _CALIBRATION, len(history) - horizon + 1)
    prices = history.columns["adj_close"]
    moves = measure_moves(history, "adj_close")
    last = prices[cutoffs - 1]
    forecasts = SpreadForecasts(
        actual=prices[cutoffs + horizon - 1],
        last_prices=last,
        variances=sum_variances(moves.variances, horizon)[cutoffs - 1],
        step=horizon,
        calibrated_on=_CALIBRATION,
    )
    ways = dict(_list_ways(history, model, cutoffs, horizon))
    ways |= list_yardsticks(prices, cutoffs, horizon=horizon, names=_YARDSTICKS)
    return {name: measure_losses(forecasts, last, one) for name, one in ways.items()}


def _list_ways(
    history: PriceHistory, model: Model, cutoffs: Any, horizon: int
) -> Iterator[tuple[str, Numbers]]:
    first = int(cutoffs[0]) + _CALIBRATION
    own = history.select(np.arange(first - _TRAIN, len(history)))
    closes = replace(own, columns={"adj_close": own.columns["adj_close"]})
    shift = first - _TRAIN
    for name, seen in (("path, one ticker", own), ("path, one ticker, closes alone", closes)):
        moves = measure_moves(replace(seen, market=None), "adj_close")
        path = fit_har([TrainingMoves(moves, _TRAIN - _CALIBRATION)], horizon=horizon)
        yield name, path.forecast(moves)[cutoffs - 1 - shift, -1]
    silent = Shrinkage((0.0,) * horizon, (0.0,) * horizon)
    alone = replace(model, provenance=replace(model.provenance, shrinkage=silent))
    without = replace(history, market=None)
    few = {name: history.columns[name] for name in ("close", "adj_close")}
    for name, one, seen in (
        ("path, pooled, closes alone", alone, replace(without, columns=few)),
        ("path, pooled, no market", alone, without),
        ("path and network, pooled, no market", model, without),
        ("path, pooled, with the market", alone, history),
        ("path and network, pooled, with the market", model, history),
    ):
        yield name, forecast_at_cutoffs(one, seen, cutoffs).volatility[:, -1]


def _print(rows: dict[str, list[Any]], dates: list[Dates], horizon: int) -> None:
    print("| volatility from | 95 % interval score | t | QLIKE | t | better on | inside |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    reference = rows[_REFERENCE]
    every = np.concatenate(dates)
    for name, losses in rows.items():
        scores, tests = [], []
        for part in ("intervals", "qlike"):
            ours, theirs = ([_take(one, part) for one in each] for each in (losses, reference))
            ratios = np.array([a.mean() / b.mean() for a, b in zip(ours, theirs, strict=True)])
            scores.append(ratios)
            gains = np.concatenate([b - a for a, b in zip(ours, theirs, strict=True)])
            tests.append(
                panel_diebold_mariano(every, gains, step=horizon)[0]
                if len(gains) == len(every)
                else float("nan")
            )
        inside = np.mean([one.coverage[-1] for one in losses])
        print(
            f"| {name} | {average_ratios(scores[0]):.3f} | {tests[0]:.1f} | "
            f"{average_ratios(scores[1]):.3f} | {tests[1]:.1f} | "
            f"{100 * (scores[0] < 1).mean():.0f} % | {100 * inside:.1f} % |",
            flush=True,
        )


def _take(losses: Any, part: str) -> Numbers:
    taken: Numbers = losses.intervals[-1] if part == "intervals" else losses.qlike
    return taken


if __name__ == "__main__":
    main()
