"""What commands tell the user on stderr: what was read, what is trained, what it is worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from stockcast.cli.output import console

if TYPE_CHECKING:
    from stockcast.evaluation.skill import Skill
    from stockcast.model.model import Model
    from stockcast.windows.series import WindowedSeries


def report_skill(model: Model, series: WindowedSeries) -> None:
    """Show the held-out errors beside the last price's, and the verdict."""
    from stockcast.prices.history import format_date

    _report_epochs(model)
    if model.skill is not None and not console.is_quiet():
        first = format_date(series.dates[series.spans.validation_end])
        last = format_date(series.dates[-1])
        console.say(f"held out: {model.skill.count:,} bars, {first} to {last}, one step ahead")
        digits = max(0, 3 - math.floor(math.log10(model.skill.last_price_rmse or 1.0)))
        _show_errors(model.skill, lambda error: f"{error:.{digits}f}")
    _report_verdict(model)


def report_pooled_skill(model: Model, skills: Mapping[str, Skill | None]) -> None:
    """Show a pooled model's held-out errors, the verdict, and on how many tickers it holds.

    Args:
        model: the model.
        skills: by ticker.
    """
    from stockcast.plurals import count_of

    _report_epochs(model)
    judged = [skill for skill in skills.values() if skill is not None and skill.skill is not None]
    if model.skill is not None and not console.is_quiet():
        console.say(
            f"held out: {model.skill.count:,} bars of {count_of(len(judged), 'ticker')}; "
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
    from stockcast.workflows.events import describe_epochs

    console.say(describe_epochs(model))


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
    from stockcast.evaluation.skill import describe_verdict

    if console.is_watched():
        console.say(f"verdict: {describe_verdict(model.skill)}", style="bold")
