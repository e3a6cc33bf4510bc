"""Tuning: prices ─▶ the best recipe of a search, and what the search proves."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import stockcast
from stockcast.backtesting.candidates import Candidate, resolve_target
from stockcast.backtesting.date_folds import DateFolds, describe_folds, place_folds
from stockcast.errors import (
    NoTrial,
    StockcastError,
    TooShort,
    UsageError,
    option,
    render_options,
)
from stockcast.files import check_place
from stockcast.files.lock import hold_lock
from stockcast.files.replace import replace_file
from stockcast.fleet.executor import Executor
from stockcast.fleet.work import Outcome
from stockcast.markup import render_paragraph, render_table
from stockcast.plurals import count_of
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.prices.history import PriceHistory, format_date
from stockcast.progress import SILENT, Observer, Progress
from stockcast.recipe import Recipe
from stockcast.report.page import check_page
from stockcast.report.tuning_wording import describe_best, write_recipe
from stockcast.tuning.space import Space, make_space
from stockcast.tuning.study import Study, TrialRecord, find_limits, require_optuna
from stockcast.tuning.trial import Objective, TrialLosses
from stockcast.tuning.verdict import SearchVerdict, judge_search
from stockcast.workflows.engines import check_engine
from stockcast.workflows.events.backtesting import LeakageChecked
from stockcast.workflows.events.general import Note, Warned
from stockcast.workflows.events.many import TickerFailed
from stockcast.workflows.events.tuning import (
    SearchBegun,
    SearchEnded,
    SearchInterrupted,
    TrialFailed,
)
from stockcast.workflows.sources import (
    Prices,
    SeenTickers,
    Sources,
    apply_column,
    name_sources,
    report_history,
)
from stockcast.workflows.trials import TrialTask, Tried, trial_task

if TYPE_CHECKING:
    import pandas as pd

Models = str | Recipe | Sequence[str] | Mapping[str, str | Recipe]
"""Recipes to begin with: names, cells or TOML files, or by name."""

ObjectiveChoice = Literal["auto", "which-way", "how-far"]
_DEFAULT_EXECUTOR = Executor(jobs=1)


@dataclass(frozen=True)
class TuneResult:
    """What a search came to.

    Attributes:
        recipe: the best one.
        best: the trial that it was.
        trials: all of them, in the order in which they ended.
        verdict: what the search proves.
        seed_scores: the best recipe's scores on the folds with other seeds.
        importance: each field's share in how trials differ, the largest first; empty where there
            were too few.
        tickers: whose prices it was searched on.
        folds: what every trial was judged on.
        test: the span that the best alone was judged on, at the end.
        path: the file that the recipe was written to; None: nowhere.
        replayed: cutoffs that were looked at for leakage; 0 if that was not asked for.
    """

    recipe: Recipe
    best: TrialRecord
    trials: tuple[TrialRecord, ...]
    verdict: SearchVerdict
    seed_scores: tuple[float, ...]
    importance: Mapping[str, float]
    tickers: tuple[str, ...]
    folds: DateFolds
    test: DateFolds
    path: Path | None = None
    replayed: int = 0

    def list_rows(self) -> list[dict[str, Any]]:
        """Return a row a trial, by its number."""
        return [one.to_row() for one in sorted(self.trials, key=lambda one: one.number)]

    def to_frame(self) -> pd.DataFrame:
        """Return a row a trial."""
        import pandas as pd

        return pd.DataFrame(self.list_rows())

    def __repr__(self) -> str:
        verdict = render_options(self.verdict.sentence)
        return f"<TuneResult of {count_of(len(self.trials), 'trial')}: {verdict}>"

    def _repr_html_(self) -> str:
        text = f"{describe_best(self.best)}. {self.verdict.sentence[:1].upper()}"
        text += f"{self.verdict.sentence[1:]}."
        return render_paragraph(render_options(text)) + render_table(self.list_rows())


def tune(
    prices: Prices | Sources,
    models: Models | None = None,
    *,
    trials: int = 50,
    timeout: float | None = None,
    space: str | Path | Mapping[str, Any] | None = None,
    objective: ObjectiveChoice = "auto",
    folds: int = 3,
    seeds: int = 3,
    storage: str | Path | None = None,
    train: bool = False,
    check_leakage: bool = False,
    path: str | Path | None = None,
    report: str | Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    reading: ReadOptions = NO_ANSWERS,
    executor: Executor = _DEFAULT_EXECUTOR,
    observer: Observer = SILENT,
) -> TuneResult:
    """Search for a recipe, and say whether the best one is more than the luckiest.

    Trials are judged on walk-forward folds. The test span after them is looked at once, at the
    end, for the best trial alone. One that fails stops no other.

    Args:
        prices: histories, price CSVs, patterns, folders.
        models: recipes, cells or TOML files that the search begins with; several are searched too.
            None: the default recipe.
        trials: how many, those in the database among them.
        timeout: seconds after which no trial begins; None: never.
        space: what is searched: a TOML file, or what one holds; None: the default space.
        objective: which loss: of which way the price goes, or how far; auto: how far where the
            recipes are trained for it.
        folds: walk-forward folds that each trial is judged on.
        seeds: other seeds that the best recipe is tried with at the end.
        storage: SQLite database of the trials, from which a search goes on; None: none.
        train: train the best recipe's models too, into `models/`.
        check_leakage: do parts of the best trial again with later rows altered, and with none.
        path: the file that the best recipe is written to; None: nowhere.
        report: HTML page to write.
        overrides: recipe fields that win over each recipe's own; they are not searched.
        reading: answers to what price files leave open.
        executor: where trials are made; with one job the same seed gives the same trials.
        observer: receives what happens.

    Raises:
        MissingLibrary: Optuna is not installed.
        InvalidSpace: the space has an unknown field, or a range that is none.
        OtherStudy: the database is of another search.
        PriceError: no ticker can be used.
        NoTrial: none could be completed.
        LeakageFound: a forecast depended on a later row.

    Example:
        >>> small = {"layers": 1, "units": 4, "epochs": 2}
        >>> found = tune(
        ...     "sample_data/FB.csv", trials=2, seeds=1, folds=1, space={"window": [5, 10]},
        ...     overrides=small,
        ... )
        >>> found.recipe.window in (5, 10), found.verdict.is_better
        (True, False)
    """
    require_optuna()
    _check_counts(trials=trials, folds=folds, seeds=seeds)
    places = _Places.check(path, report, storage)
    reading, fields = apply_column(reading, dict(overrides or {}))
    searched = make_space(
        Path(space) if isinstance(space, str) else space, _name_models(models), fields
    )
    # Those of the trials judge the best too: so many seeds, the test span, and the folds again.
    with executor.keep_open(tickers=max(trials, seeds + 2)) as kept:
        search = _Search.prepare(
            name_sources(prices, reading), searched, objective, folds, kept, observer
        )
        lock = None if places.storage is None else hold_lock(places.storage, may_ask=False)
        with lock or nullcontext():
            study = search.open_study(places.storage)
            try:
                search.run_trials(study, trials, timeout)
                result = search.conclude(study, seeds=seeds, check=check_leakage)
            except KeyboardInterrupt:
                _keep_best(search, study, places)
                raise
    return _publish(replace(search, executor=executor), result, places, train=train)


def _check_counts(**counts: int) -> None:
    for name, value in counts.items():
        least = 0 if name == "seeds" else 1
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise UsageError(f"{option(name)} is {value!r}, expected a whole number from {least}")


def _name_models(models: Models | None) -> Mapping[str, str | Recipe]:
    if models is None:
        models = "default"
    if isinstance(models, Mapping):
        return models
    named = [models] if isinstance(models, str | Recipe) else models
    return {one if isinstance(one, str) else "the recipe": one for one in named}


@dataclass(frozen=True)
class _Places:
    """What is written.

    Attributes:
        path: of the best recipe; None: nowhere.
        report: of the page; None: none.
        storage: of the database; None: none.
    """

    path: Path | None
    report: Path | None
    storage: Path | None

    @classmethod
    def check(
        cls, path: str | Path | None, report: str | Path | None, storage: str | Path | None
    ) -> _Places:
        """Refuse what cannot be written before any work is done.

        Raises:
            OutputError: it cannot.
            UsageError: the report is no HTML file.
        """
        found = cls(*(None if one is None else Path(one) for one in (path, report, storage)))
        if found.report is not None:
            check_page(found.report)
        for place in (found.path, found.storage):
            if place is not None:
                check_place(place)
        return found


@dataclass
class _Search:
    """A search over one or many tickers.

    Attributes:
        space: what is searched.
        histories: the tickers' bars.
        objective: which loss.
        folds: what every trial is judged on.
        test: the span after them.
        executor: where trials are made.
        observer: receives what happens.
    """

    space: Space
    histories: tuple[PriceHistory, ...]
    objective: Objective
    folds: DateFolds
    test: DateFolds
    executor: Executor
    observer: Observer

    @classmethod
    def prepare(
        cls,
        sources: Sources,
        space: Space,
        objective: ObjectiveChoice,
        folds: int,
        executor: Executor,
        observer: Observer,
    ) -> _Search:
        """Read the prices, and place the folds.

        Raises:
            UsageError: the recipes to begin with do not go together.
            PriceError: no ticker can be used.
        """
        base = _require_alike(space)
        chosen = _choose_objective(objective, space)
        histories = _read(sources, observer)
        placed = place_folds(histories, folds=folds, test=base.test, horizon=base.horizon)
        used = _drop_short(histories, space.longest, placed, observer)
        return cls(space, used, chosen, *placed, executor, observer)

    def open_study(self, storage: Path | None) -> Study:
        """Open the study, and say what is in it already.

        Raises:
            OtherStudy: the database is of another search.
        """
        identity = {
            "prices": sorted([one.ticker, one.hash_rows()] for one in self.histories),
            "space": self.space.to_dict(),
            "folds": [*map(format_date, self.folds.edges), str(self.test.edges[-1])],
            "objective": self.objective,
            "version of stockcast": stockcast.__version__,
        }
        study = Study(self.space, identity, seed=self.seed, storage=storage)
        if study.records:
            count = count_of(len(study.records), "trial")
            self.observer.notify(Note(f"{storage} has {count} already: going on from there"))
        return study

    @property
    def seed(self) -> int:
        """Of what is tried, and of the trials' networks."""
        return next(iter(self.space.bases.values())).seed

    def run_trials(self, study: Study, trials: int, timeout: float | None) -> None:
        """Make trials until there are enough of them, or the time is over.

        Raises:
            NoTrial: none could be completed.
        """
        self.observer.notify(
            SearchBegun(
                tuple(self.space.all_dimensions),
                tuple(one.ticker for one in self.histories),
                describe_folds(self.folds),
                format_date(self.test.dates[0]),
            )
        )
        progress = self.observer.open_progress(unit="trial", task="search")
        progress.begin("search", trials)
        asked = _Asked(self, study, trials, None if timeout is None else time.monotonic() + timeout)
        try:
            run = self.executor.run(asked.list_tasks(), trial_task, tickers=max(2, trials))
            with closing(run) as outcomes:
                for outcome in outcomes:
                    record = asked.finish(outcome)
                    if record.state == "failed":
                        self.observer.notify(TrialFailed(record.number, record.reason))
                    _show_best(progress, study)
        finally:
            progress.end()

    def conclude(self, study: Study, *, seeds: int, check: bool) -> TuneResult:
        """Try the best recipe with other seeds, and look at the test span for it.

        Raises:
            NoTrial: none was completed.
            LeakageFound: a forecast depended on a later row.
        """
        best = find_best(study.records)
        recipe = self.space.build(best.labels)
        if earlier := study.note_look(best):
            trials = ", ".join(map(str, earlier))
            self.observer.notify(
                Warned(
                    f"the test span was looked at before, for trial {trials}: it proves less now"
                )
            )
        task = TrialTask("the test span", self.histories, recipe, self.test, self.objective)
        tasks = {task.name: replace(task, check=check)}
        for number in range(1, seeds + 1):
            other = recipe.model_copy(update={"seed": (recipe.seed + number) % 2**31})
            name = f"seed {other.seed}"
            tasks[name] = replace(task, name=name, recipe=other, folds=self.folds)
        if check:
            again = replace(task, name="the folds", folds=self.folds, check=True)
            tasks[again.name] = again
        done = self._finish_tasks(tasks)
        tested = done.pop(task.name)
        checked = done.pop("the folds", None)
        replayed = tested.replayed + (checked.replayed if checked else 0)
        if check:
            self.observer.notify(LeakageChecked(replayed, len(self.histories)))
        return TuneResult(
            recipe=recipe,
            best=best,
            trials=tuple(study.records),
            verdict=judge_search(study.records, best, tested, self.objective, step=recipe.horizon),
            seed_scores=tuple(one.score(self.objective) for one in done.values()),
            importance=study.measure_importance(),
            tickers=tuple(one.ticker for one in self.histories),
            folds=self.folds,
            test=self.test,
            replayed=replayed,
        )

    def _finish_tasks(self, tasks: Mapping[str, TrialTask]) -> dict[str, TrialLosses]:
        """Do what is left once the best is known; a seed that fails is left out.

        Raises:
            StockcastError: the test span cannot be forecast, or something leaks.
        """
        found: dict[str, TrialLosses] = {}
        progress = self.observer.open_progress(unit="fit", task="judge the best")
        progress.begin("judge the best", len(tasks))
        try:
            run = self.executor.run(iter(tasks.values()), trial_task, tickers=len(tasks))
            with closing(run) as outcomes:
                for number, outcome in enumerate(outcomes, start=1):
                    progress.advance(number, {})
                    if outcome.content is not None and outcome.content.losses is not None:
                        found[outcome.name] = outcome.content.losses
                    elif outcome.error is not None and not outcome.name.startswith("seed "):
                        raise outcome.error
                    else:
                        self.observer.notify(Warned(f"{outcome.name} failed: {outcome.error}"))
        finally:
            progress.end()
        return {name: found[name] for name in tasks if name in found}


