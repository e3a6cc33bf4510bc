"""The prepared folder: a windowed series on disk, and memory-mapped again."""

from __future__ import annotations

import json
import tokenize
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap, read_array_header_1_0, read_magic
from numpy.typing import NDArray

import stockcast
from stockcast.errors import (
    InvalidRecipe,
    Option,
    OutputError,
    SeveralTickers,
    UnreadablePrices,
    command,
    option,
)
from stockcast.files import replace_folder
from stockcast.files.naming import name_safely
from stockcast.prices.history import format_date
from stockcast.recipe import Recipe, Shapes, build_recipe, list_fields, load_recipe
from stockcast.windows.manifest import (
    MANIFEST,
    PREPARE_AGAIN,
    SPANS,
    Manifest,
    SpanEntry,
    read_manifest,
)
from stockcast.windows.series import WindowedSeries
from stockcast.windows.split import Spans
from stockcast.windows.windowing import cut_windows

SERIES, PRICES, DATES, WINDOWS = "series.npy", "prices.npy", "dates.npy", "windows.npy"
VOLATILITY, VARIANCES = "volatility.npy", "variances.npy"
_BATCH = 65_536  # windows written at a time
# NumPy parses an array's header as Python's literals, with all that can go wrong there.
_UNREADABLE = (OSError, ValueError, EOFError, SyntaxError, TypeError, tokenize.TokenError)


def write_prepared(
    all_series: Sequence[WindowedSeries], folder: Path, *, materialize: bool = False
) -> list[Path]:
    """Write series into a folder, whole or not at all: one directly, several each by ticker.

    Args:
        all_series: at least one.
        folder: an earlier prepared folder there is replaced.
        materialize: also write every window, as X_train.npy (windows, window, features) and
            y_train.npy (windows, horizon · targets a step) and their validation and test twins,
            float32.

    Returns:
        the folder of each series.

    Raises:
        OutputError: the folder holds something else, or cannot be written.
    """
    if folder.exists() and not _is_ours(folder):
        raise OutputError(
            f"{folder} is there and is not a prepared folder",
            hint=f"name another with {option('path')}",
        )
    names = [""] if len(all_series) == 1 else _name_folders(all_series)
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
    manifest = read_manifest(home)
    chosen = manifest.recipe
    if recipe is not None:
        chosen = load_recipe(recipe, overrides)
    elif overrides:
        chosen = build_recipe(
            {**chosen.to_dict(), **overrides}, where=str(home), overridden=frozenset(overrides)
        )
    if chosen.pooled:
        raise InvalidRecipe(
            f"{home} was prepared for a model of its own, not for a pooled one",
            hint="name the price files: "
            + command("train", Option("pooled", value=True), "PRICES…"),
        )
    _check_shapes(home, manifest.recipe, chosen)
    rows, spans = manifest.rows, manifest.spans
    values = _open_array(home / SERIES, (rows, len(manifest.columns.inputs)), "float32")
    prices = _open_array(home / PRICES, (rows,), "float64")
    dates = _open_array(home / DATES, (rows,), "datetime64[us]")
    volatility, variances = _open_moves(home, manifest)
    return WindowedSeries(
        ticker=manifest.ticker,
        recipe=chosen,
        columns=manifest.columns,
        dates=dates,
        prices=prices,
        values=values,
        volatility=volatility,
        variances=variances,
        spans=Spans(spans["train"].end_row, spans["validation"].end_row, manifest.rows),
        scalers=manifest.scalers,
        sources=manifest.inputs,
        rows_sha256=manifest.rows_sha256,
        path=manifest.path,
    )


def _open_moves(home: Path, manifest: Manifest) -> tuple[NDArray[Any], NDArray[Any]]:
    """Open what a folder says of how far bars moved; without a path, of the next one alone."""
    rows = manifest.rows
    if manifest.path is None:
        volatility = _open_array(home / VOLATILITY, (rows,), "float64")
        return volatility[:, None], np.full(rows, np.nan)
    steps = manifest.path.horizon
    volatility = _open_array(home / VOLATILITY, (rows, steps), "float64")
    return volatility, _open_array(home / VARIANCES, (rows,), "float64")


def _check_shapes(home: Path, prepared: Recipe, asked: Recipe) -> None:
    """Refuse a recipe that asks for what the folder was not prepared for.

    Raises:
        InvalidRecipe: it does; the rest of a recipe only matters once training starts.
    """
    for field in list_fields(Shapes.DATA):
        there, wanted = _settle(prepared, field), _settle(asked, field)
        if there != wanted:
            raise InvalidRecipe(
                f"{home} was prepared with {field} {there!r}, not {wanted!r}",
                hint=f"prepare it again with {option(field)}, or leave it out",
            )


def _settle(recipe: Recipe, field: str) -> Any:
    """Return a field's value, of the loss the one that `auto` comes to."""
    return recipe.scored_by if field == "loss" else getattr(recipe, field)


def list_prepared(folder: Path) -> list[Path]:
    """Return the folder of each series in a prepared folder, which may be the folder itself."""
    if (folder / MANIFEST).is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))


_MOVES = {
    VOLATILITY: "(rows, horizon) float64, the standard deviation of the log return up to each step",
    VARIANCES: "(rows,) float64, how far each bar moved, squared; NaN where it is not known",
}
_FILES = {
    SERIES: "(rows, inputs) float32, scaled features and then signals",
    PRICES: "(rows,) float64, the forecast column in price units",
    DATES: "(rows,) datetime64",
    VOLATILITY: "(rows,) float64, the standard deviation of the next log return",
    WINDOWS: "(windows,) int64, first row of each window; its answers begin `window` rows on",
}


