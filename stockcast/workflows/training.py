"""Training: prices ─▶ models in their places, of one ticker, of many, or one of many."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stockcast.errors import (
    BelowStandard,
    Locked,
    OutputError,
    SeveralTickers,
    StockcastError,
    UnreadablePrices,
    UsageError,
    option,
    render_options,
)
from stockcast.evaluation.skill import Skill
from stockcast.evaluation.volatility_skill import VolatilitySkill
from stockcast.files import check_place
from stockcast.files.naming import name_safely
from stockcast.fleet.executor import Executor
from stockcast.fleet.work import Outcome
from stockcast.markup import render_paragraph, render_table
from stockcast.model.model import Model
from stockcast.model.store import SUFFIX
from stockcast.prices.covariates import AGE
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.prices.findings import Finding
from stockcast.prices.history import PriceHistory
from stockcast.progress import SILENT, Observer, Progress, Recorder, TickerProgress
from stockcast.recipe import Recipe
from stockcast.report.page import check_page
from stockcast.windows.features import count_warmup
from stockcast.windows.pool import Pool
from stockcast.windows.pooling import PoolBuilder
from stockcast.windows.series import WindowedSeries
from stockcast.workflows.covariates import read_covariates
from stockcast.workflows.engines import check_engine, load_engines
from stockcast.workflows.events.general import Warned
from stockcast.workflows.events.many import ManyEnded, ManyInterrupted, ManyStarted, TickerFailed
from stockcast.workflows.events.training import (
    ModelJudged,
    ModelUnchanged,
    PoolJudged,
    PoolWindowed,
    SeriesWindowed,
    SnapshotFound,
    TrainingEnded,
)
from stockcast.workflows.policies import PublishPolicy
from stockcast.workflows.publishing import Publisher
from stockcast.workflows.sources import (
    Prices,
    SeenTickers,
    Sources,
    Ticker,
    apply_column,
    name_sources,
    report_history,
    resolve_recipe,
)
from stockcast.workflows.tasks import Trained, TrainTask, train_task
from stockcast.workflows.warm_start import adopt_network

if TYPE_CHECKING:
    import pandas as pd

    from stockcast.training.pooled import PooledFit

Status = Literal["trained", "unchanged", "rejected", "failed"]
_DEFAULT_POLICY = PublishPolicy()
_DEFAULT_EXECUTOR = Executor()


@dataclass(frozen=True)
class TrainingResult:
    """What a training of one ticker came to.

    Attributes:
        model: the model, or the unchanged one that was there.
        series: what it was trained on.
        path: its place; None if nobody asked for a file.
        status: trained, unchanged, or rejected for too little skill.
        error: why it was rejected.
        losses: name to its value after each epoch; empty where nothing was trained.
        findings: what was found in the prices; None where they were prepared.
        seconds: it took.
    """

    model: Model
    series: WindowedSeries
    path: Path | None
    status: Status
    error: BelowStandard | None = None
    losses: Mapping[str, list[float]] = field(default_factory=dict)
    findings: tuple[Finding, ...] | None = None
    seconds: float = 0.0

    def require_published(self) -> None:
        """Raise if the model was rejected.

        Raises:
            BelowStandard: it was; the model that was there before stays.
        """
        if self.error is not None:
            raise self.error

    def to_dict(self) -> dict[str, Any]:
        """Return its figures, as JSON has them; those of the verdict are None without one."""
        model, skill = self.model, self.model.skill
        return {
            "model": str(self.path) if self.path else None,
            "ticker": model.ticker,
            "rows": count_rows(self.series),
            "epochs": model.provenance.epochs,
            "best_epoch": model.provenance.best_epoch,
            "seconds": round(self.seconds, 3),
            "rmse": skill and skill.rmse,
            "mae": skill and skill.mae,
            "last_price_rmse": skill and skill.last_price_rmse,
            "last_price_mae": skill and skill.last_price_mae,
            "skill": skill and skill.skill,
            "direction": skill and skill.direction,
            "how_far": model.how_far and model.how_far.skill,
            "volatilities": model.how_far and model.how_far.to_rows(),
            "verdict": render_options(model.verdict),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return the figures as a frame of one row."""
        import pandas as pd

        return pd.DataFrame([self.to_dict()])

    def __repr__(self) -> str:
        verdict = render_options(self.model.verdict)
        return f"<TrainingResult of {self.model.ticker}: {self.status}; {verdict}>"

    def _repr_html_(self) -> str:
        figures = self.to_dict()
        verdict = figures.pop("verdict")
        text = f"{self.model.ticker}, {self.status}: {verdict}."
        return render_paragraph(text) + render_table([figures])


