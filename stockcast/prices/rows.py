"""Columns of a long table ─▶ its rows, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from stockcast.prices.history import Dates, format_date


def list_rows(columns: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each row of a table by column.

    Args:
        columns: name to (rows,) array or list, or to one text that stands in every row; dates are
            written as ISO 8601.

    Example:
        >>> dates = np.array(["2013-02-28"], dtype="datetime64[us]")
        >>> list(list_rows({"ticker": "GOOG", "date": dates, "forecast": np.array([1.5])}))
        [{'ticker': 'GOOG', 'date': '2013-02-28', 'forecast': 1.5}]
    """
    count = next(len(values) for values in columns.values() if not isinstance(values, str))
    cells = [_to_list(values, count) for values in columns.values()]
    for row in zip(*cells, strict=True):
        yield dict(zip(columns, row, strict=True))


def _to_list(values: Any, count: int) -> list[Any]:
    if isinstance(values, str):
        return [values] * count
    if isinstance(values, list):
        return values
    if np.issubdtype(values.dtype, np.datetime64):
        return _format_dates(values)
    listed: list[Any] = values.tolist()
    return listed


def _format_dates(dates: Dates) -> list[str]:
    """Write dates; in a long table each stands many times."""
    counted = dates.view(np.int64).tolist()
    texts: dict[int, str] = {}
    for number, date in zip(counted, dates, strict=True):
        if number not in texts:
            texts[number] = format_date(date)
    return [texts[number] for number in counted]
