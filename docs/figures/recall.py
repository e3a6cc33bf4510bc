"""Can it remember one day out of sixty? Networks asked to, on real returns.

A window is sixty daily returns of a stock and, beside them, a mark: 1 on one of the days, 0 on all
others. The answer is the marked day's return. Which day is drawn anew for each window, so that the
network has to write on the mark, keep through all that follows, and tell at the end. Learnt on
AAPL, GOOG and MSFT, asked on IBM.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from docs.figures.held import hold_forget_gates
from docs.figures.jacobians import differentiate_steps, follow_back
from docs.figures.plain import PlainNetwork
from docs.figures.sample import read_returns
from stockcast.networks.cells import CellName
from stockcast.networks.network import Weights, run_network
from stockcast.networks.trace import trace_network
from stockcast.prices.history import Numbers
from stockcast.recipe import Recipe
from stockcast.training.first_weights import draw_weights
from stockcast.training.native import NativeEngine

WINDOW, UNITS, BATCH, RATE, EPOCHS = 60, 16, 64, 0.005, 25
BANDS = ((0, 5), (5, 15), (15, 30), (30, 45), (45, 60))  # days back
LEARNT = 0.9  # of the variance explained
SEEDS = range(3)
LATER = 20  # days after the mark


class Way(NamedTuple):
    """A network and how it is trained.

    Attributes:
        cell: one of stockcast's; None for a plain network.
        forget_bias: to begin with; None for what stockcast begins with.
        longest: a plain network's gradient is cut to that length; None leaves it as it is.
        rate: of Adam.
    """

    cell: CellName | None
    forget_bias: float | None = None
    longest: float | None = None
    rate: float = RATE


WAYS = {
    "plain, gradient as it is": Way(None),
    "plain": Way(None, longest=1.0),
    "plain, rate 0.001": Way(None, longest=1.0, rate=0.001),
    "lstm, forget bias 0": Way("lstm", forget_bias=0.0),
    "lstm": Way("lstm"),
    "lstm, forget bias 3": Way("lstm", forget_bias=3.0),
    "peephole": Way("peephole"),
    "cifg": Way("cifg"),
    "gru": Way("gru"),
}


@dataclass(frozen=True)
class Task:
    """Windows with a mark, and what they ask for.

    Attributes:
        windows: (n, window, 2), returns in their deviations, cut off at 3, and the mark.
        targets: (n,) the marked return.
        back: (n,) how many days before the last one it was.
    """

    windows: Numbers
    targets: Numbers
    back: Any

    @classmethod
    def draw(cls, tickers: tuple[str, ...], *, seed: int) -> Task:
        """Mark a day of every window of some tickers' returns, the windows in any order."""
        generator = np.random.default_rng(seed)
        cut = [
            np.lib.stride_tricks.sliding_window_view(read_returns(ticker), WINDOW)
            for ticker in tickers
        ]
        returns = generator.permutation(np.concatenate(cut))
        back = generator.integers(0, WINDOW, len(returns))
        rows, marked = np.arange(len(returns)), WINDOW - 1 - back
        marks = np.zeros_like(returns)
        marks[rows, marked] = 1
        windows = np.stack([returns, marks], axis=-1).astype(np.float32)
        return cls(windows, windows[rows, marked, 0], back)


class GatedNetwork:
    """A cell of stockcast's under its own engine, with the methods of `PlainNetwork`."""

    def __init__(self, cell: CellName, *, seed: int, forget_bias: float | None) -> None:
        recipe = Recipe(
            cell=cell,
            layers=1,
            units=UNITS,
            dropout=0,
            window=WINDOW,
            batch_size=BATCH,
            learning_rate=RATE,
            target="price",
            seed=seed,
        )
        weights = draw_weights(recipe, features=2)
        if forget_bias is not None:
            (layer,) = weights.layers
            bias = layer.bias.copy()
            bias[UNITS : 2 * UNITS] = forget_bias
            weights = replace(weights, layers=(replace(layer, bias=bias),))
        self._engine = NativeEngine(recipe, 2, weights)

    @property
    def weights(self) -> Weights:
        """As they are now."""
        return self._engine.to_weights().astype(np.float64)

    def learn(self, windows: Numbers, targets: Numbers) -> float:
        """Take one step of Adam and return the gradient's length."""
        self._engine.run_steps(windows, targets[:, None], seed=0, position=0)
        whole = np.sum([one.vector for one in self._engine.gradients], axis=0)
        return float(np.linalg.norm(whole))

    def answer(self, windows: Numbers) -> Numbers:
        """Answer windows: (n, window, 2) ─▶ (n,)."""
        return self._engine.answer(windows)[:, 0]


def build(way: str, seed: int) -> PlainNetwork | GatedNetwork:
    """Return an untrained network of one of `WAYS`."""
    cell, forget_bias, longest, rate = WAYS[way]
    if cell is None:
        return PlainNetwork(inputs=2, units=UNITS, rate=rate, longest=longest, seed=seed)
    return GatedNetwork(cell, seed=seed, forget_bias=forget_bias)


