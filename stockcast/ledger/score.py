"""What a ledger's forecasts were worth: beside the last price, and beside their own intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stockcast.evaluation.fluctuation import Fluctuation, measure_fluctuation
from stockcast.evaluation.skill import judge_forecasts
from stockcast.ledger.join import Joined
from stockcast.prices.history import Numbers

SPANS = (None, 250, 20)  # all forecasts, and the newest of them


@dataclass(frozen=True)
class Score:
    """What came of one ticker's forecasts of one step ahead, or of those of all tickers.

    Attributes:
        ticker: its name; None for all of them together.
        step: bars ahead.
        span: how many of the newest forecasts of each ticker; None for all.
        scored: forecasts that came true.
        pending: forecasts that have not yet; of the whole ledger.
        unmatched: forecasts from bars that the prices do not have; of the whole ledger.
        rmse: root mean squared error, price units; None for all tickers together.
        last_price_rmse: the same error of repeating the last price; likewise.
        skill: 1 − rmse / last_price_rmse, above 0 is better than the last price. For all tickers
            together from errors as shares of the last price. None where nothing is to judge.
        p_value: two-sided, of the Diebold-Mariano test against the last price; None unless it is
            one ticker's, one step ahead.
        coverage: share of prices within the bounds of each level, 0 to 1; None without forecasts.
        has_drifted: whether the forecasts have been worse than the last price of late; None
            where there are too few to tell, or `span` is not all.
    """

    ticker: str | None
    step: int
    span: int | None
    scored: int
    pending: int
    unmatched: int
    rmse: float | None
    last_price_rmse: float | None
    skill: float | None
    p_value: float | None
    coverage: tuple[float | None, ...]
    has_drifted: bool | None


def score_joined(all_joined: Sequence[Joined]) -> list[Score]:
    """Judge each ticker's forecasts, and those of several tickers together, by steps ahead.

    Returns:
        for each ticker and step, then for each step of several tickers: one score a span.
    """
    scores = [_judge([joined], span) for joined in all_joined for span in SPANS]
    for step in sorted({joined.step for joined in all_joined}):
        parts = [joined for joined in all_joined if joined.step == step]
        if len(parts) > 1:
            scores += [_judge(parts, span) for span in SPANS]
    return scores


def measure_drift(joined: Joined) -> Fluctuation | None:
    """Test whether one-step forecasts have become worse than the last price; None for others."""
    if joined.step > 1:
        return None
    return measure_fluctuation(joined.actual, joined.forecast, joined.last)


def _judge(parts: Sequence[Joined], span: int | None) -> Score:
    """Judge the newest `span` forecasts of each part together."""
    newest = slice(None if span is None else -span, None)
    actual = np.concatenate([one.actual[newest] for one in parts])
    forecast = np.concatenate([one.forecast[newest] for one in parts])
    last = np.concatenate([one.last[newest] for one in parts])
    inside = np.concatenate([_find_inside(one)[newest] for one in parts])
    alone, step = len(parts) == 1, parts[0].step
    unit = 1.0 if alone else last
    skill = judge_forecasts(actual / unit, forecast / unit, last / unit) if len(actual) else None
    drift = measure_drift(parts[0]) if alone and span is None else None
    return Score(
        ticker=parts[0].ticker if alone else None,
        step=step,
        span=span,
        scored=len(actual),
        pending=sum(one.pending for one in parts),
        unmatched=sum(one.unmatched for one in parts),
        rmse=skill.rmse if skill and alone else None,
        last_price_rmse=skill.last_price_rmse if skill and alone else None,
        skill=skill.skill if skill else None,
        p_value=skill.p_value if skill and alone and step == 1 else None,
        coverage=tuple(_average_known(inside)),
        has_drifted=None if drift is None else drift.has_drifted,
    )


def _find_inside(joined: Joined) -> Numbers:
    """Return (n, levels) 1 where a price lies within its bounds, 0 where not, NaN without any."""
    actual = joined.actual[:, np.newaxis]
    inside = (joined.lower <= actual) & (actual <= joined.upper)
    return np.where(np.isnan(joined.lower), np.nan, inside)


def _average_known(inside: Numbers) -> list[float | None]:
    """(n, levels) ─▶ the mean of each level's known values; None where there is none."""
    known = ~np.isnan(inside)
    return [
        float(values[are].mean()) if are.any() else None
        for values, are in zip(inside.T, known.T, strict=True)
    ]
