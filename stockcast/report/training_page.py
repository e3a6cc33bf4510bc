"""The page of one training: what came of it, how it went, and what it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import stockcast
from stockcast.evaluation.conformal import format_level
from stockcast.forecast.forecaster import Forecast
from stockcast.forecast.held_out import forecast_held_out
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.prices.findings import Finding
from stockcast.prices.history import Numbers, format_date
from stockcast.recipe import Recipe, describe_field
from stockcast.report.coverage import Coverage, measure_coverage
from stockcast.report.figures import round_alike
from stockcast.report.page import Picture, Section, Table, write_page
from stockcast.report.panels import measure_gain
from stockcast.report.skill_charts import (
    chart_coverage,
    chart_gains,
    chart_losses,
    chart_prices,
    chart_residuals,
    chart_volatility,
)
from stockcast.report.skill_wording import VOLATILITY_TITLES, list_volatilities
from stockcast.report.wording import describe_ahead
from stockcast.windows.series import WindowedSeries

_LEVELS = (0.8, 0.95)


def write_training_page(
    model: Model,
    series: WindowedSeries,
    path: Path,
    *,
    losses: Mapping[str, list[float]],
    findings: Sequence[Finding] | None = None,
) -> None:
    """Write the page of a training, whole or not at all.

    Args:
        model: what was trained.
        series: what it was trained on.
        path: of the HTML file.
        losses: name to its value after each epoch, as `progress.Recorder` keeps them; may be
            empty.
        findings: what was found in the prices; None if nobody looked.
    """
    forecast = forecast_held_out(model, series, levels=_LEVELS)
    sections = []
    if forecast is not None:
        # The verdict is on the farthest step ahead, and so is all else.
        forecast = forecast.select(forecast.steps == model.recipe.horizon)
        sections = [
            _show_held_out(model, forecast),
            *_show_how_far(model, forecast),
            *_show_gain(forecast),
            _show_residuals(forecast),
            *_show_intervals(forecast),
        ]
    write_page(
        path,
        title=f"{model.name}: what this model is worth",
        lead=_word_verdict(model),
        sections=[
            *sections,
            _show_training(model, series, losses),
            _show_findings(findings),
            _show_recipe(model.recipe),
            _show_provenance(model, series),
        ],
    )


def _word_verdict(model: Model) -> str:
    skill = model.skill
    if skill is None:
        return "Verdict: not judged: no rows were held out."
    if skill.is_last_price:
        return f"Verdict: {model.verdict}."
    ours, theirs = round_alike(skill.mae, skill.last_price_mae)
    return (
        f"Verdict: {model.verdict}. Its forecasts were off by {ours} on average; repeating the "
        f"last price, by {theirs}."
    )


def _show_held_out(model: Model, forecast: Forecast) -> Section:
    step = model.recipe.horizon
    first, last = format_date(forecast.dates[0]), format_date(forecast.dates[-1])
    ahead = describe_ahead(step)
    bars = count_of(len(forecast.dates), "bar")
    were, them = ("was", "it") if len(forecast.dates) == 1 else ("were", "them")
    paragraphs = (
        f"The newest {bars}, {first} to {last}, {were} held out: neither the weights nor the "
        f"choice of the epoch saw {them}. Each was forecast {ahead}, from the bars before it "
        "alone.",
        "A forecast that follows the price closely is no feat: repeating the last price does, too. "
        "What counts is which of the two lies closer to what came true.",
    )
    picture = Picture(
        chart_prices(
            forecast.dates,
            forecast.actual,
            forecast.forecast,
            forecast.last_prices,
            forecast.intervals,
            step=step,
        ),
        alt=f"Line chart of {model.columns.target} from {first} to {last}: what came true, the "
        f"forecasts {ahead} with their intervals, and the last price that each forecast knew",
    )
    return Section("Predicted against real", paragraphs, (picture, *_tabulate_errors(model)))


def _tabulate_errors(model: Model) -> tuple[Table, ...]:
    skill = model.skill
    if skill is None:
        return ()
    squared = round_alike(skill.rmse, skill.last_price_rmse)
    absolute = round_alike(skill.mae, skill.last_price_mae)
    hits = ("–" if skill.is_last_price else f"{100 * skill.direction:.0f} %", "–")
    names = ("this model", "repeating the last price")
    bars = count_of(skill.count, "bar")
    return (
        Table(
            caption=f"Errors on the {bars} held out, in the price's own unit",
            head=("", "root mean squared error", "mean absolute error", "direction right"),
            rows=tuple(zip(names, squared, absolute, hits, strict=True)),
        ),
    )


def _show_how_far(model: Model, forecast: Forecast) -> tuple[Section, ...]:
    """Show how far the price moved beside how far it was expected to; nothing if it has no path."""
    if model.path is None:
        return ()
    moves = 100 * np.abs(np.log(forecast.actual / forecast.last_prices))
    paragraphs = (
        "The line is the volatility that was forecast for each bar, from those before it: the "
        "standard deviation of its log return. About a third of the bars should reach above it.",
        "An interval score is the width of an interval, and a fine for each price outside; QLIKE "
        "is how far a variance was off. Of both, lower is better. All intervals were calibrated "
        "in the same way, so what differs is the volatility alone.",
    )
    picture = Picture(
        chart_volatility(forecast.dates, moves, 100 * forecast.volatility),
        alt="How far the price moved on each bar, and a line of how far it was expected to",
    )
    tables: tuple[Table, ...] = ()
    if model.how_far is not None:
        caption = "Volatilities on the held-out bars; scores in shares of the last price"
        head, rows = VOLATILITY_TITLES, tuple(list_volatilities(model.how_far))
        tables = (Table(caption=caption, head=head, rows=rows),)
    return (Section("How far it moves", paragraphs, (picture, *tables)),)


def _show_gain(forecast: Forecast) -> tuple[Section, ...]:
    """Show what was gained on the last price; nothing if that is the forecast."""
    if np.array_equal(forecast.forecast, forecast.last_prices):
        return ()
    gain = measure_gain(forecast.actual, forecast.forecast, forecast.last_prices)
    paragraphs = (
        "Where the line rises, the forecasts were closer to the truth than the last price; where "
        "it falls, the last price was. It is the squared error saved so far, in percent of all "
        "that the last price made. A gain that comes from a few days is more likely luck than "
        "skill.",
    )
    ends = f"ends at {100 * gain[-1]:.2g} %"
    alt = f"Line chart of the squared error saved so far against the last price: it {ends}"
    picture = Picture(chart_gains(forecast.dates, {"this model": gain}), alt=alt)
    return (Section("Against the last price, over time", paragraphs, (picture,)),)


def _show_residuals(forecast: Forecast) -> Section:
    residuals = 100 * (forecast.actual - forecast.forecast) / forecast.last_prices
    paragraphs = (
        f"In the middle half of all cases what came true lay {_describe_quartiles(residuals)} away "
        "from the forecast, in percent of the last price. The outermost bars hold whatever lies "
        "beyond them.",
    )
    picture = Picture(
        chart_residuals(forecast.actual, forecast.forecast, forecast.last_prices),
        alt="Histogram of how far off the forecasts were, beside how far off the last price was",
    )
    return Section("How far off", paragraphs, (picture,))


def _describe_quartiles(residuals: Numbers) -> str:
    low, high = np.quantile(residuals, [0.25, 0.75])
    return f"between {low:+.2g} % and {high:+.2g} %".replace("-", "−")


def _show_intervals(forecast: Forecast) -> list[Section]:
    coverage = measure_coverage(forecast.dates, forecast.actual, forecast.intervals)
    if not coverage.shares:
        return []
    paragraphs = (
        "An 80 % interval should hold 80 % of all prices: more, and it says less than it could; "
        "fewer, and it promises too much. Single months scatter, those with few bars (small dots) "
        "most.",
    )
    shares = ", ".join(
        f"{100 * share:.0f} % within the {format_level(level)} % interval"
        for level, share in coverage.overall.items()
    )
    picture = Picture(
        chart_coverage(coverage), alt=f"Share of prices within the intervals over time: {shares}"
    )
    return [
        Section(
            "Did the intervals hold?",
            paragraphs,
            (picture, _tabulate_intervals(coverage, forecast)),
        )
    ]


def _tabulate_intervals(coverage: Coverage, forecast: Forecast) -> Table:
    rows = []
    for level, share in coverage.overall.items():
        lower, upper = forecast.intervals[level]
        width = 100 * float(np.nanmean((upper - lower) / forecast.last_prices))
        rows.append((f"{format_level(level)} %", f"{100 * share:.1f} %", f"{width:.2g} %"))
    return Table(
        caption="Intervals on the bars held out",
        head=("level", "prices within", "mean width, of the price"),
        rows=tuple(rows),
    )


def _show_training(
    model: Model, series: WindowedSeries, losses: Mapping[str, list[float]]
) -> Section:
    recipe, provenance = model.recipe, model.provenance
    training, validation, _ = series.spans.count_windows(recipe.window, recipe.horizon)
    kept = (
        f"the weights of epoch {provenance.best_epoch}, whose validation loss was the lowest, were "
        "kept"
        if validation
        else "the last epoch's weights were kept, as no rows were kept for validation"
    )
    were = "was" if training == 1 else "were"
    windows = f"{count_of(training, 'window')} of {count_of(recipe.window, 'bar')}"
    paragraphs = (
        f"{windows} {were} learnt from in {count_of(provenance.epochs, 'epoch')}; {kept}.",
    )
    if not any(losses.values()):
        return Section("How training went", paragraphs)
    last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in losses.items() if values)
    epochs = count_of(provenance.epochs, "epoch")
    alt = f"Line chart of the losses over {epochs}; after the last: {last}"
    picture = Picture(chart_losses(losses, provenance.best_epoch), alt=alt)
    return Section("How training went", paragraphs, (picture,))


def _show_findings(findings: Sequence[Finding] | None) -> Section:
    heading = "What was found in the data"
    if findings is None:
        return Section(heading, ("The prices came prepared; stockcast check tells of the file.",))
    if not findings:
        return Section(heading, ("Nothing odd was found.",))
    table = Table(
        caption="Findings: reported, not repaired",
        head=("kind", "rows", "what"),
        rows=tuple((one.kind, f"{one.count:,}", one.message) for one in findings),
        words=True,
    )
    return Section(heading, parts=(table,))


def _show_recipe(recipe: Recipe) -> Section:
    rows = tuple(
        (name, _write_value(value), describe_field(name))
        for name, value in recipe.to_dict().items()
    )
    table = Table(
        caption="Every choice that defines the model",
        head=("field", "value", "what it is"),
        rows=rows,
        words=True,
    )
    return Section("Recipe", parts=(table,))


def _write_value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return str(value)


def _show_provenance(model: Model, series: WindowedSeries) -> Section:
    provenance = model.provenance
    rows = count_of(provenance.rows, "row")
    facts = [
        ("ticker", model.ticker),
        ("forecast column", model.columns.header or model.columns.target),
        ("sees", ", ".join((*model.columns.features, *model.columns.calendar))),
        *(
            (f"beside {one.name}", f"{one.column}, SHA-256 of its bars {one.rows_sha256}")
            for one in model.columns.covariates
        ),
        (
            "trained on",
            f"{rows}, {provenance.first_date} to {provenance.last_date}",
        ),
        ("validated to", provenance.known_to),
        ("held out to", format_date(series.dates[-1])),
        ("price files", ", ".join(source.name for source in series.sources)),
        ("SHA-256 of the prices", provenance.data_sha256),
        ("engine", provenance.engine),
        *((f"version of {name}", number) for name, number in provenance.versions.items()),
    ]
    if "stockcast" not in provenance.versions:
        facts.append(("version of stockcast", stockcast.__version__))
    table = Table(
        caption="What the model was trained on and with",
        head=("what", "value"),
        rows=tuple(facts),
        words=True,
    )
    return Section("Where it comes from", parts=(table,))
