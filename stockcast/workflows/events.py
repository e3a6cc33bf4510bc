"""What workflows tell an observer; each kind of event is a class, and knows its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from stockcast.durations import format_duration
from stockcast.errors import StockcastError, option
from stockcast.evaluation.skill import Skill
from stockcast.forecast.inspection import Inspection
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.prices.covariates import find_known
from stockcast.prices.findings import Finding
from stockcast.prices.history import PriceHistory, format_date
from stockcast.progress import Event
from stockcast.report import wording
from stockcast.report.skill_wording import describe_epochs
from stockcast.windows.pool import Pool
from stockcast.windows.series import WindowedSeries
from stockcast.windows.training_data import TrainingData

if TYPE_CHECKING:
    from stockcast.backtesting.plan import Plan
    from stockcast.tuning.study import TrialRecord
    from stockcast.tuning.verdict import SearchVerdict

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Note(Event):
    """A step that has no figures of its own."""

    message: str

    @property
    def text(self) -> str:
        """Return the message."""
        return self.message


@dataclass(frozen=True)
class Waiting(Note):
    """Another run holds the lock; the message says who."""


@dataclass(frozen=True)
class Warned(Note):
    """Something is odd and nothing failed."""

    level: ClassVar[Level] = "warning"


@dataclass(frozen=True)
class HistoryRead(Event):
    """A price history was read."""

    history: PriceHistory

    @property
    def text(self) -> str:
        """Say how many rows, from when to when."""
        dates = self.history.dates
        return (
            f"read {self.history.name}: {count_of(len(dates), 'row')}, "
            f"{format_date(dates[0])} to {format_date(dates[-1])}"
        )


@dataclass(frozen=True)
class CovariatesRead(Event):
    """Other prices are seen beside a history."""

    history: PriceHistory

    @property
    def text(self) -> str:
        """Say of each how many of the bars it has, and until when, a line each."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The sentences of it."""
        covariates, dates = self.history.covariates, self.history.dates
        sentences = []
        for one in () if covariates is None else covariates.histories:
            known = (find_known(one, dates) >= 0).sum()
            shared = int(np.isin(dates, one.dates).sum())
            told = f"beside {one.name}: {count_of(len(one), 'row')} to {format_date(one.dates[-1])}"
            if missing := int(known) - shared:
                have = "sees" if missing == 1 else "see"
                told += f"; {count_of(missing, 'bar')} without its own {have} its newest before"
            sentences.append(told)
        return sentences


@dataclass(frozen=True)
class FindingMade(Event):
    """Something odd was found in the prices."""

    level: ClassVar[Level] = "warning"
    finding: Finding

    @property
    def text(self) -> str:
        """Say what."""
        return self.finding.message


@dataclass(frozen=True)
class SeriesWindowed(Event):
    """A series is ready to be trained on."""

    series: WindowedSeries

    @property
    def text(self) -> str:
        """Say what is forecast from how many windows."""
        series = self.series
        names = (*series.columns.features, *series.columns.calendar)
        seen = "" if len(names) == 1 else f" from {', '.join(names)}"
        return _describe_windows(f"{series.columns.target}{seen}", series)


@dataclass(frozen=True)
class PoolWindowed(Event):
    """A pool of tickers is ready to be trained on."""

    pool: Pool

    @property
    def text(self) -> str:
        """Say how many rows, windows and spans, a line each."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The sentences of it."""
        pool, recipe, spans = self.pool, self.pool.recipe, self.pool.spans
        lines = [
            f"{pool.name}: {count_of(int(pool.edges[-1]), 'row')}, "
            f"{format_date(spans.first)} to {format_date(spans.last)}",
            _describe_windows(", ".join((pool.columns.target, *pool.columns.calendar)), pool),
        ]
        if pool.columns.covariates:
            names = ", ".join(one.name for one in pool.columns.covariates)
            lines.append(f"each beside {names}")
        if pool.count_windows()[0] > recipe.epoch_windows:
            lines.append(
                f"an epoch draws {recipe.epoch_windows:,} of these ({option('epoch_windows')})"
            )
        later = [
            f"{what} from {format_date(date)}"
            for what, date, days in (
                ("validation", spans.train_end, spans.days[1]),
                ("held out", spans.validation_end, spans.days[2]),
            )
            if days
        ]
        if later:
            lines.append(f"for all tickers alike: {', '.join(later)}")
        return lines


def _describe_windows(seen: str, data: TrainingData) -> str:
    recipe = data.recipe
    training, validation, test = data.count_windows()
    return (
        f"forecasting {seen}; target {recipe.target}, windows of {recipe.window}: "
        f"{training:,} to train on, {validation:,} to validate, {test:,} held out"
    )


