"""WindowArrays: windows that somebody else cut, to train a network on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.recipe import Recipe
from stockcast.windows.training_data import SpanName
from stockcast.windows.windowing import Array


@dataclass(frozen=True)
class WindowArrays:
    """Windows in memory and what should be answered to each, in time order.

    Attributes:
        name: what to call them in a message.
        recipe: what is trained; its window and horizon are those of the arrays.
        inputs: (n, window, inputs) float32, as the network sees them.
        targets: (n, horizon) float32, what it should answer.
        known: windows that are learnt from, the first ones.
        held_out: the first window of the validation span, which ends with the last one.
    """

    name: str
    recipe: Recipe
    inputs: Array
    targets: Array
    known: int
    held_out: int

    def count_inputs(self) -> int:
        """Return how many inputs the network has at each timestep."""
        return int(self.inputs.shape[2])

    def count_windows(self) -> tuple[int, ...]:
        """Return the number of training, validation and test windows; of the last there are none.

        Example:
            >>> windows, answers = np.zeros((9, 60, 1), np.float32), np.zeros((9, 1), np.float32)
            >>> WindowArrays("X", Recipe(), windows, answers, known=6, held_out=7).count_windows()
            (6, 2, 0)
        """
        return self.known, len(self.inputs) - self.held_out, 0

    def draw(self, span: SpanName, numbers: NDArray[np.int64]) -> tuple[Array, Array]:
        """Draw windows as the network sees them, and what it should answer.

        Args:
            span: that they are of, training or validation.
            numbers: (n,) of its windows, in the order wanted.

        Returns:
            (n, window, inputs) and (n, horizon), float32 each.
        """
        rows = numbers if span == "training" else numbers + self.held_out
        return self.inputs[rows], self.targets[rows]