@dataclass
class _Asked:
    """Hands a search's trials out, and takes back what became of them.

    Attributes:
        search: whose trials.
        study: asked what to try.
        trials: how many in all.
        deadline: when no trial begins any more; None: never.
    """

    search: _Search
    study: Study
    trials: int
    deadline: float | None
    running: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)

    def list_tasks(self) -> Iterator[TrialTask | Outcome[Tried]]:
        """Yield the next trial each time that there is a place for one."""
        search, space = self.search, self.search.space
        while len(self.study.records) + len(self.running) < self.trials:
            if self.deadline is not None and time.monotonic() > self.deadline:
                search.observer.notify(Note("the time is over: no trial begins any more"))
                return
            number, labels = self.study.ask()
            name = f"trial {number}"
            self.running[name] = number, labels
            try:
                recipe = space.build(labels)
                check_engine(recipe)
            except StockcastError as error:
                yield Outcome(name, error=error)
                continue
            limits = (
                find_limits(self.study.records, space.most_epochs) if space.has_one_loss else ()
            )
            yield TrialTask(name, search.histories, recipe, search.folds, search.objective, limits)

    def finish(self, outcome: Outcome[Tried]) -> TrialRecord:
        """Remember what became of a trial."""
        number, labels = self.running.pop(outcome.name)
        made = outcome.content
        if made is None:
            record = TrialRecord(number, labels, "failed", reason=str(outcome.error))
        elif made.losses is None:
            record = TrialRecord(number, labels, "pruned", curves=made.curves)
        else:
            record = TrialRecord(
                number,
                labels,
                "complete",
                score=made.losses.score(self.search.objective),
                losses=made.losses.losses,
                reference=made.losses.reference,
                curves=made.curves,
            )
        self.study.tell(record)
        return record


