"""Preparing: price data ─▶ scaled, windowed arrays in a folder, for any other program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockcast.prices.covariates import AGE, join_covariates
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.prices.history import format_date
from stockcast.progress import SILENT, Observer
from stockcast.recipe import Recipe
from stockcast.windows.prepared import write_prepared
from stockcast.windows.series import WindowedSeries, window_history
from stockcast.workflows.covariates import read_covariates
from stockcast.workflows.sources import (
    Prices,
    apply_column,
    read_histories,
    report_history,
    resolve_recipe,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PreparedSeries:
    """One ticker's prepared folder.

    Attributes:
        series: what was written.
        path: the folder.
    """

    series: WindowedSeries
    path: Path

    def to_row(self) -> dict[str, Any]:
        """Return how many rows and windows there are, from when to when."""
        dates = self.series.dates
        return {
            "ticker": self.series.ticker,
            "rows": len(dates),
            "windows": len(self.series.window_starts),
            "first_date": format_date(dates[0]),
            "last_date": format_date(dates[-1]),
            "path": str(self.path),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return `to_row` as a frame of one row."""
        import pandas as pd

        return pd.DataFrame([self.to_row()])


def prepare(
    prices: Prices,
    path: str | Path,
    recipe: Recipe | str = "default",
    *,
    materialize: bool = False,
    covariates: Prices = (),
    covariate_age: int = AGE,
    reading: ReadOptions = NO_ANSWERS,
    observer: Observer = SILENT,
    **fields: Any,
) -> list[PreparedSeries]:
    """Write scaled, windowed arrays that any program can open.

    The scaled series and the window index are .npy files that `numpy.load` opens with
    `mmap_mode="r"`; manifest.json has columns, dates, split points, scaler numbers, the recipe and
    the SHA-256 of each input.

    Args:
        prices: histories, or price CSVs, patterns, folders; files of one ticker are joined.
        path: the folder to write: of one ticker directly, of several a folder each inside it.
        recipe: a preset's name, a TOML file, or a recipe.
        materialize: also write X_train.npy, y_train.npy and their twins.
        covariates: price files, histories or frames that are seen beside each ticker's prices.
        covariate_age: bars that the newest one of a covariate may be old.
        reading: answers to what price files leave open.
        observer: receives events.
        **fields: recipe fields that win over the recipe, such as `window=30`.

    Returns:
        what was written, a ticker each.

    Raises:
        PriceError: the prices cannot be used with this recipe.
        InvalidRecipe: it is none.
        OutputError: the folder cannot be written, or holds something else.

    Example:
        >>> import numpy
        >>> (one,) = prepare("sample_data/FB.csv", "prepared/", window=30)
        >>> numpy.load(one.path / "series.npy", mmap_mode="r").shape
        (195, 1)
    """
    reading, fields = apply_column(reading, fields)
    chosen = resolve_recipe(recipe, fields)
    beside = read_covariates(covariates, covariate_age)
    histories = [join_covariates(one, beside) for one in read_histories(prices, reading)]
    for history in histories:
        report_history(history, observer, scan=True)
    all_series = [window_history(history, chosen) for history in histories]
    paths = write_prepared(all_series, Path(path), materialize=materialize)
    return [PreparedSeries(*pair) for pair in zip(all_series, paths, strict=True)]
