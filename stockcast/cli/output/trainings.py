"""What trainings came to, on stdout: a path, a document, or a row a ticker."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.output.failures import Failures
from stockcast.cli.output.rows import RowFormat, RowWriter
from stockcast.cli.output.tables import write_text
from stockcast.errors import render_options

if TYPE_CHECKING:
    from stockcast.workflows.training import PooledResult, TickerOutcome, TrainingResult

_COLUMNS = (
    "ticker", "model", "rows", "rmse", "last_price_rmse", "skill", "how_far", "seconds", "status",
)  # fmt: skip


def write_training(result: TrainingResult, path: Path, form: RowFormat | None) -> None:
    """Write what one training came to: its path, or its figures."""
    if form != "json":
        write_text(f"{path}\n")
        return

    verdict = render_options(result.model.verdict, "command-line")
    document = {**result.to_dict(), "verdict": verdict}
    write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def write_trainings(outcomes: Generator[TickerOutcome, None, None], form: RowFormat) -> None:
    """Write a row for each ticker when it is done.

    Raises:
        SomeFailed: at least one failed; each is on stderr.
        StockcastError: all failed for reasons of one kind.
    """
    done, failures = 0, Failures()
    with closing(outcomes), RowWriter(_COLUMNS, form) as writer:
        for outcome in outcomes:
            writer.write(outcome.to_dict())
            done += 1
            failures.add(outcome.error)
    failures.require_none(done, others="--if-changed leaves the others as they are")


def write_pooled_training(result: PooledResult, path: Path, form: RowFormat | None) -> None:
    """Write a row for each ticker of a pool, or the model's path.

    Raises:
        BelowStandard: the model was rejected.
        SomeFailed: at least one ticker could not be pooled; each is on stderr.
    """
    if form != "path":
        with RowWriter(_COLUMNS, form or "csv") as writer:
            for one in result.tickers:
                writer.write(one.to_dict())
    result.require_published()
    if form == "path":
        write_text(f"{path}\n")
    failures = Failures()
    for one in result.tickers:
        failures.add(one.error)
    failures.require_none(len(result.tickers), others="the model is of the others")