def find_best(records: Sequence[TrialRecord]) -> TrialRecord:
    """Return the complete trial of the lowest score, the first of them.

    Raises:
        NoTrial: none was completed.
    """
    complete = [one for one in records if one.score is not None]
    if not complete:
        reasons = sorted({one.reason for one in records if one.reason})
        raise NoTrial(
            f"of {count_of(len(records), 'trial')} none could be completed",
            hint=f"the first reason: {reasons[0]}" if reasons else "give it more time",
        )
    return min(complete, key=lambda one: (one.score, one.number))


def _show_best(progress: Progress, study: Study) -> None:
    scores = [one.score for one in study.records if one.score is not None]
    progress.advance(len(study.records), {"best": min(scores)} if scores else {})


def _require_alike(space: Space) -> Recipe:
    """Return the first recipe to begin with; what they forecast must be the same for all.

    Raises:
        UsageError: it is not.
    """
    (first, base), *others = space.bases.items()
    for name, other in others:
        for found in ("column", "horizon", "test", "pooled", "seed"):
            if getattr(other, found) != getattr(base, found):
                raise UsageError(
                    f"{first} has {found} {getattr(base, found)}, "
                    f"{name} {getattr(other, found)}: their trials cannot be compared",
                    hint=f"give {option(found)} for all of them",
                )
    return base


