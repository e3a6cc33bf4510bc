"""Whether recorded forecasts can be what they are said to be, as far as numbers tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stockcast.backtesting.candidates import Candidate
from stockcast.backtesting.plan import Plan
from stockcast.backtesting.recorded import PlacedForecasts
from stockcast.errors import UnusableForecasts, option
from stockcast.forecast.outlook import Outlook
from stockcast.plurals import count_of
from stockcast.prices.history import Numbers, PriceHistory

_FEWEST = 5  # forecasts, below which nothing is told
_FAR = 3.0  # times as far from one column's last price as from another's, or as that moves
_TINY = 30.0  # times as small as the moves that came true: a share where percent is meant


def examine_recorded(history: PriceHistory, candidates: Sequence[Candidate], plan: Plan) -> None:
    """Refuse recorded forecasts that were known prices, or are of another column or unit.

    Raises:
        UnusableForecasts: each forecast is the price of its own date; or they are nearer to the
            last price of another column; or volatility is a share, and not percent.
    """
    for one in candidates:
        if isinstance(one.source, PlacedForecasts):
            prices = history.columns[plan.target]
            outlook = one.source.look(prices, plan.cutoffs, plan.horizon)
            _refuse_known(history, one.name, outlook)
            if one.source.target is None:
                _refuse_other_column(history, one.name, outlook, plan)
            _refuse_shares(history, one.name, outlook, plan)


def _refuse_known(history: PriceHistory, name: str, outlook: Outlook) -> None:
    """Refuse forecasts that are all what came true."""
    actual, forecast = outlook.actual[:, -1], outlook.forecast[:, -1]
    moved = ~np.isclose(actual, outlook.last_prices, rtol=1e-9)
    if moved.sum() < _FEWEST or not np.isclose(actual, forecast, rtol=1e-9)[moved].all():
        return
    raise UnusableForecasts(
        f"{history.name}: {name} is the price of its own date each time "
        f"({count_of(len(actual), 'forecast')}): it was known, and not forecast",
        hint="the date of a row is the one forecast, and its forecast was made before that",
    )


def _refuse_other_column(history: PriceHistory, name: str, outlook: Outlook, plan: Plan) -> None:
    """Refuse forecasts of closes where adjusted closes are judged, and the other way round."""
    other = {"close": "adj_close", "adj_close": "close"}.get(plan.target)
    if other not in history.columns or len(outlook.cutoffs) < _FEWEST:
        return
    forecast, theirs = outlook.forecast[:, -1], history.columns[other]
    last = theirs[outlook.cutoffs - 1]
    here = _measure_distance(forecast, outlook.last_prices)
    there = _measure_distance(forecast, last)
    moved = _measure_distance(theirs[outlook.cutoffs + plan.horizon - 1], last)
    if here > _FAR * there and there < _FAR * moved:
        raise UnusableForecasts(
            f"{history.name}: {name} forecasts {other}, as it seems: typically {100 * there:.2g} % "
            f"from the last {other} and {100 * here:.2g} % from the last {plan.target}",
            hint=f"judge that column: {option('column', other)}",
        )


def _measure_distance(prices: Numbers, last_prices: Numbers) -> float:
    """Median of |ln(price / last price)|; 0 where none is above 0."""
    known = (last_prices > 0) & (prices > 0)
    distances = np.abs(np.log(prices[known] / last_prices[known]))
    return float(np.median(distances)) if known.any() else 0.0


def _refuse_shares(history: PriceHistory, name: str, outlook: Outlook, plan: Plan) -> None:
    """Refuse volatility that is far smaller than what came true."""
    said = outlook.spread(plan.horizon)[:, -1]
    actual, last = outlook.actual[:, -1], outlook.last_prices
    known = np.isfinite(said) & (actual > 0) & (last > 0)
    if known.sum() < _FEWEST:
        return
    moved = float(np.sqrt(np.mean(np.log(actual[known] / last[known]) ** 2)))
    typical = float(np.median(said[known]))
    if moved > _TINY * typical:
        raise UnusableForecasts(
            f"{history.name}: {name} has a volatility of {100 * typical:.2g} %, and the price "
            f"moved by {100 * moved:.2g} %: a share was written, as it seems",
            hint="write volatility in percent of the price, as predict does: 1.2, not 0.012",
        )
