"""What the walks came to: metrics, verdicts against the last price, and what follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stockcast.backtesting.candidates import Candidate
from stockcast.backtesting.plan import Plan
from stockcast.backtesting.run import Walk
from stockcast.backtesting.spreads import SpreadJudgement, average_known, judge_spreads
from stockcast.evaluation import metrics
from stockcast.evaluation.conformal import format_level
from stockcast.evaluation.lag import SMALLEST_SKILL
from stockcast.evaluation.significance import correct_holm
from stockcast.evaluation.skill import CHANCE, Skill, format_percent, judge_forecasts, word_verdict
from stockcast.evaluation.value_at_risk import TailScore, score_tail
from stockcast.plurals import count_of
from stockcast.prices.history import Numbers

REPEATS = "no different from repeating the last price, which it does"
"""What recorded forecasts are worth that are the last price each time."""

_FEW = 30  # forecasts, below which even a large difference is hard to tell from chance


@dataclass(frozen=True)
class Judgement:
    """How one candidate did at the farthest step ahead.

    Attributes:
        candidate: who.
        skill: errors beside the last price's.
        figures: metric name to value, in the order of the summary's columns; NaN where there is
            none, as for the direction of forecasts that name none.
        p_holm: two-sided p against the last price, raised for all that were tried beside it.
        verdict: one sentence.
        spread: how far the price goes, beside the yardstick.
        tails: how each one-sided quantile held.
    """

    candidate: Candidate
    skill: Skill
    figures: dict[str, float]
    p_holm: float
    verdict: str
    spread: SpreadJudgement
    tails: tuple[TailScore, ...] = ()

    @property
    def is_better(self) -> bool:
        """Whether its error is lower than the last price's, by more than chance."""
        return bool(self.skill.skill and self.skill.skill > 0 and self.p_holm < CHANCE)

    def to_row(self) -> dict[str, float | int | str | bool | None]:
        """Return the summary's row."""
        is_reference = self.candidate.is_reference
        return {
            "model": self.candidate.name,
            **self.figures,
            "skill": self.skill.skill,
            "p_value": None if is_reference else self.skill.p_value,
            "p_holm": None if is_reference else self.p_holm,
            **self.spread.to_row(),
            **{name: value for one in self.tails for name, value in one.to_row().items()},
            "lag": self.skill.lag,
            "repeats": self.skill.repeats,
            "verdict": self.verdict,
        }


def judge_walks(
    walks: Sequence[Walk], prices: Numbers, plan: Plan, variances: Numbers | None = None
) -> list[Judgement]:
    """Judge each walk's forecasts at the farthest step ahead; the best comes first.

    The more are tried, the better the luckiest looks, so p is Holm's. Recipes and models are one
    family: all of them were tried. Baselines are another: they are no attempts, only what the
    attempts are held against, and must not make it harder for a model to stand out.

    Args:
        walks: of one plan.
        prices: (rows,) the forecast column.
        plan: the plan.
        variances: (rows,) how far each bar moved, squared; default: not known.

    Returns:
        one a walk, by RMSE, in their own order where it is the same.
    """
    skills = [judge_walk(walk, prices, plan) for walk in walks]
    spreads = judge_spreads(walks, plan, variances)
    judgements = [
        Judgement(
            candidate=walk.candidate,
            skill=skill,
            figures={
                **measure_walk(walk, prices, plan),
                "wis": average_known(_measure_wis(walk)),
                "qlike": average_known(spread.losses.qlike),
            },
            p_holm=p_value,
            verdict=_word(walk.candidate, skill, tried, p_value),
            spread=spread,
            tails=measure_tails(walk, plan),
        )
        for walk, skill, spread, (tried, p_value) in zip(
            walks,
            skills,
            spreads,
            correct_families(
                [walk.candidate for walk in walks], [skill.p_value for skill in skills]
            ),
            strict=True,
        )
    ]
    return sorted(judgements, key=lambda one: one.skill.rmse)


def judge_walk(walk: Walk, prices: Numbers, plan: Plan) -> Skill:
    """Compare a walk's forecasts at the farthest step ahead with the last price."""
    outlook = walk.outlook
    first = int(outlook.cutoffs[0]) + plan.horizon - 1  # the first bar that is judged
    return judge_forecasts(
        outlook.actual[:, -1],
        outlook.forecast[:, -1],
        outlook.last_prices,
        # Forecasts so many cutoffs apart no longer share a bar.
        step=math.ceil(plan.horizon / plan.step),
        earlier=prices[:first] if plan.step == 1 and plan.is_regular else None,
    )


def correct_families(
    candidates: Sequence[Candidate], p_values: Sequence[float]
) -> list[tuple[int, float]]:
    """Return how many were tried in each one's family, and its p for that.

    Args:
        candidates: who was tried; one may stand for several tickers.
        p_values: its own p each time.
    """
    corrected = [(1, p_value) for p_value in p_values]
    for family in (False, True):
        numbers = [
            number
            for number, candidate in enumerate(candidates)
            if candidate.is_baseline == family
            and not (candidate.is_reference or candidate.is_yardstick)
        ]
        raised = correct_holm(np.array([p_values[number] for number in numbers]))
        for number, p_value in zip(numbers, raised, strict=True):
            corrected[number] = (len(numbers), float(p_value))
    return corrected