def _choose_objective(objective: ObjectiveChoice, space: Space) -> Objective:
    can = [one.scored_by == "qlike" for one in space.bases.values()]
    if objective == "auto":
        return "how-far" if all(can) and "loss" not in space.dimensions else "which-way"
    if objective == "how-far" and not any(can) and "loss" not in space.dimensions:
        raise UsageError(
            f"{option('objective', 'how-far')}: these recipes are trained for which way alone, "
            "and leave how far to the path",
            hint=f"train them for it: {option('loss', 'qlike')}",
        )
    return objective


def _read(sources: Sources, observer: Observer) -> list[PriceHistory]:
    """Read the tickers; of several, those that cannot be used are left out.

    Raises:
        StockcastError: there is one, and it cannot be used.
    """
    seen, found, problem = SeenTickers(), [], None
    for ticker in sources.read_all():
        try:
            history = ticker.take_history()
            seen.claim(ticker.name, ticker.source)
        except StockcastError as error:
            if len(sources.items) == 1:
                raise
            problem = error
            observer.notify(TickerFailed(ticker.source, error))
        else:
            found.append(history)
    if not found:
        raise problem or TooShort("no prices to search on")
    if len(found) == 1:
        report_history(found[0], observer, scan=True)
    return found


def _drop_short(
    histories: Sequence[PriceHistory],
    longest: Recipe,
    placed: Sequence[DateFolds],
    observer: Observer,
) -> tuple[PriceHistory, ...]:
    """Leave out what has too few bars before the first date that it has in the folds or the test.

    Raises:
        PriceError: nothing is left; of the first.
    """
    candidate = Candidate("the search", longest.model_copy(update={"test": 0}))
    kept, problem = [], None
    for history in histories:
        try:
            resolve_target([candidate], history, longest)
            need = candidate.find_need(history).rows
            parts = [part for one in placed for part in one.cut(history, longest.horizon)[1]]
            first = next((int(one.cutoffs[0]) for one in parts if len(one.cutoffs)), len(history))
            if first < need:
                raise TooShort(
                    f"{history.name}: {count_of(first, 'bar')} before the first date to be "
                    f"forecast, a window of {longest.window} needs {need:,}",
                    hint=f"give more history, fewer {option('folds')}, or a smaller "
                    f"{option('window')}",
                )
        except StockcastError as error:
            problem = problem or error
            observer.notify(Warned(f"{history.ticker} is left out: {error}"))
        else:
            kept.append(history)
    if not kept:
        raise problem or TooShort("no prices to search on")
    return tuple(kept)


