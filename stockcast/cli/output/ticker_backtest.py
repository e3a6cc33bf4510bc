"""The backtest of one ticker on stderr: the table, the verdicts, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.cli.output import console
from stockcast.cli.output.figures import show_tails, tabulate

if TYPE_CHECKING:
    from stockcast.backtesting.ticker import TickerBacktest


def report_ticker(walked: TickerBacktest) -> None:
    """Show the figures, best first, a sentence a model, and what follows."""
    from stockcast.report import backtest_wording as wording
    from stockcast.report import tail_wording as tails

    if short := wording.name_short(walked.walks):
        console.warn(wording.describe_gaps(short))
    if console.is_quiet():
        return
    judgements = walked.judgements
    if walked.plan.horizon > 1:
        console.say(f"all figures are of the step {walked.plan.horizon} bars ahead")
    console.say("")
    table = tabulate(
        wording.list_ticker_titles(judgements, walked.levels),
        wording.list_ticker_rows(judgements, walked.levels),
        styles=["bold" if one.candidate.is_reference else "" for one in judgements],
        show_edge=False,
    )
    console.show(table)
    show_tails([(one.candidate.name, one.tails) for one in judgements], tails.EXPLANATION)
    console.say("")
    console.say(wording.describe_majority(judgements[0], walked.walks[0]))
    for sentence in wording.list_verdicts(judgements):
        console.say(sentence)
    console.say("")
    console.say(walked.conclusion, style="bold")
