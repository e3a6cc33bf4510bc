"""Backtesting: prices and models ─▶ what each would have forecast, of one ticker or of many."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockcast.backtesting.candidates import (
    BESIDE,
    Candidate,
    name_candidates,
    resolve_horizon,
)
from stockcast.backtesting.conclusions import conclude_cross_section
from stockcast.backtesting.cross_section import CrossSection, CrossSectionScore
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.forecasts import Forecasts
from stockcast.backtesting.judge import Judgement
from stockcast.backtesting.plan import Plan, plan_backtest
from stockcast.backtesting.recorded import PlacedForecasts, RecordedForecasts
from stockcast.backtesting.run import Fit
from stockcast.backtesting.ticker import (
    BacktestRequest,
    TickerBacktest,
    TickerResult,
    run_ticker,
)
from stockcast.errors import (
    LeakageFound,
    StockcastError,
    UnusableForecasts,
    UsageError,
    option,
    render_options,
)
from stockcast.fleet.executor import Executor
from stockcast.fleet.work import Outcome
from stockcast.forecast.outlook import has_market
from stockcast.markup import render_paragraph, render_table
from stockcast.model.file import load_model
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.prices.covariates import AGE, Covariates
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.prices.csv.reader import STDIN_NAME
from stockcast.prices.history import PriceHistory
from stockcast.prices.market import Market
from stockcast.prices.names import find_stem
from stockcast.progress import SILENT, Observer, Progress, TickerProgress
from stockcast.recipe import Recipe, load_recipe
from stockcast.report.page import check_page
from stockcast.windows.pooling import PoolBuilder
from stockcast.workflows.covariates import read_covariates, require_covariates, warn_of_unseen
from stockcast.workflows.engines import load_engines
from stockcast.workflows.events.backtesting import (
    BacktestEnded,
    BacktestPlanned,
    LeakageChecked,
    PoolFitBegun,
)
from stockcast.workflows.events.general import Note, Warned
from stockcast.workflows.events.many import ManyStarted, TickerFailed
from stockcast.workflows.forecasting import resolve_reading
from stockcast.workflows.markets import find_market
from stockcast.workflows.policies import resolve_levels, resolve_quantiles
from stockcast.workflows.recordings import (
    RecordedSources,
    describe_recorded,
    has_stdin,
    list_common_levels,
    read_recorded,
    warn_of_unmatched,
    warn_of_wonders,
)
from stockcast.workflows.sources import (
    Prices,
    SeenTickers,
    Sources,
    Ticker,
    apply_column,
    name_sources,
    report_history,
)
from stockcast.workflows.tasks import WalkTask, walk_task

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_DEFAULT_CUTOFFS = CutoffOptions()
_DEFAULT_EXECUTOR = Executor()
_BASELINES = ("last-price", "drift", "moving-average:20")
_YARDSTICKS = ("last-price", "har", "gjr-garch")  # beside forecasts made elsewhere

Models = str | Sequence[str] | Mapping[str, str | Recipe]
"""What is compared: names as `name_candidates` takes them, or by name."""

TrainedModels = Model | str | Path | Sequence[Model | str | Path]
"""Trained models or their files."""

ForecastsTaker = Callable[[Forecasts], None]
"""Takes one ticker's forecasts."""


@dataclass(frozen=True)
class TickerFailure:
    """One of many tickers that could not be walked.

    Attributes:
        ticker: its name; of a file that cannot be read the file's stem.
        source: the price file.
        error: why.
    """

    ticker: str
    source: str
    error: StockcastError


_SHOWN = ("ticker", "tickers", "model", "count", "forecasts", "rmse", "skill", "p_value", "verdict")


