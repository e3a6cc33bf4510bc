"""The page of one ticker's backtest: models beside each other, over the same dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stockcast import __version__
from stockcast.backtesting.run import Walk
from stockcast.backtesting.ticker import TickerBacktest
from stockcast.evaluation.conformal import format_level
from stockcast.evaluation.metrics import (
    direction_hit_rate,
    mean_absolute_error,
    relative_skill,
    root_mean_squared_error,
)
from stockcast.forecast.intervals import Intervals
from stockcast.plurals import count_of
from stockcast.prices.history import Dates, Numbers, PriceHistory, combine_sha256, format_date
from stockcast.report.coverage import measure_coverage
from stockcast.report.figures import round_alike
from stockcast.report.page import Picture, Section, Table, write_page
from stockcast.report.panels import measure_gain
from stockcast.report.skill_charts import (
    chart_coverage,
    chart_gains,
    chart_prices,
    chart_residuals,
    chart_steps,
)
from stockcast.report.wording import compare_error, describe_ahead

_MOST_MODELS = 4  # with pictures of their own


@dataclass(frozen=True)
class PageModel:
    """One model's forecasts beside what came true, a row each.

    Attributes:
        name: the model's.
        verdict: one sentence on it.
        dates: (n,) the dates forecast; ascending for each step.
        steps: (n,) bars ahead, from 1.
        actual: (n,) prices that came true; NaN where they have not yet.
        forecast: (n,) forecasts of them.
        last: (n,) the last price that each forecast knew.
        intervals: level, 0 to 1, to lower and upper, (n,) each; NaN where there is none.
    """

    name: str
    verdict: str
    dates: Dates
    steps: NDArray[np.int64]
    actual: Numbers
    forecast: Numbers
    last: Numbers
    intervals: Intervals

    @property
    def repeats_last(self) -> bool:
        """Whether it is the last price itself, which all others are held against."""
        return not (self.forecast != self.last).any()

    def select(self, step: int) -> PageModel:
        """Return the forecasts of one step ahead that have come true."""
        rows = (self.steps == step) & ~np.isnan(self.actual)
        return PageModel(
            name=self.name,
            verdict=self.verdict,
            dates=self.dates[rows],
            steps=self.steps[rows],
            actual=self.actual[rows],
            forecast=self.forecast[rows],
            last=self.last[rows],
            intervals={
                level: (lower[rows], upper[rows])
                for level, (lower, upper) in self.intervals.items()
            },
        )


def write_ticker_page(path: Path, walked: TickerBacktest) -> None:
    """Write the page of one ticker's backtest, whole or not at all.

    Args:
        path: of the HTML file.
        walked: the backtest; the page has its models in the order of its judgements.
    """
    walks = {walk.candidate.name: walk for walk in walked.walks}
    write_backtest_page(
        path,
        [
            _prepare_model(walked.history, walks[one.candidate.name], one.verdict)
            for one in walked.judgements
        ],
        title=f"{walked.history.ticker}: models held against the last price",
        lead=walked.conclusion,
        facts=_list_facts(walked),
    )


def _prepare_model(history: PriceHistory, walk: Walk, verdict: str) -> PageModel:
    outlook = walk.outlook
    count, horizon = outlook.forecast.shape
    ahead = np.arange(horizon)
    return PageModel(
        name=walk.candidate.name,
        verdict=verdict,
        dates=history.dates[outlook.cutoffs[:, None] + ahead].ravel(),
        steps=np.tile(ahead + 1, count),
        actual=outlook.actual.ravel(),
        forecast=outlook.forecast.ravel(),
        last=np.repeat(outlook.last_prices, horizon),
        intervals={
            level: (lower.ravel(), upper.ravel())
            for level, (lower, upper) in walk.intervals.items()
            if np.isfinite(upper).any()
        },
    )


def _list_facts(walked: TickerBacktest) -> list[tuple[str, str]]:
    history, plan = walked.history, walked.plan
    cutoffs, fold = plan.cutoffs, plan.folds[0]
    known = (
        "all bars known"
        if plan.train_rows is None
        else f"the newest {count_of(plan.train_rows, 'bar')}"
    )
    fitted = [walk.candidate.name for walk in walked.walks if walk.candidate.is_fitted]
    apart = f", {plan.step} bars apart" if plan.step > 1 else ""
    facts = [
        ("ticker", history.ticker),
        ("forecast column", plan.target),
        ("cutoffs", f"{len(cutoffs):,}{apart}"),
        ("steps ahead", str(plan.horizon)),
        ("first cutoff", format_date(history.dates[cutoffs[0] - 1])),
        ("last cutoff", format_date(history.dates[cutoffs[-1] - 1])),
    ]
    if fitted:
        facts += [
            ("trained", f"{', '.join(fitted)}: {count_of(len(plan.folds), 'time')}, on {known}"),
            ("bars before the first fit", f"{fold.fitted_at - fold.first_row:,}"),
        ]
    recorded = [walk.candidate.name for walk in walked.walks if walk.candidate.is_recorded]
    if recorded:
        facts.append(("made elsewhere", f"{', '.join(recorded)}: they knew what their files say"))
    if plan.covered is not None and plan.covered.text:
        facts.append(("not judged", plan.covered.text))
    return [
        *facts,
        ("price files", ", ".join(source.name for source in history.sources)),
        ("SHA-256 of the prices", combine_sha256(history.sources)),
        ("version of stockcast", __version__),
    ]


def write_backtest_page(
    path: Path,
    models: Sequence[PageModel],
    *,
    title: str,
    lead: str,
    facts: Sequence[tuple[str, str]],
) -> None:
    """Write the page of a backtest, whole or not at all.

    Args:
        path: of the HTML file.
        models: at least one, in the order of the page, all of the same dates and steps; figures
            and pictures are of the farthest step ahead.
        title: the page's heading.
        lead: what follows from all of it, in plain words.
        facts: what was done, as names and values.
    """
    horizon = int(models[0].steps.max())
    farthest = [model.select(horizon) for model in models]
    judged = [model for model in farthest if not model.repeats_last]
    sections = [_compare(farthest, horizon)]
    if judged:
        sections.append(_show_gains(judged))
    if judged and horizon > 1:
        sections.append(_show_steps(models, horizon))
    sections += [_show_model(model, horizon) for model in judged[:_MOST_MODELS]]
    sections.append(_show_facts(facts))
    write_page(path, title=title, lead=lead, sections=sections)


def _compare(models: Sequence[PageModel], horizon: int) -> Section:
    first = models[0]
    count = len(first.dates)
    ahead = describe_ahead(horizon)
    paragraphs = (
        f"{count_of(count, 'forecast')} a model, {ahead}, {format_date(first.dates[0])} to "
        f"{format_date(first.dates[-1])}; each knew the bars before its cutoff alone.",
    )
    squared = round_alike(*(root_mean_squared_error(one.actual, one.forecast) for one in models))
    absolute = round_alike(*(mean_absolute_error(one.actual, one.forecast) for one in models))
    rows = []
    for model, rmse, mae in zip(models, squared, absolute, strict=True):
        hits = direction_hit_rate(model.actual, model.forecast, model.last)
        direction = "–" if model.repeats_last else f"{100 * hits:.0f} %"
        within = measure_coverage(model.dates, model.actual, model.intervals).overall
        shares = (
            f"{100 * within[level]:.0f} %" if level in within else "–"
            for level in _list_levels(models)
        )
        rows.append((model.name, rmse, _compare_error(model), mae, direction, *shares))
    figures = Table(
        caption=f"Errors {ahead}, in the price's own unit",
        head=(
            "model",
            "root mean squared error",
            "against the last price",
            "mean absolute error",
            "direction right",
            *(f"within {format_level(level)} %" for level in _list_levels(models)),
        ),
        rows=tuple(rows),
    )
    verdicts = Table(
        caption="What that means for each",
        head=("model", "verdict"),
        rows=tuple((model.name, model.verdict) for model in models),
        words=True,
    )
    return Section("The models beside each other", paragraphs, (figures, verdicts))


def _list_levels(models: Sequence[PageModel]) -> list[float]:
    """Return all levels that any model has intervals of, ascending."""
    return sorted({level for model in models for level in model.intervals})


def _compare_error(model: PageModel) -> str:
    """`0.5 % less`, of the last price's error."""
    of_last = root_mean_squared_error(model.actual, model.last)
    if model.repeats_last or not of_last:
        return "–"
    rmse = root_mean_squared_error(model.actual, model.forecast)
    return compare_error(relative_skill(rmse, of_last))


