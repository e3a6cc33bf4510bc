"""What commands tell the user on stderr when a model is trained: how wrong it is, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from stockcast.cli.output import console
from stockcast.cli.output.figures import tabulate

if TYPE_CHECKING:
    from stockcast.evaluation.skill import Skill
    from stockcast.model.model import Model
    from stockcast.windows.series import WindowedSeries


def report_skill(model: Model, series: WindowedSeries) -> None:
    """Show the held-out errors beside the last price's, and the verdict."""
    from stockcast.report import skill_wording as wording

    console.say(wording.describe_epochs(model))
    if model.skill is not None:
        console.say(wording.describe_held_out(model.skill, series))
        _show_volatilities(model)
        _show_errors(wording.list_errors(model.skill, pooled=False))
    _report_verdict(model)


def report_pooled_skill(model: Model, skills: Mapping[str, Skill | None]) -> None:
    """Show a pooled model's held-out errors, the verdict, and on how many tickers it holds.

    Args:
        model: the model.
        skills: by ticker.
    """
    from stockcast.report import skill_wording as wording

    console.say(wording.describe_epochs(model))
    judged = wording.find_judged(skills.values())
    if model.skill is not None:
        console.say(wording.describe_held_out_pool(model.skill, judged))
        _show_volatilities(model)
        _show_errors(wording.list_errors(model.skill, pooled=True))
    _report_verdict(model)
    if len(judged) > 1:
        console.say(wording.describe_sides(judged))


def _show_volatilities(model: Model) -> None:
    from stockcast.report.skill_wording import VOLATILITY_TITLES, list_volatilities

    if model.how_far is not None:
        rows = list_volatilities(model.how_far)
        console.show(tabulate(VOLATILITY_TITLES, rows, wraps=True, padding=(0, 1)))


def _show_errors(rows: Sequence[Sequence[str]]) -> None:
    from stockcast.report.skill_wording import ERROR_TITLES

    console.show(tabulate(ERROR_TITLES, rows, wraps=True, padding=(0, 1)))


def _report_verdict(model: Model) -> None:

    if console.is_watched():
        console.say(f"verdict: {model.verdict}", style="bold")