@dataclass(frozen=True)
class BacktestResult:
    """What a backtest came to, of one ticker or of many.

    Attributes:
        panel: how all candidates did on the tickers that were walked.
        horizon: steps ahead; figures are of the farthest.
        levels: of the intervals, 0 to 1.
        forecasts: of each ticker, in their order; empty where they were not to be kept.
        failures: those of many tickers that could not be walked.
        replayed: cutoffs that were looked at for leakage; 0 if that was not asked for.
        short: name of each candidate to the tickers whose first intervals are empty, as too few
            errors were known by then.
        single: the backtest of the one ticker, with its plan and walks; None where tickers were
            judged together.
    """

    panel: CrossSection
    horizon: int
    levels: tuple[float, ...]
    forecasts: tuple[Forecasts, ...] = ()
    failures: tuple[TickerFailure, ...] = ()
    replayed: int = 0
    short: Mapping[str, int] = field(default_factory=dict)
    single: TickerBacktest | None = None

    @cached_property
    def judgements(self) -> dict[str, Sequence[Judgement]]:
        """How each model did on each ticker, the best first; by ticker."""
        if self.single is not None:
            return {self.single.history.ticker: self.single.judgements}
        return dict(self.panel.judge_tickers())

    @cached_property
    def overall(self) -> list[CrossSectionScore]:
        """How each model did over all tickers, the best first."""
        return self.panel.judge_models()

    @property
    def conclusion(self) -> str:
        """What follows, in a few sentences; empty if no ticker could be walked."""
        if self.single is not None:
            return self.single.conclusion
        if not self.panel.tickers:
            return ""
        dates = len(self.panel.dates)
        return conclude_cross_section(self.overall, horizon=self.horizon, dates=dates)

    def list_figures(self) -> list[dict[str, Any]]:
        """Return a row of figures a ticker and model, as `backtest` writes its summary."""
        return [
            {"ticker": ticker, **one.to_row()}
            for ticker, judgements in self.judgements.items()
            for one in judgements
        ]

    def list_overall(self) -> list[dict[str, Any]]:
        """Return a row of figures a model over all tickers."""
        return [one.to_row() for one in self.overall] if self.panel.tickers else []

    def to_frame(self) -> pd.DataFrame:
        """Return the forecasts that were kept as a DataFrame, a row a forecast."""
        import pandas as pd

        frames = [one.to_frame() for one in self.forecasts]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def __repr__(self) -> str:
        conclusion = render_options(self.conclusion)
        return f"<BacktestResult of {count_of(self.panel.tickers, 'ticker')}: {conclusion}>"

    def _repr_html_(self) -> str:
        rows = self.list_figures() if self.single is not None else self.list_overall()
        shown = [{name: row[name] for name in _SHOWN if name in row} for row in rows]
        return render_paragraph(render_options(self.conclusion)) + render_table(shown)


