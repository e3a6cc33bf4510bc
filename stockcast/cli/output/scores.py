"""How scores of recorded forecasts are told: rows for programs, a table and notes for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stockcast.cli.output import console
from stockcast.cli.output.tables import Row

if TYPE_CHECKING:
    from stockcast.ledger.entry import Levels
    from stockcast.ledger.join import Joined
    from stockcast.ledger.score import Score

_COLUMNS = (
    "ticker", "step", "span", "scored", "pending", "unmatched", "rmse", "last_price_rmse", "skill",
    "p_value", "drift",
)  # fmt: skip


def list_score_columns(levels: Levels) -> list[str]:
    """Return the keys of a row."""
    return [*_COLUMNS, *(f"coverage_{level:g}" for level in levels)]


def describe_score(score: Score, levels: Levels) -> Row:
    """Return a score as a row; the ticker is null where it is all of them together."""
    covered = zip(levels, score.coverage, strict=True)
    return {
        "ticker": score.ticker,
        "step": score.step,
        "span": "all" if score.span is None else f"newest-{score.span}",
        "scored": score.scored,
        "pending": score.pending,
        "unmatched": score.unmatched,
        "rmse": score.rmse,
        "last_price_rmse": score.last_price_rmse,
        "skill": score.skill,
        "p_value": score.p_value,
        "drift": {None: None, True: "yes", False: "no"}[score.has_drifted],
        **{f"coverage_{level:g}": share for level, share in covered},
    }


def report_counts(all_joined: Sequence[Joined]) -> None:
    """Say how many forecasts came true, and how many are to."""
    pending = sum(joined.pending for joined in all_joined)
    came = _count(sum(len(joined) for joined in all_joined))
    console.say(f"{came} came true, {pending:,} {'is' if pending == 1 else 'are'} pending")


def report_joined(joined: Joined) -> None:
    """Say what is odd in the forecasts of one ticker, and whether they have become worse."""
    from stockcast.ledger.score import measure_drift
    from stockcast.report.wording import describe_ahead

    name = joined.ticker if joined.step == 1 else f"{joined.ticker}, {describe_ahead(joined.step)}"
    if joined.unmatched:
        console.warn(f"{name}: {_count(joined.unmatched)} from bars that the prices do not have")
    if joined.late:
        console.warn(f"{name}: {_count(joined.late)} recorded when what came true was known")
    if joined.adjusted:
        console.say(
            f"{name}: {_count(joined.adjusted)} from before the prices were adjusted, scaled back"
        )
    drift = measure_drift(joined)
    if drift is not None and drift.has_drifted:
        console.warn(
            f"{name}: the newest {drift.window} forecasts are worse than repeating the last price "
            f"(fluctuation test: {drift.statistics[-1]:.2f}, chance alone stays above "
            f"{-drift.critical:.2f})"
        )


def show_scores(scores: list[Score], levels: Levels) -> None:
    """Show scores as a table on stderr."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if console.quiet or not scores:
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    has_steps = any(score.step > 1 for score in scores)
    table.add_column("ticker", overflow="fold")
    for name in (
        *(["step"] if has_steps else []), "newest", "scored", "RMSE", "last price", "skill", "p",
        *(f"in {level:g} %" for level in levels),
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
    console.get_console().print(table)


def _write_price(value: float | None, reference: float | None) -> str:
    if value is None:
        return "–"
    digits = max(0, 3 - math.floor(math.log10(reference or 1.0)))
    return f"{value:.{digits}f}"


def _write_chance(p_value: float | None) -> str:
    if p_value is None:
        return "–"
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _count(number: int) -> str:
    return "1 forecast" if number == 1 else f"{number:,} forecasts"
