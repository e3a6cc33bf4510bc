"""The backtest of one ticker on stderr: the table, the verdicts, and what follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stockcast.cli.output import console

if TYPE_CHECKING:
    from rich.table import Table

    from stockcast.backtesting.judge import Judgement
    from stockcast.backtesting.run import Walk
    from stockcast.backtesting.ticker import TickerBacktest


def report_ticker(walked: TickerBacktest) -> None:
    """Show the figures, best first, a sentence a model, and what follows."""
    from stockcast.backtesting.candidates import REFERENCE

    _report_gaps(walked.walks)
    if console.is_quiet():
        return
    if walked.plan.horizon > 1:
        console.say(f"all figures are of the step {walked.plan.horizon} bars ahead")
    console.say("")
    console.show(_draw_table(walked.judgements, walked.levels))
    console.say("")
    console.say(_describe_majority(walked.judgements[0], walked.walks[0]))
    for one in walked.judgements:
        if one.candidate.source != REFERENCE:
            console.say(f"{one.candidate.name}: {one.verdict}")
    console.say("")
    console.say(walked.conclusion, style="bold")


def _report_gaps(walks: Sequence[Walk]) -> None:
    import numpy as np

    empty = [
        walk.candidate.name
        for walk in walks
        if any(np.isnan(upper).any() for _, upper in walk.intervals.values())
    ]
    if empty:
        console.warn(
            f"the first intervals of {', '.join(empty)} are empty: too few errors were known by "
            "then to tell; a longer --validation span gives more"
        )


def _draw_table(judgements: Sequence[Judgement], levels: tuple[float, ...]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from stockcast.backtesting.candidates import REFERENCE
    from stockcast.forecast.intervals import format_level

    # Two spaces between columns, so that a model file's name fits beside them in 80.
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", overflow="fold")
    names = [format_level(level) for level in levels]
    for title in ("RMSE", "against\nlast price", "MAE", "direction\nright"):
        table.add_column(title, justify="right", no_wrap=True)
    for name in names:
        table.add_column(f"inside\n{name} %", justify="right", no_wrap=True)
    error = judgements[0].skill.last_price_rmse
    digits = max(0, 3 - math.floor(math.log10(error or 1.0)))
    for one in judgements:
        is_reference = one.candidate.source == REFERENCE
        table.add_row(
            Text(one.candidate.name, style="bold" if is_reference else ""),
            f"{one.skill.rmse:.{digits}f}",
            "–" if is_reference else compare_error(one.skill.skill),
            f"{one.skill.mae:.{digits}f}",
            show_share(one.figures["direction"]),
            *(show_share(one.figures[f"coverage_{name}"]) for name in names),
        )
    return table


def _describe_majority(judgement: Judgement, walk: Walk) -> str:
    """Say what a direction that is always the same gets, so that no hit rate looks like skill."""
    outlook = walk.outlook
    up = int((outlook.actual[:, -1] > outlook.last_prices).sum())
    down = int((outlook.actual[:, -1] < outlook.last_prices).sum())
    side = "up" if up >= down else "down"
    share = show_share(judgement.figures["majority"])
    return f"direction: always saying {side} was right {share} of the time"


def compare_error(skill: float | None) -> str:
    """0.005 ─▶ `0.5 % less`: the error beside the last price's."""
    from stockcast.evaluation.skill import format_percent

    if skill is None:
        return "–"
    percent = format_percent(abs(skill))
    return "the same" if percent == "0.0 %" else f"{percent} {'less' if skill > 0 else 'more'}"


def show_share(share: float) -> str:
    """0.81 ─▶ `81 %`, and NaN ─▶ a dash."""
    return "–" if math.isnan(share) else f"{100 * share:.0f} %"