def _word(candidate: Candidate, skill: Skill, tried: int, p_value: float) -> str:
    if candidate.is_reference:
        return "what all others are held against"
    if candidate.is_yardstick:
        return "repeats the last price, and says how far the next will be from it"
    if candidate.is_recorded and skill.is_last_price:
        return REPEATS
    return word_verdict(skill, tried=tried, p_value=p_value)


def measure_walk(walk: Walk, prices: Numbers, plan: Plan) -> dict[str, float]:
    """Return all figures of a walk at the farthest step ahead, in the summary's order."""
    outlook, horizon = walk.outlook, plan.horizon
    actual, forecast, last = outlook.actual[:, -1], outlook.forecast[:, -1], outlook.last_prices
    fold = plan.folds[0]
    training = prices[fold.first_row : fold.fitted_at]
    tells = bool((forecast != last).any())
    figures = {
        "step": horizon,
        "count": len(actual),
        "mae": metrics.mean_absolute_error(actual, forecast),
        "rmse": metrics.root_mean_squared_error(actual, forecast),
        "mape": metrics.mean_absolute_percentage_error(actual, forecast),
        "smape": metrics.symmetric_mean_absolute_percentage_error(actual, forecast),
        "mase": metrics.mean_absolute_scaled_error(actual, forecast, training, step=horizon),
        "rmsse": metrics.root_mean_squared_scaled_error(actual, forecast, training, step=horizon),
        "bias": metrics.bias(actual, forecast),
        "direction": metrics.direction_hit_rate(actual, forecast, last) if tells else math.nan,
        "majority": metrics.majority_direction_rate(actual, last),
    }
    for level, (lower, upper) in walk.intervals.items():
        known = np.isfinite(upper[:, -1])
        bounds = lower[known, -1], upper[known, -1]
        name = format_level(level)
        some = bool(known.any())
        figures |= {
            f"coverage_{name}": metrics.coverage(actual[known], *bounds) if some else math.nan,
            f"width_{name}": metrics.mean_width(*bounds) if some else math.nan,
            f"winkler_{name}": metrics.winkler_score(actual[known], *bounds, level)
            if some
            else math.nan,
        }
    return figures


def measure_tails(walk: Walk, plan: Plan) -> tuple[TailScore, ...]:
    """Judge a walk's one-sided quantiles at the farthest step ahead."""
    outlook = walk.outlook
    return tuple(
        score_tail(
            outlook.actual[:, -1],
            (at[:, -1], beyond[:, -1]),
            outlook.last_prices,
            quantile,
            overlap=math.ceil(plan.horizon / plan.step),
        )
        for quantile, (at, beyond) in walk.tails.items()
    )


def _measure_wis(walk: Walk) -> Numbers:
    """(n,) weighted interval losses at the farthest step; NaN where an interval is missing."""
    if not walk.intervals:
        return np.full(len(walk.outlook.cutoffs), np.nan)
    bounds = {
        level: (lower[:, -1], upper[:, -1]) for level, (lower, upper) in walk.intervals.items()
    }
    outlook = walk.outlook
    return metrics.weighted_interval_losses(outlook.actual[:, -1], outlook.forecast[:, -1], bounds)


def conclude(judgements: Sequence[Judgement], plan: Plan) -> str:
    """Say in a sentence or two what follows, to a person who knows no statistics."""
    others = [
        one for one in judgements if not (one.candidate.is_reference or one.candidate.is_yardstick)
    ]
    count = len(plan.cutoffs)
    forecasts = count_of(count, "forecast")
    ahead = "the next price" if plan.horizon == 1 else f"the price {plan.horizon} bars ahead"
    if not others:
        return "Nothing was tried beside the last price."
    if others[0].skill.skill is None:
        return "The price never moved here, so nothing can be told apart."
    better = [one for one in others if one.is_better]
    if not better:
        who = f"{others[0].candidate.name} is not" if len(others) == 1 else "None of these is"
        are_few = "is little" if count == 1 else "are few"
        few = f" {forecasts} {are_few}, though: more may tell more." if count < _FEW else ""
        return (
            f"{who} better than repeating the last price; for {ahead}, the last one is the best "
            f"forecast here.{few}"
        )
    best = better[0]
    gain = best.skill.skill or 0.0
    text = (
        f"{best.candidate.name} was better than repeating the last price: over {forecasts} "
        f"its error was {format_percent(gain)} lower, which is more than luck."
    )
    if gain < SMALLEST_SKILL:
        return f"{text} It is too little to be of use: for {ahead}, the last one is as good."
    return f"{text} Whether that lasts, only later prices can tell."