@dataclass(frozen=True)
class ModelUnchanged(Event):
    """The model that is there is of the same data and recipe."""

    path: Path

    @property
    def text(self) -> str:
        """Say so."""
        return f"{self.path} is of the same data and recipe: nothing to do"


@dataclass(frozen=True)
class SnapshotFound(Event):
    """Training continues from a snapshot, or did; of many tickers it is told at the end.

    Attributes:
        epoch: after which it was written.
        ticker: of many, whose it is.
    """

    epoch: int
    ticker: str = ""

    @property
    def text(self) -> str:
        """Say after which epoch."""
        if self.ticker:
            return f"{self.ticker} went on from its snapshot after epoch {self.epoch}"
        return (
            f"found a snapshot of the same data and recipe after epoch {self.epoch}: "
            "going on from there"
        )


@dataclass(frozen=True)
class SnapshotLeft(Event):
    """Training was interrupted and left a snapshot."""

    epoch: int
    path: Path

    @property
    def text(self) -> str:
        """Say where it is."""
        return (
            f"interrupted after epoch {self.epoch}: the same command goes on from the "
            f"snapshot {self.path}"
        )


@dataclass(frozen=True)
class ModelJudged(Event):
    """A model was trained and judged on the rows that were held out."""

    model: Model
    series: WindowedSeries

    @property
    def text(self) -> str:
        """Say the epochs and the verdict."""
        return f"{describe_epochs(self.model)}; verdict: {self.model.verdict}"


@dataclass(frozen=True)
class PoolJudged(Event):
    """A pooled model was trained and judged on the held-out rows of each ticker."""

    model: Model
    skills: Mapping[str, Skill | None]

    @property
    def text(self) -> str:
        """Say the epochs and the verdict."""
        return f"{describe_epochs(self.model)}; verdict: {self.model.verdict}"


