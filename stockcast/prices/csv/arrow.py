"""Apache Arrow ─▶ NumPy without a detour by way of pandas."""

from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stockcast.prices import arrow_compute as pc

_FEW = 4096  # cells; Arrow compiles a pattern anew each time, which takes longer than these do


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


def extract(array: pa.Array, pattern: str) -> pa.StructArray:
    r"""Return the named groups of a pattern of RE2 in each cell, as `pc.extract_regex` does.

    Args:
        array: of text.
        pattern: to `$`; of classes by property it may have `\pL` alone.

    Returns:
        (rows,) null where a cell is or does not match; a group that took no part is empty.
    """
    if len(array) > _FEW:
        return pc.extract_regex(array, pattern)
    compiled = _compile(pattern)
    found = [None if cell is None else compiled.search(cell) for cell in array.to_pylist()]
    groups = [
        pa.array(["" if match is None else match[name] or "" for match in found], pa.string())
        for name in compiled.groupindex
    ]
    unmatched = pa.array([match is None for match in found], pa.bool_())
    return pa.StructArray.from_arrays(groups, list(compiled.groupindex), mask=unmatched)


@functools.cache
def _compile(pattern: str) -> re.Pattern[str]:
    """Return a pattern of RE2 for Python's re, whose `$` would also match before a line's end."""
    return re.compile(for_re(pattern.removesuffix("$")) + r"\Z")


def for_re(pattern: str) -> str:
    r"""Python's re has no \pL."""
    return pattern.replace(r"\pL", r"[^\W\d_]")


def release_memory() -> None:
    """Give back to the system what Arrow and the C library hold of memory that nothing uses.

    It is half of what a large file takes while it is read; what comes next takes other pieces.
    """
    pa.default_memory_pool().release_unused()
    pa.system_memory_pool().release_unused()
