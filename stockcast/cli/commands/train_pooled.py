"""`stockcast train --pooled`: one model of many tickers, and how it did on each."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.commands.train_many import COLUMNS
from stockcast.cli.options.publishing import Publishing
from stockcast.cli.options.tickers import Ticker
from stockcast.cli.output import console
from stockcast.cli.output.console import TrainingProgress
from stockcast.cli.output.messages import (
    report_end,
    report_pool,
    report_pooled_skill,
    reporting_snapshot,
)
from stockcast.cli.output.rows import RowFormat, RowWriter
from stockcast.cli.output.tables import write_text
from stockcast.cli.output.ticker_progress import TickerProgress
from stockcast.errors import (
    OutputError,
    SomeFailed,
    StockcastError,
    UnreadablePrices,
    UsageError,
)
from stockcast.files import check_place

if TYPE_CHECKING:
    from stockcast.evaluation.skill import Skill
    from stockcast.model.model import Model
    from stockcast.recipe import Recipe
    from stockcast.windows.pool import Pool
    from stockcast.windows.pooling import PoolBuilder


def train_pooled(
    tickers: Iterator[Ticker],
    recipe: Recipe,
    path: Path,
    form: RowFormat | None,
    publishing: Publishing,
    *,
    total: int,
) -> None:
    """Train one model on all tickers, publish it, and write a row a ticker.

    What is read goes to files in the folder for temporary ones (TMPDIR), from which training
    draws: memory holds one ticker at a time.

    Args:
        tickers: what to train on, read as it is asked for.
        recipe: a pooled one.
        path: where the model goes.
        form: of the rows; `path`: the model's path instead.
        publishing: how a model takes its place.
        total: how many tickers to expect.

    Raises:
        SomeFailed: at least one ticker could not be pooled; each was told of on stderr.
    """
    from stockcast.windows.pooling import PoolBuilder

    began = time.monotonic()
    _check_path(path)
    publishing.check_judged(recipe)
    with (
        tempfile.TemporaryDirectory(prefix="stockcast-pool-") as folder,
        publishing.hold_lock(path),
    ):
        builder = PoolBuilder(recipe, Path(folder))
        entries = list(_collect(tickers, builder, total=total))
        pool = builder.finish()
        model, skills = publishing.find_unchanged(pool, path), None
        if model is not None:
            console.say(f"{path} is of the same data and recipe: nothing to do")
        else:
            model, skills = _train(pool, path, publishing, began)
    if form != "path":
        place = None if publishing.explain_low(model.skill) else path
        _write_rows(entries, skills, place, form or "csv")
    publishing.require_skill(model, path)
    if form == "path":
        write_text(f"{path}\n")
    if failed := sum(entry.rows is None for entry in entries):
        raise SomeFailed(
            f"{failed:,} of {len(entries):,} tickers failed",
            hint="what is wrong with each stands above; the model is of the others",
        )


@dataclass(frozen=True)
class _Entry:
    """A ticker that was read; rows are None if it failed."""

    ticker: str
    rows: int | None


def _collect(tickers: Iterator[Ticker], builder: PoolBuilder, *, total: int) -> Iterator[_Entry]:
    """Read all tickers into a pool; tell of those that cannot be used."""
    from stockcast.prices.history import PriceHistory

    with TickerProgress("read", total) as count:
        for ticker in tickers:
            count.begin()
            content, rows = ticker.content, None
            try:
                if isinstance(content, StockcastError):
                    raise content
                if not isinstance(content, PriceHistory):
                    raise UnreadablePrices(
                        f"{ticker.source} is prepared for a model of its own",
                        hint="name its price file: a pooled model scales by the newest rows",
                    )
                rows = builder.add(content)
            except OutputError:
                raise  # not the ticker's fault
            except StockcastError as error:
                told = error.raw_message
                told = told if ticker.source in told else f"{ticker.source}: {told}"
                console.show_error(told, error.raw_hint, code=SomeFailed.exit_code)
            count.finish(failed=rows is None)
            yield _Entry(ticker.name, rows)


def _train(
    pool: Pool, path: Path, publishing: Publishing, began: float
) -> tuple[Model, dict[str, Skill | None]]:
    weights, digest = publishing.load_start()
    report_pool(pool)
    checkpoint = publishing.find_checkpoint(pool, path, start=digest)

    # TensorFlow takes seconds to import, so what can fail early comes before these lines.
    with console.waiting("loading TensorFlow"):
        from stockcast.training.pooled import train_pool

    with reporting_snapshot(checkpoint):
        fit = train_pool(pool, progress=TrainingProgress(), checkpoint=checkpoint, start=weights)
    is_published = publishing.publish(fit.model, path)
    checkpoint.remove()
    report_pooled_skill(fit.model, fit.skills)
    report_end(fit.model, str(path) if is_published else "", time.monotonic() - began)
    return fit.model, fit.skills


def _write_rows(
    entries: Sequence[_Entry],
    skills: dict[str, Skill | None] | None,
    path: Path | None,
    form: RowFormat,
) -> None:
    """Write a row a ticker.

    Args:
        entries: what was read.
        skills: by ticker; None if the model was there before.
        path: of the model; None if its skill was too low to publish it.
        form: of the rows.
    """
    writer = RowWriter(COLUMNS, form)
    for entry in entries:
        has_model = entry.rows is not None and path is not None
        skill = (skills or {}).get(entry.ticker) if entry.rows is not None else None
        status = "unchanged" if skills is None else "trained"
        writer.write(
            {
                "ticker": entry.ticker,
                "model": str(path) if has_model else None,
                "rows": entry.rows,
                "rmse": skill and skill.rmse,
                "last_price_rmse": skill and skill.last_price_rmse,
                "skill": skill and skill.skill,
                "seconds": None,
                "status": status if has_model else "failed",
            }
        )
    writer.close()


def _check_path(path: Path) -> None:
    """Refuse what cannot be one model's file.

    Raises:
        UsageError: stdout, or a folder.
    """
    if str(path) == "-":
        raise UsageError("a model cannot go to stdout", hint="name a file: -o MODEL")
    if path.is_dir() or not path.suffix:
        raise UsageError(
            f"-o is {path}: a pooled model is one file",
            hint=f"name it: -o {path / 'pooled.safetensors'}",
        )
    check_place(path)
