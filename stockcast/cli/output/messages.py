"""What commands tell the user on stderr: what was read, what is trained, what it is worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stockcast.cli.output import console

if TYPE_CHECKING:
    from stockcast.evaluation.skill import Skill
    from stockcast.model.model import Model
    from stockcast.prices.findings import Finding
    from stockcast.prices.history import PriceHistory
    from stockcast.training.checkpoint import Checkpoint
    from stockcast.windows.pool import Pool
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


def report_pool(pool: Pool) -> None:
    """Say what a pooled model will be trained on."""
    from stockcast.prices.history import format_date

    recipe, spans = pool.recipe, pool.spans
    training, validation, test = (len(windows) for windows in pool.list_windows())
    console.say(
        f"{pool.name}: {int(pool.edges[-1]):,} rows, "
        f"{format_date(spans.first)} to {format_date(spans.last)}"
    )
    console.say(
        f"forecasting {pool.columns.target}; target {recipe.target}, windows of {recipe.window}: "
        f"{training:,} to train on, {validation:,} to validate, {test:,} held out"
    )
    if training > recipe.epoch_windows:
        console.say(f"an epoch draws {recipe.epoch_windows:,} of these (--epoch-windows)")
    later = [
        f"{what} from {format_date(date)}"
        for what, date, days in (
            ("validation", spans.train_end, spans.days[1]),
            ("held out", spans.validation_end, spans.days[2]),
        )
        if days
    ]
    if later:
        console.say(f"for all tickers alike: {', '.join(later)}")


@contextmanager
def reporting_snapshot(checkpoint: Checkpoint) -> Iterator[None]:
    """Say, when training is interrupted, where its snapshot is, if there is one."""
    try:
        yield
    except KeyboardInterrupt:
        if (found := checkpoint.load()) is not None:
            console.say(
                f"interrupted after epoch {found.state.epoch}: the same command goes on from the "
                f"snapshot {checkpoint.path}"
            )
        raise


def report_skill(model: Model, series: WindowedSeries) -> None:
    """Show the held-out errors beside the last price's, and the verdict."""
    from stockcast.prices.history import format_date

    _report_epochs(model)
    if model.skill is not None and not console.quiet:
        first = format_date(series.dates[series.spans.validation_end])
        last = format_date(series.dates[-1])
        console.say(f"held out: {model.skill.count:,} bars, {first} to {last}, one step ahead")
        digits = max(0, 3 - math.floor(math.log10(model.skill.last_price_rmse or 1.0)))
        _show_errors(model.skill, lambda error: f"{error:.{digits}f}")
    _report_verdict(model)


def report_pooled_skill(model: Model, skills: dict[str, Skill | None]) -> None:
    """Show a pooled model's held-out errors, the verdict, and on how many tickers it holds.

    Args:
        model: the model.
        skills: by ticker.
    """
    from stockcast.model.model import count_tickers

    _report_epochs(model)
    judged = [skill for skill in skills.values() if skill is not None and skill.skill is not None]
    if model.skill is not None and not console.quiet:
        console.say(
            f"held out: {model.skill.count:,} bars of {count_tickers(len(judged))}; "
            "errors in shares of the last price"
        )
        _show_errors(model.skill, lambda error: f"{100 * error:.4g} %")
    _report_verdict(model)
    if len(judged) > 1:
        from stockcast.evaluation.skill import count_sides

        better, worse = count_sides(judged)
        console.say(
            f"of {len(judged):,} tickers: better than the last price on {better:,}, worse on "
            f"{worse:,}, no different on {len(judged) - better - worse:,} (after allowing for "
            f"{len(judged):,} comparisons)"
        )


def _report_epochs(model: Model) -> None:
    provenance = model.provenance
    kept = f"kept the weights of epoch {provenance.best_epoch}"
    console.say(f"trained {provenance.epochs} epochs, {kept}")


def _show_errors(skill: Skill, write: Callable[[float], str]) -> None:
    """Show a model's errors beside the last price's, each as `write` has it."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    for name in ("RMSE", "MAE", "direction right"):
        table.add_column(name, justify="right")
    direction = f"{100 * skill.direction:.0f} %"
    table.add_row("this model", write(skill.rmse), write(skill.mae), direction)
    last = write(skill.last_price_rmse), write(skill.last_price_mae)
    table.add_row("repeating the last price", *last, "–")
    console.show(table)


def _report_verdict(model: Model) -> None:
    if console.is_watched():
        console.say(f"verdict: {describe_verdict(model.skill)}", style="bold")


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
    console.log(
        f"trained {model.name} epochs {provenance.epochs}/{model.recipe.epochs}{shown} "
        f"{published or '(not published)'} {seconds:.1f} s verdict: {verdict}",
        ticker=model.ticker or None,
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
