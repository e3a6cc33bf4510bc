"""What commands tell the user on stderr: what was read, what is trained, what it is worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stockcast.cli import console

if TYPE_CHECKING:
    from stockcast.evaluation.skill import Skill
    from stockcast.model.model import Model
    from stockcast.prices.findings import Finding
    from stockcast.prices.history import PriceHistory
    from stockcast.windows.series import WindowedSeries


def report_reading(history: PriceHistory, *, scan: bool = False) -> tuple[Finding, ...]:
    """Say what was read, and what was found in it; with `scan`, also in the prices themselves.

    Returns:
        the findings.
    """
    from stockcast.prices.history import format_date

    console.say(
        f"read {history.name}: {len(history):,} rows, "
        f"{format_date(history.dates[0])} to {format_date(history.dates[-1])}"
    )
    findings = history.findings
    if scan:
        from stockcast.prices.scan import scan_history

        # Training on old data is usual; `check` tells their age.
        findings += tuple(f for f in scan_history(history) if f.kind != "old-last-bar")
    for finding in findings:
        console.warn(finding.message)
    return findings


def report_series(series: WindowedSeries) -> None:
    """Say what will be trained on what."""
    recipe, spans = series.recipe, series.spans
    training, validation, test = spans.count_windows(recipe.window, recipe.horizon)
    seen = (
        "" if len(series.columns.features) == 1 else f" from {', '.join(series.columns.features)}"
    )
    console.say(
        f"forecasting {series.columns.target}{seen}; target {recipe.target}, "
        f"windows of {recipe.window}: {training:,} to train on, {validation:,} to validate, "
        f"{test:,} held out"
    )


def report_skill(model: Model, series: WindowedSeries) -> None:
    """Show the held-out errors beside the last price's, and the verdict."""
    from rich import box
    from rich.table import Table

    from stockcast.prices.history import format_date

    provenance, skill = model.provenance, model.skill
    kept = f"kept the weights of epoch {provenance.best_epoch}"
    console.say(f"trained {provenance.epochs} epochs, {kept}")
    if skill is not None and not console.quiet:
        first = format_date(series.dates[series.spans.validation_end])
        last = format_date(series.dates[-1])
        console.say(f"held out: {skill.count:,} bars, {first} to {last}, one step ahead")
        table = Table(box=box.SIMPLE_HEAD)
        table.add_column("")
        for name in ("RMSE", "MAE", "direction right"):
            table.add_column(name, justify="right")
        digits = max(0, 3 - math.floor(math.log10(skill.last_price_rmse or 1.0)))
        table.add_row(
            "this model",
            f"{skill.rmse:.{digits}f}",
            f"{skill.mae:.{digits}f}",
            f"{100 * skill.direction:.0f} %",
        )
        table.add_row(
            "repeating the last price",
            f"{skill.last_price_rmse:.{digits}f}",
            f"{skill.last_price_mae:.{digits}f}",
            "–",
        )
        console.show(table)
    if console.is_watched():
        console.say(f"verdict: {describe_verdict(skill)}", style="bold")


def report_end(model: Model, published: str, seconds: float) -> None:
    """Say all of a training in one line, for whoever reads the log.

    Args:
        model: what was trained.
        published: the model's path; empty if it was not published.
        seconds: it took.
    """
    provenance, skill = model.provenance, model.skill
    value = None if skill is None else skill.skill
    verdict = describe_verdict(skill)
    shown = "" if value is None else f" skill {value:.4f}"
    console.say_later(
        f"trained {model.ticker} epochs {provenance.epochs}/{model.recipe.epochs}{shown} "
        f"{published or '(not published)'} {seconds:.1f} s verdict: {verdict}",
        ticker=model.ticker,
        epochs=provenance.epochs,
        best_epoch=provenance.best_epoch,
        skill=value,
        verdict=verdict,
        model=published or None,
        seconds=round(seconds, 3),
    )


def describe_verdict(skill: Skill | None) -> str:
    """Return the verdict, or why there is none."""
    return skill.verdict if skill else "not judged: no rows were held out (--test)"
