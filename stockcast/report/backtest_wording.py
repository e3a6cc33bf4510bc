"""What a backtest came to, in sentences and rows: of one ticker, and of many together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from stockcast.backtesting.conclusions import word_score
from stockcast.backtesting.cross_section import CrossSection, CrossSectionScore
from stockcast.backtesting.judge import Judgement
from stockcast.backtesting.panel_spreads import PanelSpread
from stockcast.backtesting.run import Walk
from stockcast.errors import option
from stockcast.evaluation.conformal import format_level
from stockcast.plurals import count_of
from stockcast.prices.history import format_date
from stockcast.report.wording import compare_error, describe_ahead, format_beside, show_share


def name_short(walks: Iterable[Walk]) -> list[str]:
    """Name the candidates whose first intervals are empty on the one ticker.

    Those of recorded forecasts are as they were recorded.
    """
    return [
        walk.candidate.name
        for walk in walks
        if not walk.candidate.is_recorded
        and any(np.isnan(upper).any() for _, upper in walk.intervals.values())
    ]


def name_short_of_many(short: Mapping[str, int]) -> list[str]:
    """Name the candidates whose first intervals are empty, and on how many tickers."""
    return [f"{name} ({count_of(count, 'ticker')})" for name, count in short.items() if count]


def describe_gaps(names: Sequence[str]) -> str:
    """Say why the first intervals of some candidates are empty."""
    return (
        f"the first intervals of {', '.join(names)} are empty: too few errors were known by "
        f"then to tell; a longer {option('validation')} span gives more"
    )


def list_ticker_titles(judgements: Sequence[Judgement], levels: Sequence[float]) -> list[str]:
    """Return the titles of `list_ticker_rows`; the first column has none."""
    titles = ["", "RMSE", "against\nlast price"]
    if has_yardstick(judgements):
        return [*titles, *_name_levels(levels), "QLIKE", "interval\nscore"]
    return [*titles, "MAE", "direction\nright", *_name_levels(levels)]


def has_yardstick(judgements: Sequence[Judgement]) -> bool:
    """Whether something says how far the price goes, for others to be held against."""
    return any(one.spread.yardstick for one in judgements)


def list_ticker_rows(
    judgements: Sequence[Judgement], levels: Sequence[float]
) -> list[tuple[str, ...]]:
    """Return a row a candidate of one ticker: its name and figures."""
    error, rows = judgements[0].skill.last_price_rmse, []
    for one in judgements:
        repeats = one.candidate.is_reference or one.candidate.is_yardstick
        start = (
            one.candidate.name,
            format_beside(one.skill.rmse, error),
            "–" if repeats else compare_error(one.skill.skill),
        )
        more = format_beside(one.skill.mae, error), show_share(one.figures["direction"])
        inside = (show_share(one.figures[f"coverage_{format_level(level)}"]) for level in levels)
        if has_yardstick(judgements):
            qlike = _show_known(one.figures["qlike"], ".3f")
            rows.append((*start, *inside, qlike, _show_gain(one.spread.gain)))
        else:
            rows.append((*start, *more, *inside))
    return rows


def list_verdicts(judgements: Sequence[Judgement]) -> list[str]:
    """Return a sentence a candidate of one ticker, beside the last price."""
    lines = []
    for one in judgements:
        repeats = one.candidate.is_reference or one.candidate.is_yardstick
        said = [] if repeats else [one.verdict]
        if one.spread.sentence:
            said.append(f"how far: {one.spread.sentence}")
        if said:
            lines.append(f"{one.candidate.name}: {'; '.join(said)}")
    return lines


def describe_majority(judgement: Judgement, walk: Walk) -> str:
    """Say what a direction that is always the same gets, so that no hit rate looks like skill."""
    outlook = walk.outlook
    up = int((outlook.actual[:, -1] > outlook.last_prices).sum())
    down = int((outlook.actual[:, -1] < outlook.last_prices).sum())
    side = "up" if up >= down else "down"
    share = show_share(judgement.figures["majority"])
    return f"direction: always saying {side} was right {share} of the time"


def list_spans(panel: CrossSection, first: CrossSectionScore, *, horizon: int) -> list[str]:
    """Say how much of many tickers was judged, and on which dates; and what was not judged.

    Args:
        panel: how all candidates did.
        first: one of them over all tickers, whichever.
        horizon: steps ahead.
    """
    dates, lines = panel.dates, []
    if len(dates):
        lines.append(
            f"{count_of(first.tickers, 'ticker')} judged, "
            f"{count_of(first.forecasts, 'forecast')} a model, {describe_ahead(horizon)}, on "
            f"{count_of(len(dates), 'date')}: {format_date(dates[0])} to {format_date(dates[-1])}"
        )
    if first.tickers < panel.tickers:
        lines.append(f"not judged, as their price never moved: {panel.tickers - first.tickers:,}")
    return lines


def list_panel_titles(ranking: Sequence[CrossSectionScore], levels: Sequence[float]) -> list[str]:
    """Return the titles of `list_panel_rows`; the first column has none."""
    inside = _name_levels(levels)
    if any(one.spread.yardstick for one in ranking):
        return ["", "typical\nticker", *inside, "interval\nscore", "p", "QLIKE", "tighter\non"]
    titles = ["", "typical\nticker", "all\ntogether", "p", "better\non", "worse\non"]
    return [*titles, *inside]


def list_panel_rows(
    ranking: Sequence[CrossSectionScore], levels: Sequence[float]
) -> list[tuple[str, ...]]:
    """Return a row a candidate over all tickers: its name and figures."""
    has_spreads, rows = any(one.spread.yardstick for one in ranking), []
    for one in ranking:
        inside = [show_share(one.coverage.get(level, math.nan)) for level in levels]
        *errors, better, worse = _describe_score(one)
        if has_spreads:
            rows.append((one.candidate.name, errors[0], *inside, *_describe_spread(one.spread)))
        else:
            rows.append((one.candidate.name, *errors, better, worse, *inside))
    return rows


def list_panel_verdicts(ranking: Sequence[CrossSectionScore]) -> list[str]:
    """Return a sentence a candidate over all tickers, beside the last price."""
    return [
        f"{one.candidate.name}: {word_score(one)}"
        for one in ranking
        if not (one.is_reference or one.candidate.is_yardstick)
    ]


def _describe_score(one: CrossSectionScore) -> tuple[str, ...]:
    if one.is_reference or one.candidate.is_yardstick:
        return ("–",) * 5
    return (
        compare_error(1 - one.ratio if one.tickers else None),
        compare_error(one.skill),
        "<0.001" if one.p_holm < 0.001 else f"{one.p_holm:.2g}",
        f"{one.better:,}",
        f"{one.worse:,}",
    )


def _describe_spread(spread: PanelSpread) -> tuple[str, ...]:
    """Say by how much interval scores are below the yardstick's, with p, and QLIKE."""
    if spread.interval_ratio is None or spread.p_holm is None:
        return ("–",) * 4
    return (
        _show_gain(1 - spread.interval_ratio),
        "<0.001" if spread.p_holm < 0.001 else f"{spread.p_holm:.2g}",
        "–" if spread.qlike_ratio is None else _show_gain(1 - spread.qlike_ratio),
        f"{spread.tighter:,}",
    )


def _show_gain(gain: float | None) -> str:
    """Write what is better by a share as less of it: −3.9 %."""
    if gain is None:
        return "–"
    return f"{-100 * gain:+.1f} %".replace("-", "−")


def _show_known(value: float, form: str) -> str:
    return "–" if math.isnan(value) else format(value, form)


def _name_levels(levels: Sequence[float]) -> list[str]:
    return [f"inside\n{format_level(level)} %" for level in levels]