def backtest(
    prices: Prices | Sources,
    models: Models | None = None,
    *,
    model: TrainedModels = (),
    forecasts: RecordedSources = (),
    cutoffs: CutoffOptions = _DEFAULT_CUTOFFS,
    levels: Sequence[float] | None = None,
    quantiles: Sequence[float] = (),
    summary: bool = False,
    overall: bool = False,
    check_leakage: bool = False,
    overrides: Mapping[str, Any] | None = None,
    reading: ReadOptions = NO_ANSWERS,
    executor: Executor = _DEFAULT_EXECUTOR,
    report: str | Path | None = None,
    on_forecasts: ForecastsTaker | None = None,
    market: str | Path | None = None,
    covariates: Prices = (),
    covariate_age: int = AGE,
    observer: Observer = SILENT,
) -> BacktestResult:
    """Walk forward through prices and compare models with repeating the last price.

    From each cutoff each model forecasts from the bars before it alone. Of many tickers each has
    its own cutoffs, and all of them are judged together; one that fails stops no other.

    Args:
        prices: histories, price CSVs, patterns, folders.
        models: what to compare: recipes by name, cells, TOML files, baselines; a mapping gives
            names to these and to recipes. The last price is always there. A recipe whose name
            ends in `+covariates` sees them. None: the default recipe, with covariates as well if
            there are some, and three baselines; beside trained models the baselines alone; beside
            `forecasts` the last price, `har` and `gjr-garch` in place of those baselines.
        model: trained models or their files, used as they are.
        forecasts: CSVs or frames of forecasts that were made elsewhere, or a mapping that gives
            names to them; then the dates that all of them forecast are judged.
        cutoffs: from where, and what is fitted when.
        levels: of the intervals, 0 to 1; None: those that all `forecasts` with intervals have, or
            80 and 95 %.
        quantiles: one-sided ones, 0 to 1, judged as values at risk.
        summary: keep the figures of each ticker alone, not every forecast.
        overall: judge tickers together, also where there is one; forecasts are not kept.
        check_leakage: do parts of it again with later rows altered, and with none; demand the same.
        overrides: recipe fields that win over each recipe's own.
        reading: answers to what price files leave open.
        executor: where many tickers are walked; where nothing is fitted and nothing else is
            said, in this process.
        report: HTML page to write.
        on_forecasts: receives each ticker's forecasts, in the tickers' order, as soon as they are
            there; they are not kept then.
        market: price file that stands for all tickers, for pooled models that know them; None: the
            tickers given, if they are 20 or more.
        covariates: price files, histories or frames that recipes and trained models see beside
            the prices; bars from before all of them begin are left out for all models alike.
        covariate_age: bars that the newest one of a covariate may be old.
        observer: receives what happens.

    Raises:
        UsageError: models that do not go together, or options that exclude each other.
        ModelError: a trained model cannot be trusted or does not fit the prices.
        PriceError: the one ticker that is there cannot be used.
        UnusableForecasts: `forecasts` cannot be read, do not fit the prices, or were known prices.
        LeakageFound: a forecast depended on a later row.

    Example:
        >>> walked = backtest("sample_data/FB.csv", ["drift"], cutoffs=CutoffOptions(folds=20))
        >>> walked.judgements["FB"][0].verdict
        'no different from repeating the last price (RMSE 1.2 % lower, within chance: p = 0.50)'
        >>> walked.to_frame().shape
        (40, 11)
    """
    page = None if report is None else Path(report)
    if page is not None:
        check_page(page)
    sources = name_sources(prices, reading)
    if sources.is_stdin and has_stdin(forecasts):
        raise UsageError("prices and forecasts are both -", hint="stdin can be read once")
    recorded = read_recorded(forecasts, observer)
    beside = read_covariates(covariates, covariate_age)
    if models is None and beside and not model:
        models = ("default", f"default{BESIDE}", *(_YARDSTICKS if recorded else _BASELINES))
    chosen = _choose(sources.reading, models, model, recorded, dict(overrides or {}))
    if seen := _choose_covariates(chosen.candidates, beside, observer):
        sources = replace(sources, covariates=seen)
    wanted = resolve_levels(list_common_levels(recorded) if levels is None else levels)
    shares = resolve_quantiles(quantiles)
    for sentence in describe_recorded(recorded, wanted, shares, check_leakage=check_leakage):
        observer.notify(Note(sentence))
    request = BacktestRequest(
        chosen.candidates,
        chosen.default,
        cutoffs,
        wanted,
        check_leakage,
        shares,
    )
    keep = _Keep(wanted=not (summary or overall), taker=on_forecasts)
    held = _hold_one(replace(sources, reading=chosen.reading), chosen.ticker)
    if len(held.items) == 1 and isinstance(held.items[0], Ticker) and not overall:
        history = held.items[0].take_history()
        warn_of_unmatched(recorded, {history.ticker}, observer)
        return _backtest_one(history, request, chosen.ticker, keep, page, market, observer)
    return _ManyRun(request, executor, keep, market, observer).backtest(held, page)


def _choose_covariates(
    candidates: Sequence[Candidate], covariates: Covariates | None, observer: Observer
) -> Covariates | None:
    """Return the covariates that some candidate sees; None: there are none.

    Raises:
        UsageError: a recipe does and none are given, or some are given and no one does.
        CovariateMismatch: a trained model was trained beside others than are given.
    """
    models = [one.source for one in candidates if isinstance(one.source, Model)]
    seeing = [one.name for one in candidates if one.sees_covariates]
    for model in models:
        seeing += require_covariates(model, covariates)
    if seeing and covariates is None:
        raise UsageError(
            f"{seeing[0]} sees covariates, and none are given",
            hint=f"name their price files: {option('covariates', shown='FILE,…')}",
        )
    if covariates is not None and not seeing:
        raise UsageError(
            f"{option('covariates')} and no model that sees them",
            hint=f"name a recipe that does, such as default{BESIDE}",
        )
    if covariates is None or any(one.sees_covariates for one in candidates):
        return covariates
    warn_of_unseen(models, covariates, observer)
    seen = tuple(one for one in covariates.histories if one.ticker in seeing)
    return replace(covariates, histories=seen)


