"""LSTMForecaster: the same models and forecasts in the frames of Nixtla's libraries."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stockcast.errors import (
    InvalidRecipe,
    StockcastError,
    TooShort,
    UnreadablePrices,
    UsageError,
    option,
)
from stockcast.fleet.executor import Executor
from stockcast.forecast.forecaster import Forecast, Sessions, forecast_next
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.prices.frames import FRAME, is_frame, read_frames
from stockcast.prices.history import Dates, PriceHistory
from stockcast.progress import SILENT, Observer
from stockcast.recipe import Recipe
from stockcast.workflows.engines import load_engines
from stockcast.workflows.sources import resolve_recipe
from stockcast.workflows.tasks import FitTask, fit_task

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("unique_id", "ds", "y")
_DEFAULT_EXECUTOR = Executor(jobs=1)


class LSTMForecaster:
    """Models of many series for Nixtla's users: frames of `unique_id, ds, y` in and out.

    Each series has a model of its own, as those of statsforecast have. A fit learns from all rows
    that it is given, but for those of the recipe's validation span, which early stopping watches
    and intervals come from. Nothing is kept for a verdict: `cross_validation` is what judges here.

    Args:
        freq: how dates go on after the last one, as pandas names it, such as `B` or `h`.
        recipe: a recipe, the name of a preset, or a TOML file; its test span plays no part.
        alias: what the columns of forecasts are called.
        executor: where series are trained; the models are the same wherever it is.
        observer: receives the progress: of each epoch, or with several jobs of each series.
        **fields: recipe fields that win over the recipe, such as `epochs=10`.

    Attributes:
        models: by `unique_id`, the model of each series; empty before `fit`.

    Raises:
        UsageError: pandas has no such frequency.
        InvalidRecipe: there is no such recipe, or it is a pooled one.

    Example:
        >>> import pandas as pd
        >>> days = pd.bdate_range("2013-01-01", periods=120, name="ds")
        >>> prices = 100 + np.sin(np.arange(120))
        >>> df = pd.DataFrame({"unique_id": "GOOG", "ds": days, "y": prices})
        >>> forecaster = LSTMForecaster("B", "fast", epochs=2, window=10)
        >>> forecaster.fit(df).predict(2, level=[80]).columns.tolist()
        ['unique_id', 'ds', 'StockcastLSTM', 'StockcastLSTM-lo-80', 'StockcastLSTM-hi-80']
    """

    def __init__(
        self,
        freq: str,
        recipe: Recipe | str = "default",
        *,
        alias: str = "StockcastLSTM",
        executor: Executor = _DEFAULT_EXECUTOR,
        observer: Observer = SILENT,
        **fields: Any,
    ) -> None:
        self.freq = freq
        self.recipe: Recipe = resolve_recipe(recipe, fields)
        self.alias = alias
        self.models: dict[Hashable, Model] = {}
        self._executor = executor
        self._observer = observer
        _step_by(freq)  # so that a frequency that there is not is refused here
        self._frame: _Frame | None = None
        if self.recipe.pooled:
            raise InvalidRecipe(
                "a pooled recipe is for one model of many series, and here each has its own",
                hint="train it with stockcast.train_pooled",
            )

    def fit(self, df: Any) -> Self:
        """Train a model of each series.

        Args:
            df: pandas or polars, with the columns `unique_id`, `ds` and `y`; others are seen only
                where the recipe's features name them.

        Raises:
            PriceError: a column is missing, or a series cannot be used with this recipe.
            TrainingDiverged: a loss is no longer a number.
            ClusterError: the executor's cluster is gone.
        """
        frame = _read(df)
        fits = [(history, len(history)) for history in frame.series.values()]
        models = dict(self._fit_all(fits))
        self.models = {name: models[number] for number, name in enumerate(frame.series)}
        self._frame = frame
        return self

    def predict(self, h: int, level: Sequence[float] | None = None) -> Any:
        """Forecast what comes after the last row of each series.

        Args:
            h: steps ahead; beyond the recipe's horizon, forecasts are fed back.
            level: of the intervals, in percent, such as `[80, 95]`.

        Returns:
            a frame as `fit` had: `unique_id, ds`, the forecast as `StockcastLSTM`, and for each
            level `StockcastLSTM-lo-80` and `-hi-80`, NaN where too little was held out to say.

        Raises:
            UsageError: nothing was fitted, or a number is out of range.
            ModelMismatch: forecasts of a model of several features would have to be fed back.
        """
        _require_from_1(h=h)
        if self._frame is None:
            raise UsageError("there is no model yet", hint="call fit before predict")
        levels, sessions = _read_levels(level), _step_by(self.freq)
        parts = []
        for name, history in self._frame.series.items():
            forecast = forecast_next(
                self.models[name], history, horizon=h, levels=levels, sessions=sessions
            )
            parts.append(self._tabulate(name, forecast, level))
        return self._frame.join(parts)

    def cross_validation(
        self,
        df: Any,
        h: int,
        n_windows: int = 1,
        step_size: int = 1,
        refit: bool | int = True,  # noqa: FBT001, FBT002 — as Nixtla's libraries have it
        level: Sequence[float] | None = None,
    ) -> Any:
        """Walk forward through each series: forecast from past cutoffs what is known by now.

        A model sees the rows up to its cutoff and none after it.

        Args:
            df: as for `fit`.
            h: steps ahead.
            n_windows: cutoffs, the last of them `h` rows before a series' end.
            step_size: rows between two cutoffs.
            refit: train anew at each cutoff; a number n: at every n-th; False: at the first alone.
            level: of the intervals, in percent.

        Returns:
            a frame as `df`: `unique_id, ds, cutoff, y` and the columns of `predict`.

        Raises:
            UsageError: a number is out of range.
            PriceError: a series cannot be used, or is too short for so many cutoffs.
            TrainingDiverged: a loss is no longer a number.
        """
        from stockcast.backtesting.plan import group_cutoffs, place_cutoffs

        _require_from_1(h=h, n_windows=n_windows, step_size=step_size)
        levels, frame = _read_levels(level), _read(df)
        folds = []
        for name, history in frame.series.items():
            cutoffs = place_cutoffs(len(history), n_windows, horizon=h, step=step_size)
            _require_rows(history, int(cutoffs[0]), n_windows)
            grouped = group_cutoffs(cutoffs, refit=int(refit) or None, train_rows=None)
            folds += [(name, history, fold) for fold in grouped]
        parts: dict[int, list[dict[str, Any]]] = {}
        for number, model in self._fit_all([(bars, fold.fitted_at) for _, bars, fold in folds]):
            name, history, fold = folds[number]
            forecasts = (
                _forecast_from(model, history, int(cutoff), h, levels) for cutoff in fold.cutoffs
            )
            parts[number] = [
                self._tabulate(name, one, level, with_actual=True) for one in forecasts
            ]
        return frame.join([part for number in sorted(parts) for part in parts[number]])

    def _fit_all(self, fits: Sequence[tuple[PriceHistory, int]]) -> Iterator[tuple[int, Model]]:
        """Train on each history's bars before its cutoff; yield its place and its model as it is.

        Raises:
            PriceError: one cannot be used.
            TrainingDiverged: a loss is no longer a number.
            ClusterError: the executor's cluster is gone.
        """
        load_engines([self.recipe], self._observer)
        if self._executor.count_processes(len(fits)) == 1:
            from stockcast.training.cutoff import fit_at_cutoff

            for number, (history, cutoff) in enumerate(fits):
                progress = self._observer.open_progress(task=f"train {history.ticker}")
                yield number, fit_at_cutoff(history, self.recipe, cutoff, progress=progress)
            return
        timeout = self._executor.timeout
        tasks = {
            f"{history.ticker} {cutoff}": FitTask(
                f"{history.ticker} {cutoff}", history, self.recipe, cutoff, timeout
            )
            for history, cutoff in fits
        }
        places = {name: number for number, name in enumerate(tasks)}
        with (
            closing(self._executor.run(iter(tasks.values()), fit_task, tickers=len(fits))) as run,
            self._observer.count_tickers("train", len(fits)) as count,
        ):
            for outcome in run:
                count.begin()
                if outcome.content is None:
                    raise outcome.error or StockcastError(f"{outcome.name} came to nothing")
                count.finish(failed=False)
                yield places[outcome.name], outcome.content

    def _tabulate(
        self,
        name: Hashable,
        forecast: Forecast,
        level: Sequence[float] | None,
        *,
        with_actual: bool = False,
    ) -> dict[str, Any]:
        """Return the columns of one series' forecasts, in statsforecast's order."""
        columns: dict[str, Any] = {
            "unique_id": [name] * len(forecast.dates),
            "ds": forecast.dates,
        }
        if with_actual:
            columns |= {"cutoff": forecast.last_dates, "y": forecast.actual}
        columns[self.alias] = forecast.forecast
        bounds = sorted(
            (share, one) for share, one in zip(_read_levels(level), level or (), strict=True)
        )
        for share, shown in reversed(bounds):
            columns[f"{self.alias}-lo-{shown:g}"] = forecast.intervals[share][0]
        for share, shown in bounds:
            columns[f"{self.alias}-hi-{shown:g}"] = forecast.intervals[share][1]
        return columns


@dataclass(frozen=True)
class _Frame:
    """What was read from a frame, and how one like it is made.

    Attributes:
        series: the bars of each `unique_id`, in the order of their names.
        ds: type of its dates.
        unique_id: type of its names.
        is_polars: whether it was of polars.
    """

    series: dict[Hashable, PriceHistory]
    ds: Any
    unique_id: Any
    is_polars: bool

    def join(self, parts: Sequence[dict[str, Any]]) -> Any:
        """Return parts as one frame, with names and dates of the types that came."""
        import pandas as pd

        joined = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
        joined["unique_id"] = joined["unique_id"].astype(self.unique_id)
        for name in {"ds", "cutoff"} & set(joined.columns):
            if isinstance(self.ds, pd.DatetimeTZDtype):
                joined[name] = joined[name].dt.tz_localize(self.ds.tz)
            if pd.api.types.is_datetime64_any_dtype(self.ds):
                joined[name] = joined[name].astype(self.ds)
        if not self.is_polars:
            return joined
        import polars as pl

        return pl.from_pandas(joined)


def _read(df: Any) -> _Frame:
    """Read the series of a frame.

    Raises:
        UnreadablePrices: it is none, or lacks a column.
        PriceError: as `read_frames`.
    """
    if not is_frame(df) or not hasattr(df, "columns"):
        raise UnreadablePrices(
            f"{type(df).__name__} is no frame", hint="give a DataFrame of pandas or polars"
        )
    frame: pd.DataFrame = df.to_pandas() if hasattr(df, "to_pandas") else df
    if "unique_id" not in frame.columns and frame.index.name == "unique_id":
        frame = frame.reset_index()
    missing = [name for name in _COLUMNS if name not in frame.columns]
    if missing:
        found = ", ".join(map(str, frame.columns))
        raise UnreadablePrices(
            f"{FRAME}: no column {missing[0]}, found {found}",
            hint="rename yours to unique_id, ds and y",
        )
    named = {str(name): name for name in frame["unique_id"].unique()}
    histories = sorted(
        ((named.get(one.ticker, one.ticker), one) for one in read_frames(frame)),
        key=lambda pair: (str(type(pair[0])), pair[0]),
    )
    module = type(df).__module__.partition(".")[0]
    return _Frame(dict(histories), frame["ds"].dtype, frame["unique_id"].dtype, module == "polars")


def _forecast_from(
    model: Model, history: PriceHistory, cutoff: int, h: int, levels: tuple[float, ...]
) -> Forecast:
    """Forecast the h rows after a cutoff, beside what they came to."""
    from dataclasses import replace

    rows = slice(cutoff, cutoff + h)
    known = history.select(np.arange(cutoff))
    forecast = forecast_next(
        model, known, horizon=h, levels=levels, sessions=lambda *_: history.dates[rows]
    )
    return replace(forecast, actual=history.columns[model.columns.target][rows])


def _step_by(freq: str) -> Sessions:
    """Return what finds the next dates at a frequency of pandas.

    Raises:
        UsageError: pandas has no such frequency.
    """
    import pandas as pd

    try:
        offset = pd.tseries.frequencies.to_offset(freq)
    except (ValueError, TypeError):
        offset = None
    if offset is None:
        raise UsageError(
            f"{option('freq')} is {freq!r}, expected a frequency of pandas",
            hint="give B for weekdays, D for days, h for hours, ME for ends of months",
        )

    def find_next(dates: Dates, count: int) -> Dates:
        last = pd.Timestamp(dates[-1])
        following = [last + step * offset for step in range(1, count + 1)]
        return np.array(following, dtype="datetime64[us]")

    return find_next


def _read_levels(level: Sequence[float] | None) -> tuple[float, ...]:
    """Percent ─▶ shares, ascending as they came."""
    levels = tuple(level or ())
    for one in levels:
        if not 1 <= one < 100:  # 0.8 is a share, and surely not meant
            raise UsageError(f"{option('level')} has {one}, expected percent such as 80")
    return tuple(one / 100 for one in levels)


def _require_from_1(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise UsageError(f"{option(name)} is {number}, expected at least 1")


def _require_rows(history: PriceHistory, first: int, n_windows: int) -> None:
    if first < 1:
        raise TooShort(
            f"{history.name}: {count_of(len(history), 'row')} are too few for "
            f"{count_of(n_windows, 'cutoff')}",
            hint=f"give more history, or a smaller {option('n_windows')} or {option('h')}",
        )
