"""A plain recurrent network in NumPy: what an LSTM is held against. stockcast trains none."""

from __future__ import annotations

import numpy as np

from stockcast.prices.history import Numbers


class PlainNetwork:
    """h = tanh(x W + h₋ R + b), and a linear answer of the last h (Elman 1990).

    First weights are drawn as stockcast draws a cell's: W Glorot uniform, R orthogonal. It learns
    by Adam, a gradient longer than `longest` cut to that length (Pascanu, Mikolov & Bengio 2013).
    """

    def __init__(
        self, *, inputs: int, units: int, rate: float, longest: float | None, seed: int
    ) -> None:
        generator = np.random.default_rng(seed)
        q, r = np.linalg.qr(generator.normal(size=(units, units)))
        limit, out = np.sqrt(6 / (inputs + units)), np.sqrt(6 / (units + 1))
        self.weights = [
            np.asarray(array, np.float32)
            for array in (
                generator.uniform(-limit, limit, (inputs, units)),
                q * np.sign(np.diag(r)),
                np.zeros(units),
                generator.uniform(-out, out, units),
                np.zeros(1),
            )
        ]
        self._rate, self._longest, self._steps = rate, longest, 0
        self._means = [np.zeros_like(array) for array in self.weights]
        self._squares = [np.zeros_like(array) for array in self.weights]

    def answer(self, windows: Numbers) -> Numbers:
        """Answer windows: (n, window, inputs) ─▶ (n,)."""
        answers: Numbers = self.run(windows)[-1] @ self.weights[3] + self.weights[4]
        return answers

    def run(self, windows: Numbers) -> Numbers:
        """Return every hidden state, the first one zero: (window + 1, n, units)."""
        kernel, recurrent, bias = self.weights[:3]
        states = [np.zeros((len(windows), len(recurrent)), windows.dtype)]
        for projected in np.swapaxes(windows, 0, 1) @ kernel + bias:
            states.append(np.tanh(projected + states[-1] @ recurrent))
        return np.stack(states)

    def differentiate(self, windows: Numbers, targets: Numbers) -> list[Numbers]:
        """Return the gradient of the mean squared error, an array a weight (Werbos 1990)."""
        states = self.run(windows)
        _, recurrent, _, head, shift = self.weights
        missed = 2 * (states[-1] @ head + shift - targets) / len(targets)
        into = [np.zeros_like(array) for array in self.weights]
        into[3], into[4] = states[-1].T @ missed, missed.sum(keepdims=True)
        back = missed[:, None] * head
        for step in reversed(range(windows.shape[1])):
            slope = back * (1 - states[step + 1] ** 2)
            into[0] += windows[:, step].T @ slope
            into[1] += states[step].T @ slope
            into[2] += slope.sum(axis=0)
            back = slope @ recurrent.T
        return into

    def learn(self, windows: Numbers, targets: Numbers) -> float:
        """Take a step of Adam (Kingma & Ba 2015); return the gradient's length before a cut."""
        into = self.differentiate(windows, targets)
        length = float(np.sqrt(sum(float((one**2).sum()) for one in into)))
        cut = 1.0 if self._longest is None else min(1.0, self._longest / length)
        self._steps += 1
        rate = self._rate * np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
        for number, one in enumerate(into):
            self._means[number] += 0.1 * (cut * one - self._means[number])
            self._squares[number] += 0.001 * ((cut * one) ** 2 - self._squares[number])
            step = rate * self._means[number] / (np.sqrt(self._squares[number]) + 1e-7)
            self.weights[number] -= step.astype(np.float32)
        return length

    def differentiate_state(self, state: Numbers) -> Numbers:
        """Return ∂h/∂h₋ at a state h: (units, units)."""
        slopes: Numbers = (1 - state**2)[:, None] * self.weights[1].T
        return slopes