@dataclass(frozen=True)
class _Choice:
    """What follows from what is to be compared.

    Attributes:
        candidates: who forecasts, as they were named.
        default: recipe that settles what they leave open.
        reading: how to read the column that trained models were trained on.
        ticker: of the first trained model; None where there is none.
    """

    candidates: tuple[Candidate, ...]
    default: Recipe
    reading: ReadOptions
    ticker: str | None


def _choose(
    reading: ReadOptions,
    models: Models | None,
    trained: TrainedModels,
    recorded: Sequence[RecordedForecasts],
    overrides: dict[str, Any],
) -> _Choice:
    reading, overrides = apply_column(reading, overrides)
    listed = [trained] if isinstance(trained, Model | str | Path) else trained
    loaded: dict[str, Model] = {}
    for number, one in enumerate(listed, start=1):
        if isinstance(one, Model):
            loaded[one.name if one.name not in loaded else f"{one.name} ({number})"] = one
            reading = resolve_reading(one, None, reading)
        else:
            loaded[str(one)] = load_model(one)
            reading = resolve_reading(loaded[str(one)], Path(one), reading)
    if recorded and not loaded:
        # Recipes look as far ahead as all of these do; a trained model settles it by itself.
        overrides.setdefault("horizon", min(one.horizon for one in recorded))
    if models is None:
        baselines = _YARDSTICKS if recorded else _BASELINES
        models = baselines if loaded else ("default", *baselines)
    names = [models] if isinstance(models, str) else models
    return _Choice(
        name_candidates(names, overrides, loaded, recorded),
        load_recipe("default", overrides),
        reading,
        next((one.ticker for one in loaded.values() if one.ticker), None),
    )


def _hold_one(sources: Sources, ticker: str | None) -> Sources:
    """Read the one file that was named, as it may hold several tickers.

    Where one of them is the model's own, that one alone is meant.
    """
    if len(sources.items) != 1:
        return sources
    held = replace(sources, stdin_name=ticker or STDIN_NAME).hold()
    own = [one for one in held.items if isinstance(one, Ticker) and one.name == ticker]
    return replace(held, items=own) if own else held


@dataclass(frozen=True)
class _Keep:
    """What becomes of forecasts.

    Attributes:
        wanted: whether they are wanted at all, and not only what they come to.
        taker: receives them; None: they are kept.
    """

    wanted: bool
    taker: ForecastsTaker | None

    def take(self, forecasts: Forecasts | None) -> tuple[Forecasts, ...]:
        """Hand one ticker's forecasts on, or return them to be kept."""
        if forecasts is None:
            return ()
        if self.taker is None:
            return (forecasts,)
        self.taker(forecasts)
        return ()


def _backtest_one(
    history: PriceHistory,
    request: BacktestRequest,
    ticker: str | None,
    keep: _Keep,
    page: Path | None,
    market: str | Path | None,
    observer: Observer,
) -> BacktestResult:
    report_history(history, observer, scan=True)
    candidates = resolve_candidates(request, lambda: iter([history]), observer)
    request = replace(request, candidates=candidates)
    history = replace(history, market=_find_market(candidates, [history], market, observer))
    if ticker not in (None, "", history.ticker):
        observer.notify(
            Warned(f"the model was trained on {ticker}, and sees {history.ticker} here")
        )

    def report_plan(plan: Plan) -> None:
        is_fitted = any(one.is_fitted for one in candidates)
        observer.notify(BacktestPlanned(history, plan, is_fitted))

    fitted = [one.recipe for one in request.candidates if one.is_fitted and one.recipe]
    load_fit = partial(_load_fit, fitted, observer)
    walked = run_ticker(history, request, load_fit=load_fit, observer=observer, on_plan=report_plan)
    _report_adjusted(walked, observer)
    warn_of_wonders(((one.candidate, one.skill.skill) for one in walked.judgements), observer)
    if request.check_leakage:
        observer.notify(LeakageChecked(walked.replayed))
    if page is not None:
        from stockcast.report.backtest_page import write_ticker_page  # loads matplotlib

        write_ticker_page(page, walked)
    collected = _Collected(request, keep)
    collected.add(walked.measure(keep_forecasts=keep.wanted))
    return collected.conclude(walked)


