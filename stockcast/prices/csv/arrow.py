"""Apache Arrow ─▶ NumPy without a detour by way of pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def to_numpy(array: pa.Array) -> NDArray[Any]:
    """Return numbers as NumPy has them, null as NaN; `Array.to_numpy` would import pandas."""
    if array.null_count:
        numbers: NDArray[Any] = array.to_numpy(zero_copy_only=False)
        return numbers
    return np.from_dlpack(array)


def integers(array: pa.Array) -> NDArray[np.int64]:
    """Text of whole numbers ─▶ int64; −1 where a cell is null or empty."""
    if len(array) == array.null_count:
        return np.full(len(array), -1, dtype=np.int64)
    known = pc.if_else(
        pc.match_substring_regex(array, "^[0-9]+$"), array, pa.nulls(len(array), pa.string())
    )
    numbers = to_numpy(pc.cast(known, pa.int64()))
    if numbers.dtype != np.int64:
        numbers = np.where(np.isnan(numbers), -1, numbers).astype(np.int64)
    return numbers


def matches(array: pa.Array, pattern: str) -> NDArray[np.bool_]:
    """(rows,) whether each cell matches a regular expression; null does not."""
    found = pc.match_substring_regex(array, pattern, ignore_case=True)
    matched: NDArray[np.bool_] = to_numpy(pc.cast(found, pa.int8())) == 1
    return matched


def release_memory() -> None:
    """Give back to the system what Arrow and the C library hold of memory that nothing uses.

    It is half of what a large file takes while it is read; what comes next takes other pieces.
    """
    pa.default_memory_pool().release_unused()
    pa.system_memory_pool().release_unused()
