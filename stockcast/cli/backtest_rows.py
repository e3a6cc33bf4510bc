"""Forecasts of a backtest as rows of a table, one ticker after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Literal

from stockcast.cli.output import Row, format_table, write_text
from stockcast.files import replace_file

if TYPE_CHECKING:
    from stockcast.backtest.forecasts import Forecasts


def list_columns(levels: tuple[float, ...]) -> list[str]:
    """Return the names of a row's cells."""
    from stockcast.forecast.intervals import format_level

    bounds = [f"{side}_{format_level(level)}" for level in levels for side in ("lower", "upper")]
    return ["ticker", "cutoff", "date", "step", "model", "forecast", *bounds, "actual"]


def list_forecasts(found: Forecasts) -> Iterator[Row]:
    """Yield a row a forecast, by cutoff, then by step, then by model."""
    from stockcast.forecast.intervals import format_level
    from stockcast.prices.history import format_date

    for number, cutoff in enumerate(found.cutoffs):
        known_to = format_date(cutoff)
        for ahead in range(found.actual.shape[1]):
            date = format_date(found.dates[number, ahead])
            for name, (forecast, intervals) in found.models.items():
                bounds: Row = {}
                for level, (lower, upper) in intervals.items():
                    bounds[f"lower_{format_level(level)}"] = lower[number, ahead]
                    bounds[f"upper_{format_level(level)}"] = upper[number, ahead]
                yield {
                    "ticker": found.ticker,
                    "cutoff": known_to,
                    "date": date,
                    "step": ahead + 1,
                    "model": name,
                    "forecast": forecast[number, ahead],
                    **bounds,
                    "actual": found.actual[number, ahead],
                }


class ForecastWriter:
    """Writes the forecasts of one ticker after the other: to stdout at once, or whole to a file.

    Args:
        levels: of the intervals.
        form: how.
        path: a file instead of stdout.
    """

    def __init__(
        self, levels: tuple[float, ...], form: Literal["csv", "jsonl"], path: Path | None
    ) -> None:
        self._columns = list_columns(levels)
        self._form = form
        self._path = None if str(path) == "-" else path
        self._file: BinaryIO | None = None
        self._stack = ExitStack()

    def __enter__(self) -> ForecastWriter:
        if self._path is not None:
            temporary = self._stack.enter_context(replace_file(self._path))
            self._file = self._stack.enter_context(temporary.open("wb"))
        if self._form == "csv":
            self._write(format_table([], "csv", columns=self._columns))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def write(self, found: Forecasts) -> None:
        """Write a ticker's forecasts."""
        rows = list_forecasts(found)
        self._write(format_table(rows, self._form, columns=self._columns, head=False))

    def _write(self, text: str) -> None:
        if self._file is None:
            write_text(text)
        else:
            self._file.write(text.encode("utf-8"))
