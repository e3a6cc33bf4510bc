"""What the user asks of a backtest, of one ticker or of each of many."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stockcast.cli.output.tables import TableFormat

if TYPE_CHECKING:
    from stockcast.recipe import Recipe

Rows = Literal["forecasts", "tickers", "overall"]


@dataclass(frozen=True)
class BacktestRequest:
    """What is asked of each ticker, and how it is answered.

    Attributes:
        default: recipe that settles what candidates leave open.
        when: what `plan_backtest` is told of cutoffs and fits.
        levels: of the intervals.
        replay: whether to look for leakage.
        rows: what stdout has a row of.
        form: how rows are written.
        output: a file instead of stdout.
        report: page to write; None: none.
    """

    default: Recipe
    when: dict[str, Any]
    levels: tuple[float, ...]
    replay: bool
    rows: Rows
    form: TableFormat
    output: Path | None
    report: Path | None
