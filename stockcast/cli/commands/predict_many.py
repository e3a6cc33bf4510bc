"""`stockcast predict` for many tickers: each with its own model, in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.options.forecast_request import Plan
from stockcast.cli.options.ledger import LedgerPolicy
from stockcast.cli.options.loading import read_like
from stockcast.cli.output import console
from stockcast.cli.output.buffered_rows import BufferedRows
from stockcast.cli.output.tables import TableFormat
from stockcast.cli.output.ticker_progress import TickerBar
from stockcast.durations import format_duration
from stockcast.errors import ModelNotFound, SomeFailed, StockcastError, UnreadablePrices, UsageError
from stockcast.files.naming import name_safely
from stockcast.prices.csv.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.forecast.forecaster import Forecast
    from stockcast.model.model import Model
    from stockcast.prices.history import PriceHistory


# A price file and a ticker ─▶ its model, the SHA-256 of the model's file, and that file.
_FindModel = Callable[[str, str], "tuple[Model, str, Path]"]
_TOGETHER = 64  # tickers whose networks run side by side
_MOST_BYTES = 1 << 25  # of their weights and bars, which are all in memory at once


@dataclass(frozen=True)
class _Case:
    """A ticker that is ready to be forecast.

    Attributes:
        source: the price file.
        history: its bars.
        model: the ticker's model.
        path: the model's file.
        digest: the SHA-256 of it, for the ledger; empty where nothing is recorded.
    """

    source: str
    history: PriceHistory
    model: Model
    path: Path
    digest: str

    def count_bytes(self) -> int:
        """Return about how much memory it takes."""
        arrays = (*self.model.weights.to_arrays().values(), *self.history.columns.values())
        return sum(array.nbytes for array in arrays)


@dataclass(frozen=True)
class _Refused:
    """A ticker, or a whole file, that cannot be forecast, and why."""

    source: str
    error: StockcastError


def predict_many(
    paths: Sequence[str],
    place: Path,
    reading: ReadOptions,
    plan: Plan,
    recording: LedgerPolicy,
    form: TableFormat,
    output: Path | None,
) -> None:
    """Forecast each ticker of many files with its own model, record and write what came of it.

    Rows go to stdout as they come, or all of them once they are recorded.

    Args:
        paths: price files.
        place: the folder where the models are, as `train` names them, or a pooled model's file.
        reading: what the user says of the files.
        plan: what to forecast.
        recording: what is asked of the prices, and the ledger.
        form: how the forecasts are written.
        output: a file instead of stdout.

    Raises:
        SomeFailed: at least one ticker could not be forecast; each was told of on stderr.
    """
    is_recorded = recording.ledger is not None
    recorded: list[tuple[Forecast, str]] = []
    cases = _Cases(_open_models(place, is_hashed=is_recorded), reading, plan, recording)
    with (
        BufferedRows(form, output, keep=is_recorded) as spool,
        TickerBar("predict", len(paths)) as count,
    ):
        found = (one for path in paths for one in cases.find(path))
        for part in _take_parts(found, count):
            made = _forecast_part(part, plan, count)
            spool.write([row for one, case in made for row in plan.list_rows(one, case.path)])
            if is_recorded:
                recorded += [(one, case.digest) for one, case in made]
        recording.append(*recorded)
        spool.finish()
    time = format_duration(count.seconds)
    console.say(f"{count.done:,} tickers in {time}: {count.done - count.failed:,} forecast")
    if count.failed:
        raise SomeFailed(
            f"{count.failed:,} of {count.done:,} tickers failed",
            hint="what is wrong with each stands above; the others are forecast",
        )


def _take_parts(
    found: Iterable[_Case | _Refused], count: TickerBar
) -> Iterator[list[_Case | _Refused]]:
    """Yield tickers in their order, as many at a time as are forecast together."""
    part: list[_Case | _Refused] = []
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


def _forecast_part(
    part: Sequence[_Case | _Refused], plan: Plan, count: TickerBar
) -> list[tuple[Forecast, _Case]]:
    """Return the forecasts of those that can be forecast; tell of the others, in their order."""
    cases = [one for one in part if isinstance(one, _Case)]
    results = iter(plan.forecast_many([(case.model, case.history) for case in cases]))
    made = []
    for one in part:
        result = next(results) if isinstance(one, _Case) else one.error
        if isinstance(result, StockcastError):
            told = result.raw_message
            told = told if one.source in told else f"{one.source}: {told}"
            console.show_error(told, result.raw_hint, code=SomeFailed.exit_code)
        elif isinstance(one, _Case):
            made.append((result, one))
        count.finish(failed=isinstance(result, StockcastError))
    return made


def _open_models(place: Path, *, is_hashed: bool) -> _FindModel:
    """Return what finds the model of a ticker: its own in a folder, or a pooled one for all.

    Raises:
        UsageError: neither.
        ModelError: a file that cannot be trusted.
    """
    from stockcast.model.digest import load_hashed
    from stockcast.model.file import load_model

    def load(path: Path) -> tuple[Model, str, Path]:
        return (*load_hashed(path), path) if is_hashed else (load_model(path), "", path)

    def find(source: str, ticker: str) -> tuple[Model, str, Path]:
        path = place / f"{name_safely(ticker)}.safetensors"
        if not path.is_file():
            raise ModelNotFound(
                f"{source}: no model {path}",
                hint=f"train one: stockcast train PRICES -o {place}",
            )
        return load(path)

    if place.is_dir():
        return find
    pooled = load(place)
    if not pooled[0].recipe.pooled:
        raise UsageError(
            f"-m is the model of {pooled[0].name}, and there are several tickers",
            hint="name a folder of models, or a pooled model",
        )
    return lambda *_: pooled


class _Cases:
    """Reads one file after the other, and the model of each ticker in it."""

    def __init__(
        self, find_model: _FindModel, reading: ReadOptions, plan: Plan, recording: LedgerPolicy
    ) -> None:
        self._find_model = find_model
        self._reading = reading
        self._plan = plan
        self._recording = recording
        self._seen: dict[str, str] = {}  # ticker ─▶ where it was read

    def find(self, path: str) -> Iterator[_Case | _Refused]:
        """Yield each ticker in a file."""
        from stockcast.prices.csv.reader import read_prices

        try:
            histories = read_prices([path], self._reading)
        except StockcastError as error:
            yield _Refused(path, error)
            return
        for history in histories:
            try:
                yield self._prepare(path, history)
            except StockcastError as error:
                yield _Refused(path, error)

    def _prepare(self, path: str, history: PriceHistory) -> _Case:
        ticker = history.ticker
        model, digest, place = self._find_model(path, ticker)
        if ticker in self._seen:
            raise UnreadablePrices(
                f"{path}: {ticker} is in {self._seen[ticker]} already",
                hint="join the two files into one, or name only one of them",
            )
        self._seen[ticker] = path
        history = self._read_as_trained(path, history, read_like(model, place, self._reading))
        model = model.adapt(history)
        self._recording.check_age(history)
        if self._plan.levels.asked:
            self._plan.levels.require(model)
        return _Case(path, history, model, place, digest)

    def _read_as_trained(
        self, path: str, history: PriceHistory, reading: ReadOptions
    ) -> PriceHistory:
        """Read the column that the model was trained on, where it is not the close."""
        from stockcast.prices.csv.reader import read_prices

        if reading.column == self._reading.column:
            return history
        return read_prices([path], replace(reading, ticker=history.ticker))[0]
