"""The verdict: what a model is worth beside repeating the last price."""

from __future__ import annotations

from dataclasses import dataclass

from stockcast.evaluation.metrics import (
    direction_hit_rate,
    mean_absolute_error,
    relative_skill,
    root_mean_squared_error,
)
from stockcast.evaluation.significance import diebold_mariano
from stockcast.prices.history import Numbers

_CHANCE = 0.05  # below this p, a difference counts as more than chance


@dataclass(frozen=True)
class Skill:
    """How one-step forecasts did on a held-out span.

    Attributes:
        count: forecasts judged.
        rmse: root mean squared error, price units.
        mae: mean absolute error, price units.
        last_price_rmse: the same error of repeating the last price.
        last_price_mae: likewise.
        skill: 1 − rmse / last_price_rmse; above 0 is better than the last price. None where the
            price never moved, so that the last price was never wrong.
        direction: share of moves whose direction was right, 0 to 1.
        p_value: two-sided, of the Diebold-Mariano test against the last price.
    """

    count: int
    rmse: float
    mae: float
    last_price_rmse: float
    last_price_mae: float
    skill: float | None
    direction: float
    p_value: float

    @property
    def verdict(self) -> str:
        """One sentence, never kinder than the numbers."""
        if self.skill is None:
            return "not judged: the price never moved on the held-out span"
        percent = format_percent(abs(self.skill))
        if self.p_value >= _CHANCE:
            side = "higher" if self.skill < 0 else "lower"
            rmse = "RMSE the same" if percent == "0.0 %" else f"RMSE {percent} {side}"
            return (
                f"no different from repeating the last price "
                f"({rmse}, within chance: p = {self.p_value:.2f})"
            )
        p = "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.3f}"
        side = "better" if self.skill > 0 else "worse"
        return f"{percent} {side} than repeating the last price ({p})"


def judge_forecasts(actual: Numbers, forecast: Numbers, last: Numbers) -> Skill:
    """Compare one-step forecasts with repeating the last price.

    Args:
        actual: (n,) prices that came true, n at least 1.
        forecast: (n,) forecasts of them.
        last: (n,) the last price that each forecast knew.
    """
    rmse = root_mean_squared_error(actual, forecast)
    last_rmse = root_mean_squared_error(actual, last)
    return Skill(
        count=len(actual),
        rmse=rmse,
        mae=mean_absolute_error(actual, forecast),
        last_price_rmse=last_rmse,
        last_price_mae=mean_absolute_error(actual, last),
        skill=relative_skill(rmse, last_rmse) if last_rmse else None,
        direction=direction_hit_rate(actual, forecast, last),
        p_value=diebold_mariano(actual, forecast, last)[1],
    )


def format_percent(share: float) -> str:
    """Write a share as a percentage with two digits that mean something: `0.8 %`, `71 %`."""
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %"
