"""Heads: what the network's last layer answers, how answers are scored, what they forecast.

A head is named for the loss that trains it. Its formulas take arrays of any namespace (`xp`), so
that NumPy and TensorFlow follow the same lines.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

LossName = Literal["squared-error"]
DEFAULT_LOSS: LossName = "squared-error"


class Head(ABC):
    """A dense layer on the last hidden state, with some outputs for each step ahead.

    Attributes:
        outputs_per_step: how many; those of one step stand side by side.
        layer_name: what files of other formats call the layer, as Keras would.
    """

    outputs_per_step: ClassVar[int] = 1
    layer_name: ClassVar[str] = "dense"

    def count_outputs(self, horizon: int) -> int:
        """Return the outputs of a network that looks so many steps ahead."""
        return horizon * self.outputs_per_step

    def count_steps(self, outputs: int) -> int:
        """Return how many steps ahead a network of so many outputs looks."""
        return outputs // self.outputs_per_step

    def list_shapes(self, *, units: int, horizon: int) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of each array, as `Weights.to_arrays` names them."""
        outputs = self.count_outputs(horizon)
        return {"head.kernel": (units, outputs), "head.bias": (outputs,)}

    @abstractmethod
    def score(self, answers: Any, targets: Any, xp: Any) -> Any:
        """Score each step ahead; training makes the mean of all scores small.

        Args:
            answers: (n, outputs), scaled.
            targets: (n, horizon), what should have been answered.
            xp: the namespace of both.

        Returns:
            (n, horizon), lower is better.
        """

    @abstractmethod
    def differentiate(self, answers: Any, targets: Any, xp: Any) -> Any:
        """Return the derivative of all scores' sum with respect to each output.

        Args:
            answers: (n, outputs), scaled.
            targets: (n, horizon), what should have been answered.
            xp: the namespace of both.

        Returns:
            (n, outputs).
        """

    @abstractmethod
    def locate(self, answers: Any) -> Any:
        """Return what is forecast for each step, a linear map of the outputs.

        Args:
            answers: (…, outputs), scaled; also the kernel or the bias that they come from.

        Returns:
            (…, horizon), scaled.
        """


class SquaredError(Head):
    """The squared error (Gauss 1809), at least 0: its best answer is the mean of what may come."""

    def score(self, answers: Any, targets: Any, xp: Any) -> Any:
        """(answer − target)²."""
        return xp.square(answers - targets)

    def differentiate(self, answers: Any, targets: Any, xp: Any) -> Any:  # noqa: ARG002
        """2 (answer − target)."""
        return 2 * (answers - targets)

    def locate(self, answers: Any) -> Any:
        """An answer is the forecast itself."""
        return answers


HEADS: dict[LossName, Head] = {"squared-error": SquaredError()}
