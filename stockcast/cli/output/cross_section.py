"""The backtest of many tickers on stderr: a table, sentences, and what follows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from stockcast.cli.output import console
from stockcast.cli.output.ticker_backtest import compare_error, show_share

if TYPE_CHECKING:
    from rich.table import Table

    from stockcast.backtesting.cross_section import CrossSectionScore
    from stockcast.workflows.backtesting import BacktestResult


def report_cross_section(result: BacktestResult) -> None:
    """Show a row a model over all tickers, best first, a sentence each, and what follows."""
    from stockcast.backtesting.conclusions import word_score

    _report_gaps(result.short)
    if console.is_quiet():
        return
    ranking = result.overall
    _report_dates(result)
    console.say("")
    console.say("error (RMSE) beside the last price's, and tickers that it is better and worse on:")
    console.show(_draw_table(ranking, result.levels))
    console.say("")
    for one in ranking:
        if not one.is_reference:
            console.say(f"{one.candidate.name}: {word_score(one)}")
    console.say("")
    console.say(result.conclusion, style="bold")


def _report_gaps(short: Mapping[str, int]) -> None:
    """Say whose first intervals are empty, on how many tickers."""
    from stockcast.backtesting.conclusions import name_tickers

    empty = [f"{name} ({name_tickers(count)})" for name, count in short.items() if count]
    if empty:
        console.warn(
            f"the first intervals of {', '.join(empty)} are empty: too few errors were known by "
            "then to tell; a longer --validation span gives more"
        )


def _report_dates(result: BacktestResult) -> None:
    """Say how much was judged, and on which dates."""
    from stockcast.backtesting.conclusions import name_tickers
    from stockcast.prices.history import format_date
    from stockcast.report.wording import describe_ahead

    first, dates, tickers = result.overall[0], result.panel.dates, result.panel.tickers
    if len(dates):
        console.say(
            f"{name_tickers(first.tickers)} judged, {first.forecasts:,} forecasts a model, "
            f"{describe_ahead(result.horizon)}, on {len(dates):,} dates: "
            f"{format_date(dates[0])} to {format_date(dates[-1])}"
        )
    if first.tickers < tickers:
        console.say(f"not judged, as their price never moved: {tickers - first.tickers:,}")


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
