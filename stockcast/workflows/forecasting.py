"""Forecasting: prices and models ─▶ forecasts, of one ticker or of many."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.errors import (
    ModelMismatch,
    ModelNotFound,
    Option,
    StockcastError,
    TooFewResiduals,
    UsageError,
    command,
    option,
)
from stockcast.evaluation.conformal import count_scores_needed, format_level
from stockcast.files import refuse_overwriting
from stockcast.files.naming import name_safely
from stockcast.forecast.forecaster import Forecast, Sessions, forecast_next, forecast_span
from stockcast.forecast.intervals import explain_levels, explain_quantiles
from stockcast.forecast.many import forecast_many
from stockcast.forecast.outlook import has_market
from stockcast.model.digest import load_hashed
from stockcast.model.file import load_model
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.prices.calendar import find_rhythm, next_sessions
from stockcast.prices.covariates import AGE, Covariates
from stockcast.prices.csv.columns import fold, name_price
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.prices.csv.reader import STDIN_NAME, check_readable, choose_one, read_prices
from stockcast.prices.history import Dates, PriceHistory, format_date
from stockcast.prices.market import Market
from stockcast.progress import SILENT, Observer, TickerProgress
from stockcast.workflows.covariates import give_covariates, read_covariates, warn_of_unseen
from stockcast.workflows.events.forecasting import SessionsChosen
from stockcast.workflows.events.general import Warned
from stockcast.workflows.events.many import ManyEnded, TickerFailed
from stockcast.workflows.markets import find_market
from stockcast.workflows.policies import ForecastRequest
from stockcast.workflows.recording import check_age, record_forecasts
from stockcast.workflows.sources import (
    Prices,
    SeenTickers,
    Sources,
    Ticker,
    name_sources,
    read_histories,
    report_history,
)

_TOGETHER = 64  # tickers whose networks run side by side
_MOST_BYTES = 1 << 25  # of their weights and bars, which are all in memory at once


@dataclass(frozen=True)
class Prediction:
    """A forecast, and what it was made from.

    Attributes:
        forecast: the forecast.
        model: as it sees this ticker.
        path: the model's file; None if there is none.
        digest: the SHA-256 of that file; empty if there is none.
        history: the prices.
    """

    forecast: Forecast
    model: Model
    path: Path | None
    digest: str
    history: PriceHistory

    def __repr__(self) -> str:
        return f"<Prediction: {self.forecast!r}>"

    def _repr_html_(self) -> str:
        return self.forecast._repr_html_()


@dataclass(frozen=True)
class PredictionOutcome:
    """What became of one of many tickers.

    Attributes:
        ticker: its name; of a file that cannot be read the file's stem.
        source: the price file.
        prediction: its forecast; None if it failed.
        error: why it failed; None if it did not.
    """

    ticker: str
    source: str
    prediction: Prediction | None = None
    error: StockcastError | None = None


def predict(
    model: Model | str | Path,
    prices: Prices,
    *,
    start: str | np.datetime64 | None = None,
    end: str | np.datetime64 | None = None,
    horizon: int | None = None,
    levels: Sequence[float] | None = None,
    quantiles: Sequence[float] = (),
    calendar: str | None = None,
    max_age: float | None = None,
    ledger: str | Path | None = None,
    chart: str | Path | None = None,
    market: str | Path | None = None,
    covariates: Prices = (),
    covariate_age: int = AGE,
    reading: ReadOptions = NO_ANSWERS,
    observer: Observer = SILENT,
) -> Forecast:
    """Forecast the sessions after the newest bar, or every date in a span.

    Args:
        model: the model or its file.
        prices: the history, its CSV file or a frame; of several tickers the model's own is taken.
        start: first date of a span to forecast; None: the sessions after the newest bar.
        end: last date of the span; None: the newest.
        horizon: steps ahead; None: the model's own. Beyond those, forecasts are fed back.
        levels: of the intervals, 0 to 1; None: 80 and 95 %, empty where the model cannot tell them.
        quantiles: one-sided ones, 0 to 1, such as 0.05 for the value at risk at 5 %.
        calendar: exchange whose holidays are left out, such as XNYS; None: the bars' own rhythm.
        max_age: seconds that the newest bar may be old; None: any age.
        ledger: CSV to which the forecast is appended; the model must be a file then.
        chart: picture of the forecast to write: .png, .svg or .pdf.
        market: price file that stands for all tickers, for a pooled model that knows them.
        covariates: price files, histories or frames that the model was trained beside.
        covariate_age: bars that the newest one of a covariate may be old.
        reading: answers to what a price file leaves open.
        observer: receives events.

    Returns:
        (n,) forecasts and their intervals, price units.

    Raises:
        PriceError: the prices cannot be used.
        ModelError: the model cannot be trusted, or does not fit the prices.
        TooFewResiduals: a level or quantile was asked for that the model cannot tell.
        StalePrices: the newest bar is older than `max_age`.
        LedgerError: the ledger does not fit the forecast.
        UsageError: the chart or the ledger is the price file or the model file.

    Example:
        >>> forecast = predict("models/GOOG.safetensors", "sample_data/GOOG.csv", horizon=2)
        >>> forecast.to_frame()[["date", "step", "last_price"]]
                date  step  last_price
        0 2013-03-04     1  404.343169
        1 2013-03-05     2  404.343169
    """
    request = ForecastRequest(
        start=to_date(start),
        end=to_date(end),
        horizon=horizon,
        levels=None if levels is None else tuple(levels),
        quantiles=tuple(quantiles),
        calendar=calendar,
        max_age=max_age,
        ledger=None if ledger is None else Path(ledger),
        market=None if market is None else Path(market),
        covariates=covariates,
        covariate_age=covariate_age,
    )
    picture = None if chart is None else Path(chart)
    return predict_ticker(
        model, prices, request, chart=picture, reading=reading, observer=observer
    ).forecast


def to_date(date: str | np.datetime64 | None) -> np.datetime64 | None:
    """Return a date as histories have it, from ISO 8601 or NumPy.

    Raises:
        UsageError: it is none.
    """
    if date is None:
        return None
    try:
        return np.datetime64(str(date), "us")
    except ValueError:
        raise UsageError(f"{date!r} is no date", hint="write it as 2013-02-28") from None


def predict_ticker(
    model: Model | str | Path,
    prices: Prices,
    request: ForecastRequest,
    *,
    chart: Path | None = None,
    reading: ReadOptions = NO_ANSWERS,
    observer: Observer = SILENT,
) -> Prediction:
    """Forecast one ticker, and return what the forecast was made from too; see `predict`.

    Raises:
        SeveralTickers: the prices are of more than one, and none of them is the model's.
    """
    sessions = resolve_sessions(request.calendar)
    if chart is not None:
        from stockcast.report.chart import check_chart_name  # loads matplotlib

        check_chart_name(chart)
    refuse_inputs(model, prices, chart, request.ledger)
    beside = read_covariates(request.covariates, request.covariate_age)
    trained, path, digest, history = load_both(model, prices, reading, observer, beside)
    if request.ledger is not None and path is None:
        raise UsageError(
            f"{option('ledger')} needs the model's file, to record which model forecast",
            hint="publish the model, and give its path",
        )
    check_age(history, request.max_age)
    history = replace(history, market=find_market(trained, [history], request.market, observer))
    require_levels(trained, request, observer)
    if request.calendar or (request.horizon or trained.recipe.horizon) > 1:
        report_sessions(sessions, history.dates, observer)
    made = Prediction(
        make_forecast(trained, history, request, sessions), trained, path, digest, history
    )
    if chart is not None:
        _draw(made, chart, is_span=request.start is not None)
    record_forecasts(request.ledger, [(made.forecast, digest)], observer)
    return made


def refuse_inputs(model: Model | str | Path, prices: Prices, *outputs: Path | None) -> None:
    """Refuse to write over the price file or the model file that is read.

    Raises:
        UsageError: an output is one of them, or another output.
    """
    if isinstance(prices, str | Path):
        refuse_overwriting(prices, *outputs)
    if not isinstance(model, Model):
        refuse_overwriting(model, *outputs, kind="model")


def _draw(made: Prediction, chart: Path, *, is_span: bool) -> None:
    from stockcast.report.chart import draw_next, draw_span

    if is_span:
        draw_span(made.model, made.forecast, chart)
    else:
        draw_next(made.model, made.history, made.forecast, chart)


def make_forecast(
    model: Model, history: PriceHistory, request: ForecastRequest, sessions: Sessions
) -> Forecast:
    """Forecast what is asked for.

    Raises:
        StockcastError: the model cannot forecast that from this history.
    """
    wanted: dict[str, Any] = {
        "horizon": request.horizon or model.recipe.horizon,
        "levels": request.wanted_levels,
        "quantiles": request.wanted_quantiles,
        "sessions": sessions,
    }
    if request.start is None:
        return forecast_next(model, history, **wanted)
    return forecast_span(model, history, start=request.start, end=request.end, **wanted)


def load_both(
    model: Model | str | Path,
    prices: Prices,
    reading: ReadOptions,
    observer: Observer,
    covariates: Covariates | None = None,
) -> tuple[Model, Path | None, str, PriceHistory]:
    """Return a model, its file, the SHA-256 of that, and the history that it is to see.

    Raises:
        CovariateMismatch: a covariate of the model is not among those that are given.
        ModelError: the model cannot be trusted or does not fit the prices.
        PriceError: the prices cannot be used.
    """
    if isinstance(prices, str | Path):
        check_readable(prices)
    path = None if isinstance(model, Model) else Path(model)
    trained, digest = (model, "") if isinstance(model, Model) else load_hashed(Path(model))
    if isinstance(prices, PriceHistory):
        history = prices
    else:
        reading = resolve_reading(trained, path, reading)
        if isinstance(prices, str | Path):
            histories = read_prices([prices], reading, stdin_name=trained.ticker or STDIN_NAME)
        else:
            histories = read_histories(prices, reading)
        history = choose_one(histories, prefer=trained.ticker or None)
    history = give_covariates(trained, history, covariates)
    report_history(history, observer)
    warn_of_unseen([trained], covariates, observer)
    if trained.ticker and history.ticker != trained.ticker:
        name = path or "the model"
        observer.notify(
            Warned(f"{name} was trained on {trained.ticker}, and sees {history.ticker} here")
        )
    return trained.adapt(history), path, digest, history


def resolve_reading(model: Model, path: Path | None, reading: ReadOptions) -> ReadOptions:
    """Return how to read the column that the model was trained on.

    Raises:
        ModelMismatch: another one is named.
    """
    header = model.columns.header
    if reading.column is None:
        return replace(reading, column=header)
    if header is not None and fold(header) == fold(reading.column):
        return reading
    if header is None and name_price(reading.column) == model.columns.target:
        return reading
    raise ModelMismatch(
        f"{path or 'the model'} forecasts {header or model.columns.target}, not {reading.column}",
        hint=f"leave {option('column')} out, or train a model on that column",
    )


def require_levels(model: Model, request: ForecastRequest, observer: Observer) -> None:
    """Refuse levels and quantiles asked for that a model cannot give; tell of the default's.

    Raises:
        TooFewResiduals: the model has too few residuals for one that was asked for.
    """
    _require_quantiles(model, request.wanted_quantiles, observer)
    reason = explain_levels(model.calibration, request.wanted_levels)
    if not reason:
        return
    if request.levels is None:
        observer.notify(Warned(f"intervals are empty where they cannot be told: {reason}"))
        return
    highest = max(request.levels)
    if model.calibration is None:
        reason += f"; it takes {count_of(count_scores_needed(highest), 'residual')}"
    raise TooFewResiduals(
        f"no interval of level {format_level(highest)}: {reason}",
        hint=f"train it again with more {option('validation')} rows, or ask for a lower "
        f"{option('levels')} or none",
    )


def _require_quantiles(model: Model, quantiles: tuple[float, ...], observer: Observer) -> None:
    reason = explain_quantiles(model.calibration, quantiles)
    if reason:
        raise TooFewResiduals(
            f"no such quantile: {reason}",
            hint=f"train it again with more {option('validation')} rows, or ask for a "
            f"{option('quantiles')} nearer to the middle",
        )
    if quantiles and model.calibration is not None and not model.calibration.has_signs:
        observer.notify(
            Warned(
                "the model was made by an earlier version, which kept no signs: its quantiles "
                "take falls and rises to be alike"
            )
        )


def resolve_sessions(calendar: str | None) -> Sessions:
    """Return what finds the next sessions.

    Raises:
        UsageError: no such calendar.
    """
    if calendar in (None, "", "auto"):
        return next_sessions
    from stockcast.prices.exchange import find_exchange

    return find_exchange(str(calendar))


def report_sessions(sessions: Sessions, dates: Dates, observer: Observer) -> None:
    """Tell which days are forecast, and if the newest bar is none of the exchange's."""
    if sessions is next_sessions:
        rhythm = find_rhythm(dates)
        has_holidays = rhythm.kind == "weekdays"
        observer.notify(SessionsChosen(rhythm.describe(), has_holidays=has_holidays))
        return
    from stockcast.prices.exchange import Exchange

    if isinstance(sessions, Exchange):
        observer.notify(SessionsChosen(None, sessions.code))
        if not sessions.is_session(dates[-1]):
            date = format_date(dates[-1])
            observer.notify(Warned(f"{date}, the newest bar, is no session of {sessions.code}"))


