"""Adam (Kingma & Ba 2015, in the order of computation of its section 2), as Keras has it."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from stockcast.networks.kernel.machine import Machine
from stockcast.networks.kernel.writer import FLOAT, INT, LANES, POINTER, FunctionWriter

DECAY_1, DECAY_2, EPSILON = 0.9, 0.999, 1e-7
"""Keras' defaults: of the gradient's mean, of its square's, and what keeps a quotient finite."""

ADAM_ARGUMENTS: dict[str, Any] = {
    "weights": POINTER,
    "means": POINTER,
    "squares": POINTER,
    "gradients": POINTER,
    "vectors": INT,
    "count": INT,
    "rate": FLOAT,
}


def write_adam(module: ir.Module, name: str, machine: Machine) -> None:
    """Write the function that takes one step of Adam.

    `weights`, `means`, `squares`: (16 × `vectors`,), changed. `gradients`: (`count`,
    16 × `vectors`), summed row by row. `rate`: the learning rate with the bias of both means
    corrected, α √(1 − β₂ᵗ) / (1 − β₁ᵗ).
    """
    write = FunctionWriter(module, name, ADAM_ARGUMENTS, machine)
    given = write.arguments
    rate, epsilon = write.spread(given["rate"]), write.constant(EPSILON)
    with write.loop(given["vectors"]) as (vector, _):
        places = [
            write.at(given[name], (vector, LANES)) for name in ("weights", "means", "squares")
        ]
        weight, mean, square = (write.load(place) for place in places)
        zero = ir.Constant(weight.type, None)
        with write.loop(given["count"], carry=[zero]) as (row, sums):
            start = write.build.mul(row, given["vectors"])
            here = write.at(given["gradients"], (start, LANES), (vector, LANES))
            sums[0] = write.add(sums[0], write.load(here))
        gradient = sums[0]
        mean = write.multiply_add(mean, write.subtract(gradient, mean), write.constant(1 - DECAY_1))
        square = write.multiply_add(
            square,
            write.subtract(write.multiply(gradient, gradient), square),
            write.constant(1 - DECAY_2),
        )
        slope = write.divide(
            write.multiply(mean, rate), write.add(write.square_root(square), epsilon)
        )
        for value, place in zip((write.subtract(weight, slope), mean, square), places, strict=True):
            write.store(value, place)
    write.finish()
