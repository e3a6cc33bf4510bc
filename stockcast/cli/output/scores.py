"""Scores of recorded forecasts as a table on stderr."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stockcast.cli.output import console

if TYPE_CHECKING:
    from stockcast.workflows.scoring import LedgerScores


def show_scores(result: LedgerScores) -> None:
    """Show scores as a table on stderr; as JSON a line each."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    scores = result.scores
    if console.is_quiet() or not scores:
        return
    if console.is_json():
        for row in result.list_rows():
            console.say(f"score of {row['ticker'] or 'all'}", **row)
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    has_steps = any(score.step > 1 for score in scores)
    table.add_column("ticker", overflow="fold")
    for name in (
        *(["step"] if has_steps else []), "newest", "scored", "RMSE", "last price", "skill", "p",
        *(f"in {level:g} %" for level in result.levels),
    ):  # fmt: skip
        table.add_column(name, justify="right", no_wrap=True)
    for score in scores:
        table.add_row(
            Text("all" if score.ticker is None else score.ticker),
            *([str(score.step)] if has_steps else []),
            "all" if score.span is None else str(score.span),
            f"{score.scored:,}",
            _write_price(score.rmse, score.last_price_rmse),
            _write_price(score.last_price_rmse, score.last_price_rmse),
            "–" if score.skill is None else f"{100 * score.skill:+.1f} %",
            _write_chance(score.p_value),
            *("–" if share is None else f"{100 * share:.1f} %" for share in score.coverage),
        )
    console.show(table)


def _write_price(value: float | None, reference: float | None) -> str:
    if value is None:
        return "–"
    digits = max(0, 3 - math.floor(math.log10(reference or 1.0)))
    return f"{value:.{digits}f}"


def _write_chance(p_value: float | None) -> str:
    if p_value is None:
        return "–"
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"