def _report_adjusted(walked: TickerBacktest, observer: Observer) -> None:
    """Say how many recorded forecasts were scaled, as the prices have been adjusted since."""
    for walk in walked.walks:
        placed = walk.candidate.source
        if isinstance(placed, PlacedForecasts) and placed.adjusted:
            count = count_of(placed.adjusted, "forecast")
            observer.notify(
                Note(f"{placed.name}: {count} from before the prices were adjusted, scaled back")
            )


def _load_fit(recipes: list[Recipe], observer: Observer, progress: Progress | None) -> Fit:
    load_engines(recipes, observer)
    from stockcast.training.cutoff import fit_at_cutoff

    return partial(fit_at_cutoff, progress=progress)


class _Collected:
    """Adds up what the backtests of tickers came to."""

    def __init__(self, request: BacktestRequest, keep: _Keep) -> None:
        self._request = request
        self._keep = keep
        self._forecasts: list[Forecasts] = []
        self._horizon = 1
        self._short = {one.name: 0 for one in request.candidates if not one.is_recorded}
        self.left_out = 0
        self.panel = CrossSection(request.candidates)
        self.failures: list[TickerFailure] = []
        self.replayed = 0

    def add(self, result: TickerResult) -> None:
        """Add a ticker."""
        self.panel.add(result)
        self.replayed += result.replayed
        self.left_out += result.left_out
        for name, one in result.scores.items():
            self._horizon = int(one.figures["step"])
            if name in self._short:
                self._short[name] += any(known < one.skill.count for _, known in one.held.values())
        self._forecasts += self._keep.take(result.forecasts)

    def conclude(self, single: TickerBacktest | None = None) -> BacktestResult:
        """Return what all of them came to."""
        return BacktestResult(
            panel=self.panel,
            horizon=self._horizon,
            levels=self._request.levels,
            forecasts=tuple(self._forecasts),
            failures=tuple(self.failures),
            replayed=self.replayed,
            short=self._short,
            single=single,
        )


