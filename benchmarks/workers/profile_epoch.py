"""What each part of a training step takes, over one epoch, as a Markdown table.

Each row is a graph that runs one part more than the row above it, over the same batches, and is
timed in turn with the others; so what a part takes is the difference of two rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks.workers.goog import load_series
from stockcast.training.tensorflow.runtime import tf
from stockcast.training.trainer import Trainer
from stockcast.windows.series import WindowedSeries

_ROUNDS = 10
Tensor = Any
Part = Callable[[Tensor, Tensor], Tensor]


def main() -> None:
    """Trace the parts, time them in turn, print the table."""
    tf.get_logger().setLevel("ERROR")  # graphs of one name look to it like one traced in vain
    series = load_series()
    starts = series.window_starts.astype(np.int32)
    parts = {
        name: _over_epoch(part, series.recipe.batch_size)
        for name, part in _list_parts(Trainer(series)).items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(1 + _ROUNDS):
        for name, run in parts.items():
            began = time.perf_counter()
            run(starts, np.int32(0)).numpy()
            seconds[name].append(time.perf_counter() - began)
    medians = {name: median(values[1:]) for name, values in seconds.items()}  # the first traces
    whole, before = list(medians.values())[-1], 0.0
    print("| part | seconds an epoch | more than the row above | share |")
    print("| --- | --- | --- | --- |")
    for name, value in medians.items():
        print(f"| {name} | {value:.3f} | {value - before:.3f} | {(value - before) / whole:.0%} |")
        before = value
    work = _count_operations(series) / 1e9
    print(f"\nThe products are {work:.1f} GFLOP an epoch: {work / whole:.0f} GFLOP/s.")


def _list_parts(trainer: Trainer) -> dict[str, Part]:
    """Return the parts of a step, each with all those before it; each returns a number."""
    graph, data = trainer._graph, trainer._tensors
    network = graph.regressor
    variables = network.trainable_variables

    def cut(starts: Tensor) -> Tensor:
        return graph.cut_inputs(data, starts)

    def measure_gradients(starts: Tensor, seed: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            error = network(cut(starts), dropout_seed=seed) - graph.cut_targets(data, starts)
            loss = tf.reduce_mean(tf.square(error))
        gradients = tape.gradient(loss, variables)
        return tf.add_n([tf.reduce_sum(gradient) for gradient in gradients])

    return {
        "cut the windows": lambda starts, _: tf.reduce_sum(cut(starts)),
        "forward, no dropout": lambda starts, _: tf.reduce_sum(network(cut(starts))),
        "forward, dropout": lambda starts, seed: tf.reduce_sum(
            network(cut(starts), dropout_seed=seed)
        ),
        "forward and backward": measure_gradients,
        "the whole step, with Adam": lambda starts, seed: graph.take_step(
            cut(starts), graph.cut_targets(data, starts), seed
        ),
    }


def _over_epoch(part: Part, size: int) -> Callable[[Any, Any], Tensor]:
    """Return a graph that runs a part on each batch, and adds up so that nothing is left out."""

    def run(starts: Tensor, seed: Tensor) -> Tensor:
        total = tf.zeros([])
        for first in tf.range(0, tf.shape(starts)[0], size):
            total += part(starts[first : first + size], seed + first)
        return total

    signature = [tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32)]
    graph: Callable[[Any, Any], Tensor] = tf.function(run, input_signature=signature)
    return graph


def _count_operations(series: WindowedSeries) -> int:
    """Multiplications and additions of the layers' products; the way back has twice as many."""
    recipe = series.recipe
    inputs: int = series.values.shape[1] + (recipe.layers - 1) * recipe.units
    forward = 2 * 4 * recipe.units * (inputs + recipe.layers * recipe.units)
    return 3 * forward * recipe.window * len(series.window_starts)


if __name__ == "__main__":
    main()
