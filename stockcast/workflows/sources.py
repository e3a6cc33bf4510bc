"""Price data as a caller names them ─▶ tickers, each read when its turn comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from stockcast.errors import StockcastError, UnreadablePrices, UsageError, option
from stockcast.plurals import count_of
from stockcast.prices.containers.folders import is_parquet_folder
from stockcast.prices.covariates import Covariates, join_covariates
from stockcast.prices.csv.columns import find_price
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.prices.csv.paths import expand_path, means_many
from stockcast.prices.csv.reader import STDIN_NAME, iterate_prices, read_prices
from stockcast.prices.findings import Finding
from stockcast.prices.frames import SupportsArrow, is_frame, read_frames
from stockcast.prices.history import PriceHistory
from stockcast.prices.names import find_stem
from stockcast.prices.scan import find_future_bars, scan_history
from stockcast.progress import Observer
from stockcast.recipe import Recipe, build_recipe, load_recipe
from stockcast.windows.prepared import list_prepared, read_prepared
from stockcast.windows.series import WindowedSeries, window_history
from stockcast.workflows.events.reading import CovariatesRead, FindingMade, HistoryRead

OnePrices = str | Path | PriceHistory | BinaryIO | SupportsArrow
Prices = OnePrices | Sequence[OnePrices]
"""What workflows take: a path, pattern or folder, an open file, a history, a frame, or several."""


@dataclass(frozen=True)
class Ticker:
    """One of the tickers that a caller named.

    Attributes:
        name: its name; of a file that cannot be read the file's stem.
        source: the file or folder it comes from.
        content: its bars, or its prepared series, or what is wrong with it.
    """

    name: str
    source: str
    content: PriceHistory | WindowedSeries | StockcastError

    def take_history(self) -> PriceHistory:
        """Return its bars.

        Raises:
            StockcastError: what is wrong with it.
            UnreadablePrices: it is prepared, and so has no bars.
        """
        if isinstance(self.content, StockcastError):
            raise self.content
        if isinstance(self.content, PriceHistory):
            return self.content
        raise UnreadablePrices(
            f"{self.source} is prepared for a model of its own", hint="name its price file"
        )

    def take_series(self, recipe: Recipe | None) -> WindowedSeries:
        """Return its windowed series.

        Args:
            recipe: of what is not prepared; None where all is.

        Raises:
            StockcastError: what is wrong with it.
        """
        if isinstance(self.content, WindowedSeries):
            return self.content
        history = self.take_history()
        if recipe is None:
            raise ValueError("a history needs a recipe")
        return window_history(history, recipe)


@dataclass(frozen=True)
class Sources:
    """Price data of one or many tickers; they can be gone through more than once.

    Attributes:
        items: paths of files and prepared folders, and tickers that were read already.
        reading: what the caller says of the files.
        recipe: name or file of the recipe that prepared folders are read for; None: their own.
        overrides: recipe fields that win over it.
        stdin_name: what to call the ticker of bars from stdin that do not say.
        covariates: other prices that histories are to see beside their own; None: none.
    """

    items: Sequence[str | Ticker]
    reading: ReadOptions = field(default_factory=ReadOptions)
    recipe: str | None = None
    overrides: dict[str, Any] = field(default_factory=dict)
    stdin_name: str = STDIN_NAME
    covariates: Covariates | None = None

    @property
    def is_prepared(self) -> bool:
        """Whether all of it is prepared."""
        return all(isinstance(one, str) and _is_prepared(one) for one in self.items)

    def describe_count(self) -> str:
        """Say how many of what there are: a file that is not read yet may hold several tickers."""
        first = self.items[0] if self.items else None
        unit = "ticker" if isinstance(first, Ticker) else "file"
        if self.is_prepared:
            unit = "folder"
        return count_of(len(self.items), unit)

    @property
    def is_stdin(self) -> bool:
        """Whether they come from stdin, which can be read only once."""
        return "-" in self.items

    def hold(self) -> Sources:
        """Return the same with every ticker in memory, as stdin can be read only once.

        Raises:
            StockcastError: one of them cannot be read.
        """
        return replace(self, items=[ticker for one in self.items for ticker in self.read(one)])

    def read(self, item: str | Ticker) -> Iterator[Ticker]:
        """Read what one item holds: at least one ticker.

        Raises:
            StockcastError: it cannot be read.
        """
        if isinstance(item, Ticker):
            yield self._join(item)
        elif _is_prepared(item):
            yield from self._read_prepared(item)
        else:
            for history in iterate_prices(item, self.reading, stdin_name=self.stdin_name):
                yield self._join(Ticker(history.ticker, item, history))

    def _join(self, ticker: Ticker) -> Ticker:
        if self.covariates is None or not isinstance(ticker.content, PriceHistory):
            return ticker
        try:
            return replace(ticker, content=join_covariates(ticker.content, self.covariates))
        except StockcastError as error:  # of this ticker; there may be others in the file
            return replace(ticker, content=error)

    def read_all(self) -> Iterator[Ticker]:
        """Read one item after the other; what cannot be read is a ticker, and stops no other."""
        for item in self.items:
            try:
                yield from self.read(item)
            except StockcastError as error:
                yield Ticker(find_stem(str(item)), str(item), error)

    def read_histories(self) -> Iterator[PriceHistory]:
        """Read those that can be read, from the first one anew."""
        for ticker in self.read_all():
            if isinstance(ticker.content, PriceHistory):
                yield ticker.content

    def load_recipe(self) -> Recipe:
        """Return the recipe of what is not prepared.

        Raises:
            InvalidRecipe: it is none.
        """
        return load_recipe(self.recipe or "default", self.overrides)

    def _read_prepared(self, path: str) -> Iterator[Ticker]:
        if self.covariates is not None:
            raise UsageError(
                f"{option('covariates')} beside {path}, which is prepared already",
                hint="name its price file",
            )
        homes = list_prepared(Path(path))
        if self.reading.ticker is not None or not homes:
            homes = [Path(path)]
        for home in homes:
            series = read_prepared(
                home, ticker=self.reading.ticker, recipe=self.recipe, overrides=self.overrides
            )
            yield Ticker(series.ticker, str(home), series)


def _is_prepared(path: str) -> bool:
    """Whether a path is a prepared folder, or one that will be refused as such."""
    folder = Path(path)
    return folder.is_dir() and not is_parquet_folder(folder)


class SeenTickers:
    """Remembers which tickers came, and refuses one that comes from a second place."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    def name(self, ticker: Ticker) -> str:
        """Return what to call a ticker among the others: also a second one, or one unread."""
        is_plain = ticker.name not in self._places and not isinstance(
            ticker.content, StockcastError
        )
        return ticker.name if is_plain else f"{ticker.name} in {ticker.source}"

    def claim(self, name: str, source: str) -> None:
        """Remember a ticker.

        Raises:
            UnreadablePrices: it came from another place already.
        """
        if name in self._places:
            raise UnreadablePrices(
                f"{source}: {name} is in {self._places[name]} already",
                hint="join the two files into one, or name only one of them",
            )
        self._places[name] = source


