"""`stockcast backtest` for many tickers: each by its own plan, and what all of them come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.commands.backtest_pooled import resolve_candidates
from stockcast.cli.options.backtest_request import BacktestRequest
from stockcast.cli.output import console
from stockcast.cli.output.buffered_rows import BufferedRows
from stockcast.cli.output.cross_section import (
    report_cross_section,
    report_short_intervals,
    write_cross_section_report,
)
from stockcast.cli.output.forecast_rows import list_forecasts
from stockcast.cli.output.tables import Row, TableFormat, write_document, write_table
from stockcast.cli.output.ticker_progress import TickerBar
from stockcast.durations import format_duration
from stockcast.errors import SomeFailed, StockcastError, UnreadablePrices
from stockcast.fleet.executor import Executor
from stockcast.prices.csv.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.backtesting.candidates import Candidate
    from stockcast.backtesting.cross_section import CrossSection
    from stockcast.fleet.walk import BacktestOutcome, WalkTask
    from stockcast.fleet.work import Outcome
    from stockcast.prices.history import PriceHistory
    from stockcast.workflows.sources import Ticker


@dataclass(frozen=True)
class Prices:
    """Price files of many tickers, which can be gone through more than once.

    Attributes:
        paths: the files.
        reading: what the user says of them.
        held: what they hold, where they were read already; None otherwise.
    """

    paths: Sequence[str]
    reading: ReadOptions
    held: Sequence[PriceHistory] | None = None

    @property
    def total(self) -> int:
        """How many tickers to expect: a file may hold more than one."""
        return len(self.paths if self.held is None else self.held)

    def read_histories(self) -> Iterator[PriceHistory]:
        """Read those that can be read, from the first one anew."""
        from stockcast.prices.history import PriceHistory

        for ticker in self.read_all():
            if isinstance(ticker.content, PriceHistory):
                yield ticker.content

    def read_all(self) -> Iterator[Ticker]:
        """Read one file after the other; one that cannot be read is a ticker too."""
        from stockcast.workflows.sources import Ticker

        if self.held is not None:
            yield from (Ticker(one.ticker, self.paths[0], one) for one in self.held)
            return
        from stockcast.prices.csv.reader import read_prices

        for path in self.paths:
            try:
                for history in read_prices([path], self.reading):
                    yield Ticker(history.ticker, path, history)
            except StockcastError as error:
                yield Ticker(Path(path).stem, path, error)


def backtest_many(
    prices: Prices, named: Sequence[Candidate], asked: BacktestRequest, fleet: Executor
) -> None:
    """Walk forward through each ticker, write what was asked for, and say what all come to.

    Args:
        prices: of the tickers; each is read when its turn comes.
        named: who forecasts, as the user named them.
        asked: what, and how.
        fleet: where the work is done.

    Raises:
        SomeFailed: at least one ticker failed; each was told of on stderr.
        LeakageFound: a forecast depended on a later row.
    """
    from stockcast.backtesting.cross_section import CrossSection
    from stockcast.model.model import Model

    for one in named:
        if isinstance(one.source, Model):
            console.say(f"{one.name} was trained on {one.source.name}")
    candidates = resolve_candidates(named, prices.read_histories, asked)
    fleet = _choose_fleet(fleet, candidates)
    panel = CrossSection(candidates)
    kept: list[Row] = []
    most = 0 if fleet.cluster else fleet.count_jobs(prices.total)
    console.say(
        f"backtesting {prices.total:,} tickers" + (f" in {most} processes" if most > 1 else "")
    )
    # JSON has forecasts beside the figures, in one document.
    form: TableFormat = "csv" if asked.form == "json" else asked.form
    with (
        BufferedRows(form, asked.output, keep=False) as spool,
        TickerBar("backtest", prices.total, most=most) as count,
    ):
        run = _Run(candidates, asked, fleet, count)
        for walked in run.walk(prices):
            panel.add(walked.result)
            if walked.forecasts is None:
                continue
            rows = list(list_forecasts(walked.forecasts))
            if asked.form == "json":
                kept += rows
            else:
                spool.write(rows)
        spool.finish()
    told = f", {count.failed:,} failed" if count.failed else ""
    time = format_duration(count.seconds)
    console.say(f"{count.done:,} tickers in {time}: {panel.tickers:,} walked{told}")
    run.report_replayed(panel.tickers)
    if panel.tickers:
        _write(panel, kept, asked)
        report_short_intervals(run.short)
        report_cross_section(panel, asked.levels, horizon=run.horizon)
        if asked.report is not None:
            write_cross_section_report(
                asked.report, panel, horizon=run.horizon, failed=count.failed
            )
    if count.failed:
        raise SomeFailed(
            f"{count.failed:,} of {count.done:,} tickers failed",
            hint="what is wrong with each stands above; the others are in the figures",
        )


def _choose_fleet(fleet: Executor, candidates: Sequence[Candidate]) -> Executor:
    """Stay in this process unless told otherwise where nothing is fitted: it is soon done."""
    if fleet.jobs is None and not any(one.is_fitted for one in candidates):
        return Executor(1, fleet.timeout, fleet.cluster)
    return fleet


class _Run:
    """What happens to a ticker before and after its backtest, in this process."""

    def __init__(
        self,
        candidates: tuple[Candidate, ...],
        asked: BacktestRequest,
        fleet: Executor,
        count: TickerBar,
    ) -> None:
        self._candidates = candidates
        self._asked = asked
        self._fleet = fleet
        self._count = count
        self._sources: dict[str, str] = {}  # of tasks under way, in their order
        self._seen: dict[str, str] = {}  # ticker ─▶ where it was read
        self._replayed = 0
        self.horizon = 1
        self.short: dict[str, int] = {}  # candidate ─▶ tickers with empty first intervals

    def walk(self, prices: Prices) -> Iterator[BacktestOutcome]:
        """Yield what came of each ticker, in their order, whoever was done first."""
        from stockcast.fleet.walk import walk_task

        done: dict[str, Outcome[BacktestOutcome]] = {}
        tasks = self._prepare(prices.read_all())
        with closing(self._fleet.run(tasks, walk_task, tickers=prices.total)) as outcomes:
            for outcome in outcomes:
                done[outcome.name] = outcome
                self._count.finish(failed=outcome.error is not None)
                while self._sources and (first := next(iter(self._sources))) in done:
                    walked = self._finish(done.pop(first), self._sources.pop(first))
                    if walked is not None:
                        yield walked

    def _prepare(self, tickers: Iterator[Ticker]) -> Iterator[WalkTask | Outcome[BacktestOutcome]]:
        from stockcast.fleet.work import Outcome

        for ticker in tickers:
            self._count.begin()
            # A second file of one ticker, or one that cannot be read, needs a name of its own.
            again = ticker.name in self._seen or isinstance(ticker.content, StockcastError)
            name = f"{ticker.name} in {ticker.source}" if again else ticker.name
            self._sources[name] = ticker.source
            try:
                step: WalkTask | Outcome[BacktestOutcome] = self._prepare_one(name, ticker)
            except StockcastError as error:
                step = Outcome(name, error=error)
            yield step

    def _prepare_one(self, name: str, ticker: Ticker) -> WalkTask:
        from stockcast.fleet.walk import WalkTask
        from stockcast.prices.history import PriceHistory

        if isinstance(ticker.content, StockcastError):
            raise ticker.content
        assert isinstance(ticker.content, PriceHistory)  # noqa: S101 — nothing here is prepared
        if ticker.name in self._seen:
            raise UnreadablePrices(
                f"{ticker.source}: {ticker.name} is in {self._seen[ticker.name]} already",
                hint="join the two files into one, or name only one of them",
            )
        self._seen[ticker.name] = ticker.source
        asked = self._asked
        return WalkTask(
            name,
            ticker.content,
            self._candidates,
            asked.default,
            asked.when,
            asked.levels,
            replay=asked.replay,
            forecasts=asked.rows == "forecasts",
            timeout=self._fleet.timeout,
        )

    def _finish(self, outcome: Outcome[BacktestOutcome], source: str) -> BacktestOutcome | None:
        """Tell what failed.

        Raises:
            LeakageFound: a forecast depended on a later row.
        """
        walked = outcome.content
        if outcome.error is not None:
            problem = outcome.error.raw_message
            where = source if outcome.name == Path(source).stem else f"{source} ({outcome.name})"
            told = problem if source in problem else f"{where}: {problem}"
            console.show_error(told, outcome.error.raw_hint, code=SomeFailed.exit_code)
            return None
        assert walked is not None  # noqa: S101 — what did not fail was walked
        if walked.leak is not None:
            raise walked.leak
        self._replayed += walked.replayed
        for name, one in walked.result.scores.items():
            self.horizon = int(one.figures["step"])
            is_short = any(known < one.skill.count for _, known in one.held.values())
            self.short[name] = self.short.get(name, 0) + is_short
        return walked

    def report_replayed(self, tickers: int) -> None:
        """Say that there is no leakage, where it was looked for."""
        if self._asked.replay and tickers:
            console.say(
                f"no leakage: {self._replayed:,} cutoffs of {tickers:,} tickers replayed with all "
                "later rows altered, and removed; models, forecasts and intervals are the same to "
                "the bit"
            )


def _write(panel: CrossSection, kept: list[Row], asked: BacktestRequest) -> None:
    """Write figures, where those were asked for."""
    if asked.rows == "forecasts" and asked.form != "json":
        return
    tickers: list[Row] = [
        {"ticker": ticker, **one.to_row()}
        for ticker, judgements in panel.judge_tickers()
        for one in judgements
    ]
    overall = [one.to_row() for one in panel.judge_models()]
    if asked.form == "json":
        tables = {"forecasts": kept, "tickers": tickers, "overall": overall}
        skip = {"forecasts": (), "tickers": ("forecasts",), "overall": ("forecasts", "tickers")}
        write_document({k: v for k, v in tables.items() if k not in skip[asked.rows]}, asked.output)
    else:
        write_table(overall if asked.rows == "overall" else tickers, asked.form, asked.output)
