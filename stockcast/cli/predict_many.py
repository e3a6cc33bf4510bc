"""`stockcast predict` for many tickers: each with its own model, in one process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli import console
from stockcast.cli.counting import Count
from stockcast.cli.loading import read_like
from stockcast.cli.output import TableFormat, write_table
from stockcast.cli.plan import Plan
from stockcast.cli.recording import Recording
from stockcast.errors import ModelNotFound, SomeFailed, StockcastError, UnreadablePrices, UsageError
from stockcast.files.naming import name_safely
from stockcast.prices.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.forecast.forecaster import Forecast
    from stockcast.prices.history import PriceHistory


@dataclass(frozen=True)
class _Made:
    """A forecast, the model's file, and its SHA-256."""

    forecast: Forecast
    path: Path
    digest: str


def predict_many(
    paths: Sequence[str],
    folder: Path,
    reading: ReadOptions,
    plan: Plan,
    recording: Recording,
    form: TableFormat,
    output: Path | None,
) -> None:
    """Forecast each ticker of many files with its own model, record and write what came of it.

    Args:
        paths: price files.
        folder: where the models are, as `train` names them.
        reading: what the user says of the files.
        plan: what to forecast.
        recording: what is asked of the prices, and the ledger.
        form: how the forecasts are written.
        output: a file instead of stdout.

    Raises:
        SomeFailed: at least one ticker could not be forecast; each was told of on stderr.
    """
    if not folder.is_dir():
        raise UsageError(
            f"-m is {folder}, and there are several tickers", hint="name a folder: -m models/"
        )
    made: list[_Made] = []
    with Count("predict", len(paths)) as count:
        run = _Run(folder, reading, plan, recording)
        for path in paths:
            for found in run.predict_file(path):
                count.begin()
                if isinstance(found, StockcastError):
                    told = str(found) if path in str(found) else f"{path}: {found}"
                    console.show_error(told, found.hint, code=SomeFailed.exit_code)
                else:
                    made.append(found)
                count.finish(failed=isinstance(found, StockcastError))
    recording.append(*((one.forecast, one.digest) for one in made))
    if made:
        rows = (row for one in made for row in plan.list_rows(one.forecast, one.path))
        write_table(rows, form, output)
    console.say(f"{count.done:,} tickers in {count.tell_time()}: {len(made):,} forecast")
    if count.failed:
        raise SomeFailed(
            f"{count.failed:,} of {count.done:,} tickers failed",
            hint="what is wrong with each stands above; the others are forecast",
        )


class _Run:
    """Forecasts one file after the other."""

    def __init__(
        self, folder: Path, reading: ReadOptions, plan: Plan, recording: Recording
    ) -> None:
        self._folder = folder
        self._reading = reading
        self._plan = plan
        self._recording = recording
        self._seen: dict[str, str] = {}  # ticker ─▶ where it was read

    def predict_file(self, path: str) -> Iterator[_Made | StockcastError]:
        """Yield what became of each ticker in a file."""
        from stockcast.prices.reader import read_prices

        try:
            histories = read_prices([path], self._reading)
        except StockcastError as error:
            yield error
            return
        for history in histories:
            try:
                yield self._predict_one(path, history)
            except StockcastError as error:
                yield error

    def _predict_one(self, path: str, history: PriceHistory) -> _Made:
        from stockcast.model.digest import load_hashed

        ticker = history.ticker
        place = self._folder / f"{name_safely(ticker)}.safetensors"
        if not place.is_file():
            raise ModelNotFound(
                f"{path}: no model {place}",
                hint=f"train one: stockcast train PRICES -o {self._folder}",
            )
        if ticker in self._seen:
            raise UnreadablePrices(
                f"{path}: {ticker} is in {self._seen[ticker]} already",
                hint="join the two files into one, or name only one of them",
            )
        self._seen[ticker] = path
        model, digest = load_hashed(place)
        history = self._read_as_trained(path, history, read_like(model, place, self._reading))
        self._recording.check_age(history)
        if self._plan.levels.asked:
            self._plan.levels.require(model)
        return _Made(self._plan.forecast(model, history), place, digest)

    def _read_as_trained(
        self, path: str, history: PriceHistory, reading: ReadOptions
    ) -> PriceHistory:
        """Read the column that the model was trained on, where it is not the close."""
        from stockcast.prices.reader import read_prices

        if reading.column == self._reading.column:
            return history
        return read_prices([path], replace(reading, ticker=history.ticker))[0]
