"""The page of a backtest of many tickers: models over all of them, and on each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stockcast import __version__
from stockcast.backtesting.conclusions import conclude_cross_section, word_score
from stockcast.backtesting.cross_section import CrossSection, CrossSectionScore
from stockcast.backtesting.judge import Judgement
from stockcast.errors import Style, option, render_options
from stockcast.evaluation.conformal import format_level
from stockcast.evaluation.skill import CHANCE, format_p_value
from stockcast.plurals import count_of
from stockcast.prices.history import format_date
from stockcast.report.page import Picture, Section, Table, write_page
from stockcast.report.ticker_charts import Dots, chart_tickers, find_band
from stockcast.report.wording import compare_error, show_share

_MOST_MODELS = 4  # with pictures of their own
_MOST_TICKERS = 1_000  # in the table


def write_cross_section_page(
    path: Path, panel: CrossSection, *, horizon: int, failed: int = 0, style: Style = "python"
) -> None:
    """Write the page of a backtest of many tickers, whole or not at all.

    Args:
        path: of the HTML file.
        panel: how all candidates did on the tickers that were walked, at least one.
        horizon: steps ahead.
        failed: how many other tickers could not be walked, which the page says.
        style: how the page names options.
    """
    ranking, dates = panel.judge_models(), panel.dates
    lead = conclude_cross_section(ranking, horizon=horizon, dates=len(dates))
    if failed:
        tickers = f"{failed:,} of {count_of(panel.tickers + failed, 'ticker')}"
        lead = f"{lead} {tickers} failed and are not in these figures."
    facts = [
        ("tickers", f"{panel.tickers:,}, of which {ranking[0].tickers:,} could be judged"),
        ("forecasts a model", f"{ranking[0].forecasts:,}"),
        ("steps ahead", str(horizon)),
        ("dates forecast", f"{len(dates):,}"),
    ]
    if len(dates):
        facts += [("first date", format_date(dates[0])), ("last date", format_date(dates[-1]))]
    facts.append(("version of stockcast", __version__))
    write_panel_page(path, ranking, panel.judge_tickers(), lead=lead, facts=facts, style=style)


def write_panel_page(
    path: Path,
    ranking: Sequence[CrossSectionScore],
    tickers: Sequence[tuple[str, Sequence[Judgement]]],
    *,
    lead: str,
    facts: Sequence[tuple[str, str]],
    style: Style = "python",
) -> None:
    """Write the page of a backtest of many tickers, whole or not at all.

    Args:
        path: of the HTML file.
        ranking: of all candidates, the best first.
        tickers: each ticker's judgements.
        lead: what follows from all of it, in plain words.
        facts: what was done, as names and values.
        style: how the page names options.
    """
    judged = [one for one in ranking if not one.is_reference and one.tickers]
    sections = [_compare(ranking)]
    sections += [_show_model(one, tickers) for one in judged[:_MOST_MODELS]]
    sections.append(_list_tickers(ranking, tickers, style))
    done = Table("What was forecast from where", ("what", "value"), tuple(facts), words=True)
    sections.append(Section("How it was done", parts=(done,)))
    title = f"{count_of(len(tickers), 'ticker')}: models held against the last price"
    write_page(path, title=title, lead=lead, sections=sections)


def _compare(ranking: Sequence[CrossSectionScore]) -> Section:
    levels = list(ranking[0].coverage)
    paragraphs = (
        "Typical ticker: the geometric mean of each ticker's error beside its last price's. All "
        "together: one error over all forecasts, in shares of the last price; its p takes the "
        "tickers of one date for what they are, which move together.",
    )
    figures = Table(
        caption="Errors (RMSE) against the last price, and tickers better and worse than it",
        head=(
            "model",
            "typical ticker",
            "all together",
            "p",
            "better on",
            "worse on",
            "no different",
            *(f"within {format_level(level)} %" for level in levels),
        ),
        rows=tuple(
            (
                one.candidate.name,
                *_describe(one),
                *(show_share(one.coverage[level]) for level in levels),
            )
            for one in ranking
        ),
    )
    verdicts = Table(
        caption="What that means for each",
        head=("model", "verdict"),
        rows=tuple((one.candidate.name, word_score(one)) for one in ranking),
        words=True,
    )
    return Section("Over all tickers", paragraphs, (figures, verdicts))


def _describe(one: CrossSectionScore) -> tuple[str, ...]:
    if one.is_reference or one.skill is None:
        return ("–",) * 6
    counts = (f"{count:,}" for count in (one.better, one.worse, one.neither))
    p_value = format_p_value(one.p_holm).removeprefix("p = ").removeprefix("p ")
    return (compare_error(1 - one.ratio), compare_error(one.skill), p_value, *counts)


def _show_model(
    one: CrossSectionScore, tickers: Sequence[tuple[str, Sequence[Judgement]]]
) -> Section:
    found = [
        (ticker, judgement)
        for ticker, judgements in tickers
        for judgement in judgements
        if judgement.candidate.name == one.candidate.name and judgement.skill.skill is not None
    ]
    skills = np.array([judgement.skill.skill for _, judgement in found], dtype=np.float64)
    different = np.array([judgement.p_holm < CHANCE for _, judgement in found])
    # Holm's last step: what is below this p was found different, and nothing else.
    limit = CHANCE / max(1, one.tried - one.better - one.worse)
    lower, upper = find_band(
        skills,
        np.array([judgement.skill.p_value for _, judgement in found]),
        np.array([judgement.skill.count for _, judgement in found], dtype=np.float64),
        limit,
    )
    dots = Dots([ticker for ticker, _ in found], skills, lower, upper, np.sign(skills) * different)
    picture = Picture(
        chart_tickers(dots),
        alt=f"A dot a ticker, the skill of {one.candidate.name} on it: {one.better:,} better, "
        f"{one.worse:,} worse, {one.neither:,} no different",
        caption="Each ticker, the worst first; the grey bar is what would be no different from the "
        "last price there, allowing for all that was tried",
    )
    verdict = word_score(one)
    return Section(one.candidate.name, (f"{verdict[:1].upper()}{verdict[1:]}.",), (picture,))


def _list_tickers(
    ranking: Sequence[CrossSectionScore],
    tickers: Sequence[tuple[str, Sequence[Judgement]]],
    style: Style,
) -> Section:
    names = [one.candidate.name for one in ranking if not one.is_reference]
    rows = []
    for ticker, judgements in tickers[:_MOST_TICKERS]:
        of_name = {one.candidate.name: one for one in judgements}
        count = f"{judgements[0].skill.count:,}"
        rows.append((ticker, count, *(_describe_one(of_name[name]) for name in names)))
    paragraphs: tuple[str, ...] = ()
    if len(tickers) > len(rows):
        rest = render_options(f"{option('summary')} writes all of them", style)
        paragraphs = (f"The first {len(rows):,} of {len(tickers):,}; {rest}.",)
    table = Table(
        caption="Error (RMSE) against the last price; ▲ better and ▼ worse by more than chance",
        head=("ticker", "forecasts", *names),
        rows=tuple(rows),
    )
    return Section("Ticker by ticker", paragraphs, (table,))


def _describe_one(one: Judgement) -> str:
    if one.skill.skill is None:
        return "never moved"
    mark = "" if one.p_holm >= CHANCE else " ▲" if one.skill.skill > 0 else " ▼"
    return f"{compare_error(one.skill.skill)}{mark}"