def train_way(way: str, seed: int, *, epochs: int = EPOCHS) -> dict[str, Any]:
    """Train one network and say what it came to."""
    known, asked = Task.draw(("AAPL", "GOOG", "MSFT"), seed=0), Task.draw(("IBM",), seed=1)
    network, generator = build(way, seed), np.random.default_rng(seed)
    before = measure_back(network, asked)
    lengths: list[float] = []
    curve: list[float] = []
    for _ in range(epochs):
        order = generator.permutation(len(known.windows))
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            lengths.append(network.learn(known.windows[batch], known.targets[batch]))
        curve.append(explain(network, asked))
    learnt = [epoch for epoch, share in enumerate(curve, 1) if share > LEARNT]
    answers = network.answer(asked.windows)
    return {
        "curve": curve,
        "learnt": learnt[0] if learnt else None,
        "bands": [_explain(answers, asked, band) for band in BANDS],
        "lengths": [float(np.median(lengths)), float(np.max(lengths))],
        "before": before,
        "after": measure_back(network, asked),
        "keeping": measure_keeping(network, asked),
        "path": measure_path(network, asked),
        "held": measure_held(network, asked),
        "carried": measure_carried(network, asked),
    }


def explain(network: PlainNetwork | GatedNetwork, task: Task) -> float:
    """Return the share of the answers' variance that is explained; 1 is all, 0 none."""
    return _explain(network.answer(task.windows), task, (0, WINDOW))


def _explain(answers: Numbers, task: Task, band: tuple[int, int]) -> float:
    rows = (task.back >= band[0]) & (task.back < band[1])
    missed = np.mean((answers[rows] - task.targets[rows]) ** 2)
    return float(1 - missed / task.targets.var())


def measure_back(network: PlainNetwork | GatedNetwork, task: Task, count: int = 20) -> list[float]:
    """Return what is left of a gradient 0 to 59 days back: mean of logarithms over windows.

    In the direction that fades least: the largest singular value of ∂ state / ∂ earlier state,
    where an LSTM's state is its memory and what it shows.
    """
    logs = []
    for window in task.windows[:count].astype(np.float64):
        if isinstance(network, PlainNetwork):
            steps = [network.differentiate_state(h[0]) for h in network.run(window[None])[1:]]
        else:
            steps = differentiate_steps(window, network.weights.layers[0], network.weights.cell)
        logs.append(np.log(np.maximum(follow_back(steps), 1e-30)))
    return [float(value) for value in np.exp(np.mean(logs, axis=0))]


def measure_keeping(network: PlainNetwork | GatedNetwork, task: Task) -> list[float] | None:
    """Return the mean forget (or update) gate of each unit on days without a mark, lowest first."""
    if isinstance(network, PlainNetwork):
        return None
    windows = task.windows[:500].astype(np.float64)
    (trace,) = trace_network(windows, network.weights)
    unmarked = np.swapaxes(windows[..., 1], 0, 1) == 0
    return [float(value) for value in np.sort(trace.keeping[unmarked].mean(axis=0))]


def measure_path(
    network: PlainNetwork | GatedNetwork, task: Task, count: int = 20
) -> list[float] | None:
    """Return what is left 0 to 59 days back on the path of the memory alone, in its best unit."""
    if isinstance(network, PlainNetwork):
        return None
    (trace,) = trace_network(task.windows[:count].astype(np.float64), network.weights)
    kept = np.cumprod(trace.keeping[:0:-1], axis=0).max(axis=-1)
    return [1.0, *(float(value) for value in np.exp(np.log(kept).mean(axis=1)))]


def measure_held(network: PlainNetwork | GatedNetwork, task: Task) -> dict[str, float] | None:
    """Return the share explained by an LSTM whose forget gates are held, or whose loop is cut.

    The loop is the way from what is shown to the next day's gates and candidate: R. It is cut
    after training, all else as it was.
    """
    if isinstance(network, PlainNetwork) or network.weights.cell != "lstm":
        return None
    weights = network.weights
    (layer,) = weights.layers
    cut = replace(layer, recurrent_kernel=np.zeros_like(layer.recurrent_kernel))
    ways = {
        "shut": hold_forget_gates(weights, 0.0),
        "open": hold_forget_gates(weights, 1.0),
        "no loop": replace(weights, layers=(cut,)),
    }
    return {
        name: _explain(run_network(task.windows, one)[:, 0], task, (0, WINDOW))
        for name, one in ways.items()
    }


def measure_carried(network: PlainNetwork | GatedNetwork, task: Task) -> float | None:
    """Return how much of what an LSTM still knows some days later came along the path itself.

    The memory c = f c₋ + i g is looked at along the direction in which it goes with the marked
    return: the share of that covariance which is f c₋'s. The rest, i g's, was written again.
    """
    if isinstance(network, PlainNetwork) or network.weights.cell != "lstm":
        return None
    rows = task.back >= LATER
    (trace,) = trace_network(task.windows[rows].astype(np.float64), network.weights)
    steps, windows = WINDOW - 1 - task.back[rows] + LATER, np.arange(rows.sum())
    after, before, forget = (
        values[at, windows]
        for values, at in (
            (trace.memory, steps),
            (trace.memory, steps - 1),
            (trace.keeping, steps),
        )
    )
    marked = task.targets[rows] - task.targets[rows].mean()
    whole, path = marked @ after, marked @ (forget * before)
    return float(path @ whole / (whole @ whole))


def train_all() -> dict[str, Any]:
    """Train every way with every seed: a way to a list, a training each."""
    return {way: [train_way(way, seed) for seed in SEEDS] for way in WAYS}
