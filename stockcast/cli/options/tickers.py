"""What `train` is given: one ticker, or many, each read when its turn comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockcast.cli.output.messages import report_reading
from stockcast.errors import StockcastError
from stockcast.prices.csv.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.prices.findings import Finding
    from stockcast.prices.history import PriceHistory
    from stockcast.recipe import Recipe
    from stockcast.windows.series import WindowedSeries


@dataclass(frozen=True)
class Ticker:
    """One of the tickers to train.

    Attributes:
        name: its name; of a file that cannot be read its stem.
        source: the file or folder it comes from.
        content: its bars, or its prepared series, or what is wrong.
    """

    name: str
    source: str
    content: PriceHistory | WindowedSeries | StockcastError


@dataclass(frozen=True)
class Request:
    """How price files are read and what is trained on them.

    Attributes:
        reading: what the user says of the files.
        recipe: name or file of a recipe, or None.
        overrides: recipe fields that win over it.
    """

    reading: ReadOptions
    recipe: str | None
    overrides: dict[str, Any]

    def read(self, path: str) -> Iterator[Ticker]:
        """Read what one path holds: at least one ticker.

        Raises:
            StockcastError: it cannot be read.
        """
        if Path(path).is_dir():
            yield from self._read_prepared(path)
            return
        from stockcast.prices.csv.reader import read_prices

        for history in read_prices([path], self.reading):
            yield Ticker(history.ticker, path, history)

    def read_all(self, paths: Sequence[str]) -> Iterator[Ticker]:
        """Read many paths; one that cannot be read is a ticker too, and stops no other."""
        for path in paths:
            try:
                yield from self.read(path)
            except StockcastError as error:
                yield Ticker(Path(path).stem, path, error)

    def load_recipe(self) -> Recipe:
        """Return the recipe of what is not prepared.

        Raises:
            InvalidRecipe: it is none.
        """
        from stockcast.recipe import load_recipe

        return load_recipe(self.recipe or "default", self.overrides)

    def _read_prepared(self, path: str) -> Iterator[Ticker]:
        from stockcast.windows.prepared import list_prepared, read_prepared

        homes = list_prepared(Path(path))
        if self.reading.ticker is not None or not homes:
            homes = [Path(path)]
        for home in homes:
            series = read_prepared(
                home,
                ticker=self.reading.ticker,
                recipe=self.recipe,
                overrides=self.overrides,
            )
            yield Ticker(series.ticker, str(home), series)


def window_ticker(ticker: Ticker, recipe: Recipe | None) -> WindowedSeries:
    """Return a ticker's windowed series.

    Args:
        ticker: the ticker.
        recipe: of what is not prepared; None where all is.

    Raises:
        StockcastError: what is wrong with it.
    """
    from stockcast.prices.history import PriceHistory
    from stockcast.windows.series import window_history

    content = ticker.content
    if isinstance(content, StockcastError):
        raise content
    if isinstance(content, PriceHistory):
        assert recipe is not None  # noqa: S101 — a history comes with a recipe
        return window_history(content, recipe)
    return content


def report_ticker(ticker: Ticker) -> tuple[Finding, ...] | None:
    """Say what was read of the one ticker, and return its findings; None if it is prepared."""
    from stockcast.prices.history import PriceHistory

    if isinstance(ticker.content, PriceHistory):
        return report_reading(ticker.content, scan=True)
    return None
