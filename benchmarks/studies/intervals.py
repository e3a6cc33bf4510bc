"""How wide an interval must be: ways of knowing a day's volatility, beside a GARCH(1,1)-t model's.

All intervals lie around the last price, over the newest 250 days of the four long sample tickers
and, as a check on having chosen by those, over 250 days two years before.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.evaluation.conformal import adapt_quantiles, find_quantile
from stockcast.evaluation.metrics import coverage, winkler_score
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.history import Numbers, PriceHistory
from stockcast.windows.volatility import _average, _measure_range, estimate_volatility

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
TICKERS = ("AAPL", "GOOG", "IBM", "MSFT")
LEVELS = (0.8, 0.95)
_TEST, _CALIBRATION = 250, 250
_REFIT = 25  # days between two fits of the GARCH model
Bounds = dict[float, tuple[Numbers, Numbers]]


def print_tables() -> None:
    """Print both tables."""
    for name, back in (("newest", 0), ("two years earlier", 500)):
        histories = [_cut(_read(ticker), back) for ticker in TICKERS]
        rival = [_follow_garch(history) for history in histories]
        print(f"\n{name} {_TEST} days\n")
        print("| volatility | Winkler 80 | Winkler 95 | inside 80 | inside 95 |")
        print("| --- | --- | --- | --- | --- |")
        print(_format("GARCH(1,1)-t", histories, rival, rival))
        for way, place in WAYS.items():
            print(_format(way, histories, [place(history) for history in histories], rival))


def _read(ticker: str) -> PriceHistory:
    (history,) = read_prices([SAMPLES / f"{ticker}.csv"])
    return history


def _cut(history: PriceHistory, back: int) -> PriceHistory:
    return history.select(np.arange(len(history) - back))


def _estimate_close(history: PriceHistory) -> Numbers:
    returns = np.diff(np.log(history.columns["adj_close"]), prepend=np.nan)
    return np.sqrt(_average(returns**2, 0.94))


def _estimate_range(history: PriceHistory) -> Numbers:
    returns = np.diff(np.log(history.columns["adj_close"]), prepend=np.nan)
    return np.sqrt(_average(_measure_range(history, returns), 0.94))


def _estimate_without_range(history: PriceHistory) -> Numbers:
    closes = {"adj_close": history.columns["adj_close"]}
    from dataclasses import replace

    return estimate_volatility(replace(history, columns=closes), "adj_close")


def _place(estimate: Callable[[PriceHistory], Numbers], *, adapt: bool = True) -> Any:
    """Return what places conformal intervals with a way to know the volatility."""

    def place(history: PriceHistory) -> Bounds:
        prices, volatility = history.columns["adj_close"], estimate(history)
        first = len(prices) - _TEST
        last = prices[:-1]
        with np.errstate(divide="ignore"):  # on the first day nothing is known
            scores = np.abs(prices[1:] - last) / (last * volatility[:-1])
        known, asked = scores[first - 1 - _CALIBRATION : first - 1], scores[first - 1 :]
        bounds = {}
        for level in LEVELS:
            quantiles = np.full(_TEST, find_quantile(known, level))
            if adapt:
                cutoffs = np.arange(first, len(prices))
                quantiles = adapt_quantiles(known, asked, cutoffs, step=1, level=level)
            width = quantiles * last[first - 1 :] * volatility[first - 1 : -1]
            bounds[level] = (last[first - 1 :] - width, last[first - 1 :] + width)
        return bounds

    return place


WAYS = {
    "none: unscaled conformal": _place(lambda history: np.ones(len(history)), adapt=False),
    "closes, exponentially weighted, not adapted": _place(_estimate_close, adapt=False),
    "closes, exponentially weighted": _place(_estimate_close),
    "ranges, exponentially weighted": _place(_estimate_range),
    "closes, drawn to the year's mean": _place(_estimate_without_range),
    "ranges, drawn to the year's mean (stockcast)": _place(
        lambda history: estimate_volatility(history, "adj_close")
    ),
}


def _follow_garch(history: PriceHistory) -> Bounds:
    """Return the intervals of a GARCH(1,1) model with Student's t, refitted every _REFIT days."""
    from arch import arch_model
    from scipy.stats import t as student

    prices = history.columns["adj_close"]
    returns = 100 * np.diff(np.log(prices))  # in percent, as the optimizer likes it
    first = len(prices) - _TEST
    last, deviations, freedom = prices[first - 1 : -1], np.empty(_TEST), np.empty(_TEST)
    for day in range(_TEST):
        known = returns[: first - 1 + day]
        model = arch_model(known, mean="Zero", vol="GARCH", p=1, q=1, dist="t")
        if day % _REFIT == 0:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                fitted = model.fit(disp="off").params
        ahead = model.fix(fitted).forecast(horizon=1).variance.to_numpy()[-1, 0]
        deviations[day], freedom[day] = np.sqrt(ahead) / 100, fitted["nu"]
    bounds = {}
    for level in LEVELS:
        # Student's t scaled to a variance of 1.
        quantile = student.ppf((1 + level) / 2, freedom) * np.sqrt((freedom - 2) / freedom)
        width = quantile * deviations
        bounds[level] = (last * np.exp(-width), last * np.exp(width))
    return bounds


def _format(
    way: str, histories: list[PriceHistory], found: list[Bounds], rival: list[Bounds]
) -> str:
    """Return a row: Winkler scores as a multiple of GARCH's and coverage, means over tickers."""
    ratios, shares = [], []
    for level in LEVELS:
        of_level, inside = [], []
        for history, ours, theirs in zip(histories, found, rival, strict=True):
            actual = history.columns["adj_close"][-_TEST:]
            scores = [winkler_score(actual, *each[level], level=level) for each in (ours, theirs)]
            of_level.append(scores[0] / scores[1])
            inside.append(coverage(actual, *ours[level]))
        ratios.append(f"{np.mean(of_level):.3f}")
        shares.append(f"{np.mean(inside):.1%}".replace("%", " %"))
    return f"| {way} | {' | '.join(ratios + shares)} |"
