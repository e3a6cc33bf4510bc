"""The verdict on how far: what a model's intervals are worth beside those of other volatilities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stockcast.evaluation.conformal import adapt_quantiles, expect_moves, measure_scores
from stockcast.evaluation.metrics import coverage, interval_losses
from stockcast.evaluation.significance import correct_holm, diebold_mariano_of_gains
from stockcast.evaluation.skill import CHANCE, format_p_value, format_percent
from stockcast.evaluation.volatility_metrics import qlike_losses
from stockcast.prices.history import Numbers

LEVELS = (0.8, 0.95)
"""Of the intervals that are scored; the verdict is of the last."""

YARDSTICKS = ("gjr-garch", "ewma")
"""What every model's volatility is held against, by names of `volatility_methods`."""

TITLES = {
    "model": "this model",
    "path": "its path alone (HAR)",
    "gjr-garch": "GJR-GARCH(1,1)-t",
    "ewma": "RiskMetrics (0.94)",
}
"""Names of volatilities as people read them."""

FEWEST = 19
"""Bars to calibrate on, at least: fewer say nothing of the highest of LEVELS."""


@dataclass(frozen=True)
class VolatilityScore:
    """How one volatility did on a held-out span; every score is better the smaller.

    Attributes:
        name: whose it is: `model`, `path`, or a yardstick's.
        qlike: mean QLIKE of the variance that came true (Patton 2011); None where nothing moved.
        scores: mean interval score of each of LEVELS (Winkler 1972), in shares of the last price.
        coverage: share of prices inside each of LEVELS.
    """

    name: str
    qlike: float | None
    scores: tuple[float, ...]
    coverage: tuple[float, ...]


@dataclass(frozen=True)
class VolatilityComparison:
    """How a model's volatility did beside another.

    Attributes:
        name: the other's.
        gain: 1 − its interval score at the highest of LEVELS / the other's; above 0 is tighter
            intervals for what they hold.
        p_value: two-sided, of the Diebold-Mariano test on these scores, raised for all that it was
            held against (Holm 1979).
        qlike_gain: 1 − its QLIKE / the other's; None where nothing moved.
        qlike_p_value: likewise on QLIKE.
    """

    name: str
    gain: float
    p_value: float
    qlike_gain: float | None
    qlike_p_value: float