def predict_many(
    prices: Prices | Sources,
    models: str | Path = "models",
    request: ForecastRequest = ForecastRequest(),  # noqa: B008 — frozen
    *,
    reading: ReadOptions = NO_ANSWERS,
    observer: Observer = SILENT,
) -> Generator[PredictionOutcome, None, None]:
    """Forecast each of many tickers with its own model, or with a pooled one.

    Networks of one shape run side by side; memory holds some 64 tickers at a time. What is
    recorded is appended to the ledger after the last one.

    Args:
        prices: histories, price CSVs, patterns, folders.
        models: folder of models, as `train_many` names them, or a pooled model's file.
        request: what to forecast, of any ticker.
        reading: answers to what price files leave open.
        observer: receives events.

    Returns:
        outcomes in the order of the tickers, as they come.

    Raises:
        UsageError: `models` is neither.
        ModelError: a pooled model cannot be trusted.

    Example:
        >>> for done in predict_many("sample_data/[FG]*.csv", "models/"):
        ...     print(done.ticker, done.error or done.prediction.forecast.forecast.round(2))
        FB [27.75]
        GOOG [404.65]
    """
    sources = name_sources(prices, reading)
    find_model = _open_models(Path(models), is_hashed=request.ledger is not None)
    pooled = None if Path(models).is_dir() else find_model("", "")[0]
    if pooled is not None and has_market(pooled) and sources.is_stdin:
        sources = sources.hold()
    return _ManyRun(find_model, sources, request, observer, pooled=pooled).predict()


