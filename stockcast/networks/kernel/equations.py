"""The five cells as the kernel computes them: one function each, one step forward.

The way back follows from these (`expressions.differentiate`). They are the equations of
`networks.cells`, whose order of gates and peepholes they take; sources stand there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from stockcast.networks.cells import CELLS, Cell, CellName
from stockcast.networks.kernel.expressions import Expression, sigmoid, tanh

Step = Callable[..., tuple[Expression, Expression]]


def _take_lstm_step(z: list[Expression], c: Expression) -> tuple[Expression, Expression]:
    i, f, g, o = sigmoid(z[0]), sigmoid(z[1]), tanh(z[2]), sigmoid(z[3])
    c = f * c + i * g
    return o * tanh(c), c


def _take_peephole_step(
    z: list[Expression], c: Expression, p_i: Expression, p_f: Expression, p_o: Expression
) -> tuple[Expression, Expression]:
    i, f, g = sigmoid(z[0] + p_i * c), sigmoid(z[1] + p_f * c), tanh(z[2])
    c = f * c + i * g
    return sigmoid(z[3] + p_o * c) * tanh(c), c


def _take_cifg_step(z: list[Expression], c: Expression) -> tuple[Expression, Expression]:
    i, g, o = sigmoid(z[0]), tanh(z[1]), sigmoid(z[2])
    c = c + i * (g - c)
    return o * tanh(c), c


def _take_cifg_peephole_step(
    z: list[Expression], c: Expression, p_i: Expression, p_o: Expression
) -> tuple[Expression, Expression]:
    i, g = sigmoid(z[0] + p_i * c), tanh(z[1])
    c = c + i * (g - c)
    return sigmoid(z[2] + p_o * c) * tanh(c), c


def _take_gru_step(z: list[Expression], h: Expression) -> tuple[Expression, Expression]:
    below, update, reset, before = z
    u, r = sigmoid(update), sigmoid(reset)
    g = tanh(below + r * before)
    h = g + u * (h - g)
    return h, h


class Matrix(NamedTuple):
    """A matrix of a layer's weights: (inputs + 1, gates × units), the bias its last row.

    Attributes:
        gates: what each block of its columns is of, as `Cell.gates` names them.
        from_below: whether its inputs are what comes from the layer below.
        from_before: whether they are the hidden state before; both: one after the other.
        first_block: which of the cell's blocks the first of its columns adds to.
        bias: row of `CellWeights.bias`.
    """

    gates: tuple[str, ...]
    from_below: bool = False
    from_before: bool = False
    first_block: int = 0
    bias: int = 0


@dataclass(frozen=True)
class KernelCell:
    """A cell as the kernel computes it.

    Attributes:
        take_step: (blocks, state, *peepholes) ─▶ hidden state and state after it.
        blocks: how many sums of products it takes.
        matrices: whose products these are; where two have a block in common, it is their sum.
        peepholes: how many.
    """

    take_step: Step
    blocks: int
    matrices: tuple[Matrix, ...]
    peepholes: int


def _plug(take_step: Step, cell: Cell) -> KernelCell:
    """Return a cell whose gates each see both inputs through one matrix."""
    matrix = Matrix(cell.gates, from_below=True, from_before=True)
    return KernelCell(take_step, len(cell.gates), (matrix,), len(cell.peepholes))


KERNEL_CELLS: dict[CellName, KernelCell] = {
    "lstm": _plug(_take_lstm_step, CELLS["lstm"]),
    "peephole": _plug(_take_peephole_step, CELLS["peephole"]),
    "cifg": _plug(_take_cifg_step, CELLS["cifg"]),
    "cifg-peephole": _plug(_take_cifg_peephole_step, CELLS["cifg-peephole"]),
    # The reset gate stands between the candidate's two halves, so they are blocks of their own.
    "gru": KernelCell(
        _take_gru_step,
        blocks=4,
        matrices=(
            Matrix(("candidate", "update", "reset"), from_below=True),
            Matrix(("update", "reset", "candidate"), from_before=True, first_block=1, bias=1),
        ),
        peepholes=0,
    ),
}
