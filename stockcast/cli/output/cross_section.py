"""The backtest of many tickers on stderr: a table, sentences, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.cli.output import console
from stockcast.cli.output.figures import show_tails, tabulate

if TYPE_CHECKING:
    from stockcast.workflows.backtesting import BacktestResult


def report_cross_section(result: BacktestResult) -> None:
    """Show a row a model over all tickers, best first, a sentence each, and what follows."""
    from stockcast.report import backtest_wording as wording
    from stockcast.report import tail_wording as tails

    if short := wording.name_short_of_many(result.short):
        console.warn(wording.describe_gaps(short))
    if console.is_quiet():
        return
    ranking = result.overall
    for line in wording.list_spans(result.panel, ranking[0], horizon=result.horizon):
        console.say(line)
    console.say("")
    console.say("error (RMSE) beside the last price's, and tickers that it is better and worse on:")
    # Nothing beside the last column, so that two levels fit into 80.
    table = tabulate(
        wording.list_panel_titles(ranking, result.levels),
        wording.list_panel_rows(ranking, result.levels),
        styles=["bold" if one.is_reference else "" for one in ranking],
        show_edge=False,
        pad_edge=False,
    )
    console.show(table)
    show_tails([(one.candidate.name, one.tails) for one in ranking], tails.EXPLANATION_OF_MANY)
    console.say("")
    for sentence in wording.list_panel_verdicts(ranking):
        console.say(sentence)
    console.say("")
    console.say(result.conclusion, style="bold")