def _keep_best(search: _Search, study: Study, places: _Places) -> None:
    """Write the best recipe so far, whose test span stays unseen."""
    count = len(study.records)
    complete = [one for one in study.records if one.score is not None]
    written = None
    if places.path is not None and complete:
        best = find_best(study.records)
        written = places.path
        _write(written, write_recipe(search.space.build(best.labels), best, study.records))
    search.observer.notify(SearchInterrupted(count, written, places.storage))


def _publish(search: _Search, result: TuneResult, places: _Places, *, train: bool) -> TuneResult:
    """Write the recipe and the page, and train the models if they are wanted."""
    if places.path is not None:
        text = write_recipe(
            result.recipe,
            result.best,
            result.trials,
            seed_scores=result.seed_scores,
            verdict=result.verdict,
            facts=list_facts(result),
        )
        _write(places.path, text)
        result = replace(result, path=places.path)
    search.observer.notify(SearchEnded(result.best, result.trials, result.verdict, result.path))
    if places.report is not None:
        from stockcast.report.tuning_page import write_tuning_page  # loads matplotlib

        write_tuning_page(
            places.report,
            result.trials,
            result.best,
            result.verdict,
            seed_scores=result.seed_scores,
            importance=result.importance,
            facts=list_facts(result),
        )
    if train:
        for _ in _train_models(search, result.recipe):
            pass
    return result


def list_facts(result: TuneResult) -> list[tuple[str, str]]:
    """Return what a search was, as names and values."""
    names = ", ".join(result.tickers[:8]) + (", …" if len(result.tickers) > 8 else "")
    return [
        ("tickers", f"{len(result.tickers):,}: {names}"),
        ("folds", describe_folds(result.folds)),
        (
            "test span",
            f"{format_date(result.test.dates[0])} to {format_date(result.test.dates[-1])}",
        ),
        ("searched", ", ".join(result.best.labels)),
        ("objective", result.verdict.objective),
        ("seed", str(result.recipe.seed)),
        ("version of stockcast", stockcast.__version__),
    ]


def _train_models(search: _Search, recipe: Recipe) -> Generator[Any, None, None]:
    """Train the recipe's models as `train`, `train_many` and `train_pooled` do."""
    from stockcast.workflows import training

    histories, observer = search.histories, search.observer
    if recipe.pooled:
        yield training.train_pooled(histories, recipe, observer=observer)
    elif len(histories) == 1:
        place = Path("models") / f"{Path(histories[0].sources[0].name).stem}.safetensors"
        yield training.train(histories[0], recipe, path=place, observer=observer)
    else:
        yield from training.train_many(
            list(histories), recipe, executor=search.executor, observer=observer
        )


def _write(path: Path, text: str) -> None:
    with replace_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
