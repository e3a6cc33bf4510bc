"""The prepared folder: a windowed series on disk, and memory-mapped again."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

import stockcast
from stockcast.errors import InvalidRecipe, OutputError, SeveralTickers, UnreadablePrices
from stockcast.files import replace_folder
from stockcast.prices.history import Source, format_date
from stockcast.recipe import Recipe, build_recipe, load_recipe
from stockcast.windows.features import Columns
from stockcast.windows.scaling import Scalers
from stockcast.windows.series import WindowedSeries
from stockcast.windows.split import Spans
from stockcast.windows.windowing import cut_windows

MANIFEST = "manifest.json"
SERIES, PRICES, DATES, WINDOWS = "series.npy", "prices.npy", "dates.npy", "windows.npy"
_FORMAT: Literal[1] = 1
_AGAIN = "prepare the folder again"
_BATCH = 65_536  # windows written at a time
# What the files were made with; the rest of a recipe only matters once training starts.
_SHAPING = ("column", "features", "target", "window", "validation", "test")


@dataclass(frozen=True)
class SpanEntry:
    """One span: rows first … end − 1, and how many windows have their target there."""

    first_row: int
    end_row: int
    first_date: str | None
    last_date: str | None
    windows: int


class Manifest(BaseModel):
    """What a prepared folder says of itself; pydantic checks the plain dataclasses inside too."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal[1] = _FORMAT
    stockcast: str
    ticker: str
    columns: Columns
    rows: int
    first_date: str
    last_date: str
    spans: dict[Literal["train", "validation", "test"], SpanEntry]
    scalers: Scalers
    recipe: Recipe
    inputs: tuple[Source, ...]
    files: dict[str, str]