@dataclass(frozen=True)
class VolatilitySkill:
    """How a model's volatility did on a held-out span.

    Attributes:
        count: prices judged.
        step: bars ahead.
        scores: the model's first, then its path's if the network adds to it, then the yardsticks'.
        comparisons: with each of the others, in that order.
    """

    count: int
    step: int
    scores: tuple[VolatilityScore, ...]
    comparisons: tuple[VolatilityComparison, ...]

    @property
    def hardest(self) -> VolatilityComparison | None:
        """The yardstick that did best: no skill is claimed against a weaker one."""
        others = [one for one in self.comparisons if one.name != "path"]
        return min(others, key=lambda one: one.gain, default=None)

    @property
    def skill(self) -> float | None:
        """How much tighter its intervals are than the best yardstick's; None without one."""
        return None if self.hardest is None else self.hardest.gain

    def find_comparison(self, name: str) -> VolatilityComparison | None:
        """Return how it did beside one of the others; None if that is not among them."""
        return next((one for one in self.comparisons if one.name == name), None)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return a row of figures for each volatility, and for the others how the model did."""
        beside = {one.name: one for one in self.comparisons}
        rows = []
        for score in self.scores:
            row: dict[str, Any] = {"volatility": score.name, "qlike": score.qlike}
            for level, value, share in zip(LEVELS, score.scores, score.coverage, strict=True):
                name = f"{100 * level:.0f}"
                row |= {f"interval_score_{name}": value, f"coverage_{name}": share}
            other = beside.get(score.name)
            row |= {
                "gain": other and other.gain,
                "p_value": other and other.p_value,
                "qlike_gain": other and other.qlike_gain,
                "qlike_p_value": other and other.qlike_p_value,
            }
            rows.append(row)
        return rows


@dataclass(frozen=True)
class SpreadForecasts:
    """Forecasts of a price and how far it may be off, of consecutive bars in ascending order.

    Attributes:
        actual: (n,) prices that came true.
        last_prices: (n,) that each forecast knew.
        variances: (n,) of the log return from that price to the actual, as it came true; NaN where
            it is not known.
        step: bars ahead.
        calibrated_on: the first so many are not judged: intervals are calibrated on them.
    """

    actual: Numbers
    last_prices: Numbers
    variances: Numbers
    step: int
    calibrated_on: int


def word_how_far(skill: VolatilitySkill) -> str:
    """Word what a model's intervals are worth, never kinder than the numbers.

    Against the best of the yardsticks, and against its own path where the network adds to it.
    """
    hardest, path = skill.hardest, skill.find_comparison("path")
    if hardest is None:
        return "not judged: too few bars for a yardstick"
    sentence = _word_gain(hardest, f"{TITLES[hardest.name]}'s")
    if path is None:
        return sentence
    return f"{sentence}, {_word_gain(path, 'its own path alone', is_short=True)}"


def _word_gain(one: VolatilityComparison, than: str, *, is_short: bool = False) -> str:
    percent = format_percent(abs(one.gain))
    side = "tighter" if one.gain >= 0 else "wider"
    level = f"{100 * LEVELS[-1]:.0f} % intervals"
    if one.p_value < CHANCE and percent != "0.0 %":
        what = f"{percent} {side} than {than} ({format_p_value(one.p_value)})"
        return what if is_short else f"{level} {what}, for the same coverage"
    within = f"({percent} {side}, within chance: {format_p_value(one.p_value)})"
    if is_short:
        return f"no different from {than} {within}"
    return f"{level} no different from {than} {within}"


def judge_volatility(
    forecasts: SpreadForecasts, volatilities: Mapping[str, tuple[Numbers, Numbers]]
) -> VolatilitySkill:
    """Judge volatilities by the intervals that each makes, all calibrated in the same way.

    Args:
        forecasts: what came true.
        volatilities: names to (n,) forecasts in price units and (n,) standard deviations of the
            log return; the first is the model's.
    """
    losses = {
        name: measure_losses(forecasts, forecast, deviations)
        for name, (forecast, deviations) in volatilities.items()
    }
    (_, own), *others = losses.items()
    comparisons = [_compare(name, own, other, forecasts.step) for name, other in others]
    return VolatilitySkill(
        count=len(forecasts.actual) - forecasts.calibrated_on,
        step=forecasts.step,
        scores=tuple(one.to_score(name) for name, one in losses.items()),
        comparisons=_correct(comparisons),
    )


def _correct(comparisons: Sequence[VolatilityComparison]) -> tuple[VolatilityComparison, ...]:
    """Raise p values for all comparisons that were made."""
    of_scores, of_qlike = (
        correct_holm(np.array([getattr(one, name) for one in comparisons]))
        for name in ("p_value", "qlike_p_value")
    )
    return tuple(
        replace(one, p_value=float(score), qlike_p_value=float(qlike))
        for one, score, qlike in zip(comparisons, of_scores, of_qlike, strict=True)
    )


@dataclass(frozen=True)
class VolatilityLosses:
    """What one volatility lost.

    Attributes:
        intervals: (n,) a level of LEVELS, in shares of the last price.
        coverage: share inside, a level.
        qlike: (m,) where the variance is known.
    """

    intervals: tuple[Numbers, ...]
    coverage: tuple[float, ...]
    qlike: Numbers

    def to_score(self, name: str) -> VolatilityScore:
        """Return what the losses come to."""
        return VolatilityScore(
            name,
            float(self.qlike.mean()) if len(self.qlike) else None,
            tuple(float(one.mean()) for one in self.intervals),
            self.coverage,
        )


def measure_losses(
    forecasts: SpreadForecasts, forecast: Numbers, deviations: Numbers
) -> VolatilityLosses:
    """Return what a volatility lost on the bars that are judged, once calibrated on the others.

    Args:
        forecasts: what came true.
        forecast: (n,) price units.
        deviations: (n,) standard deviations of the log return.
    """
    first, step = forecasts.calibrated_on, forecasts.step
    actual, last = forecasts.actual, forecasts.last_prices
    scores = measure_scores(actual[:, None], forecast[:, None], last, deviations[:, None]).ravel()
    moves = expect_moves(last, deviations[:, None]).ravel()[first:]
    cutoffs = np.arange(len(actual) - first)
    intervals, inside = [], []
    for level in LEVELS:
        quantiles = adapt_quantiles(
            scores[: max(0, first - step + 1)], scores[first:], cutoffs, step=step, level=level
        )
        bounds = forecast[first:] - quantiles * moves, forecast[first:] + quantiles * moves
        intervals.append(interval_losses(actual[first:], *bounds, level) / last[first:])
        inside.append(coverage(actual[first:], *bounds))
    variances, known = forecasts.variances[first:], deviations[first:] ** 2
    moved = np.isfinite(variances) & (variances > 0)
    return VolatilityLosses(
        tuple(intervals), tuple(inside), qlike_losses(variances[moved], known[moved])
    )


def _compare(
    name: str, own: VolatilityLosses, other: VolatilityLosses, step: int
) -> VolatilityComparison:
    gains, of_qlike = other.intervals[-1] - own.intervals[-1], other.qlike - own.qlike
    # One that is wider today is wider tomorrow: what is gained is correlated over weeks.
    step = max(step, math.ceil(len(gains) ** (1 / 3)))
    qlike_gain = None
    if len(of_qlike) and other.qlike.mean() > 0:
        qlike_gain = 1 - float(own.qlike.mean() / other.qlike.mean())
    return VolatilityComparison(
        name=name,
        gain=1 - float(own.intervals[-1].mean() / other.intervals[-1].mean()),
        p_value=diebold_mariano_of_gains(gains, step=step)[1],
        qlike_gain=qlike_gain,
        qlike_p_value=diebold_mariano_of_gains(of_qlike, step=step)[1] if len(of_qlike) else 1.0,
    )


def list_yardsticks(
    prices: Numbers, cutoffs: Sequence[int] | Any, *, horizon: int, names: Sequence[str]
) -> dict[str, Numbers]:
    """Return the (n,) deviations, `horizon` bars ahead, that each yardstick forecasts.

    Args:
        prices: (rows,) above zero.
        cutoffs: (n,) bars known.
        horizon: steps ahead.
        names: of the yardsticks; those that need more bars than there are, are left out.
    """
    from stockcast.errors import TooShort
    from stockcast.evaluation.volatility_methods import forecast_variances

    returns = np.diff(np.log(prices), prepend=np.nan)
    found = {}
    for name in names:
        try:
            variances = forecast_variances(name, returns, cutoffs, horizon)
        except TooShort:
            continue
        found[name] = np.sqrt(variances[:, -1])
    return found
