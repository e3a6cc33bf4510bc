"""A column with times of day, beside the dates."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stockcast.prices.arrow import integers, matches

_COLONS = (
    r"^(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,][0-9]+)?)?"
    r" ?(?P<p>[AaPp]\.?[Mm]\.?)?"
)
_DIGITS = r"^(?P<H>[0-9]{2})(?P<M>[0-9]{2})(?P<S>[0-9]{2})?$"


def read_times(cells: pa.Array) -> NDArray[np.int64]:
    """Read times such as `15:35:00`, `9:30 PM`, `153500`, `0`.

    Returns:
        (rows,) microseconds since midnight; 0 where a cell holds no time that a clock shows.
    """
    colons = pc.extract_regex(cells, _COLONS)
    # 93000 and 0 have lost their leading zeros; 0930 never had seconds.
    plain = cells.filter(pc.match_substring_regex(cells, "^[0-9]+$"))
    widest = pc.max(pc.utf8_length(plain)).as_py() or 0
    padded = pc.utf8_lpad(cells, 6 if widest > 4 else 4, "0")
    digits = pc.extract_regex(padded, _DIGITS)
    hours = np.maximum(integers(colons.field("H")), integers(digits.field("H")))
    minutes = np.maximum(integers(colons.field("M")), integers(digits.field("M")))
    seconds = np.maximum(integers(colons.field("S")), integers(digits.field("S")))
    noon = colons.field("p")
    if noon.null_count < len(noon):
        hours = np.where(matches(noon, "^p") & (hours < 12), hours + 12, hours)
        hours = np.where(matches(noon, "^a") & (hours == 12), 0, hours)
    shown = (hours >= 0) & (hours < 24) & (minutes < 60) & (seconds < 60)
    total = hours * 3600 + np.maximum(minutes, 0) * 60 + np.maximum(seconds, 0)
    micros: NDArray[np.int64] = np.where(shown, total * 1_000_000, 0)
    return micros
