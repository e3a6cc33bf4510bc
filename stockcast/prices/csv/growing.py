"""A column that grows block by block, without a second copy of itself at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class GrowingColumn:
    """One NumPy array that blocks are appended to.

    A list of blocks joined at the end holds everything twice for a moment; this grows in place.
    """

    def __init__(self) -> None:
        self._values: NDArray[Any] = np.empty(0)
        self._length = 0

    def append(self, block: NDArray[Any]) -> None:
        """Copy a block to the end."""
        if not self._length:
            self._values = np.empty(len(block), dtype=block.dtype)
        end = self._length + len(block)
        if end > len(self._values):
            # Nothing else refers to the array yet, and numpy cannot know that.
            self._values.resize(max(end, len(self._values) * 3 // 2), refcheck=False)
        self._values[self._length : end] = block
        self._length = end

    def finish(self) -> NDArray[Any]:
        """Return all blocks as one array; nothing may be appended after."""
        if len(self._values) > self._length:
            self._values.resize(self._length, refcheck=False)
        return self._values
