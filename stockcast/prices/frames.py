"""Frames of pandas, polars, DuckDB or pyarrow ─▶ PriceHistory, judged as a CSV file is.

A frame is written as CSV in memory, with ISO dates and round-trip numbers, and that is read: what a
column means, what is odd and what is refused is settled in one place, and the same rows give the
same history from a file and from a frame.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from stockcast.errors import UnreadablePrices
from stockcast.prices.arrow_text import (
    NIXTLA,
    has_number_texts,
    is_price_name,
    to_text,
    write_text,
)
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.reader import choose_one, read_raw_files
from stockcast.prices.history import PriceHistory

if TYPE_CHECKING:
    import pandas as pd


class SupportsArrow(Protocol):
    """What can be streamed as Arrow: frames of pandas, polars, DuckDB and pyarrow."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a PyCapsule of an ArrowArrayStream."""
        ...


FRAME = "frame"
"""What messages call a frame; `frame:2` is its first row, as the names stand in line 1."""


def is_frame(value: object) -> bool:
    """Whether a value is a frame: of pandas, or one that can be streamed as Arrow."""
    return hasattr(value, "__arrow_c_stream__") or _is_pandas(value)


def read_frame(
    frame: Any, options: ReadOptions = NO_ANSWERS, *, ticker: str | None = None
) -> PriceHistory:
    """Read one ticker's prices from a frame.

    Args:
        frame: see `read_frames`.
        options: answers to what the frame leaves open.
        ticker: what to call it; of a frame of several tickers, the only one to read.

    Raises:
        SeveralTickers: the frame has more than one, and none is named.
        PriceError: as `read_frames`.

    Example:
        >>> import pandas as pd
        >>> days = pd.bdate_range("2013-01-01", periods=3)
        >>> history = read_frame(pd.DataFrame({"Close": [1.0, 2.0, 3.0]}, days), ticker="GOOG")
        >>> history.ticker, history.columns["close"].tolist()
        ('GOOG', [1.0, 2.0, 3.0])
    """
    if ticker is not None:
        options = replace(options, ticker=ticker)
    return choose_one(read_frames(frame, options))


def read_frames(frame: Any, options: ReadOptions = NO_ANSWERS) -> list[PriceHistory]:
    """Read the prices of one or many tickers from a frame.

    Args:
        frame: a pandas DataFrame, with the dates in a column or in its index, or anything with
            `__arrow_c_stream__` (polars, DuckDB, pyarrow). Columns are named as in CSV files:
            `Date`, `Open`, … `Adj Close`, `Volume` in any language that the reader knows; Nixtla's
            `unique_id, ds, y` too. Many tickers stand in a column of tickers (long), in two levels
            of columns as yfinance has them, or with `wide=True` in a column each.
        options: answers to what the frame leaves open; delimiter and encoding play no part.

    Returns:
        histories, in the order in which their tickers first appear. Times with a zone are taken as
        the clock there showed them. `sources` has the SHA-256 of the frame written as CSV.

    Raises:
        UnreadablePrices: no dates or prices in it; the message names row and column, see FRAME.
        AmbiguousPrices: it can be read in two ways; the hint names the option.
        DuplicateDates: one date with different prices and no `on_duplicate`.

    Example:
        >>> import pyarrow as pa
        >>> rows = {"ticker": ["A", "B"], "date": ["2013-02-28"] * 2, "close": [1.5, 2.5]}
        >>> [history.ticker for history in read_frames(pa.table(rows))]
        ['A', 'B']
    """
    table = _to_table(frame)
    if table.num_columns < 2:
        found = ", ".join(table.column_names) or "no column"
        raise UnreadablePrices(
            f"{FRAME}: {found} alone, expected dates and prices",
            hint="dates may stand in a column or in the index",
        )
    if {"unique_id", "ds"} <= set(table.column_names):
        table = table.rename_columns([NIXTLA.get(name, name) for name in table.column_names])
    options = replace(options, delimiter=",", encoding="utf-8", header=True)
    if not has_number_texts(table):
        # Numbers that are numbers have a point, so nothing is left to find out.
        options = replace(options, decimal=".", thousands=None)
    return read_raw_files([(RawFile(FRAME, spool=write_text(table)), FRAME)], options)


def write_cells(frame: Any) -> pa.Table:
    """Return a frame's columns as text, as a CSV would have them, an index of dates among them.

    Args:
        frame: see `read_frames`.

    Raises:
        UnreadablePrices: it is no frame.
    """
    table = _to_table(frame)
    return pa.table([to_text(column) for column in table.columns], names=table.column_names)


def _is_pandas(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "columns")


def _to_table(frame: Any) -> pa.Table:
    """Return a frame's columns as Arrow's, an index of dates among them.

    Raises:
        UnreadablePrices: it is no frame.
    """
    if _is_pandas(frame):
        return _from_pandas(frame)
    if not hasattr(frame, "__arrow_c_stream__"):
        raise UnreadablePrices(
            f"{type(frame).__name__} is no frame",
            hint="give a DataFrame of pandas or polars, or an Arrow table",
        )
    table = pa.table(frame)
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _from_pandas(frame: pd.DataFrame) -> pa.Table:
    import pandas as pd

    if isinstance(frame.columns, pd.MultiIndex):
        frame = _stack_tickers(frame)
    if not isinstance(frame.index, pd.RangeIndex):
        index = frame.index
        is_date = isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)
        names = [name or ("date" if is_date else None) for name in index.names]
        if any(names):
            frame = frame.reset_index(names=[name or "index" for name in names])
    arrays = [_to_arrow(frame.iloc[:, at]) for at in range(frame.shape[1])]
    return pa.table(arrays, names=[str(name) for name in frame.columns])


def _to_arrow(column: pd.Series) -> pa.Array:
    """Return a column; what has no type of its own, such as Decimal or Period, as text."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if column.dtype == object or isinstance(column.dtype, pd.PeriodDtype):
        missing = column.isna()
        values = [None if gone else str(one) for one, gone in zip(column, missing, strict=True)]
        return pa.array(values, pa.string())
    return pa.Array.from_pandas(column)


def _stack_tickers(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn two levels of columns, of fields and of tickers, into rows with a ticker each.

    Raises:
        UnreadablePrices: no level names prices, or there are more than two.
    """
    import pandas as pd

    levels = [list(dict.fromkeys(frame.columns.get_level_values(at))) for at in (0, 1)]
    known = [sum(is_price_name(str(name)) for name in names) for names in levels]
    if frame.columns.nlevels != 2 or not any(known):
        raise UnreadablePrices(
            f"the frame's columns have {frame.columns.nlevels} levels, expected one of prices such "
            "as Close and one of tickers",
            hint="give a column of tickers instead",
        )
    fields = 0 if known[0] >= known[1] else 1
    parts = []
    for ticker in levels[1 - fields]:
        part = frame.xs(ticker, axis=1, level=1 - fields)
        parts.append(part.assign(ticker=str(ticker)))
    stacked: pd.DataFrame = pd.concat(parts)
    return stacked