def _show_gains(models: Sequence[PageModel]) -> Section:
    gains = {model.name: measure_gain(model.actual, model.forecast, model.last) for model in models}
    paragraphs = (
        "Where a line rises, that model was closer to the truth than the last price; where it "
        "falls, the last price was. It is the squared error saved so far, in percent of all that "
        "the last price made.",
    )
    ends = ", ".join(f"{name} {100 * gain[-1]:.2g} %" for name, gain in gains.items())
    picture = Picture(
        chart_gains(models[0].dates, gains),
        alt="Line chart of the squared error saved so far against the last price; at the end: "
        + ends,
    )
    return Section("Against the last price, over time", paragraphs, (picture,))


def _show_steps(models: Sequence[PageModel], horizon: int) -> Section:
    steps = np.arange(1, horizon + 1)
    skills = {
        model.name: np.array([_measure_skill(model.select(int(step))) for step in steps])
        for model in models
        if not model.repeats_last
    }
    names = ", ".join(skills)
    picture = Picture(
        chart_steps(steps, skills),
        alt=f"Line chart of the error against the last price's, step by step ahead, of {names}",
    )
    paragraphs = ("How much lower each model's error is than that of repeating the last price.",)
    return Section("Step by step ahead", paragraphs, (picture,))


def _measure_skill(model: PageModel) -> float:
    of_last = root_mean_squared_error(model.actual, model.last)
    if not of_last:
        return float("nan")
    return relative_skill(root_mean_squared_error(model.actual, model.forecast), of_last)