def write_prepared(
    all_series: Sequence[WindowedSeries], folder: Path, *, materialize: bool = False
) -> list[Path]:
    """Write series into a folder, whole or not at all: one directly, several each by ticker.

    Args:
        all_series: at least one.
        folder: an earlier prepared folder there is replaced.
        materialize: also write every window, as X_train.npy (windows, window, features) and
            y_train.npy (windows, 1) and their validation and test twins, float32.

    Returns:
        the folder of each series.

    Raises:
        OutputError: the folder holds something else, or cannot be written.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not _holds(folder)):
        raise OutputError(
            f"{folder} is there and is not a prepared folder", hint="name another with -o"
        )
    names = [""] if len(all_series) == 1 else [_folder_name(series) for series in all_series]
    with replace_folder(folder) as temporary:
        for name, series in zip(names, all_series, strict=True):
            (temporary / name).mkdir(exist_ok=True)
            _write_one(series, temporary / name, materialize=materialize)
    return [folder / name for name in names]


def read_prepared(
    folder: Path,
    *,
    ticker: str | None = None,
    recipe: str | None = None,
    overrides: dict[str, Any] | None = None,
) -> WindowedSeries:
    """Read one series from a prepared folder, its arrays memory-mapped.

    Args:
        folder: what `write_prepared` wrote.
        ticker: which one, where there are several.
        recipe: a recipe to train with instead of the folder's own.
        overrides: recipe fields that win over it.

    Raises:
        UnreadablePrices: not a prepared folder, or damaged.
        SeveralTickers: several and no `ticker`.
        InvalidRecipe: the recipe asks for what the folder was not prepared for.
    """
    home = _find_series(folder, ticker)
    manifest = _read_manifest(home)
    chosen = manifest.recipe
    if recipe is not None:
        chosen = load_recipe(recipe, overrides)
    elif overrides:
        chosen = build_recipe(
            {**chosen.to_dict(), **overrides}, where=str(home), flags=frozenset(overrides)
        )
    for field in _SHAPING:
        prepared, asked = getattr(manifest.recipe, field), getattr(chosen, field)
        if prepared != asked:
            raise InvalidRecipe(
                f"{home} was prepared with {field} {prepared!r}, not {asked!r}",
                hint=f"prepare it again with --{field}, or leave it out",
            )
    arrays = {name: _open_array(home / name) for name in (SERIES, PRICES, DATES)}
    spans = manifest.spans
    shape = (manifest.rows, len(manifest.columns.features))
    if arrays[SERIES].shape != shape or any(len(array) != shape[0] for array in arrays.values()):
        raise UnreadablePrices(f"{home}: its arrays are not of {shape[0]} rows", hint=_AGAIN)
    return WindowedSeries(
        ticker=manifest.ticker,
        recipe=chosen,
        columns=manifest.columns,
        dates=arrays[DATES],
        prices=arrays[PRICES],
        values=arrays[SERIES],
        spans=Spans(spans["train"].end_row, spans["validation"].end_row, manifest.rows),
        scalers=manifest.scalers,
        sources=manifest.inputs,
    )


def _write_one(series: WindowedSeries, home: Path, *, materialize: bool) -> None:
    window = series.recipe.window
    np.save(home / SERIES, series.values)
    np.save(home / PRICES, series.prices)
    np.save(home / DATES, series.dates)
    np.save(home / WINDOWS, series.window_starts)
    files = {
        SERIES: "(rows, features) float32, scaled",
        PRICES: "(rows,) float64, the forecast column in price units",
        DATES: "(rows,) datetime64",
        WINDOWS: "(windows,) int64, first row of each window; its target is `window` rows later",
    }
    edges = (0, series.spans.train_end, series.spans.validation_end, series.spans.rows)
    counts = series.spans.count_windows(window)
    spans = {}
    for number, name in enumerate(("train", "validation", "test")):
        first, end = edges[number], edges[number + 1]
        spans[name] = SpanEntry(
            first_row=first,
            end_row=end,
            first_date=format_date(series.dates[first]) if end > first else None,
            last_date=format_date(series.dates[end - 1]) if end > first else None,
            windows=counts[number],
        )
        if materialize:
            start = sum(counts[:number])
            _write_windows(series, home, name, start, start + counts[number])
            files[f"X_{name}.npy"] = "(windows, window, features) float32"
            files[f"y_{name}.npy"] = "(windows, 1) float32, what follows each window, scaled"
    manifest = Manifest.model_validate(
        {
            "stockcast": stockcast.__version__,
            "ticker": series.ticker,
            "columns": series.columns,
            "rows": len(series.dates),
            "first_date": format_date(series.dates[0]),
            "last_date": format_date(series.dates[-1]),
            "spans": spans,
            "scalers": series.scalers,
            "recipe": series.recipe,
            "inputs": series.sources,
            "files": files,
        }
    )
    text = json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (home / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _write_windows(series: WindowedSeries, home: Path, name: str, start: int, end: int) -> None:
    """Write the windows start … end − 1 and their targets, a batch at a time."""
    window = series.recipe.window
    shape = (end - start, window, series.values.shape[1])
    np.save(home / f"y_{name}.npy", series.targets[start + window : end + window, None])
    if not end > start:
        np.save(home / f"X_{name}.npy", np.empty(shape, np.float32))
        return
    views = cut_windows(series.values, window=window)
    target = open_memmap(home / f"X_{name}.npy", mode="w+", dtype=np.float32, shape=shape)
    for first in range(start, end, _BATCH):
        last = min(first + _BATCH, end)
        target[first - start : last - start] = views[first:last]
    target.flush()


def _find_series(folder: Path, ticker: str | None) -> Path:
    """Return the folder of one ticker: the folder itself, or one of those in it."""
    if (folder / MANIFEST).is_file():
        return folder
    homes = {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{MANIFEST}"))}
    if not homes:
        raise UnreadablePrices(
            f"{folder} is a folder without {MANIFEST}",
            hint=f"name a CSV file, or prepare the folder: stockcast prepare PRICES -o {folder}",
        )
    if ticker in homes:
        return homes[str(ticker)]
    if len(homes) == 1 and ticker is None:
        return next(iter(homes.values()))
    raise SeveralTickers(
        f"{folder} holds {', '.join(list(homes)[:8])}" + (", …" if len(homes) > 8 else ""),
        hint=f"name one of them: --ticker {next(iter(homes))}",
    )


def _read_manifest(home: Path) -> Manifest:
    path = home / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise UnreadablePrices(f"{path}: {place}: {first['msg']}", hint=_AGAIN) from None


def _open_array(path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UnreadablePrices(f"{path} is missing or damaged: {error}", hint=_AGAIN) from None
    return array


def _holds(folder: Path) -> bool:
    """Whether a folder is one that `write_prepared` made."""
    return (folder / MANIFEST).is_file() or any(folder.glob(f"*/{MANIFEST}"))


def _folder_name(series: WindowedSeries) -> str:
    """Return the ticker as a folder's name; a ticker is text from a stranger.

    Raises:
        UnreadablePrices: it cannot be one.
    """
    name = re.sub(r"[^\w.^=-]", "_", series.ticker).strip(".")
    if not name:
        raise UnreadablePrices(f"{series.sources[0].name}: {series.ticker!r} cannot name a folder")
    return name
