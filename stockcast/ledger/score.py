"""What a ledger's forecasts were worth: beside the last price, and beside their own intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stockcast.evaluation.fluctuation import Fluctuation, measure_fluctuation
from stockcast.evaluation.significance import diebold_mariano_of_gains
from stockcast.evaluation.skill import judge_forecasts
from stockcast.evaluation.value_at_risk import TailScore, score_tail
from stockcast.evaluation.volatility_metrics import qlike_losses
from stockcast.ledger.join import Joined, Spread
from stockcast.prices.history import Numbers

SPANS = (None, 250, 20)  # all forecasts, and the newest of them


@dataclass(frozen=True)
class SpreadScore:
    """How well forecasts said how far the price goes.

    Attributes:
        qlike: mean loss of their variance (Patton 2011); smaller is better.
        ewma_qlike: the same of RiskMetrics' variance, from the bars before each cutoff.
        p_value: two-sided, of the Diebold-Mariano test between the two; None for all tickers
            together.
    """

    qlike: float
    ewma_qlike: float
    p_value: float | None


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
        spread: how far the price was said to go; None where the ledger does not say.
        tails: how each one-sided quantile held; p of its tests is NaN for all tickers together,
            which move on the same days.
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
    spread: SpreadScore | None
    tails: tuple[TailScore, ...]
    has_drifted: bool | None


def score_joined(all_joined: Sequence[Joined], quantiles: Sequence[float] = ()) -> list[Score]:
    """Judge each ticker's forecasts, and those of several tickers together, by steps ahead.

    Args:
        all_joined: the forecasts.
        quantiles: the one-sided ones that they have, 0 to 1.

    Returns:
        for each ticker and step, then for each step of several tickers: one score a span.
    """
    scores = [_judge([joined], span, quantiles) for joined in all_joined for span in SPANS]
    for step in sorted({joined.step for joined in all_joined}):
        parts = [joined for joined in all_joined if joined.step == step]
        if len(parts) > 1:
            scores += [_judge(parts, span, quantiles) for span in SPANS]
    return scores


def measure_drift(joined: Joined) -> Fluctuation | None:
    """Test whether one-step forecasts have become worse than the last price; None for others."""
    if joined.step > 1:
        return None
    return measure_fluctuation(joined.actual, joined.forecast, joined.last)


def _judge(parts: Sequence[Joined], span: int | None, quantiles: Sequence[float]) -> Score:
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
        spread=_judge_spread([one.spread.select(newest) for one in parts], step),
        tails=_judge_tails(parts, newest, quantiles),
        has_drifted=None if drift is None else drift.has_drifted,
    )


def _judge_spread(parts: Sequence[Spread], step: int) -> SpreadScore | None:
    known = [one.select(one.known) for one in parts]
    true = np.concatenate([one.true for one in known])
    if not len(true):
        return None
    losses = qlike_losses(true, np.concatenate([one.variance for one in known]))
    others = qlike_losses(true, np.concatenate([one.ewma for one in known]))
    alone = len(parts) == 1
    return SpreadScore(
        float(losses.mean()),
        float(others.mean()),
        diebold_mariano_of_gains(others - losses, step=step)[1] if alone else None,
    )


def _judge_tails(
    parts: Sequence[Joined], newest: slice, quantiles: Sequence[float]
) -> tuple[TailScore, ...]:
    actual = np.concatenate([one.actual[newest] for one in parts])
    last = np.concatenate([one.last[newest] for one in parts])
    scores = []
    for number, quantile in enumerate(quantiles):
        at = np.concatenate([one.at[newest, number] for one in parts])
        beyond = np.concatenate([one.beyond[newest, number] for one in parts])
        score = score_tail(actual, (at, beyond), last, quantile, overlap=parts[0].step)
        if len(parts) > 1:
            score = replace(score, kupiec=math.nan, christoffersen=math.nan)
        scores.append(score)
    return tuple(scores)


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