# A price file and a ticker ─▶ its model, the SHA-256 of the model's file, and that file.
_FindModel = Callable[[str, str], tuple[Model, str, Path]]


@dataclass(frozen=True)
class _Case:
    """A ticker that is ready to be forecast; the digest is empty where nothing is recorded."""

    source: str
    history: PriceHistory
    model: Model
    path: Path
    digest: str

    def count_bytes(self) -> int:
        """Return about how much memory it takes."""
        arrays = (*self.model.weights.to_arrays().values(), *self.history.columns.values())
        return sum(array.nbytes for array in arrays)

    def conclude(self, result: Forecast | StockcastError) -> PredictionOutcome:
        """Return what became of it."""
        ticker = self.history.ticker
        if isinstance(result, StockcastError):
            return PredictionOutcome(ticker, self.source, error=result)
        made = Prediction(result, self.model, self.path, self.digest, self.history)
        return PredictionOutcome(ticker, self.source, made)


def _open_models(place: Path, *, is_hashed: bool) -> _FindModel:
    """Return what finds the model of a ticker: its own in a folder, or a pooled one for all.

    Raises:
        UsageError: neither.
        ModelError: a file that cannot be trusted.
    """

    def load(path: Path) -> tuple[Model, str, Path]:
        return (*load_hashed(path), path) if is_hashed else (load_model(path), "", path)

    def find(source: str, ticker: str) -> tuple[Model, str, Path]:
        path = place / f"{name_safely(ticker)}.safetensors"
        if not path.is_file():
            again = command("train", "PRICES", Option("path", str(place)))
            raise ModelNotFound(f"{source}: no model {path}", hint=f"train one: {again}")
        return load(path)

    if place.is_dir():
        return find
    pooled = load(place)
    if not pooled[0].recipe.pooled:
        raise UsageError(
            f"{option('model')} is the model of {pooled[0].name}, and there are several tickers",
            hint="name a folder of models, or a pooled model",
        )
    return lambda *_: pooled