def mean_many(paths: Iterable[str]) -> bool:
    """Whether a pattern or a folder of price files is among the paths, however few it holds."""
    return any(map(means_many, paths))


def list_items(prices: Prices, reading: ReadOptions = NO_ANSWERS) -> list[str | Ticker]:
    """Return the files, prepared folders and tickers that are meant, each file once.

    A pattern is expanded here too, since a shell gives up where it matches very many files; of a
    folder with price files these are meant, in alphabetical order.

    Args:
        prices: see `Prices`.
        reading: answers to what frames leave open.

    Raises:
        PricesNotFound: a pattern matches nothing.
        PriceError: a frame or an open file cannot be used.
    """
    is_one = isinstance(prices, str | Path | PriceHistory) or is_frame(prices)
    named: Any = [prices] if is_one or hasattr(prices, "read") else prices
    items: dict[str | int, str | Ticker] = {}
    for one in named:
        if isinstance(one, PriceHistory):
            held = [one]
        elif is_frame(one):
            held = read_frames(one, reading)
        elif hasattr(one, "read"):
            held = read_prices(one, reading)
        else:
            items |= {path: path for path in expand_path(str(one))}
            continue
        for history in held:
            items[len(items)] = Ticker(history.ticker, history.sources[0].name, history)
    return list(items.values())


def read_histories(prices: Prices, reading: ReadOptions) -> list[PriceHistory]:
    """Read all at once; files of one ticker are joined.

    Raises:
        PriceError: they cannot be used, or a ticker comes from a second place.
    """
    items = list_items(prices, reading)
    paths = [one for one in items if isinstance(one, str)]
    read = read_prices(paths, reading) if paths else []
    held = [one.take_history() for one in items if isinstance(one, Ticker)]
    seen = SeenTickers()
    for history in (*read, *held):
        seen.claim(history.ticker, history.name)
    return [*read, *held]


def name_sources(
    prices: Prices | Sources, reading: ReadOptions, overrides: dict[str, Any] | None = None
) -> Sources:
    """Return what is meant as sources, which it may be already: then that says all.

    Raises:
        PriceError: as `list_items`.
    """
    if isinstance(prices, Sources):
        return prices
    return Sources(list_items(prices, reading), reading, overrides=overrides or {})


def list_paths(named: str | Path | Sequence[str | Path]) -> list[str]:
    """Return the files and prepared folders that are meant, each once; see `list_items`."""
    if isinstance(named, str | Path):
        named = [named]
    return list(dict.fromkeys(path for one in named for path in expand_path(str(one))))


def report_history(
    history: PriceHistory, observer: Observer, *, scan: bool = False
) -> tuple[Finding, ...]:
    """Tell what was read and what was found in it; with `scan`, also in the prices themselves.

    Returns:
        the findings.
    """
    observer.notify(HistoryRead(history))
    if history.covariates is not None:
        observer.notify(CovariatesRead(history))
    findings = history.findings
    if scan:
        # Training on old data is usual; `check` tells their age.
        findings += tuple(f for f in scan_history(history) if f.kind != "old-last-bar")
    elif early := find_future_bars(history, np.datetime64("now")):
        findings += (early,)
    for finding in findings:
        observer.notify(FindingMade(finding))
    return findings


def apply_column(
    reading: ReadOptions, overrides: dict[str, Any]
) -> tuple[ReadOptions, dict[str, Any]]:
    """Take a recipe's `column` for what the reader is told too.

    One that is no canonical name is the header of a column: the reader reads that one as the
    close, and the recipe forecasts the close.
    """
    column = overrides.get("column")
    if column is None or column == "auto":
        return reading, overrides
    return replace(reading, column=column), {**overrides, "column": find_price(column)}


def resolve_recipe(recipe: Recipe | str | Path, fields: dict[str, Any] | None = None) -> Recipe:
    """Return a recipe itself, or the one of that name or file, with fields that win over it.

    Raises:
        InvalidRecipe: there is none, or a field or its value is none.
    """
    fields = fields or {}
    if not isinstance(recipe, Recipe):
        return load_recipe(recipe, fields)
    if not fields:
        return recipe
    values = {**recipe.to_dict(), **fields}
    return build_recipe(values, where="the recipe", overridden=frozenset(fields))
