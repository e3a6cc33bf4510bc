"""What `stockcast backtest` of many tickers tells on stderr: a table, sentences, what follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.output import console
from stockcast.cli.output.backtest import compare_error, show_share

if TYPE_CHECKING:
    from rich.table import Table

    from stockcast.backtesting.cross_section import CrossSection, CrossSectionScore


def report_short_intervals(short: dict[str, int]) -> None:
    """Say whose first intervals are empty, on how many tickers."""
    from stockcast.backtesting.conclusions import name_tickers

    empty = [f"{name} ({name_tickers(count)})" for name, count in short.items() if count]
    if empty:
        console.warn(
            f"the first intervals of {', '.join(empty)} are empty: too few errors were known by "
            "then to tell; a longer --validation span gives more"
        )


def report_cross_section(panel: CrossSection, levels: tuple[float, ...], *, horizon: int) -> None:
    """Show a row a model over all tickers, best first, a sentence each, and what follows."""
    from stockcast.backtesting.conclusions import conclude_cross_section, name_tickers, word_score
    from stockcast.prices.history import format_date

    if console.quiet:
        return
    ranking = panel.judge_models()
    first = ranking[0]
    dates = panel.dates
    if len(dates):
        ahead = "one step ahead" if horizon == 1 else f"{horizon} steps ahead"
        told = (
            f"{name_tickers(first.tickers)} judged, {first.forecasts:,} forecasts a model, {ahead}"
        )
        console.say(
            f"{told}, on {len(dates):,} dates: {format_date(dates[0])} to {format_date(dates[-1])}"
        )
    if first.tickers < panel.tickers:
        console.say(f"not judged, as their price never moved: {panel.tickers - first.tickers:,}")
    console.say("")
    console.say("error (RMSE) beside the last price's, and tickers that it is better and worse on:")
    console.show(_draw_table(ranking, levels))
    console.say("")
    for one in ranking:
        if not one.is_reference:
            console.say(f"{one.candidate.name}: {word_score(one)}")
    console.say("")
    console.say(conclude_cross_section(ranking, horizon=horizon, dates=len(dates)), style="bold")


def write_cross_section_report(
    path: Path, panel: CrossSection, *, horizon: int, failed: int = 0
) -> None:
    """Write the page of many tickers.

    Args:
        path: of the HTML file.
        panel: what became of those that were walked.
        horizon: steps ahead.
        failed: how many others could not be walked, which the page owns up to.
    """
    import stockcast
    from stockcast.backtesting.conclusions import conclude_cross_section
    from stockcast.prices.history import format_date
    from stockcast.report.panel_page import write_panel_page

    ranking, dates = panel.judge_models(), panel.dates
    lead = conclude_cross_section(ranking, horizon=horizon, dates=len(dates))
    if failed:
        tickers = f"{failed:,} of {panel.tickers + failed:,} tickers"
        lead = f"{lead} {tickers} failed and are not in these figures."
    facts = [
        ("tickers", f"{panel.tickers:,}, of which {ranking[0].tickers:,} could be judged"),
        ("forecasts a model", f"{ranking[0].forecasts:,}"),
        ("steps ahead", str(horizon)),
        ("dates forecast", f"{len(dates):,}"),
    ]
    if len(dates):
        facts += [("first date", format_date(dates[0])), ("last date", format_date(dates[-1]))]
    write_panel_page(
        path,
        ranking,
        panel.judge_tickers(),
        lead=lead,
        facts=[*facts, ("version of stockcast", stockcast.__version__)],
        style="command-line",
    )


def _draw_table(ranking: Sequence[CrossSectionScore], levels: tuple[float, ...]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from stockcast.forecast.intervals import format_level

    # Nothing beside the last column, so that two levels fit into 80.
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("", overflow="fold")
    titles = ["typical\nticker", "all\ntogether", "p", "better\non", "worse\non"]
    titles += [f"inside\n{format_level(level)} %" for level in levels]
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    for one in ranking:
        if one.is_reference:
            cells = ["–"] * 5
        else:
            p_value = "<0.001" if one.p_holm < 0.001 else f"{one.p_holm:.2g}"
            counts = f"{one.better:,}", f"{one.worse:,}"
            cells = [
                compare_error(1 - one.ratio if one.tickers else None),
                compare_error(one.skill),
                p_value,
                *counts,
            ]
        cells += [show_share(one.coverage.get(level, math.nan)) for level in levels]
        table.add_row(Text(one.candidate.name, style="bold" if one.is_reference else ""), *cells)
    return table
