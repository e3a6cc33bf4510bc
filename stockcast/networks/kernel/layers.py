"""One recurrent layer as two functions: forward through time, and back (Werbos 1990).

Numbers lie (time, rows, 16 columns of the batch), so each gate of a unit is one vector. With the
weights, the recurrent weights and the bias one below the other in one matrix, a layer is three
products: the sums of a step, what reaches its inputs on the way back, and, one product over all
steps, the gradient of the matrix.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from stockcast.networks.kernel.expressions import compute
from stockcast.networks.kernel.layout import LayerLayout, PlacedMatrix
from stockcast.networks.kernel.machine import Machine
from stockcast.networks.kernel.products import write_gradient, write_product
from stockcast.networks.kernel.writer import (
    FLOAT,
    HALF,
    INT,
    LANES,
    POINTER,
    FunctionWriter,
    Value,
)


def list_forward_arguments(layout: LayerLayout) -> dict[str, Any]:
    """Return the name and LLVM type of what `write_forward`'s function takes.

    `weights 0`, …: a matrix each, (rows, columns). `peepholes`: (peepholes, units), if any.
    `inputs`: (T + 1, input rows, 16); the hidden state after step t goes to the inputs of t + 1.
    `sums`: (T, sum rows, 16), written. `states`: (T + 1, units, 16), the first given. `masks`:
    (T, units) of 16 bits, a bit a column, 1 where dropout keeps it. `scale`: of what is kept.
    `above`: what dropout leaves, (T, …, 16), `above rows` from a step to the next. `steps`: T.
    """
    return {
        **{f"weights {number}": POINTER for number in range(len(layout.matrices))},
        **({"peepholes": POINTER} if layout.peepholes else {}),
        **dict.fromkeys(("inputs", "sums", "states", "masks", "above"), POINTER),
        "above rows": INT,
        "steps": INT,
        "scale": FLOAT,
    }


def write_forward(module: ir.Module, name: str, layout: LayerLayout, machine: Machine) -> None:
    """Write the function that runs a layer over a block of 16 columns."""
    write = FunctionWriter(module, name, list_forward_arguments(layout), machine)
    given, units, plan = write.arguments, layout.units, layout.step
    scale = write.spread(given["scale"])
    with write.loop(given["steps"]) as (t, _):
        inputs = write.at(given["inputs"], (t, layout.input_rows * LANES))
        sums = write.at(given["sums"], (t, layout.sum_rows * LANES))
        state = write.at(given["states"], (t, units * LANES))
        hidden = write.at(inputs, (layout.input_rows + layout.before_row) * LANES)
        above = write.at(given["above"], (write.build.mul(t, given["above rows"]), LANES))
        _write_sums(write, layout, inputs, sums)
        with write.loop(units) as (unit, _):
            known = {
                block: write.load(write.at(sums, (unit, LANES), number * units * LANES))
                for number, block in enumerate(plan.blocks)
            }
            known[plan.state] = write.load(write.at(state, (unit, LANES)))
            known |= _load_peepholes(write, layout, unit)
            h, c, *saved = compute([plan.hidden, plan.next_state, *plan.saved], known, write)
            for number, value in enumerate(saved):
                write.store(value, write.at(sums, (unit, LANES), number * units * LANES))
            write.store(c, write.at(state, (unit, LANES), units * LANES))
            write.store(h, write.at(hidden, (unit, LANES)))
            mask = write.load(write.at(given["masks"], (t, units), unit, size=HALF), HALF)
            write.store(write.keep(mask, write.multiply(h, scale)), write.at(above, (unit, LANES)))
    write.finish()


def list_back_arguments(layout: LayerLayout, *, reaches_below: bool) -> dict[str, Any]:
    """Return the name and LLVM type of what `write_back`'s function takes.

    The first are those of the way forward, as it left them. `above` is now the gradient of what
    dropout left. `below`: that of the inputs from below, (T, inputs, 16), written. `hidden` and
    `state`: those with respect to the hidden state and the memory cell after the last step; then
    to those before the first, (units, 16) each. `gradient 0`, …: of the matrices, added to.
    `peephole gradient`: (peepholes, units), added to; `peephole sums`: (peepholes, units, 16), all
    zero, for a column's own.
    """
    return {
        **list_forward_arguments(layout),
        **({"below": POINTER} if reaches_below else {}),
        "hidden": POINTER,
        "state": POINTER,
        **{f"gradient {number}": POINTER for number in range(len(layout.matrices))},
        **({"peephole gradient": POINTER, "peephole sums": POINTER} if layout.peepholes else {}),
    }


def write_back(
    module: ir.Module, name: str, layout: LayerLayout, machine: Machine, *, reaches_below: bool
) -> None:
    """Write the function that takes a block's gradient back through a layer.

    Args:
        module: that it becomes part of.
        name: of the function.
        layout: of the layer.
        machine: that the code is for.
        reaches_below: whether there is a layer below.
    """
    arguments = list_back_arguments(layout, reaches_below=reaches_below)
    write = FunctionWriter(module, name, arguments, machine)
    given, units = write.arguments, layout.units
    last = write.build.sub(given["steps"], write.count(1))
    with write.loop(given["steps"]) as (done, _):
        t = write.build.sub(last, done)
        sums = write.at(given["sums"], (t, layout.sum_rows * LANES))
        with write.loop(units) as (unit, _):
            _write_unit_back(write, layout, sums, t, unit)
        if reaches_below:
            below = write.at(given["below"], (t, layout.inputs * LANES))
            _write_input_gradient(write, layout, sums, below, is_below=True)
        _write_input_gradient(write, layout, sums, given["hidden"], is_below=False)
    for number, placed in enumerate(layout.matrices):
        write_gradient(
            write,
            write.at(given["inputs"], placed.first_row * LANES),
            write.at(given["sums"], placed.first_column * LANES),
            given[f"gradient {number}"],
            strides=(layout.input_rows, layout.sum_rows),
            shape=(placed.rows, placed.columns),
            steps=given["steps"],
        )
    if layout.peepholes:
        with write.loop(layout.peepholes * units) as (weight, _):
            total = write.sum_lanes(write.load(write.at(given["peephole sums"], (weight, LANES))))
            place = write.at(given["peephole gradient"], weight)
            write.store(write.build.fadd(write.load(place, FLOAT), total), place)
    write.finish()


def _write_sums(write: FunctionWriter, layout: LayerLayout, inputs: Value, sums: Value) -> None:
    """Write the sums of products of one step."""
    written = 0  # columns of the sums that a matrix has added to
    for number, placed in enumerate(layout.matrices):
        last = placed.first_column + placed.columns
        fresh = max(written, placed.first_column)
        parts = [(placed.first_column, min(written, last), True), (fresh, last, False)]
        for start, stop, adds in parts:
            if start < stop:
                write_product(
                    write,
                    write.at(write.arguments[f"weights {number}"], start - placed.first_column),
                    write.at(inputs, placed.first_row * LANES),
                    write.at(sums, start * LANES),
                    strides=(1, placed.columns),
                    rows=stop - start,
                    depth=placed.rows,
                    adds=adds,
                )
        written = last


def _write_unit_back(
    write: FunctionWriter, layout: LayerLayout, sums: Value, t: Value, unit: Value
) -> None:
    """Write what one step's gradient becomes on its way back through a unit's gates."""
    given, units, plan = write.arguments, layout.units, layout.step
    known = {
        node: write.load(write.at(sums, (unit, LANES), number * units * LANES))
        for number, node in enumerate(plan.saved)
    }
    above = write.at(given["above"], (write.build.mul(t, given["above rows"]), LANES))
    mask = write.load(write.at(given["masks"], (t, units), unit, size=HALF), HALF)
    arriving = write.multiply(
        write.load(write.at(above, (unit, LANES))), write.spread(given["scale"])
    )
    d_hidden, d_state = (write.at(given[name], (unit, LANES)) for name in ("hidden", "state"))
    known[plan.d_hidden] = write.add(write.load(d_hidden), write.keep(mask, arriving))
    known[plan.d_next_state] = write.load(d_state)
    known[plan.state] = write.load(write.at(given["states"], (t, units * LANES), (unit, LANES)))
    known |= _load_peepholes(write, layout, unit)
    wanted = [plan.d_state, *plan.d_blocks, *plan.d_peepholes]
    before, *gradients = compute(wanted, known, write)
    write.store(before, d_state)
    for number, value in enumerate(gradients[: len(plan.blocks)]):
        write.store(value, write.at(sums, (unit, LANES), number * units * LANES))
    for number, value in enumerate(gradients[len(plan.blocks) :]):
        place = write.at(given["peephole sums"], (unit, LANES), number * units * LANES)
        write.store(write.add(write.load(place), value), place)


def _write_input_gradient(
    write: FunctionWriter, layout: LayerLayout, sums: Value, result: Value, *, is_below: bool
) -> None:
    """Write what reaches a step's inputs, those from below or the hidden state before it."""
    number, placed = next(
        (number, one)
        for number, one in enumerate(layout.matrices)
        if (one.matrix.from_below if is_below else one.matrix.from_before)
    )
    first = _find_row(layout, placed, is_below=is_below)
    write_product(
        write,
        write.at(write.arguments[f"weights {number}"], first * placed.columns),
        write.at(sums, placed.first_column * LANES),
        result,
        strides=(placed.columns, 1),
        rows=layout.inputs if is_below else layout.units,
        depth=placed.columns,
        adds=False,
    )


def _find_row(layout: LayerLayout, placed: PlacedMatrix, *, is_below: bool) -> int:
    """Return a matrix's first row for what comes from below, or for the hidden state."""
    first = layout.below_row if is_below else layout.before_row
    return first - placed.first_row


def _load_peepholes(write: FunctionWriter, layout: LayerLayout, unit: Value) -> dict[Any, Value]:
    """Return a unit's peephole weights, a number in every lane."""
    found = {}
    for number, node in enumerate(layout.step.peepholes):
        place = write.at(write.arguments["peepholes"], unit, number * layout.units)
        found[node] = write.spread(write.load(place, FLOAT))
    return found
