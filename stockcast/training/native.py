"""The native engine: the network in machine code, blocks of a batch on as many threads as fit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import ClassVar

import numpy as np

from stockcast.networks.heads import HEADS
from stockcast.networks.kernel.parameters import Parameters, Shape, make_array
from stockcast.networks.kernel.stack import Adam, Block, get_kernel
from stockcast.networks.kernel.writer import LANES
from stockcast.networks.network import Weights
from stockcast.recipe import Recipe
from stockcast.training.engine import Arrays, Floats, TrainingEngine

_GROUPS = 16  # sums of gradients a step at most; so many threads at most have work
_SHARED = 5_000_000  # multiplications a block, from which on threads work longer than they wait


class NativeEngine(TrainingEngine):
    """A network and its optimizer in memory of its own.

    A batch is cut into blocks of 16 windows, the blocks are dealt out to groups, and each group
    adds up a gradient of its own, block by block. The groups' gradients are added in their order.
    So which thread takes which group changes no bit.

    Args:
        recipe: what the network is, and how it learns.
        features: inputs a timestep.
        weights: to begin with.
        threads: how many; default: what `count_threads` says, one for a small network.
    """

    steps: ClassVar[int] = 1  # a step takes milliseconds

    def __init__(
        self, recipe: Recipe, features: int, weights: Weights, *, threads: int | None = None
    ) -> None:
        head = HEADS[recipe.scored_by]
        outputs = head.count_outputs(recipe.horizon)
        shape = Shape(recipe.cell, features, recipe.units, recipe.layers, outputs, recipe.scored_by)
        self._recipe, self._head = recipe, head
        self._kernel = get_kernel(shape)
        self._parameters = Parameters.allocate(shape)
        self._adam = Adam(self._kernel, self._parameters, learning_rate=recipe.learning_rate)
        groups = min(_count_blocks(recipe.batch_size), _GROUPS)
        self._sums = make_array(groups, len(self._parameters.vector))
        self._gradients = [Parameters.view(shape, row) for row in self._sums]
        threads = min(threads or self._choose_threads(), groups)
        self._blocks = [
            Block(self._kernel, self._parameters, window=recipe.window, dropout=recipe.dropout)
            for _ in range(threads)
        ]
        self._threads = threads
        self._pool = ThreadPoolExecutor(max(threads - 1, 1))  # starts a thread when it is asked to
        self.assign_weights(weights)

    def run_steps(self, windows: Floats, targets: Floats, *, seed: int, position: int) -> float:
        """Take one optimizer step a batch; its masks' key is the seed and its first window."""
        total = 0.0
        size = self._recipe.batch_size
        for first in range(0, len(windows), size):
            batch = windows[first : first + size], targets[first : first + size]
            total += self.add_gradients(*batch, key=(seed, position + first))
            self._adam.take_step(self._sums[: self._count_groups(batch[0])])
        return total

    def add_gradients(self, windows: Floats, targets: Floats, *, key: tuple[int, int]) -> float:
        """Write the gradients of a batch's mean loss, a row a group; return the sum of losses.

        Args:
            windows: (n, window, features), n at most the recipe's batch.
            targets: (n, horizon).
            key: of dropout's masks, two words of 32 bits.
        """
        groups = self._count_groups(windows)
        self._sums[:groups].fill(0)
        run = partial(self._run_group, groups=groups, windows=windows, targets=targets, key=key)
        return sum(self._map(run, groups))

    @property
    def gradients(self) -> list[Parameters]:
        """What `add_gradients` wrote, a group each."""
        return self._gradients

    def answer(self, windows: Floats) -> Floats:
        """Answer windows, a block of them at a time."""
        answers = np.empty((len(windows), len(self._parameters.head_bias)), np.float32)
        run = partial(self._answer_block, windows=windows, answers=answers)
        self._map(run, _count_blocks(len(windows)))
        return answers

    def to_weights(self) -> Weights:
        """Return a copy of the weights."""
        return self._parameters.to_weights()

    def assign_weights(self, weights: Weights) -> None:
        """Set the network's weights, and nothing of the optimizer's."""
        self._parameters.assign_weights(weights)

    def export_arrays(self) -> Arrays:
        """Return copies of the weights and of Adam's means, all in the kernel's order."""
        return {
            "weights": self._parameters.vector.copy(),
            "means": self._adam.means.copy(),
            "squares": self._adam.squares.copy(),
            "steps": np.array(self._adam.steps),
        }

    def import_arrays(self, arrays: Arrays) -> None:
        """Set all of it to what `export_arrays` returned."""
        self._parameters.vector[...] = arrays["weights"]
        self._adam.means[...] = arrays["means"]
        self._adam.squares[...] = arrays["squares"]
        self._adam.steps = int(arrays["steps"])

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def _map(self, run: partial[float], count: int) -> list[float]:
        """Run a function on each number below a count, on this thread and on the others.

        Each thread gives it memory of its own.
        """
        results = [0.0] * count
        numbers = iter(range(count))

        def run_on() -> None:
            with self._borrow_block() as block:
                try:
                    for number in numbers:  # each is taken once, whichever thread asks
                        results[number] = run(number, block)
                finally:
                    list(numbers)  # where one fails, no other thread goes on

        with ExitStack() as stack:
            for _ in range(min(self._threads, count) - 1):
                stack.callback(self._pool.submit(run_on).result)
            run_on()
        return results

    def _choose_threads(self) -> int:
        """Return as many threads as there are cores, or one where they would wait for each other.

        A layer's three products of a step have a multiplication a weight and window each.
        """
        work = 3 * self._recipe.window * LANES * len(self._parameters.vector)
        return count_threads() if work >= _SHARED else 1

    def _count_groups(self, windows: Floats) -> int:
        return min(_count_blocks(len(windows)), _GROUPS)

    def _run_group(
        self,
        group: int,
        block: Block,
        *,
        groups: int,
        windows: Floats,
        targets: Floats,
        key: tuple[int, int],
    ) -> float:
        """Add up the gradients of one group's blocks; return the sum of their losses."""
        gradients, weights = self._gradients[group], self._parameters
        total = 0.0
        for number in range(group, _count_blocks(len(windows)), groups):
            part = slice(number * LANES, (number + 1) * LANES)
            block.draw_masks(key, number)
            hidden = block.run_forward(windows[part], drops=True)
            answers = self._answer(hidden)
            total += self._sum_scores(answers, targets[part])
            slopes = self._head.differentiate(answers, targets[part], np)
            slopes /= np.float32(targets.size // self._head.targets_per_step)
            gradients.head_kernel[...] += hidden @ slopes
            gradients.head_bias[...] += slopes.sum(axis=0)
            block.run_back(weights.head_kernel @ slopes.T, gradients)
        return total

    def _answer_block(
        self, number: int, block: Block, *, windows: Floats, answers: Floats
    ) -> float:
        """Write a block's answers; there is no loss to return."""
        part = slice(number * LANES, (number + 1) * LANES)
        block.keep_all()
        answers[part] = self._answer(block.run_forward(windows[part], drops=False))
        return 0.0

    def _answer(self, hidden: Floats) -> Floats:
        """(units, n) the top's last hidden states ─▶ (n, outputs) answers of the head."""
        answers: Floats = hidden.T @ self._parameters.head_kernel + self._parameters.head_bias
        return answers

    def _sum_scores(self, answers: Floats, targets: Floats) -> float:
        scores = self._head.score(answers, targets, np)
        of_window = scores[:, 0] if scores.shape[1] == 1 else scores.mean(axis=1)
        return float(of_window.sum())

    @contextmanager
    def _borrow_block(self) -> Iterator[Block]:
        """Yield memory that no other thread uses, and let a loss that diverges become infinite."""
        block = self._blocks.pop()
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                yield block
        finally:
            self._blocks.append(block)


def count_threads() -> int:
    """Return how many threads train a network at most: the cores that this process may use.

    `STOCKCAST_THREADS` says otherwise; a fleet's workers share the cores with it.
    """
    asked = int(os.environ.get("STOCKCAST_THREADS", "0"))
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return asked or available or os.cpu_count() or 1


def _count_blocks(windows: int) -> int:
    return -(-windows // LANES)