class _ManyRun:
    """Reads one file after the other, finds the model of each ticker, and forecasts in parts."""

    def __init__(
        self,
        find_model: _FindModel,
        sources: Sources,
        request: ForecastRequest,
        observer: Observer,
        *,
        pooled: Model | None,
    ) -> None:
        self._find_model = find_model
        self._pooled = pooled
        self._market: Market | None = None
        self._sources = sources
        self._request = request
        self._observer = observer
        self._sessions = resolve_sessions(request.calendar)
        self._seen = SeenTickers()
        self._covariates = read_covariates(request.covariates, request.covariate_age)
        self._knowing: dict[tuple[str, ...], Model] = {}  # one model of each choice of covariates

    def predict(self) -> Generator[PredictionOutcome, None, None]:
        """Yield what became of each ticker, and record the forecasts at the end."""
        request, recorded = self._request, []
        self._market = self._find_market()
        with self._observer.count_tickers("predict", len(self._sources.items)) as count:
            for part in _take_parts(self._prepare_all(), count):
                for outcome in self._forecast_part(part, count):
                    made = outcome.prediction
                    if made is not None and request.ledger is not None:
                        recorded.append((made.forecast, made.digest))
                    yield outcome
            record_forecasts(request.ledger, recorded, self._observer)
        if self._knowing:
            warn_of_unseen(self._knowing.values(), self._covariates, self._observer)
        tally = {"forecast": count.done - count.failed}
        self._observer.notify(ManyEnded(count.done, count.seconds, tally))

    def _prepare_all(self) -> Iterator[_Case | PredictionOutcome]:
        for ticker in self._sources.read_all():
            try:
                yield self._prepare(ticker)
            except StockcastError as error:
                yield PredictionOutcome(ticker.name, ticker.source, error=error)

    def _prepare(self, ticker: Ticker) -> _Case:
        history = ticker.take_history()
        model, digest, path = self._find_model(ticker.source, ticker.name)
        self._seen.claim(ticker.name, ticker.source)
        history = self._read_as_trained(ticker.source, history, model, path)
        model = model.adapt(history)
        check_age(history, self._request.max_age)
        if self._request.levels is not None or self._request.quantiles:
            require_levels(model, self._request, self._observer)
        self._knowing.setdefault(tuple(one.name for one in model.columns.covariates), model)
        history = give_covariates(model, history, self._covariates)
        history = replace(history, market=self._market)
        return _Case(ticker.source, history, model, path, digest)

    def _find_market(self) -> Market | None:
        """Return what all tickers did, for a pooled model; they are read once more for it."""
        if self._pooled is None:
            return None
        histories = self._sources.read_histories()
        return find_market(self._pooled, histories, self._request.market, self._observer)

    def _read_as_trained(
        self, source: str, history: PriceHistory, model: Model, path: Path
    ) -> PriceHistory:
        """Read the column that the model was trained on, where it is not the close."""
        ours = self._sources.reading
        reading = resolve_reading(model, path, ours)
        if reading.column == ours.column:
            return history
        return read_prices([source], replace(reading, ticker=history.ticker))[0]

    def _forecast_part(
        self, part: Sequence[_Case | PredictionOutcome], count: TickerProgress
    ) -> Iterator[PredictionOutcome]:
        """Yield what became of the tickers of a part, in their order; tell what failed."""
        cases = [one for one in part if isinstance(one, _Case)]
        results = iter(self._forecast_cases(cases))
        for one in part:
            outcome = one if isinstance(one, PredictionOutcome) else one.conclude(next(results))
            if outcome.error is not None:
                self._observer.notify(TickerFailed(outcome.source, outcome.error))
            count.finish(failed=outcome.error is not None)
            yield outcome

    def _forecast_cases(self, cases: Sequence[_Case]) -> list[Forecast | StockcastError]:
        request, sessions = self._request, self._sessions
        if request.start is None:
            return forecast_many(
                [(case.model, case.history) for case in cases],
                horizon=request.horizon,
                levels=request.wanted_levels,
                quantiles=request.wanted_quantiles,
                sessions=sessions,
            )
        results: list[Forecast | StockcastError] = []
        for case in cases:
            try:
                results.append(make_forecast(case.model, case.history, request, sessions))
            except StockcastError as error:
                results.append(error)
        return results


def _take_parts(
    found: Iterable[_Case | PredictionOutcome], count: TickerProgress
) -> Iterator[list[_Case | PredictionOutcome]]:
    """Yield tickers in their order, as many at a time as are forecast together."""
    part: list[_Case | PredictionOutcome] = []
    size = 0
    for one in found:
        count.begin()
        part.append(one)
        size += one.count_bytes() if isinstance(one, _Case) else 0
        if len(part) == _TOGETHER or size >= _MOST_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part