def _show_model(model: PageModel, horizon: int) -> Section:
    first, last = format_date(model.dates[0]), format_date(model.dates[-1])
    prices = Picture(
        chart_prices(
            model.dates,
            model.actual,
            model.forecast,
            model.last,
            model.intervals,
            step=horizon,
        ),
        alt=f"Line chart from {first} to {last}: what came true, the forecasts of {model.name} "
        "with their intervals, and the last price that each forecast knew",
        caption="Predicted against real",
    )
    residuals = Picture(
        chart_residuals(model.actual, model.forecast, model.last),
        alt=f"Histogram of how far off {model.name} was, beside how far off the last price was",
        caption="How far off",
    )
    paragraphs = (f"{model.verdict[:1].upper()}{model.verdict[1:]}.",)
    coverage = measure_coverage(model.dates, model.actual, model.intervals)
    if not coverage.shares:
        return Section(model.name, paragraphs, (prices, residuals))
    shares = ", ".join(
        f"{100 * share:.0f} % within the {format_level(level)} % interval"
        for level, share in coverage.overall.items()
    )
    within = Picture(
        chart_coverage(coverage),
        alt=f"Share of prices within the intervals over time: {shares}",
        caption="Prices within the intervals; a small dot is a period with few forecasts",
    )
    return Section(model.name, paragraphs, (prices, residuals, within))


def _show_facts(facts: Sequence[tuple[str, str]]) -> Section:
    table = Table(
        caption="What was forecast from where, and with what",
        head=("what", "value"),
        rows=tuple(facts),
        words=True,
    )
    return Section("How it was done", parts=(table,))