class _ManyRun:
    """What happens to a ticker before and after its backtest, in this process."""

    def __init__(
        self,
        request: BacktestRequest,
        executor: Executor,
        keep: _Keep,
        market: str | Path | None,
        observer: Observer,
    ) -> None:
        self._request = request
        self._market_file = market
        self._market: Market | None = None
        self._executor = executor
        self._keep = keep
        self._observer = observer
        self._seen = SeenTickers()
        self._entries: dict[str, tuple[str, str]] = {}  # task ─▶ ticker and source, in their order
        self._recorded = [
            one.source for one in request.candidates if isinstance(one.source, RecordedForecasts)
        ]
        self._uncovered: set[str] = set()  # tickers that recorded forecasts are not of
        self._covered: set[str] = set()

    def backtest(self, sources: Sources, page: Path | None) -> BacktestResult:
        """Walk through each ticker by its own plan, and judge all of them together.

        Raises:
            LeakageFound: a forecast depended on a later row.
            UnusableForecasts: recorded forecasts are of none of the tickers.
        """
        observer = self._observer
        self._check_named(sources)
        self._resolve(sources)
        total = len(sources.items)
        most = self._executor.count_processes(total)
        observer.notify(ManyStarted("backtesting", count_of(total, "ticker"), most))
        collected = _Collected(self._request, self._keep)
        with observer.count_tickers("backtest", total, most=most) as count:
            for one in self._walk(sources, count):
                if isinstance(one, TickerFailure):
                    collected.failures.append(one)
                else:
                    collected.add(one)
        self._report_uncovered(collected)
        observer.notify(BacktestEnded(count.done, count.failed, count.seconds))
        panel = collected.panel
        if panel.tickers and self._request.check_leakage:
            observer.notify(LeakageChecked(collected.replayed, panel.tickers))
        result = collected.conclude()
        if self._recorded and panel.tickers:
            warn_of_wonders(((one.candidate, one.skill) for one in result.overall), observer)
        if panel.tickers and page is not None:
            from stockcast.report.panel_page import write_cross_section_page  # loads matplotlib

            write_cross_section_page(
                page, panel, horizon=result.horizon, failed=count.failed, style=observer.style
            )
        return result

    def _resolve(self, sources: Sources) -> None:
        """Settle who forecasts, and where the work is done."""
        for one in self._request.candidates:
            if isinstance(one.source, Model):
                self._observer.notify(Note(f"{one.name} was trained on {one.source.name}"))
        candidates = resolve_candidates(self._request, sources.read_histories, self._observer)
        self._request = replace(self._request, candidates=candidates)
        histories = sources.read_histories()
        self._market = _find_market(candidates, histories, self._market_file, self._observer)
        # Where nothing is fitted it is soon done: other processes would take longer to start.
        if self._executor.jobs in (None, 1) and not any(one.is_fitted for one in candidates):
            self._executor = replace(self._executor, jobs=1, isolated=False)

    def _check_named(self, sources: Sources) -> None:
        """Refuse forecasts that name no ticker where there are several.

        Raises:
            UnusableForecasts: there are such.
        """
        for one in self._recorded:
            if "" in one.tickers and len(sources.items) > 1:
                raise UnusableForecasts(
                    f"{one.tickers[''].locate(0)}: no ticker here, and there are "
                    f"{len(sources.items):,} to choose from",
                    hint="name each row's in a column: ticker",
                )

    def _report_uncovered(self, collected: _Collected) -> None:
        """Say which tickers and dates were left out, as not all have forecasts of them.

        Raises:
            UnusableForecasts: all tickers were.
        """
        if not self._recorded:
            return
        if self._uncovered and not self._covered:
            first = next(iter(self._recorded[0].tickers.values()))
            raise UnusableForecasts(
                f"{first.locate(0)}: no forecasts of {', '.join(sorted(self._uncovered)[:8])}",
                hint="tickers are called as in the price files, or after their names",
            )
        warn_of_unmatched(self._recorded, self._covered | self._uncovered, self._observer)
        if self._uncovered:
            name, *others = sorted(self._uncovered)
            more = f" and {count_of(len(others), 'more ticker')}" if others else ""
            self._observer.notify(Note(f"{name}{more} left out: not forecast by all"))
        if collected.left_out:
            count = count_of(collected.left_out, "recorded date")
            self._observer.notify(
                Note(f"{count} left out: not forecast by all, or too few bars before")
            )

    def _covers(self, ticker: str) -> bool:
        """Whether all recorded forecasts have some of a ticker; remember it."""
        has_all = all(one.covers(ticker) for one in self._recorded)
        (self._covered if has_all else self._uncovered).add(ticker)
        return has_all

    def _walk(
        self, sources: Sources, count: TickerProgress
    ) -> Iterator[TickerResult | TickerFailure]:
        """Yield what came of each ticker, in their order, whichever was done first."""
        done: dict[str, Outcome[TickerResult]] = {}
        tasks = self._prepare(sources, count)
        run = self._executor.run(tasks, walk_task, tickers=len(sources.items))
        with closing(run) as outcomes:
            for outcome in outcomes:
                done[outcome.name] = outcome
                count.finish(failed=outcome.error is not None)
                while self._entries and (first := next(iter(self._entries))) in done:
                    yield self._finish(done.pop(first), *self._entries.pop(first))

    def _prepare(
        self, sources: Sources, count: TickerProgress
    ) -> Generator[WalkTask | Outcome[TickerResult], None, None]:
        for ticker in sources.read_all():
            if isinstance(ticker.content, PriceHistory) and not self._covers(ticker.name):
                continue
            count.begin()
            name = self._seen.name(ticker)
            self._entries[name] = ticker.name, ticker.source
            try:
                history = replace(ticker.take_history(), market=self._market)
                self._seen.claim(ticker.name, ticker.source)
                request = self._request.narrow(history)
            except StockcastError as error:
                yield Outcome(name, error=error)
            else:
                timeout = self._executor.timeout
                yield WalkTask(name, history, request, self._keep.wanted, timeout)

    def _finish(
        self, outcome: Outcome[TickerResult], ticker: str, source: str
    ) -> TickerResult | TickerFailure:
        """Return what came of a ticker, and say why one failed.

        Raises:
            LeakageFound: a forecast depended on a later row.
        """
        if outcome.content is not None:
            return outcome.content
        error = outcome.error
        if error is None:
            raise ValueError(f"{outcome.name}: neither a result nor an error")
        if isinstance(error, LeakageFound):
            raise error
        name = "" if outcome.name == find_stem(source) else outcome.name
        self._observer.notify(TickerFailed(source, error, name))
        return TickerFailure(ticker, source, error)


