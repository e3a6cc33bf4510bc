"""What the columns of a file of forecasts mean: our own names, and those of other libraries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stockcast.errors import UnusableForecasts

NAMES: dict[str, tuple[str, ...]] = {
    "ticker": ("ticker", "unique_id", "item_id", "symbol"),
    "date": ("date", "ds", "timestamp", "timestamps"),
    "forecast": ("forecast", "predictions", "prediction", "yhat"),
    "last_date": ("last_date", "cutoff"),
    "step": ("step", "horizon"),
    "last_price": ("last_price",),
    "volatility": ("volatility",),
    "model": ("model",),
}
"""What each column may be called; case and spaces around play no part."""

_LEVEL = r"(\d{1,2}(?:\.\d+)?)"
_QUANTILE = r"(0?\.\d+)"
# A lower and an upper bound, without and with the name of their model before them.
_PAIRS = ((rf"lower_{_LEVEL}", "upper_{}"), (rf"-lo-{_LEVEL}", "-hi-{}"))
# What stands beside models in a table of Nixtla's libraries, and is none.
_NO_MODELS = {"y", "actual", "index", "", "target_name"}


@dataclass(frozen=True)
class ModelColumns:
    """The columns of one model.

    Attributes:
        name: as its column is called, where that names it; else empty.
        forecast: the column's position, and so are the others.
        bounds: level, 0 to 1, to lower and upper.
        tails: one-sided quantile, 0 to 1, to the price at it and the mean price beyond it; None
            where that has no column.
    """

    name: str
    forecast: int
    bounds: Mapping[float, tuple[int, int]] = field(default_factory=dict)
    tails: Mapping[float, tuple[int, int | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class RecordedLayout:
    """Which column is which.

    Attributes:
        positions: a key of NAMES to the column's position; of `forecast` only where it is named.
        models: at least one.
    """

    positions: Mapping[str, int]
    models: tuple[ModelColumns, ...]

    @property
    def numbers(self) -> list[int]:
        """Positions of the columns that hold numbers."""
        named = [self.positions.get(key) for key in ("step", "last_price", "volatility")]
        pairs: list[tuple[int, int | None]] = []
        for model in self.models:
            pairs += [(model.forecast, None), *model.bounds.values(), *model.tails.values()]
        cells = [*named, *(at for pair in pairs for at in pair)]
        return list(dict.fromkeys(at for at in cells if at is not None))


def find_recorded_layout(header: Sequence[str], *, name: str) -> RecordedLayout:
    """Find out which column is which.

    Bounds are `lower_80` and `upper_80`, or quantiles in pairs, as Chronos' `0.1` and `0.9`.
    Each of those is a one-sided quantile too, as `quantile_10` with `shortfall_10` is.
    Tables with `unique_id` and `ds`, as of statsforecast, have a column a model, called as it is,
    and bounds beside it, as `AutoARIMA-lo-80` and `AutoARIMA-hi-80`, or `timesfm-q-0.1`.

    Args:
        header: the columns' names.
        name: of the file, for messages.

    Raises:
        UnusableForecasts: no dates, no forecasts, a column twice, or a bound without the other.

    Example:
        >>> find_recorded_layout(["date", "forecast"], name="mine.csv").positions
        {'date': 0, 'forecast': 1}
        >>> header = ["unique_id", "ds", "cutoff", "y", "Naive", "Naive-lo-80", "Naive-hi-80"]
        >>> find_recorded_layout(header, name="theirs.csv").models
        (ModelColumns(name='Naive', forecast=4, bounds={0.8: (5, 6)}, tails={}),)
    """
    folded = [cell.strip().lower() for cell in header]
    twice = next((one for one in folded if one and folded.count(one) > 1), None)
    if twice is not None:
        raise UnusableForecasts(
            f"{name}:1: two columns are called {twice}", hint="keep one of them"
        )
    positions = {}
    for key, names in NAMES.items():
        found = next((folded.index(one) for one in names if one in folded), None)
        if found is not None:
            positions[key] = found
    if "date" not in positions:
        raise _lack(name, "date", header)
    if "forecast" in positions:
        bounds = _find_bounds(folded, "", name) or _pair_quantiles(_find_quantiles(folded, ""))
        tails = _find_tails(folded, name)
        return RecordedLayout(positions, (ModelColumns("", positions["forecast"], bounds, tails),))
    models = _find_models(header, positions, name) if {"unique_id", "ds"} <= set(folded) else ()
    if not models:
        raise _lack(name, "forecast", header)
    return RecordedLayout(positions, models)


def _lack(name: str, what: str, header: Sequence[str]) -> UnusableForecasts:
    found = ", ".join(cell.strip() for cell in header[:12])
    return UnusableForecasts(
        f"{name}:1: no {what} column, found {found[:200] or 'nothing'}",
        hint=f"name it {' or '.join(NAMES[what])}",
    )


def _find_models(
    header: Sequence[str], positions: Mapping[str, int], name: str
) -> tuple[ModelColumns, ...]:
    folded = [cell.strip().lower() for cell in header]
    models = []
    for position, cell in enumerate(folded):
        is_other = position in positions.values() or cell in _NO_MODELS
        if is_other or re.search(rf"-(?:lo|hi)-{_LEVEL}$|-q-{_QUANTILE}$", cell):
            continue
        plain = cell.removesuffix("-median")
        quantiles = _find_quantiles(folded, plain)
        bounds = _find_bounds(folded, plain, name) or _pair_quantiles(quantiles)
        tails = {share: (at, None) for share, at in quantiles.items()}
        models.append(ModelColumns(header[position].strip(), position, bounds, tails))
    return tuple(models)


def _find_bounds(folded: Sequence[str], before: str, name: str) -> dict[float, tuple[int, int]]:
    """Return the columns of each level, whose names begin with something."""
    lower, upper = _PAIRS[1] if before else _PAIRS[0]
    found = {}
    for position, cell in enumerate(folded):
        match = re.fullmatch(re.escape(before) + lower, cell)
        other = before + upper.format(match[1]) if match else ""
        if match is None or not 0 < float(match[1]) < 100:
            continue
        if other not in folded:
            raise UnusableForecasts(f"{name}:1: {cell} without {other}", hint="give both, or none")
        found[round(float(match[1]) / 100, 10)] = position, folded.index(other)
    return found


def _find_tails(folded: Sequence[str], name: str) -> dict[float, tuple[int, int | None]]:
    """Return the columns of each one-sided quantile of a table of one model."""
    found: dict[float, tuple[int, int | None]] = {
        share: (at, None) for share, at in _find_quantiles(folded, "").items()
    }
    at = {cell: place for place, cell in enumerate(folded)}
    for cell, place in at.items():
        match = re.fullmatch(rf"(quantile|shortfall)_{_LEVEL}", cell)
        if match is None or not 0 < float(match[2]) < 100:
            continue
        if match[1] == "quantile":
            found[round(float(match[2]) / 100, 10)] = place, at.get(f"shortfall_{match[2]}")
        elif f"quantile_{match[2]}" not in at:
            raise UnusableForecasts(
                f"{name}:1: {cell} without quantile_{match[2]}",
                hint="a shortfall is the mean price beyond a quantile: give that as well",
            )
    return found


def _find_quantiles(folded: Sequence[str], before: str) -> dict[float, int]:
    """Return the columns of quantiles that are called as shares, by share."""
    pattern = rf"{re.escape(before)}[-]q[-]{_QUANTILE}" if before else _QUANTILE
    matches = [re.fullmatch(pattern, cell) for cell in folded]
    return {round(float(match[1]), 10): place for place, match in enumerate(matches) if match}


def _pair_quantiles(at: Mapping[float, int]) -> dict[float, tuple[int, int]]:
    """Return pairs of quantiles that are as far from the middle, by level."""
    return {
        round(1 - 2 * below, 10): (place, at[round(1 - below, 10)])
        for below, place in at.items()
        if below < 0.5 and round(1 - below, 10) in at
    }
