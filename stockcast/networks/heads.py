"""Heads: what the network's last layer answers, how answers are scored, what they forecast.

A head is named for the loss that trains it. Its formulas take arrays of any namespace (`xp`), so
that NumPy and TensorFlow follow the same lines. Recipes and help texts take the names of losses
from here, so NumPy is loaded when a head computes, and not before.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

LossName = Literal["squared-error", "qlike"]
DEFAULT_LOSS: LossName = "squared-error"

_ROUNDS = 40  # of bisection
_LOCATION_WEIGHT = 0.5  # of the squared error beside QLIKE, as a normal likelihood has them


class Head(ABC):
    """A dense layer on the last hidden state, with some outputs for each step ahead.

    Attributes:
        outputs_per_step: how many; those of one step stand side by side.
        targets_per_step: what is held against them, likewise.
        begins_at_zero: whether its first weights are 0, so that it begins by adding nothing.
        sees_signals: whether the network is shown how far bars moved.
        layer_name: what files of other formats call the layer, as Keras would.
    """

    outputs_per_step: ClassVar[int] = 1
    targets_per_step: ClassVar[int] = 1
    begins_at_zero: ClassVar[bool] = False
    sees_signals: ClassVar[bool] = False
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
            targets: (n, horizon · targets_per_step), what should have been answered.
            xp: the namespace of both.

        Returns:
            (n, horizon), lower is better.
        """

    @abstractmethod
    def differentiate(self, answers: Any, targets: Any, xp: Any) -> Any:
        """Return the derivative of all scores' sum with respect to each output.

        Args:
            answers: (n, outputs), scaled.
            targets: (n, horizon · targets_per_step), what should have been answered.
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

    def widen(self, answers: Any) -> Any | None:  # noqa: ARG002 — for those that do
        """Return the log of the ratio of each step's scale to its path; None if it says none.

        Args:
            answers: as for `locate`.

        Returns:
            (…, horizon), a linear map of the outputs.
        """
        return None

    def find_factors(self, answers: Any, targets: Any) -> tuple[Any, Any]:
        """Return what answers that are changes would best be multiplied by.

        Args:
            answers: (n, outputs).
            targets: (n, horizon · targets_per_step).

        Returns:
            of the forecast, by least squares, and of what is added to the path, (horizon,) each,
            0 to 1.
        """
        import numpy as np

        location, wanted = self.locate(answers), targets[:, :: self.targets_per_step]
        squares, products = np.sum(location**2, axis=0), np.sum(location * wanted, axis=0)
        slopes = np.divide(products, squares, out=np.zeros_like(squares), where=squares > 0)
        return np.clip(slopes, 0.0, 1.0), np.zeros(len(slopes))

    def measure_loss(self, answers: Any, targets: Any, *, is_shrunk: bool) -> float:
        """Return the mean of all scores.

        Args:
            answers: (n, outputs).
            targets: (n, horizon · targets_per_step).
            is_shrunk: whether answers are multiplied by what `find_factors` says.
        """
        import numpy as np

        answers, targets = answers.astype(np.float64), targets.astype(np.float64)
        if is_shrunk:
            answers = answers * self.scale_outputs(*self.find_factors(answers, targets))
        return float(np.mean(self.score(answers, targets, np)))

    def scale_outputs(self, location: Any, scale: Any) -> Any:  # noqa: ARG002 — for those that have
        """Return what each output is multiplied by.

        Args:
            location: (horizon,) what the forecast of each step is multiplied by.
            scale: (horizon,) likewise what is added to its path.

        Returns:
            (outputs,).
        """
        return location


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


class Qlike(Head):
    """Which way the price goes, and how much further than its path says.

    The first output of a step is scored by its squared error, the second, δ, by QLIKE (Patton
    2011) of the scale path · exp(δ): u exp(−2δ) + 2δ, where u is the variance that came true over
    the path's. The rest of QLIKE, −ln u − 1, is the path's alone. The targets of a step are what
    should have been answered, and u.
    """

    outputs_per_step = 2
    targets_per_step = 2
    begins_at_zero = True
    sees_signals = True

    def score(self, answers: Any, targets: Any, xp: Any) -> Any:
        """½ (answer − target)² + u exp(−2δ) + 2δ − 1, 0 or more on average where u = 1."""
        error = answers[:, ::2] - targets[:, ::2]
        delta = answers[:, 1::2]
        qlike = targets[:, 1::2] * xp.exp(-2 * delta) + 2 * delta - 1
        return _LOCATION_WEIGHT * xp.square(error) + qlike

    def differentiate(self, answers: Any, targets: Any, xp: Any) -> Any:
        """Answer − target, and 2 − 2 u exp(−2δ), side by side."""
        of_location = 2 * _LOCATION_WEIGHT * (answers[:, ::2] - targets[:, ::2])
        of_scale = 2 - 2 * targets[:, 1::2] * xp.exp(-2 * answers[:, 1::2])
        return xp.stack([of_location, of_scale], axis=-1).reshape(answers.shape)

    def locate(self, answers: Any) -> Any:
        """The first output of each step."""
        return answers[..., ::2]

    def widen(self, answers: Any) -> Any:
        """The second output of each step."""
        return answers[..., 1::2]

    def find_factors(self, answers: Any, targets: Any) -> tuple[Any, Any]:
        """Least squares for the forecast, and for the scale the smallest QLIKE."""
        slopes, _ = super().find_factors(answers, targets)
        return slopes, _find_scale_factors(answers[:, 1::2], targets[:, 1::2])

    def scale_outputs(self, location: Any, scale: Any) -> Any:
        """Side by side, as the outputs are."""
        import numpy as np

        return np.stack([location, scale], axis=-1).ravel()


def _find_scale_factors(delta: Any, ratios: Any) -> Any:
    """(n, horizon) δ and u ─▶ (horizon,) where u exp(−2κδ) + 2κδ, convex in κ, is smallest."""
    import numpy as np

    low, high = np.zeros(delta.shape[1]), np.ones(delta.shape[1])

    @np.errstate(over="ignore", invalid="ignore")  # of answers far off: 0 is best then
    def is_falling(factors: Any) -> Any:
        return np.sum(delta * (ratios * np.exp(-2 * factors * delta) - 1), axis=0) > 0

    low = np.where(is_falling(high), high, low)
    high = np.where(is_falling(low) | (low == high), high, low)
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        falling = is_falling(middle)
        low, high = np.where(falling, middle, low), np.where(falling, high, middle)
    return low


HEADS: dict[LossName, Head] = {"squared-error": SquaredError(), "qlike": Qlike()}
