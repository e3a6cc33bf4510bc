"""The kernel's own products and nothing else, as often as an epoch makes them, on two threads."""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from llvmlite import ir

from benchmarks.workers.goog import load_series
from benchmarks.workers.turns import serve
from stockcast.networks.kernel.layout import LayerLayout
from stockcast.networks.kernel.machine import Machine, Program, detect_machine
from stockcast.networks.kernel.parameters import make_array
from stockcast.networks.kernel.products import write_gradient, write_product
from stockcast.networks.kernel.writer import INT, LANES, POINTER, FunctionWriter
from stockcast.training.native import count_threads


def write_products(module: ir.Module, name: str, layout: LayerLayout, machine: Machine) -> None:
    """Write a layer's three products over all steps; of the lowest, none reaches its inputs."""
    (placed,) = layout.matrices
    arguments = dict.fromkeys(("weights", "inputs", "sums", "gradient"), POINTER)
    write = FunctionWriter(module, name, {**arguments, "steps": INT}, machine)
    given, columns = write.arguments, placed.columns
    first = 0 if name != "first" else layout.inputs
    with write.loop(given["steps"]) as (t, _):
        inputs = write.at(given["inputs"], (t, layout.input_rows * LANES))
        sums = write.at(given["sums"], (t, layout.sum_rows * LANES))
        write_product(
            write, given["weights"], inputs, sums,
            strides=(1, columns), rows=columns, depth=placed.rows, adds=False,
        )  # fmt: skip
        write_product(
            write, write.at(given["weights"], first * columns), sums, inputs,
            strides=(columns, 1), rows=placed.rows - 1 - first, depth=columns, adds=False,
        )  # fmt: skip
    write_gradient(
        write, given["inputs"], given["sums"], given["gradient"],
        strides=(layout.input_rows, layout.sum_rows), shape=(placed.rows, columns),
        steps=given["steps"],
    )  # fmt: skip
    write.finish()


def main() -> None:
    """Compile, then make an epoch's products whenever it is our turn."""
    series = load_series()
    recipe, windows = series.recipe, len(series.window_starts)
    module, machine = ir.Module(), detect_machine()
    layouts = {
        "first": LayerLayout("lstm", 1, recipe.units),
        "above": LayerLayout("lstm", recipe.units, recipe.units),
    }
    for name, layout in layouts.items():
        write_products(module, name, layout, machine)
    program = Program(module, machine)
    types = [*[ctypes.c_void_p] * 4, ctypes.c_int64]
    functions = {name: program.get_function(name, *types) for name in layouts}

    def make_calls() -> list[tuple[Any, tuple[Any, ...], list[Any]]]:
        calls = []
        for name in ("first", *["above"] * (recipe.layers - 1)):
            layout = layouts[name]
            (placed,) = layout.matrices
            arrays = [
                make_array(placed.rows, placed.columns),
                make_array(recipe.window, layout.input_rows, LANES),
                make_array(recipe.window, layout.sum_rows, LANES),
                make_array(placed.rows, placed.columns),
            ]
            places = (*(array.ctypes.data for array in arrays), recipe.window)
            calls.append((functions[name], places, arrays))
        return calls

    threads = count_threads()
    memory = [make_calls() for _ in range(threads)]
    pool = ThreadPoolExecutor(threads)

    def run_blocks(number: int, blocks: int) -> None:
        for _ in range(blocks):
            for function, places, _ in memory[number]:
                function(*places)

    def run_epoch(_: int) -> None:
        for first in range(0, windows, recipe.batch_size):
            blocks = -(-min(recipe.batch_size, windows - first) // LANES)
            shares = [blocks // threads + (number < blocks % threads) for number in range(threads)]
            list(pool.map(run_blocks, range(threads), shares))

    serve(run_epoch)


if __name__ == "__main__":
    main()