def _write_one(series: WindowedSeries, home: Path, *, materialize: bool) -> None:
    np.save(home / SERIES, series.values)
    np.save(home / PRICES, series.prices)
    np.save(home / DATES, series.dates)
    np.save(home / WINDOWS, series.window_starts)
    files = {**_FILES, **_write_moves(series, home)}
    edges = (0, series.spans.train_end, series.spans.validation_end, series.spans.rows)
    starts = series.list_starts()
    spans: dict[str, SpanEntry] = {}
    for number, name in enumerate(SPANS):
        first, end = edges[number], edges[number + 1]
        spans[name] = SpanEntry(
            first_row=first,
            end_row=end,
            first_date=format_date(series.dates[first]) if end > first else None,
            last_date=format_date(series.dates[end - 1]) if end > first else None,
            windows=len(starts[number]),
        )
        if materialize:
            _write_windows(series, home, name, starts[number])
            files[f"X_{name}.npy"] = "(windows, window, features) float32"
            files[f"y_{name}.npy"] = "(windows, horizon) float32, what follows each window, scaled"
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
            "path": series.path,
            "recipe": series.recipe,
            "inputs": series.sources,
            "rows_sha256": series.rows_sha256,
            "files": files,
        }
    )
    text = json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (home / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _write_moves(series: WindowedSeries, home: Path) -> dict[str, str]:
    """Write how far bars moved; return the files that a series with a path has of it."""
    if series.path is None:
        np.save(home / VOLATILITY, series.volatility[:, 0])
        return {}
    np.save(home / VOLATILITY, series.volatility)
    np.save(home / VARIANCES, series.variances)
    return _MOVES


def _write_windows(
    series: WindowedSeries, home: Path, name: str, starts: NDArray[np.int64]
) -> None:
    """Write windows as the network sees them, and their answers, a batch at a time."""
    window = series.recipe.window
    shape = (len(starts), window, series.values.shape[1])
    np.save(home / f"y_{name}.npy", series.cut_targets(starts))
    if not len(starts):
        np.save(home / f"X_{name}.npy", np.empty(shape, np.float32))
        return
    views = cut_windows(series.values, window=window)
    target = open_memmap(home / f"X_{name}.npy", mode="w+", dtype=np.float32, shape=shape)
    for first in range(0, len(starts), _BATCH):
        batch = views[starts[first] : starts[first] + _BATCH][: len(starts) - first]
        target[first : first + _BATCH] = series.scaling.inputs(batch)
    target.flush()


def _find_series(folder: Path, ticker: str | None) -> Path:
    """Return the folder of one ticker: the folder itself, or one of those in it."""
    if (folder / MANIFEST).is_file():
        found = read_manifest(folder).ticker
        if ticker not in (None, found):
            raise UnreadablePrices(f"{folder} holds {found}, not {ticker}")
        return folder
    homes = {read_manifest(home).ticker: home for home in list_prepared(folder)}
    if not homes:
        raise UnreadablePrices(
            f"{folder} is a folder without {MANIFEST}",
            hint="name a price file, or prepare the folder: "
            + command("prepare", "PRICES", Option("path", str(folder))),
        )
    if ticker in homes:
        return homes[str(ticker)]
    if len(homes) == 1 and ticker is None:
        return next(iter(homes.values()))
    raise SeveralTickers(
        f"{folder} holds {', '.join(list(homes)[:8])}" + (", …" if len(homes) > 8 else ""),
        hint=f"name one of them: {option('ticker', next(iter(homes)))}",
    )


def _open_array(path: Path, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    try:
        with path.open("rb") as file:
            if read_magic(file) != (1, 0):
                raise ValueError("another version of NumPy's format")
            found = read_array_header_1_0(file)
            start = file.tell()
        # Compared before anything is mapped: a header can ask for any size.
        if found != (shape, False, np.dtype(dtype)):
            raise UnreadablePrices(
                f"{path} is {found[2]} {found[0]}, expected {dtype} {shape}", hint=PREPARE_AGAIN
            )
        return np.memmap(path, dtype=dtype, mode="r", offset=start, shape=shape)
    except _UNREADABLE as error:
        raise UnreadablePrices(
            f"{path} is missing or damaged: {error}", hint=PREPARE_AGAIN
        ) from None


def _is_ours(folder: Path) -> bool:
    """Whether a folder is empty, or holds what `write_prepared` wrote and nothing else."""
    if not folder.is_dir():
        return False
    entries = list(folder.iterdir())
    if (folder / MANIFEST).is_file():
        known = {MANIFEST, SERIES, PRICES, DATES, VOLATILITY, VARIANCES, WINDOWS}
        known |= {f"{part}_{name}.npy" for part in "Xy" for name in SPANS}
        return _is_manifest(folder) and all(entry.name in known for entry in entries)
    return all((entry / MANIFEST).is_file() and _is_ours(entry) for entry in entries)


def _is_manifest(home: Path) -> bool:
    try:
        read_manifest(home)
    except UnreadablePrices:
        return False
    return True


def _name_folders(all_series: Sequence[WindowedSeries]) -> list[str]:
    """Return a folder's name for each ticker; a ticker is text from a stranger.

    Raises:
        UnreadablePrices: one cannot be a name.
    """
    names: list[str] = []
    for series in all_series:
        name = name_safely(series.ticker)
        if not name:
            raise UnreadablePrices(
                f"{series.sources[0].name}: {series.ticker!r} cannot name a folder"
            )
        taken = {other.lower() for other in names}  # some file systems do not tell case apart
        numbered = (f"{name}-{number}" for number in range(2, len(all_series) + 2))
        names.append(
            name
            if name.lower() not in taken
            else next(other for other in numbered if other.lower() not in taken)
        )
    return names