@dataclass(frozen=True)
class TickerOutcome:
    """What became of one of many tickers.

    Attributes:
        ticker: its name.
        source: the file or folder it comes from.
        status: trained, unchanged, rejected for too little skill, or failed.
        path: the model's place; None if it is not known.
        rows: price rows that it has; None if they are not known.
        skill: how its model did on the held-out rows; None if there is none.
        how_far: likewise its volatility.
        seconds: its training took; None for a share of a pool.
        error: why it was rejected or failed; where a pool's model was rejected, that says why.
    """

    ticker: str
    source: str
    status: Status
    path: Path | None = None
    rows: int | None = None
    skill: Skill | None = None
    seconds: float | None = 0.0
    error: StockcastError | None = None
    how_far: VolatilitySkill | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return its row in the table of many; one that was rejected failed."""
        is_there = self.status in ("trained", "unchanged")
        skill = self.skill if self.error is None else None
        return {
            "ticker": self.ticker,
            "model": str(self.path) if is_there and self.path else None,
            "rows": self.rows,
            "rmse": skill and skill.rmse,
            "last_price_rmse": skill and skill.last_price_rmse,
            "skill": skill and skill.skill,
            "how_far": None if self.error is not None or not self.how_far else self.how_far.skill,
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "status": self.status if is_there else "failed",
        }


def count_rows(series: WindowedSeries) -> int:
    """Return the price rows behind a series: its own and those that the features use up."""
    return len(series.dates) + count_warmup(series.columns.features, series.recipe.target)


def train(
    prices: Prices,
    recipe: Recipe | str = "default",
    *,
    path: str | Path | None = None,
    policy: PublishPolicy = _DEFAULT_POLICY,
    covariates: Prices = (),
    covariate_age: int = AGE,
    reading: ReadOptions = NO_ANSWERS,
    report: str | Path | None = None,
    observer: Observer = SILENT,
    **fields: Any,
) -> TrainingResult:
    """Train a model of one ticker, judge it, and put it in its place.

    Args:
        prices: the history, price CSV or prepared folder of one ticker.
        recipe: a recipe, the name of a preset, or a TOML file; a prepared folder has its own.
        path: the model's file; None: the model is only returned.
        policy: how it takes its place.
        covariates: price files, histories or frames that the network sees beside the prices.
        covariate_age: bars that the newest one of a covariate may be old.
        reading: answers to what a price file leaves open.
        report: HTML page to write about the training.
        observer: receives events.
        **fields: recipe fields that win over the recipe, such as `epochs=10`.

    Raises:
        SeveralTickers: the prices are of more than one.
        PriceError: they cannot be used with this recipe.
        InvalidRecipe: there is no such recipe, or it is a pooled one.
        TrainingDiverged: the loss is no longer a number.
        Locked: another run writes there.
        OutputError: the model cannot be written.

    Example:
        >>> result = train("sample_data/FB.csv", "fast", path="models/FB.safetensors", epochs=3)
        >>> result.status, result.model.provenance.epochs
        ('trained', 3)
    """
    if report is not None:
        check_page(Path(report))
    reading, fields = apply_column(reading, fields)
    fields = adopt_network(fields, recipe, policy.warm_start, observer)
    chosen = resolve_recipe(recipe, fields)
    sources = name_sources(prices, reading, fields)
    if beside := read_covariates(covariates, covariate_age):
        sources = replace(sources, covariates=beside)
    tickers = [ticker for one in sources.items for ticker in sources.read(one)]
    if len(tickers) != 1:
        raise SeveralTickers(
            f"{len(tickers)} tickers: {', '.join(one.name for one in tickers[:8])}",
            hint="give one of them, or train a model of each with train_many",
        )
    return train_ticker(
        tickers[0],
        chosen,
        None if path is None else Path(path),
        policy=policy,
        report=None if report is None else Path(report),
        observer=observer,
    )


def train_ticker(
    ticker: Ticker,
    recipe: Recipe | None,
    path: Path | None = None,
    *,
    policy: PublishPolicy = _DEFAULT_POLICY,
    report: Path | None = None,
    observer: Observer = SILENT,
) -> TrainingResult:
    """Train a model of a ticker that was read; see `train`.

    Args:
        ticker: what to train on.
        recipe: of what is not prepared; None where it is.
        path: the model's file; None: the model is only returned.
        policy: how it takes its place.
        report: HTML page to write about the training.
        observer: receives events.
    """
    began = time.monotonic()
    findings = None
    if isinstance(ticker.content, PriceHistory):
        findings = report_history(ticker.content, observer, scan=True)
    series = ticker.take_series(recipe)
    check_engine(series.recipe)
    publisher = Publisher(policy, observer)
    if path is not None:
        check_place(path)
        publisher.check_judged(series.recipe)
    if report is not None:
        check_page(report)
    with nullcontext() if path is None else publisher.hold_lock(path):
        there = None if path is None else publisher.find_unchanged(series, path)
        if there is not None and path is not None:
            observer.notify(ModelUnchanged(path))
            return TrainingResult(there, series, path, "unchanged", findings=findings)
        recorder = Recorder(observer.open_progress())
        model, error = _fit(series, path, publisher, observer, recorder)
        observer.notify(ModelJudged(model, series))
        if report is not None:
            from stockcast.report.training_page import write_training_page  # loads matplotlib

            write_training_page(model, series, report, losses=recorder.figures, findings=findings)
    seconds = time.monotonic() - began
    observer.notify(TrainingEnded(model, path if error is None else None, seconds))
    status: Status = "trained" if error is None else "rejected"
    return TrainingResult(model, series, path, status, error, recorder.figures, findings, seconds)


def _fit(
    series: WindowedSeries,
    path: Path | None,
    publisher: Publisher,
    observer: Observer,
    progress: Progress,
) -> tuple[Model, BelowStandard | None]:
    """Train a model of a series, continuing from a snapshot if there is one, and publish it.

    Returns:
        the model, and why it was not published, if it was not.
    """
    weights, digest = publisher.load_first_weights(series.columns)
    observer.notify(SeriesWindowed(series))
    checkpoint = None if path is None else publisher.find_checkpoint(series, path, start=digest)
    load_engines([series.recipe], observer)
    from stockcast.training.fit import train_series

    with publisher.reporting_snapshot(checkpoint):
        model = train_series(
            series,
            progress=progress,
            checkpoint=checkpoint,
            start=weights,
            yardsticks=publisher.yardsticks,
        )
    if path is None or checkpoint is None:
        return model, None
    error = publisher.publish(model, path)
    checkpoint.remove()
    return model, error


def train_many(
    prices: Prices | Sources,
    recipe: Recipe | str | None = "default",
    folder: str | Path = "models",
    *,
    policy: PublishPolicy = _DEFAULT_POLICY,
    executor: Executor = _DEFAULT_EXECUTOR,
    covariates: Prices = (),
    covariate_age: int = AGE,
    reading: ReadOptions = NO_ANSWERS,
    observer: Observer = SILENT,
    **fields: Any,
) -> Generator[TickerOutcome, None, None]:
    """Train a model a ticker, publish each as soon as it is done, and say what became of it.

    One that fails stops no other: its error is a value.

    Args:
        prices: histories, price CSVs, patterns, folders, prepared folders.
        recipe: a recipe, the name of a preset, or a TOML file; None where all is prepared.
        folder: where the models go, one file a ticker; with one ticker it may be the file itself.
        policy: how each takes its place.
        executor: where they are trained.
        covariates: price files, histories or frames that each network sees beside its prices.
        covariate_age: bars that the newest one of a covariate may be old.
        reading: answers to what price files leave open.
        observer: receives events.
        **fields: recipe fields that win over the recipe.

    Returns:
        outcomes, as they come, in the order in which trainings end.

    Raises:
        UsageError: the policy or the folder is for one model only.
        ClusterError: the cluster is gone.

    Example:
        >>> here = Executor(jobs=1)
        >>> for done in train_many("sample_data/[FG]*.csv", "fast", "models/", executor=here):
        ...     print(done.ticker, done.status)
        FB trained
        GOOG trained
    """
    reading, fields = apply_column(reading, fields)
    sources = name_sources(prices, reading, fields)
    if beside := read_covariates(covariates, covariate_age):
        sources = replace(sources, covariates=beside)
    chosen = None if recipe is None else resolve_recipe(recipe, fields)
    check_engine(chosen)
    place = _check_folder(Path(folder), sources)
    policy.require_plain()
    run = _ManyRun(chosen, place, policy, executor, observer)
    observer.notify(
        ManyStarted(
            "training", sources.describe_count(), executor.count_processes(len(sources.items))
        )
    )
    return run.train(sources)


def is_model_file(place: Path | None) -> bool:
    """Whether a place to write to is called like a model file, and so is no folder of models."""
    return place is not None and place.suffix == SUFFIX


def place_model(folder: Path, ticker: Ticker) -> Path:
    """Return where a ticker's model lies in a folder of models.

    Raises:
        UnreadablePrices: the ticker cannot name a file.
    """
    name = name_safely(ticker.name)
    if not name:
        raise UnreadablePrices(f"{ticker.source}: {ticker.name!r} cannot name a file")
    return folder / f"{name}{SUFFIX}"


@dataclass(frozen=True)
class _Entry:
    """What is known of a ticker before it is trained."""

    ticker: str
    source: str
    path: Path | None = None
    rows: int | None = None


class _ManyRun:
    """What happens to a ticker before and after its training, in this process."""

    def __init__(
        self,
        recipe: Recipe | None,
        place: Path,
        policy: PublishPolicy,
        executor: Executor,
        observer: Observer,
    ) -> None:
        self._recipe = recipe
        self._place = place
        self._publisher = Publisher(policy, observer)
        self._executor = executor
        self._observer = observer
        self._entries: dict[str, _Entry] = {}
        self._seen = SeenTickers()

    def train(self, sources: Sources) -> Generator[TickerOutcome, None, None]:
        """Yield what became of each ticker, in the order in which trainings end."""
        total, tally = len(sources.items), dict.fromkeys(("trained", "unchanged", "failed"), 0)
        most = self._executor.count_processes(total)
        with self._observer.count_tickers("train", total, most=most) as count:
            tasks = self._prepare(sources.read_all(), count)
            with closing(self._executor.run(tasks, train_task, tickers=total)) as outcomes:
                try:
                    for outcome in outcomes:
                        done = self._finish(outcome)
                        count.finish(failed=done.error is not None)
                        tally["failed" if done.error else done.status] += 1
                        yield done
                except KeyboardInterrupt:
                    units = sources.describe_count()
                    self._observer.notify(ManyInterrupted(count.done - count.failed, units))
                    raise
        self._observer.notify(ManyEnded(count.done, count.seconds, tally))

    def _prepare(
        self, tickers: Iterator[Ticker], count: TickerProgress
    ) -> Iterator[TrainTask | Outcome[Trained]]:
        """Make each ticker a task, or an outcome where there is nothing to train."""
        for ticker in tickers:
            count.begin()
            name = self._seen.name(ticker)
            self._entries[name] = _Entry(ticker.name, ticker.source)
            try:
                step = self._prepare_one(name, ticker)
            except StockcastError as error:
                step = Outcome(name, error=error)
            yield step

    def _prepare_one(self, name: str, ticker: Ticker) -> TrainTask | Outcome[Trained]:
        series = ticker.take_series(self._recipe)
        self._seen.claim(ticker.name, ticker.source)
        path = self._find_place(ticker)
        rows = count_rows(series)
        self._entries[name] = _Entry(ticker.name, ticker.source, path, rows)
        self._publisher.check_judged(series.recipe)
        if model := self._publisher.find_unchanged(series, path):
            return Outcome(name, Trained(None, model.skill, how_far=model.how_far))
        check_place(path)
        # A cluster's workers do not see the folder.
        is_here = self._executor.cluster is None
        snapshots = self._publisher.place_snapshots(path) if is_here else None
        return TrainTask(
            name, series, self._executor.timeout, snapshots, self._publisher.yardsticks
        )

    def _find_place(self, ticker: Ticker) -> Path:
        return self._place if is_model_file(self._place) else place_model(self._place, ticker)

    def _finish(self, outcome: Outcome[Trained]) -> TickerOutcome:
        """Publish what was trained, and tell what failed."""
        entry = self._entries.pop(outcome.name)
        error, made = outcome.error, outcome.content or Trained(None, None)
        for note in made.notes:
            self._observer.notify(Warned(f"{entry.ticker}: {note}"))
        if made.resumed:
            self._observer.notify(SnapshotFound(made.resumed, entry.ticker))
        status: Status = "unchanged" if made.content is None else "trained"
        if error is not None:
            status = "failed"
        elif made.content is not None and entry.path is not None:
            error = self._publisher.find_shortfall(made.skill, made.how_far, entry.path)
            status = "trained" if error is None else "rejected"
            try:
                if error is None:
                    self._publisher.publish_content(made.content, entry.path)
                self._publisher.remove_snapshot(entry.path)
            except Locked as locked:
                error, status = locked, "failed"
        if error is not None:
            self._observer.notify(TickerFailed(entry.source, error))
        return TickerOutcome(
            entry.ticker,
            entry.source,
            status,
            entry.path,
            entry.rows,
            made.skill,
            outcome.seconds,
            error,
            made.how_far,
        )


def _check_folder(folder: Path, sources: Sources) -> Path:
    """Refuse what can only be meant for one model.

    Raises:
        UsageError: it is a file, or the name of one, and there are several tickers.
    """
    is_one = len(sources.items) == 1 and isinstance(sources.items[0], Ticker)
    is_file = folder.suffix == SUFFIX or folder.is_file()
    if str(folder) == "-" or (is_file and not is_one):
        raise UsageError(
            f"{option('path')} is {folder}, and there are several tickers",
            hint=f"name a folder: {option('path', 'models/')}",
        )
    return folder


@dataclass(frozen=True)
class PooledResult:
    """What the training of one model of many tickers came to.

    Attributes:
        model: the model, or the unchanged one that was there.
        path: its place.
        status: trained, unchanged, or rejected for too little skill.
        tickers: what became of each ticker.
        error: why it was rejected.
        seconds: it took.
    """

    model: Model
    path: Path
    status: Status
    tickers: tuple[TickerOutcome, ...]
    error: BelowStandard | None = None
    seconds: float = 0.0

    @property
    def failed(self) -> int:
        """How many tickers could not be pooled."""
        return sum(one.rows is None for one in self.tickers)

    def to_frame(self) -> pd.DataFrame:
        """Return a row a ticker, as `TickerOutcome.to_dict` has it."""
        import pandas as pd

        return pd.DataFrame([one.to_dict() for one in self.tickers])

    def __repr__(self) -> str:
        verdict = render_options(self.model.verdict)
        return f"<PooledResult of {self.model.name}: {self.status}; {verdict}>"

    def _repr_html_(self) -> str:
        text = f"{self.model.name}, {self.status}: {self.model.verdict}."
        rows = [one.to_dict() for one in self.tickers]
        return render_paragraph(render_options(text)) + render_table(rows)

    def require_published(self) -> None:
        """Raise if the model was rejected.

        Raises:
            BelowStandard: it was; the model that was there before stays.
        """
        if self.error is not None:
            raise self.error


def train_pooled(
    prices: Prices | Sources,
    recipe: Recipe | str = "pooled",
    path: str | Path = "models/pooled.safetensors",
    *,
    policy: PublishPolicy = _DEFAULT_POLICY,
    covariates: Prices = (),
    covariate_age: int = AGE,
    reading: ReadOptions = NO_ANSWERS,
    observer: Observer = SILENT,
    **fields: Any,
) -> PooledResult:
    """Train one model on all tickers, judge it on each, and put it in its place.

    What is read goes to files in the folder for temporary ones (TMPDIR), from which training
    draws: memory holds one ticker at a time.

    Args:
        prices: histories, price CSVs, patterns, folders.
        recipe: a pooled recipe, the name of a preset, or a TOML file.
        path: the model's file.
        policy: how it takes its place.
        covariates: price files, histories or frames that the network sees beside each ticker.
        covariate_age: bars that the newest one of a covariate may be old.
        reading: answers to what price files leave open.
        observer: receives events.
        **fields: recipe fields that win over the recipe.

    Raises:
        PriceError: no ticker can be used with this recipe.
        TrainingDiverged: the loss is no longer a number.
        UsageError: the path is not one of a file.
        Locked: another run writes there.
        OutputError: the model cannot be written, or the folder for temporary files is full.

    Example:
        >>> result = train_pooled(
        ...     "sample_data/[FG]*.csv", path="pooled.safetensors", layers=1, units=4, epochs=1
        ... )
        >>> result.status, [one.ticker for one in result.tickers]
        ('trained', ['FB', 'GOOG'])
    """
    began = time.monotonic()
    reading, fields = apply_column(reading, fields)
    sources = name_sources(prices, reading, fields)
    chosen, place = resolve_recipe(recipe, fields), Path(path)
    check_engine(chosen)
    _check_pool_path(place)
    if beside := read_covariates(covariates, covariate_age):
        sources = replace(sources, covariates=beside)
    publisher = Publisher(policy, observer)
    publisher.check_judged(chosen)
    with (
        tempfile.TemporaryDirectory(prefix="stockcast-pool-") as folder,
        publisher.hold_lock(place),
    ):
        builder = PoolBuilder(chosen, Path(folder))
        entries = list(_collect(sources, builder, observer))
        pool = builder.finish()
        there = publisher.find_unchanged(pool, place)
        if there is not None:
            observer.notify(ModelUnchanged(place))
            error = publisher.find_shortfall(there.skill, there.how_far, place)
            status: Status = "unchanged" if error is None else "rejected"
            return PooledResult(
                there, place, status, _conclude_tickers(entries, {}, place, status), error
            )
        fit, error = _fit_pool(pool, place, publisher, observer)
        seconds = time.monotonic() - began
        observer.notify(TrainingEnded(fit.model, place if error is None else None, seconds))
    status = "trained" if error is None else "rejected"
    tickers = _conclude_tickers(entries, fit.skills, place, status)
    return PooledResult(fit.model, place, status, tickers, error, seconds)


def _collect(sources: Sources, builder: PoolBuilder, observer: Observer) -> Iterator[TickerOutcome]:
    """Read all tickers into a pool; those that cannot be used come with their error."""
    with observer.count_tickers("read", len(sources.items)) as count:
        for ticker in sources.read_all():
            count.begin()
            rows, error = None, None
            try:
                rows = builder.add(_take_pooled(ticker))
            except OutputError:
                raise  # not the ticker's fault
            except StockcastError as found:
                error = found
                observer.notify(TickerFailed(ticker.source, found))
            count.finish(failed=rows is None)
            status: Status = "failed" if error else "trained"
            yield TickerOutcome(
                ticker.name, ticker.source, status, rows=rows, seconds=None, error=error
            )


def _take_pooled(ticker: Ticker) -> PriceHistory:
    if isinstance(ticker.content, WindowedSeries):
        raise UnreadablePrices(
            f"{ticker.source} is prepared for a model of its own",
            hint="name its price file: a pooled model scales by the newest rows",
        )
    return ticker.take_history()


def _fit_pool(
    pool: Pool, path: Path, publisher: Publisher, observer: Observer
) -> tuple[PooledFit, BelowStandard | None]:
    """Train a pooled model, continuing from a snapshot if there is one, and publish it."""
    weights, digest = publisher.load_first_weights(pool.columns)
    observer.notify(PoolWindowed(pool))
    checkpoint = publisher.find_checkpoint(pool, path, start=digest)
    load_engines([pool.recipe], observer)
    from stockcast.training.pooled import train_pool

    with publisher.reporting_snapshot(checkpoint):
        fit = train_pool(
            pool, progress=observer.open_progress(), checkpoint=checkpoint, start=weights
        )
    error = publisher.publish(fit.model, path)
    checkpoint.remove()
    observer.notify(PoolJudged(fit.model, fit.skills))
    return fit, error


def _conclude_tickers(
    entries: list[TickerOutcome],
    skills: Mapping[str, Skill | None],
    path: Path,
    status: Status,
) -> tuple[TickerOutcome, ...]:
    """Say of each ticker in a pool what became of the model, and how it did on the ticker."""
    return tuple(
        entry
        if entry.error is not None
        else replace(entry, status=status, path=path, skill=skills.get(entry.ticker))
        for entry in entries
    )


def _check_pool_path(path: Path) -> None:
    """Refuse what cannot be one model's file.

    Raises:
        UsageError: stdout, or a folder.
    """
    if str(path) == "-":
        raise UsageError(
            "a model cannot go to stdout", hint=f"name a file: {option('path', shown='MODEL')}"
        )
    if path.is_dir() or not path.suffix:
        raise UsageError(
            f"{option('path')} is {path}: a pooled model is one file",
            hint=f"name it: {option('path', path / 'pooled.safetensors')}",
        )
    check_place(path)
