"""`stockcast train` for many tickers: a model each, and what became of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.options.fleet import Fleet
from stockcast.cli.options.publishing import Publishing
from stockcast.cli.options.tickers import Ticker, window_ticker
from stockcast.cli.output import console
from stockcast.cli.output.rows import RowFormat, RowWriter
from stockcast.cli.output.tables import Row
from stockcast.cli.output.ticker_progress import TickerProgress
from stockcast.errors import (
    BelowStandard,
    Locked,
    SomeFailed,
    StockcastError,
    UnreadablePrices,
    UsageError,
)
from stockcast.files import check_place
from stockcast.files.naming import name_safely

if TYPE_CHECKING:
    from stockcast.fleet.work import Outcome, Task
    from stockcast.recipe import Recipe

COLUMNS = ("ticker", "model", "rows", "rmse", "last_price_rmse", "skill", "seconds", "status")


@dataclass(frozen=True)
class _Entry:
    """What is known of a ticker before it is trained."""

    ticker: str
    source: str
    path: Path | None = None
    rows: int | None = None


def train_many(
    tickers: Iterator[Ticker],
    recipe: Recipe | None,
    folder: Path,
    form: RowFormat,
    publishing: Publishing,
    fleet: Fleet,
    *,
    total: int,
    unit: str = "ticker",
) -> None:
    """Train a model a ticker, publish each as soon as it is done, and write a row for each.

    Args:
        tickers: what to train on, read as it is asked for.
        recipe: of what is not prepared; None where all is.
        folder: where the models go.
        form: of the rows.
        publishing: how a model takes its place.
        fleet: where they are trained.
        total: how many tickers to expect.
        unit: what so many are: a file that is not read yet may hold more than one ticker.

    Raises:
        SomeFailed: at least one failed; each was told of on stderr.
    """
    from stockcast.fleet.work import train_task

    _check_folder(folder)
    publishing.require_plain()
    most = 0 if fleet.address else fleet.count_jobs(total)
    units = f"{total:,} {unit}" + ("" if total == 1 else "s")
    console.say(f"training {units}" + (f" in {most} processes" if most > 1 else ""))
    with TickerProgress("train", total, most=most) as count:
        run = _Run(recipe, folder, publishing, fleet, count)
        writer = RowWriter(COLUMNS, form)
        with closing(fleet.run(run.prepare(tickers), train_task, tickers=total)) as outcomes:
            try:
                for outcome in outcomes:
                    writer.write(run.finish(outcome))
            except KeyboardInterrupt:
                console.say(
                    f"interrupted: {count.done - count.failed:,} of {units} done; the same "
                    "command with --if-changed goes on from there"
                )
                raise
        writer.close()
    told = "".join(f", {number:,} {status}" for status, number in run.tally.items() if number)
    console.say(f"{count.done:,} tickers in {count.tell_time()}: {told.removeprefix(', ')}")
    if count.failed:
        raise SomeFailed(
            f"{count.failed:,} of {count.done:,} tickers failed",
            hint="what is wrong with each stands above; --if-changed leaves the others as they are",
        )


class _Run:
    """What happens to a ticker before and after its training, in this process."""

    def __init__(
        self,
        recipe: Recipe | None,
        folder: Path,
        publishing: Publishing,
        fleet: Fleet,
        count: TickerProgress,
    ) -> None:
        self._recipe = recipe
        self._folder = folder
        self._publishing = publishing
        self._fleet = fleet
        self._count = count
        self._entries: dict[str, _Entry] = {}
        self._seen: dict[str, str] = {}  # ticker ─▶ where it was read
        self.tally = dict.fromkeys(("trained", "unchanged", "failed"), 0)

    def prepare(self, tickers: Iterator[Ticker]) -> Iterator[Task | Outcome[bytes]]:
        """Make each ticker a task, or an outcome where there is nothing to train."""
        from stockcast.fleet.work import Outcome

        for ticker in tickers:
            self._count.begin()
            # A second file of one ticker, or one that cannot be read, needs a name of its own.
            again = ticker.name in self._seen or isinstance(ticker.content, StockcastError)
            name = f"{ticker.name} in {ticker.source}" if again else ticker.name
            self._entries[name] = _Entry(ticker.name, ticker.source)
            try:
                step = self._prepare_one(name, ticker)
            except StockcastError as error:
                step = Outcome(name, error=error)
            yield step

    def _prepare_one(self, name: str, ticker: Ticker) -> Task | Outcome[bytes]:
        from stockcast.fleet.work import Outcome, Task
        from stockcast.windows.features import count_warmup

        series = window_ticker(ticker, self._recipe)
        if ticker.name in self._seen:
            raise UnreadablePrices(
                f"{ticker.source}: {ticker.name} is in {self._seen[ticker.name]} already",
                hint="join the two files into one, or name only one of them",
            )
        self._seen[ticker.name] = ticker.source
        path = self._find_place(ticker)
        rows = len(series.dates) + count_warmup(series.columns.features, series.recipe.target)
        self._entries[name] = _Entry(ticker.name, ticker.source, path, rows)
        self._publishing.check_judged(series.recipe)
        if model := self._publishing.find_unchanged(series, path):
            return Outcome(name, skill=model.skill)
        check_place(path)
        return Task(name, series, self._fleet.timeout)

    def _find_place(self, ticker: Ticker) -> Path:
        name = name_safely(ticker.name)
        if not name:
            raise UnreadablePrices(f"{ticker.source}: {ticker.name!r} cannot name a file")
        return self._folder / f"{name}.safetensors"

    def finish(self, outcome: Outcome[bytes]) -> Row:
        """Publish what was trained, tell what failed, and return the row."""
        entry = self._entries.pop(outcome.name)
        error = outcome.error
        if outcome.content is not None and entry.path is not None:
            error = self._publish(outcome, entry.path)
        status = "unchanged" if outcome.content is None else "trained"
        if error is not None:
            status = "failed"
            told = error.raw_message
            told = told if entry.source in told else f"{entry.source}: {told}"
            console.show_error(told, error.raw_hint, code=SomeFailed.exit_code)
        self._count.finish(failed=error is not None)
        self.tally[status] += 1
        skill = None if error else outcome.skill
        return {
            "ticker": entry.ticker,
            "model": None if error else str(entry.path),
            "rows": entry.rows,
            "rmse": skill and skill.rmse,
            "last_price_rmse": skill and skill.last_price_rmse,
            "skill": skill and skill.skill,
            "seconds": round(outcome.seconds, 3),
            "status": status,
        }

    def _publish(self, outcome: Outcome[bytes], path: Path) -> StockcastError | None:
        """Publish what was trained, or return why not."""
        assert outcome.content is not None  # noqa: S101 — it was trained
        if problem := self._publishing.explain_low(outcome.skill):
            return BelowStandard(problem)
        try:
            self._publishing.publish_content(outcome.content, path)
        except Locked as error:
            return error
        return None


def _check_folder(folder: Path) -> None:
    """Refuse what can only be meant for one model.

    Raises:
        UsageError: it is a file, or the name of one.
    """
    if str(folder) == "-" or folder.suffix == ".safetensors" or folder.is_file():
        raise UsageError(
            f"-o is {folder}, and there are several tickers", hint="name a folder: -o models/"
        )
