"""Scores of recorded forecasts as a table on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.cli.output import console
from stockcast.cli.output.figures import tabulate

if TYPE_CHECKING:
    from stockcast.workflows.scoring import LedgerScores


def show_scores(result: LedgerScores) -> None:
    """Show scores as a table on stderr; as JSON a line each."""
    from stockcast.report import skill_wording as wording

    scores = result.scores
    if console.is_quiet() or not scores:
        return
    if console.is_json():
        for row in result.list_rows():
            console.say(f"score of {row['ticker'] or 'all'}", **row)
        return
    with_steps = any(score.step > 1 for score in scores)
    titles = wording.list_score_titles(result.levels, with_steps=with_steps)
    console.show(tabulate(titles, wording.list_score_rows(scores, with_steps=with_steps)))
    if rows := wording.list_spread_rows(scores):
        console.say("how far: QLIKE of the volatility beside RiskMetrics', lower is better")
        console.show(tabulate(wording.list_spread_titles(scores), rows))