@dataclass(frozen=True)
class TrainingEnded(Event):
    """A training in one line, for logs.

    Attributes:
        model: what was trained.
        path: where it was published; None if it was not.
        seconds: it took.
    """

    is_for_logs: ClassVar[bool] = True
    model: Model
    path: Path | None
    seconds: float

    @property
    def text(self) -> str:
        """Say all of it."""
        model, value = self.model, self.fields["skill"]
        shown = "" if value is None else f" skill {value:.4f}"
        return (
            f"trained {model.name} epochs {model.provenance.epochs}/{model.recipe.epochs}{shown} "
            f"{self.path or '(not published)'} {self.seconds:.1f} s "
            f"verdict: {model.verdict}"
        )

    @property
    def fields(self) -> dict[str, Any]:
        """The same as figures."""
        model = self.model
        return {
            "ticker": model.ticker or None,
            "epochs": model.provenance.epochs,
            "best_epoch": model.provenance.best_epoch,
            "skill": None if model.skill is None else model.skill.skill,
            "verdict": model.verdict,
            "model": str(self.path) if self.path else None,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class TickerFailed(Event):
    """One of many tickers failed; the others go on.

    Attributes:
        source: the file or folder that it comes from.
        error: why.
        name: what else to call it; empty: the source says enough.
    """

    level: ClassVar[Level] = "error"
    source: str
    error: StockcastError
    name: str = ""

    @property
    def text(self) -> str:
        """Say which and why."""
        problem = self.error.raw_message
        where = f"{self.source} ({self.name})" if self.name else self.source
        return problem if self.source in problem else f"{where}: {problem}"


@dataclass(frozen=True)
class SessionsChosen(Event):
    """Which days are forecast.

    Attributes:
        rhythm: of the bars, in words; None where an exchange's calendar was asked for.
        code: of that exchange.
        has_holidays: whether holidays are forecast like any day.
    """

    rhythm: str | None
    code: str = ""
    has_holidays: bool = False

    @property
    def text(self) -> str:
        """Say which."""
        if self.rhythm is None:
            return f"dates: sessions of {self.code}"
        known = f"; holidays are not left out ({option('calendar')})" if self.has_holidays else ""
        return f"dates: {self.rhythm}, as the bars come{known}"


@dataclass(frozen=True)
class ForecastsRecorded(Event):
    """Forecasts were appended to a ledger.

    Attributes:
        ledger: the file.
        forecasts: how many were to be recorded.
        added: how many were not there already.
    """

    ledger: Path
    forecasts: int
    added: int

    @property
    def text(self) -> str:
        """Say whether they were there already."""
        what = "this forecast" if self.forecasts == 1 else "these forecasts"
        return f"recorded in {self.ledger}" if self.added else f"{self.ledger} has {what} already"


@dataclass(frozen=True)
class NetworkInspected(Event):
    """A network's gates and memory were looked at."""

    seen: Inspection

    @property
    def text(self) -> str:
        """Say how far back it remembers."""
        return f"how far back it remembers: {wording.describe_reach(self.seen)}"


@dataclass(frozen=True)
class PoolFitBegun(Event):
    """A pooled recipe is about to be trained for a backtest, once.

    Attributes:
        name: of the recipe.
        pool: what it is trained on.
        date: the first date forecast, which it does not see.
        left_out: tickers that have too few rows before it, or other columns.
    """

    name: str
    pool: Pool
    date: np.datetime64
    left_out: int

    @property
    def text(self) -> str:
        """Say on how many rows of how many tickers."""
        left_out = self.left_out
        have = "has" if left_out == 1 else "have"
        more = f"; {left_out:,} {have} too few, or other columns" if left_out else ""
        return (
            f"{self.name} is trained once, on the {count_of(int(self.pool.edges[-1]), 'row')} of "
            f"{count_of(len(self.pool.tickers), 'ticker')} before {format_date(self.date)}{more}"
        )


@dataclass(frozen=True)
class BacktestPlanned(Event):
    """It is settled from where the prices of one ticker are forecast.

    Attributes:
        history: its bars.
        plan: its cutoffs.
        is_fitted: whether recipes are among what is compared.
    """

    history: PriceHistory
    plan: Plan
    is_fitted: bool

    @property
    def text(self) -> str:
        """Say what is forecast from where, and what is trained when, a line each."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The sentences of it."""
        plan, dates = self.plan, self.history.dates
        cutoffs = plan.cutoffs
        first = format_date(dates[cutoffs[0]])
        last = format_date(dates[cutoffs[-1] + plan.horizon - 1])
        apart = "" if plan.step == 1 else f", {plan.step} bars apart"
        sentence = (
            f"forecasting {plan.target} from {count_of(len(cutoffs), 'cutoff')}{apart}, "
            f"{wording.describe_ahead(plan.horizon)}: {first} to {last}"
        )
        left_out = "" if plan.covered is None else plan.covered.text
        fits = self._describe_fits() if self.is_fitted else ""
        return [line for line in (sentence, left_out, fits) if line]

    def _describe_fits(self) -> str:
        plan = self.plan
        rows = plan.folds[0].fitted_at - plan.folds[0].first_row
        known = count_of(rows, "row")
        if len(plan.folds) == 1:
            return f"each recipe is trained once, on the {known} before the first cutoff"
        known += "" if plan.train_rows else " and more"
        return f"each recipe is trained {len(plan.folds):,} times, on {known}"


@dataclass(frozen=True)
class LeakageChecked(Event):
    """Parts of a backtest were done again, and no forecast depended on a later row.

    Attributes:
        cutoffs: that were replayed.
        tickers: of several, how many; None of one.
    """

    cutoffs: int
    tickers: int | None = None

    @property
    def text(self) -> str:
        """Say so."""
        cutoffs = count_of(self.cutoffs, "cutoff")
        of_many = "" if self.tickers is None else f" of {count_of(self.tickers, 'ticker')}"
        return (
            f"no leakage: {cutoffs}{of_many} replayed with all later rows altered, and removed; "
            "models, forecasts and intervals are the same to the bit"
        )


@dataclass(frozen=True)
class BacktestEnded(Event):
    """The backtest of many tickers is over.

    Attributes:
        count: tickers.
        failed: those of them that could not be walked.
        seconds: it took.
    """

    count: int
    failed: int
    seconds: float

    @property
    def text(self) -> str:
        """Say how many were walked, and how many failed."""
        failed = f", {self.failed:,} failed" if self.failed else ""
        return (
            f"{count_of(self.count, 'ticker')} in {format_duration(self.seconds)}: "
            f"{self.count - self.failed:,} walked{failed}"
        )


@dataclass(frozen=True)
class ManyStarted(Event):
    """Work on many tickers began.

    Attributes:
        task: what is done with them, such as `training`.
        units: how many of what, such as `5 files`.
        processes: of this machine; 0 if that is not known.
    """

    task: str
    units: str
    processes: int = 0

    @property
    def text(self) -> str:
        """Say how many, and in how many processes."""
        where = f" in {self.processes} processes" if self.processes > 1 else ""
        return f"{self.task} {self.units}{where}"


@dataclass(frozen=True)
class ManyInterrupted(Event):
    """Work on many tickers was interrupted."""

    done: int
    units: str

    @property
    def text(self) -> str:
        """Say how to continue."""
        return (
            f"interrupted: {self.done:,} of {self.units} done; the same "
            f"command with {option('if_changed', value=True)} goes on from there"
        )


@dataclass(frozen=True)
class ManyEnded(Event):
    """Work on many tickers is over.

    Attributes:
        count: tickers.
        seconds: it took.
        tally: what became of them to how many, in the order to tell it; those of 0 are left out.
    """

    count: int
    seconds: float
    tally: Mapping[str, int]

    @property
    def text(self) -> str:
        """Say how many of each."""
        tally = {status: number for status, number in self.tally.items() if number} or self.tally
        parts = ", ".join(f"{number:,} {status}" for status, number in tally.items())
        count = count_of(self.count, "ticker")
        return f"{count} in {format_duration(self.seconds)}: {parts}"


@dataclass(frozen=True)
class ForecastsScored(Event):
    """A ledger's forecasts were held against prices."""

    scored: int
    pending: int

    @property
    def text(self) -> str:
        """Say how many came true, and how many are to."""
        came, verb = count_of(self.scored, "forecast"), "is" if self.pending == 1 else "are"
        return f"{came} came true, {self.pending:,} {verb} pending"


@dataclass(frozen=True)
class ModelExported(Event):
    """A model was written for another program."""

    format: str
    interface: str

    @property
    def text(self) -> str:
        """Say what the file takes and gives."""
        return f"{self.format}: {self.interface}"


@dataclass(frozen=True)
class ModelRestored(Event):
    """The model before the present one is in its place again."""

    path: Path
    model: Model
    left: int

    @property
    def text(self) -> str:
        """Say whose it is and how many earlier ones are left."""
        left = "1 earlier one is" if self.left == 1 else f"{self.left} earlier ones are"
        return (
            f"{self.path} is the model of {self.model.name} trained to "
            f"{self.model.provenance.last_date} again; {left} left"
        )


@dataclass(frozen=True)
class SearchBegun(Event):
    """A search for a recipe begins.

    Attributes:
        searched: fields of the recipe.
        tickers: whose prices.
        folds: what every trial is judged on, in words.
        test: the first date that no trial sees.
    """

    searched: tuple[str, ...]
    tickers: tuple[str, ...]
    folds: str
    test: str

    @property
    def text(self) -> str:
        """Say what is searched, and on what it is judged."""
        count = len(self.tickers)
        whose = self.tickers[0] if count == 1 else count_of(count, "ticker")
        return (
            f"searching {', '.join(self.searched)} on {whose}: each trial is judged on "
            f"{self.folds}; what is from {self.test} on, none sees"
        )


@dataclass(frozen=True)
class TrialFailed(Event):
    """A trial of a search failed, which stops no other."""

    level: ClassVar[Level] = "warning"
    number: int
    reason: str

    @property
    def text(self) -> str:
        """Say why."""
        return f"trial {self.number} failed: {self.reason}"


@dataclass(frozen=True)
class SearchInterrupted(Event):
    """A search was interrupted.

    Attributes:
        count: trials that are over.
        path: where the best recipe so far is; None: nowhere.
        storage: the database that has the trials; None: none.
    """

    count: int
    path: Path | None
    storage: Path | None

    @property
    def text(self) -> str:
        """Say what is kept."""
        said = f"interrupted after {count_of(self.count, 'trial')}"
        if self.path is not None:
            said += f"; the best so far is in {self.path}, and its test span was not looked at"
        if self.storage is not None:
            said += f"; the same command goes on from {self.storage}"
        return said


@dataclass(frozen=True)
class SearchEnded(Event):
    """A search is over, and the best of its trials was judged."""

    best: TrialRecord
    trials: tuple[TrialRecord, ...]
    verdict: SearchVerdict
    path: Path | None

    @property
    def text(self) -> str:
        """Say which trial is the best, and what the search proves."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The sentences of it."""
        from stockcast.report.tuning_wording import count_states, describe_best

        said = [f"{count_states(self.trials)}; {describe_best(self.best)}"]
        if self.path is not None:
            said.append(f"wrote {self.path}")
        return [*said, f"verdict: {self.verdict.sentence}"]


@dataclass(frozen=True)
class DemoStep(Event):
    """The demo does what a command does.

    Attributes:
        call: the command, as `errors.command` gives it.
        meaning: what it does.
    """

    call: str
    meaning: str

    @property
    def text(self) -> str:
        """Say both."""
        return f"{self.call}: {self.meaning}"
