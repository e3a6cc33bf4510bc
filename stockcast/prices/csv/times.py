"""A column with times of day, beside the dates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stockcast.prices import arrow_compute as pc
from stockcast.prices.csv.arrow import integers, matches

_COLONS = (
    r"^(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,][0-9]+)?)?"
    r" ?(?P<p>[AaPp]\.?[Mm]\.?)?"
)
_DIGITS = r"^(?P<H>[0-9]{2})(?P<M>[0-9]{2})(?P<S>[0-9]{2})?$"


def find_digits(cells: Sequence[str]) -> int:
    """Return 4 where a column's times without colons are HHMM, 6 where they are HHMMSS."""
    plain = [cell for cell in cells if cell.isdecimal()]
    return 6 if any(len(cell) > 4 or int(cell) > 2359 for cell in plain) else 4


def count_from_midnight(hours: NDArray[np.int64], noon: pa.Array) -> NDArray[np.int64]:
    """Turn hours with `am` or `pm` (null: neither) beside them into those of a 24-hour clock."""
    hours = np.where(matches(noon, "^p") & (hours < 12), hours + 12, hours)
    return np.where(matches(noon, "^a") & (hours == 12), 0, hours)


def read_times(cells: pa.Array, *, digits: int) -> NDArray[np.int64]:
    """Read times such as `15:35:00`, `9:30 PM`, `153500`, `0`.

    Args:
        cells: trimmed.
        digits: what `find_digits` says of the column.

    Returns:
        (rows,) microseconds since midnight; 0 where a cell holds no time that a clock shows.
    """
    colons = pc.extract_regex(cells, _COLONS)
    # 93000 and 0 have lost their leading zeros.
    plain = pc.extract_regex(pc.utf8_lpad(cells, digits, "0"), _DIGITS)
    hours = np.maximum(integers(colons.field("H")), integers(plain.field("H")))
    minutes = np.maximum(integers(colons.field("M")), integers(plain.field("M")))
    seconds = np.maximum(integers(colons.field("S")), integers(plain.field("S")))
    noon = colons.field("p")
    if noon.null_count < len(noon):
        hours = count_from_midnight(hours, noon)
    shown = (hours >= 0) & (hours < 24) & (minutes < 60) & (seconds < 60)
    total = hours * 3600 + np.maximum(minutes, 0) * 60 + np.maximum(seconds, 0)
    micros: NDArray[np.int64] = np.where(shown, total * 1_000_000, 0)
    return micros
