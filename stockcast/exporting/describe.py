"""What an exported model and its parts are called."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stockcast.model.model import Model
from stockcast.networks.cells import CELLS, CellName
from stockcast.windows.features import count_warmup
from stockcast.windows.moves import BARS, REACH
from stockcast.windows.per_window import count_context
from stockcast.windows.volatility import SPAN

# Names of what goes into an ONNX graph and what comes out.
WINDOWS, ANSWERS = "windows", "answers"
PRICE_BARS, MARKET, CALENDAR, DATES = "bars", "market", "calendar", "dates"
FORECAST, VOLATILITY = "forecast", "volatility"

MARKET_COLUMNS = ("log_scale", "return")
"""Columns of `market`."""

DATE = "date"
"""Column of a covariate's bars that says when they were."""

_MEASURED = (*BARS, "volume")
_SPARE = 2  # bars that a covariate may have for each of a ticker's, on average


def list_layer_names(cell: CellName, layers: int) -> list[str]:
    """Return the recurrent layers' names, bottom to top: `lstm`, `lstm_1`, `lstm_2`."""
    return number_names("lstm" if CELLS[cell].has_memory_cell else "gru", layers)


def number_names(kind: str, count: int) -> list[str]:
    """Name layers of a kind as Keras does."""
    return [kind if number == 0 else f"{kind}_{number}" for number in range(count)]


def name_model(model: Model) -> str:
    """Return a name that says what scales: `stockcast_GOOG_log-return_close_deviation_0.0213`.

    Keras takes it as the name of a model: letters, digits, `_`, `-` and `.` alone. The numbers
    have round-trip precision.
    """
    parts = ["stockcast", model.ticker or "pool", model.recipe.target]
    for feature, scaler in zip(model.columns.features, model.scalers, strict=True):
        parts.append(feature)
        for name, value in scaler.numbers.items():
            parts += [name, repr(float(value)).replace("e+", "e")]
    return re.sub(r"[^A-Za-z0-9_.-]", "_", "_".join(parts))


@dataclass(frozen=True)
class BarsLayout:
    """What a graph with scaling takes: bars as they stand in the file, oldest first.

    What is not known is NaN: a column that a file lacks, and the rows before its first bar.

    Attributes:
        columns: of `bars`: the model's features, then what else says how far bars moved.
        rows: how many.
        takes_market: whether it takes what all tickers did as well, `market`.
        falls_back: whether the close is forecast where the newest adjusted close is not known, as
            a pooled model does with a file that has none.
    """

    columns: tuple[str, ...]
    rows: int
    takes_market: bool
    falls_back: bool


def lay_out_bars(model: Model) -> BarsLayout:
    """Return what a graph of a model takes, so that it can give what `predict` prints."""
    seen = model.columns
    path = model.path
    falls_back = (
        model.recipe.pooled
        and model.recipe.column == "auto"
        and not model.recipe.seen_columns
        and seen.header is None
    )
    first = ("adj_close",) if falls_back else seen.features
    return BarsLayout(
        columns=(*first, *(name for name in _MEASURED if name not in first)),
        rows=_count_rows(model),
        takes_market=path is not None and path.by_market is not None,
        falls_back=falls_back,
    )


@dataclass(frozen=True)
class CovariateLayout:
    """What a graph with scaling takes of a covariate: its own bars, oldest first.

    Attributes:
        input: name of the input.
        columns: of it: the date as a number, the price, then what else says how far bars moved.
        price: which of them is the price.
        rows: how many.
    """

    input: str
    columns: tuple[str, ...]
    price: str
    rows: int


def lay_out_covariates(model: Model) -> list[CovariateLayout]:
    """Return what a graph takes of each covariate that a model sees.

    The rows are a year before the window, and so many for it that a covariate of all days of the
    week can stand beside one of five.
    """
    rows = REACH + _SPARE * (model.recipe.window + 1)
    return [
        CovariateLayout(
            f"covariate {one.name}",
            (DATE, one.column, *(name for name in BARS if name != one.column)),
            one.column,
            rows,
        )
        for one in model.columns.covariates
    ]


def _count_rows(model: Model) -> int:
    """Return the bars that a forecast and its volatility depend on."""
    window = model.recipe.window
    seen = count_context(model.scalers, window)
    seen += count_warmup(model.columns.features, model.recipe.target)
    if model.path is None:
        return max(seen, SPAN + 1)
    # Of the newest bar alone the path is asked, or of all that the network sees of it.
    return max(seen, REACH + (window if model.columns.signals else 1))
