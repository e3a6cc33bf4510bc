"""What the backtests of many tickers come to, in words; never kinder than the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from stockcast.backtesting.cross_section import CrossSectionScore
from stockcast.evaluation.lag import SMALLEST_SKILL
from stockcast.evaluation.skill import CHANCE, format_p_value, format_percent
from stockcast.plurals import count_of

_FEW = 30  # dates, below which even a large difference is hard to tell from chance


def word_score(one: CrossSectionScore) -> str:
    """Word in one sentence how a candidate did over all tickers, and on how many."""
    if one.is_reference:
        return "what all others are held against"
    if one.skill is None:
        return "not judged: no price moved"
    percent = format_percent(abs(one.skill))
    significance = format_p_value(one.p_holm)
    if one.p_holm < CHANCE and one.skill:
        overall = f"{'better' if one.skill > 0 else 'worse'} by {percent} ({significance})"
    else:
        side = "higher" if one.skill < 0 else "lower"
        rmse = "RMSE the same" if percent == "0.0 %" else f"RMSE {percent} {side}"
        overall = f"no different ({rmse}, within chance: {significance})"
    return (
        f"better than the last price for {one.better:,} of {count_of(one.tickers, 'ticker')}, "
        f"worse for {one.worse:,}, no different for {one.neither:,} (of "
        f"{count_of(one.tried, 'comparison')}); over all forecasts {overall}"
    )


def conclude_cross_section(
    ranking: Sequence[CrossSectionScore], *, horizon: int, dates: int
) -> str:
    """Say in a few sentences what follows, to a person who knows no statistics.

    Args:
        ranking: of all candidates, the best first.
        horizon: steps ahead.
        dates: how many were forecast.
    """
    others = [one for one in ranking if not (one.is_reference or one.candidate.is_yardstick)]
    if not others:
        return "Nothing was tried beside the last price."
    if others[0].skill is None:
        return "No price moved here, so nothing can be told apart."
    better = [one for one in others if one.p_holm < CHANCE and (one.skill or 0.0) > 0]
    ahead = "the next price" if horizon == 1 else f"the price {horizon} bars ahead"
    sentence = _praise(better[0], ahead) if better else _advise(others, ahead)
    # Of those that are not better overall, the one that says most for trying any.
    chosen = better[0] if better else max(others, key=lambda one: (one.better, -one.worse))
    are_few = "is little" if dates == 1 else "are few"
    few = f" {count_of(dates, 'date')} {are_few}, though: more may tell more."
    return f"{sentence} {_count(chosen)}{few if dates < _FEW else ''}"


def _praise(one: CrossSectionScore, ahead: str) -> str:
    gain = one.skill or 0.0
    sentence = (
        f"Over {count_of(one.tickers, 'ticker')} together {one.candidate.name} was better than "
        f"repeating the last price: its error was {format_percent(gain)} lower, which is more "
        "than luck."
    )
    if gain < SMALLEST_SKILL:
        return f"{sentence} It is too little to be of use: for {ahead}, the last one is as good."
    return f"{sentence} Whether that lasts, only later prices can tell."


def _advise(others: Sequence[CrossSectionScore], ahead: str) -> str:
    who = f"{others[0].candidate.name} is not" if len(others) == 1 else "none of these is"
    return (
        f"Over {count_of(others[0].tickers, 'ticker')} together {who} better than repeating the "
        f"last price; for {ahead}, the last one is as good a forecast or a better one."
    )


def _count(one: CrossSectionScore) -> str:
    better, worse = (f"{count:,}" if count else "none" for count in (one.better, one.worse))
    return (
        f"Of {count_of(one.tickers, 'ticker')}, {one.candidate.name} was better than the last "
        f"price for {better} and worse for {worse}, after allowing for how many were tried; expect "
        "none by luck."
    )