def _find_market(
    candidates: Sequence[Candidate],
    histories: Iterable[PriceHistory],
    file: str | Path | None,
    observer: Observer,
) -> Market | None:
    """Return what all tickers did, for the first pooled model that knows a market.

    Args:
        candidates: who forecasts; pooled recipes are trained models by now.
        histories: those that are forecast; read only where a model knows a market.
        file: a price file that stands for the market; None: none.
        observer: is told which market it is.
    """
    models = [one.source for one in candidates if isinstance(one.source, Model)]
    knowing = [one for one in models if has_market(one)] or models
    if not knowing:
        if file is not None:
            observer.notify(Warned(f"{option('market')} is not used: no pooled model is compared"))
        return None
    path = None if file is None else Path(file)
    return find_market(knowing[0], histories, path, observer)


ReadAll = Callable[[], Iterator[PriceHistory]]
"""Begins to read all tickers anew, each time that it is called."""


def resolve_candidates(
    request: BacktestRequest, read_all: ReadAll, observer: Observer
) -> tuple[Candidate, ...]:
    """Settle who forecasts: pooled recipes are fitted, and are trained models from then on.

    So each ticker's plan keeps its cutoffs behind the last date that these have seen.

    Args:
        request: candidates as they were named, and from which cutoffs.
        read_all: reads the prices that pooled recipes are trained on.
        observer: receives what happens.

    Raises:
        UsageError: they do not go together.
        PriceError: a pooled recipe has nothing to be trained on.
    """
    named = request.candidates
    resolve_horizon(named, request.default.horizon)
    pooled = {one.name: one for one in named if one.is_pooled}
    if not pooled:
        return named
    for name in ("refit", "train_rows"):
        if getattr(request.cutoffs, name) is not None:
            raise UsageError(
                f"{option(name)} with {next(iter(pooled))}: a pooled recipe is trained once, on "
                "all rows",
                hint="leave one of them out",
            )
    date = _find_start(request, read_all)
    fits = {name: _fit_pooled(one, read_all, date, observer) for name, one in pooled.items()}
    return tuple(replace(one, source=fits.get(one.name, one.source)) for one in named)


def _find_start(request: BacktestRequest, read_all: ReadAll) -> np.datetime64:
    """Return the date from which on pooled recipes forecast, and before which they are trained.

    It is the median of the first dates that each ticker's own plan has: one that was delisted
    long ago is not to take years from all others.

    Raises:
        StockcastError: no ticker has a plan; of the first.
    """
    others = [one for one in request.candidates if not one.is_pooled]
    firsts: list[np.datetime64] = []
    problem: StockcastError | None = None
    for history in read_all():
        try:
            seen = [one.adapt(history) for one in others]
            plan = plan_backtest(history, seen, request.default, request.cutoffs)
        except StockcastError as error:
            problem = problem or error
        else:
            firsts.append(history.dates[plan.cutoffs[0]])
    if not firsts:
        raise problem or UsageError("no prices to forecast")
    return sorted(firsts)[(len(firsts) - 1) // 2]


def _fit_pooled(
    candidate: Candidate, read_all: ReadAll, date: np.datetime64, observer: Observer
) -> Model:
    """Train a pooled recipe on all bars before a date."""
    name, recipe = candidate.name, candidate.recipe
    if recipe is None:
        raise ValueError("there is nothing to fit")
    with tempfile.TemporaryDirectory(prefix="stockcast-pool-") as folder:
        builder = PoolBuilder(recipe, Path(folder), until=date)
        left_out = 0
        for history in read_all():
            seen = history if candidate.sees_covariates else replace(history, covariates=None)
            try:
                builder.add(seen)
            except StockcastError:
                left_out += 1
        pool = builder.finish()
        observer.notify(PoolFitBegun(name, pool, date, left_out))
        load_engines([recipe], observer)
        from stockcast.training.pooled import train_pool

        return train_pool(pool, progress=observer.open_progress(task=f"train {name}")).model
