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
        (rows,) microseconds since midnight; 0 where a cell holds no time.
    """
    colons = pc.extract_regex(cells, _COLONS)
    # 93000 and 0 have lost their leading zeros.
    digits = pc.extract_regex(pc.utf8_lpad(cells, 6, "0"), _DIGITS)
    hours = np.maximum(integers(colons.field("H")), integers(digits.field("H")))
    minutes = np.maximum(integers(colons.field("M")), integers(digits.field("M")))
    seconds = np.maximum(integers(colons.field("S")), integers(digits.field("S")))
    noon = colons.field("p")
    if noon.null_count < len(noon):
        hours = np.where(matches(noon, "^p") & (hours < 12), hours + 12, hours)
        hours = np.where(matches(noon, "^a") & (hours == 12), 0, hours)
    total = np.maximum(hours, 0) * 3600 + np.maximum(minutes, 0) * 60 + np.maximum(seconds, 0)
    micros: NDArray[np.int64] = total * 1_000_000
    return micros
