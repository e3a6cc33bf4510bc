"""How far the price goes: each candidate's intervals and volatility beside the best yardstick's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stockcast.backtesting.candidates import Candidate
from stockcast.backtesting.plan import Plan
from stockcast.backtesting.run import Walk
from stockcast.evaluation.metrics import interval_losses
from stockcast.evaluation.significance import correct_holm, diebold_mariano_of_gains
from stockcast.evaluation.skill import CHANCE, format_p_value, format_percent
from stockcast.evaluation.volatility_metrics import qlike_losses
from stockcast.prices.history import Numbers
from stockcast.windows.har import sum_variances


@dataclass(frozen=True)
class SpreadLosses:
    """What one candidate's intervals and volatility lost at the farthest step ahead.

    Attributes:
        intervals: (n,) interval scores at the highest level, in shares of the last price; NaN
            where there was no interval.
        qlike: (n,) of the variance that came true; NaN where it is not known.
    """

    intervals: Numbers
    qlike: Numbers


@dataclass(frozen=True)
class SpreadJudgement:
    """How far one candidate said that the price goes, beside a yardstick.

    Attributes:
        losses: its own.
        yardstick: name of the yardstick that did best; empty where none was among the candidates.
        gain: 1 − its interval score / the yardstick's; None for the yardstick itself.
        p_value: two-sided, of the Diebold-Mariano test on these scores.
        p_holm: the same, raised for all that were held against that yardstick.
    """

    losses: SpreadLosses
    yardstick: str = ""
    gain: float | None = None
    p_value: float | None = None
    p_holm: float | None = None

    def drop_losses(self) -> SpreadJudgement:
        """Return the same without each forecast's losses."""
        return replace(self, losses=SpreadLosses(np.empty(0), np.empty(0)))

    def to_row(self) -> dict[str, float | str | None]:
        """Return its columns of the summary."""
        return {
            "how_far_against": self.yardstick or None,
            "how_far": self.gain,
            "how_far_p_value": self.p_value,
            "how_far_p_holm": self.p_holm,
        }

    @property
    def sentence(self) -> str:
        """What it is worth, in words; empty where there is nothing to say."""
        if self.gain is None or self.p_holm is None:
            return ""
        percent, side = format_percent(abs(self.gain)), "tighter" if self.gain >= 0 else "wider"
        if self.p_holm < CHANCE and percent != "0.0 %":
            return f"intervals {percent} {side} than {self.yardstick}'s " + (
                f"({format_p_value(self.p_holm)})"
            )
        return (
            f"intervals no different from {self.yardstick}'s ({percent} {side}, within chance: "
            f"{format_p_value(self.p_holm)})"
        )


def judge_spreads(
    walks: Sequence[Walk], plan: Plan, variances: Numbers | None
) -> list[SpreadJudgement]:
    """Hold each candidate's intervals against those of the yardstick that did best.

    Args:
        walks: of one plan.
        plan: the plan.
        variances: (rows,) how far each bar moved, squared; None: not known.

    Returns:
        one a walk, in their order.
    """
    losses = [measure_losses(walk, plan, variances) for walk in walks]
    number = find_yardstick(
        [walk.candidate for walk in walks], [average_known(one.intervals) for one in losses]
    )
    if number is None:
        return [SpreadJudgement(one) for one in losses]
    name, reference = walks[number].candidate.name, losses[number].intervals
    found = [
        SpreadJudgement(one, name)
        if place == number
        else _compare(one, name, reference, step=math.ceil(plan.horizon / plan.step))
        for place, one in enumerate(losses)
    ]
    tried = [place for place, one in enumerate(found) if one.p_value is not None]
    raised = correct_holm(np.array([found[place].p_value for place in tried], dtype=np.float64))
    for place, p_value in zip(tried, raised, strict=True):
        found[place] = replace(found[place], p_holm=float(p_value))
    return found


def find_yardstick(candidates: Sequence[Candidate], scores: Sequence[float]) -> int | None:
    """Return the number of the yardstick with the smallest score; None without one."""
    known = [
        number
        for number, one in enumerate(candidates)
        if one.is_yardstick and np.isfinite(scores[number])
    ]
    return min(known, key=lambda number: scores[number], default=None)


def measure_losses(walk: Walk, plan: Plan, variances: Numbers | None) -> SpreadLosses:
    """Return what a walk's intervals and volatility lost; see `SpreadLosses`."""
    outlook = walk.outlook
    actual, last = outlook.actual[:, -1], outlook.last_prices
    intervals = np.full(len(actual), np.nan)
    if walk.intervals:
        level = max(walk.intervals)
        lower, upper = (bound[:, -1] for bound in walk.intervals[level])
        known = np.isfinite(upper) & (last > 0)
        intervals[known] = (
            interval_losses(actual[known], lower[known], upper[known], level) / last[known]
        )
    qlike = np.full(len(actual), np.nan)
    if variances is not None:
        true = sum_variances(variances, plan.horizon)[outlook.cutoffs - 1]
        said = outlook.spread(plan.horizon)[:, -1] ** 2
        moved = np.isfinite(true) & (true > 0) & np.isfinite(said)
        qlike[moved] = qlike_losses(true[moved], said[moved])
    return SpreadLosses(intervals, qlike)


def average_known(values: Numbers) -> float:
    """Mean of what is known of (n,) values; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan


def _compare(losses: SpreadLosses, name: str, reference: Numbers, *, step: int) -> SpreadJudgement:
    both = np.isfinite(losses.intervals) & np.isfinite(reference)
    if not both.any():
        return SpreadJudgement(losses, name)
    ours, theirs = losses.intervals[both], reference[both]
    return SpreadJudgement(
        losses,
        name,
        gain=1 - float(ours.mean() / theirs.mean()),
        p_value=diebold_mariano_of_gains(theirs - ours, step=step)[1],
    )
