"""The verdict: what a model is worth beside repeating the last price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stockcast.errors import option
from stockcast.evaluation.lag import find_lag, repeats_last_price
from stockcast.evaluation.metrics import (
    direction_hit_rate,
    mean_absolute_error,
    relative_skill,
    root_mean_squared_error,
)
from stockcast.evaluation.significance import correct_holm, diebold_mariano
from stockcast.markup import render_paragraph, render_table
from stockcast.plurals import count_of
from stockcast.prices.history import Numbers

if TYPE_CHECKING:
    import pandas as pd

CHANCE = 0.05  # below this p, a difference counts as more than chance


@dataclass(frozen=True)
class Skill:
    """How forecasts did on a held-out span.

    Attributes:
        count: forecasts judged.
        rmse: root mean squared error, price units.
        mae: mean absolute error, price units.
        last_price_rmse: the same error of repeating the last price.
        last_price_mae: likewise.
        skill: 1 − rmse / last_price_rmse; above 0 is better than the last price. None where the
            price never moved, so that the last price was never wrong.
        direction: share of moves whose direction was right, 0 to 1.
        p_value: two-sided, of the Diebold-Mariano test against the last price; for this model
            alone, whatever else was tried.
        repeats: in effect the last price: too close to it to show skill (`repeats_last_price`).
        lag: bars by which the forecasts trail behind the price (`find_lag`); None if they do not,
            or were not compared with older prices.
    """

    count: int
    rmse: float
    mae: float
    last_price_rmse: float
    last_price_mae: float
    skill: float | None
    direction: float
    p_value: float
    repeats: bool = False
    lag: int | None = None

    @property
    def is_last_price(self) -> bool:
        """Whether the forecasts are the last price itself, and name no direction."""
        return self.repeats and (self.rmse, self.mae) == (self.last_price_rmse, self.last_price_mae)

    @property
    def verdict(self) -> str:
        """One sentence, never kinder than the numbers, as if no other model had been tried."""
        return word_verdict(self)

    def to_dict(self) -> dict[str, Any]:
        """Return its figures and the verdict."""
        return {**asdict(self), "verdict": self.verdict}

    def to_frame(self) -> pd.DataFrame:
        """Return the figures and the verdict as a frame of one row."""
        import pandas as pd

        return pd.DataFrame([self.to_dict()])

    def _repr_html_(self) -> str:
        figures = self.to_dict()
        verdict = render_paragraph(f"{figures.pop('verdict')}.")
        return verdict + render_table([figures])


def judge_forecasts(
    actual: Numbers,
    forecast: Numbers,
    last: Numbers,
    *,
    step: int = 1,
    earlier: Numbers | None = None,
) -> Skill:
    """Compare forecasts with repeating the last price.

    Args:
        actual: (n,) prices that came true, of consecutive bars in ascending order, n at least 1.
        forecast: (n,) forecasts of them.
        last: (n,) the last price that each forecast knew.
        step: bars ahead that each forecast looks.
        earlier: (m,) the prices right before actual[0], ascending, for the lag alarm; default:
            no lag is looked for.
    """
    rmse = root_mean_squared_error(actual, forecast)
    last_rmse = root_mean_squared_error(actual, last)
    lag = None
    if earlier is not None:
        lag = find_lag(np.concatenate([earlier, actual]), forecast, step=step)
    return Skill(
        count=len(actual),
        rmse=rmse,
        mae=mean_absolute_error(actual, forecast),
        last_price_rmse=last_rmse,
        last_price_mae=mean_absolute_error(actual, last),
        skill=relative_skill(rmse, last_rmse) if last_rmse else None,
        direction=direction_hit_rate(actual, forecast, last),
        p_value=diebold_mariano(actual, forecast, last, step=step)[1],
        repeats=repeats_last_price(actual, forecast, last),
        lag=lag,
    )


def count_sides(skills: Sequence[Skill]) -> tuple[int, int]:
    """Count on how many tickers one model was better than the last price, and on how many worse.

    Only differences count that are more than chance, by Holm's p over all of them.

    Args:
        skills: one a ticker, none of them None inside.
    """
    p_values = correct_holm(np.array([skill.p_value for skill in skills]))
    sides = [
        np.sign(skill.skill or 0.0)
        for skill, p_value in zip(skills, p_values, strict=True)
        if p_value < CHANCE
    ]
    return sides.count(1), sides.count(-1)


def word_verdict(
    skill: Skill, *, tried: int = 1, p_value: float | None = None, what: str = "models tried"
) -> str:
    """Word a verdict in one sentence, never kinder than the numbers.

    Args:
        skill: the model's.
        tried: models tried on the same question, this one among them.
        p_value: two-sided, corrected for all of those; default: Bonferroni's, `tried` times the
            model's own, which Holm's is never above.
        what: the `tried` are, in words.
    """
    if skill.skill is None:
        return "not judged: the price never moved on the held-out span"
    if skill.is_last_price:
        return "no different from repeating the last price, which it does: nothing else held good"
    p = min(1.0, tried * skill.p_value) if p_value is None else p_value
    percent = format_percent(abs(skill.skill))
    significance = format_p_value(p) + (f"; 1 of {tried:,} {what}" if tried > 1 else "")
    if p >= CHANCE or not skill.skill:
        side = "higher" if skill.skill < 0 else "lower"
        rmse = "RMSE the same" if percent == "0.0 %" else f"RMSE {percent} {side}"
        within = "within chance: " if p >= CHANCE else ""
        verdict = f"no different from repeating the last price ({rmse}, {within}{significance})"
    elif skill.skill > 0:
        luck = ", so expect a lucky one" if tried > 1 else ""
        verdict = f"better than repeating the last price by {percent} ({significance}{luck})"
    else:
        verdict = f"worse than repeating the last price by {percent} ({significance})"
    return verdict + _word_alarms(skill)


def _word_alarms(skill: Skill) -> str:
    if skill.repeats:
        return "; in effect repeats the last price"
    if skill.lag is not None:
        return f"; its forecasts follow the price with a lag of {count_of(skill.lag, 'bar')}"
    return ""


def format_percent(share: float) -> str:
    """Write a share as a percentage with two digits that mean something: `0.8 %`, `71 %`."""
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %"


def format_p_value(p: float) -> str:
    """Write a p value with two digits that mean something: `p = 0.33`, `p = 0.012`."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.2f}" if p >= 0.1 else f"p = {p:.2g}"


def describe_verdict(skill: Skill | None, how_far: str = "") -> str:
    """Return the verdict, or why there is none.

    Args:
        skill: which way the price goes.
        how_far: what was worded of how far it goes; empty where a model says nothing of it.
    """
    verdict = skill.verdict if skill else f"not judged: no rows were held out ({option('test')})"
    return f"How far: {how_far}. Which way: {verdict}" if how_far else verdict
