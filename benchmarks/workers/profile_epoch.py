"""What each part of a training step takes, over one epoch on one thread, as a Markdown table."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from benchmarks.workers.goog import load_series
from stockcast.networks.kernel.parameters import Parameters, Shape
from stockcast.networks.kernel.stack import Adam, Block, get_kernel
from stockcast.networks.kernel.writer import LANES
from stockcast.windows.series import WindowedSeries

_ROUNDS = 10


def main() -> None:
    """Time the parts in turn, print the table."""
    series = load_series()
    parts = list_parts(series)
    seconds: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(1 + _ROUNDS):
        for name, run in parts.items():
            began = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - began)
    medians = {name: median(values[1:]) for name, values in seconds.items()}
    whole = sum(medians.values())
    print("| part | seconds an epoch | share |")
    print("| --- | --- | --- |")
    for name, value in medians.items():
        print(f"| {name} | {value:.3f} | {value / whole:.0%} |")
    work = count_operations(series) / 1e9
    print(
        f"\nThe products are {work:.1f} GFLOP an epoch: {work / whole:.0f} GFLOP/s on one thread."
    )


def list_parts(series: WindowedSeries) -> dict[str, Callable[[], None]]:
    """Return the parts of an epoch's steps, each as often as an epoch does it."""
    recipe = series.recipe
    shape = Shape(recipe.cell, 1, recipe.units, recipe.layers, 1, recipe.loss)
    kernel, weights = get_kernel(shape), Parameters.allocate(shape)
    weights.vector[:] = np.random.default_rng(0).normal(0, 0.1, len(weights.vector))
    gradients = Parameters.allocate(shape)
    block = Block(kernel, weights, window=recipe.window, dropout=recipe.dropout)
    adam = Adam(kernel, Parameters.allocate(shape), learning_rate=recipe.learning_rate)
    numbers = np.arange(len(series.window_starts))
    windows, _ = series.draw("training", numbers)
    steps = -(-len(numbers) // recipe.batch_size)
    blocks = sum(
        -(-min(recipe.batch_size, len(numbers) - first) // LANES)
        for first in range(0, len(numbers), recipe.batch_size)
    )
    sums = np.zeros((2, len(weights.vector)), np.float32)

    def repeat(times: int, run: Callable[[], object]) -> Callable[[], None]:
        def run_all() -> None:
            for _ in range(times):
                run()

        return run_all

    top = np.ones((recipe.units, LANES), np.float32)
    return {
        "cut the windows": repeat(1, lambda: series.draw("training", numbers)),
        "draw dropout's masks": repeat(blocks, lambda: block.draw_masks((1, 2), 0)),
        "forward": repeat(blocks, lambda: block.run_forward(windows[:LANES], drops=True)),
        "back": repeat(blocks, lambda: block.run_back(top, gradients)),
        "Adam": repeat(steps, lambda: adam.take_step(sums)),
    }


def count_operations(series: WindowedSeries) -> int:
    """Multiplications and additions of the layers' products; the way back has twice as many."""
    recipe = series.recipe
    inputs: int = series.values.shape[1] + (recipe.layers - 1) * recipe.units
    forward = 2 * 4 * recipe.units * (inputs + recipe.layers * recipe.units)
    return 3 * forward * recipe.window * len(series.window_starts)


if __name__ == "__main__":
    main()
