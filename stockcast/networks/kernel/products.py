"""Products of matrices, tile by tile: as much at a time as the registers hold.

What a processor adds up in registers it need not load and store again. A tile of a product is a few
rows of the matrix times 16 columns; a tile of a gradient is a few rows times a few columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from llvmlite import ir

from stockcast.networks.kernel.writer import FLOAT, LANES, VECTOR, FunctionWriter, Value

_STEPS_AT_ONCE = 20


def write_product(
    write: FunctionWriter,
    matrix: Value,
    columns: Value,
    result: Value,
    *,
    strides: tuple[int, int],
    rows: int,
    depth: int,
    adds: bool,
) -> None:
    """Write result[m] = (result[m] +) Σₖ matrix[m, k] columns[k], for all rows m.

    Args:
        write: the function.
        matrix: the place of its first number.
        columns: (depth, 16).
        result: (rows, 16).
        strides: of the matrix, from a row to the next and from a k to the next.
        rows: of the result.
        depth: how many k.
        adds: whether to what is there.
    """

    def write_tile(first: Value, count: int) -> None:
        place = write.at(result, (first, LANES))
        places = [write.at(place, row * LANES) for row in range(count)]
        zero = ir.Constant(VECTOR, None)
        sums = [write.load(one) if adds else zero for one in places]
        with write.loop(depth, carry=sums) as (k, sums):
            column = write.load(write.at(columns, (k, LANES)))
            numbers = write.at(matrix, (first, strides[0]), (k, strides[1]))
            for row in range(count):
                number = write.load(write.at(numbers, row * strides[0]), FLOAT)
                sums[row] = write.multiply_add(sums[row], write.spread(number), column)
        for one, total in zip(places, sums, strict=True):
            write.store(total, one)

    _cover(write, rows, write.machine.tiles.rows, write_tile)


def write_gradient(
    write: FunctionWriter,
    inputs: Value,
    outputs: Value,
    gradient: Value,
    *,
    strides: tuple[int, int],
    shape: tuple[int, int],
    steps: Value,
) -> None:
    """Write gradient[k, m] += Σ over steps and columns of inputs[t, k] outputs[t, m].

    It is one product over all steps, (k, 16 T) times (16 T, m), taken so many steps at a time as
    stay within the processor's nearest cache.

    Args:
        write: the function.
        inputs: (steps, …, 16), from the first row of interest on.
        outputs: (steps, …, 16), likewise.
        gradient: (k, m), contiguous.
        strides: rows of inputs and of outputs from a step to the next.
        shape: k and m.
        steps: how many.
    """
    tile_rows, tile_columns = write.machine.tiles.gradient
    with write.loop(steps, step=_STEPS_AT_ONCE) as (start, _):
        left = write.build.sub(steps, start)
        is_last = write.build.icmp_signed("<", left, write.count(_STEPS_AT_ONCE))
        part = _Part(
            inputs=write.at(inputs, (start, strides[0] * LANES)),
            outputs=write.at(outputs, (start, strides[1] * LANES)),
            gradient=gradient,
            strides=strides,
            columns=shape[1],
            steps=write.build.select(is_last, left, write.count(_STEPS_AT_ONCE)),
        )

        def write_columns(m: Value, columns: int) -> None:
            _cover(
                write,
                shape[0],
                tile_rows,
                lambda k, rows: _write_gradient_tile(write, part, (k, rows), (m, columns)),
            )

        _cover(write, shape[1], tile_columns, write_columns)


class _Part(NamedTuple):
    """Some steps of a gradient's product: the arguments of `write_gradient`, from there on."""

    inputs: Value
    outputs: Value
    gradient: Value
    strides: tuple[int, int]
    columns: int
    steps: Value


def _write_gradient_tile(
    write: FunctionWriter, part: _Part, rows: tuple[Value, int], columns: tuple[Value, int]
) -> None:
    """Write a tile of a gradient; of its rows and columns the first and how many."""
    (k, height), (m, breadth) = rows, columns
    width = write.machine.tiles.width
    kind = ir.VectorType(FLOAT, width)
    zeros = [ir.Constant(kind, None)] * (height * breadth)
    with write.loop(part.steps, carry=zeros) as (t, sums):
        x = write.at(part.inputs, (t, part.strides[0] * LANES), (k, LANES))
        y = write.at(part.outputs, (t, part.strides[1] * LANES), (m, LANES))
        for lane in range(0, LANES, width):
            xs = [write.load(write.at(x, row * LANES + lane), kind) for row in range(height)]
            for column in range(breadth):
                one = write.load(write.at(y, column * LANES + lane), kind)
                for row in range(height):
                    number = row * breadth + column
                    sums[number] = write.multiply_add(sums[number], xs[row], one)
    corner = write.at(part.gradient, (k, part.columns), m)
    for row in range(height):
        place = write.at(corner, row * part.columns)
        of_row = sums[row * breadth : (row + 1) * breadth]
        totals = [write.sum_four(of_row)] if breadth == 4 else map(write.sum_lanes, of_row)
        for column, total in enumerate(totals):
            one = write.at(place, column)
            write.store(write.build.fadd(write.load(one, total.type), total), one)


def _cover(
    write: FunctionWriter, count: int, size: int, write_tile: Callable[[Value, int], None]
) -> None:
    """Write tiles of a size over so many rows, and a smaller one over what is left."""
    whole = count - count % size
    if whole:
        with write.loop(whole, step=size) as (first, _):
            write_tile(first, size)
    if count % size:
        write_tile(write.count(whole), count % size)
