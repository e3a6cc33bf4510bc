"""Where a layer's numbers lie in memory, for the code that reads them and for what fills them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from stockcast.networks.cells import CellName
from stockcast.networks.kernel.equations import KERNEL_CELLS, KernelCell, Matrix
from stockcast.networks.kernel.expressions import Expression, differentiate, name_input, walk


@dataclass(frozen=True)
class PlacedMatrix:
    """One of a layer's matrices.

    Attributes:
        matrix: which.
        first_row: of its inputs among the layer's inputs.
        rows: inputs, and the 1 that the bias is multiplied with.
        columns: gates × units.
        first_column: the row of the layer's sums that its first column adds to.
    """

    matrix: Matrix
    first_row: int
    rows: int
    columns: int
    first_column: int


@dataclass(frozen=True)
class LayerLayout:
    """A layer's sizes.

    At each step a layer's inputs are rows of 16 columns: what comes from below, the hidden state
    before, and a 1 for the bias, in the order of its matrices.

    Attributes:
        name: the kind of its cells.
        inputs: that come from below.
        units: of its hidden state.
    """

    name: CellName
    inputs: int
    units: int

    @property
    def cell(self) -> KernelCell:
        """Its cells."""
        return KERNEL_CELLS[self.name]

    @cached_property
    def step(self) -> StepPlan:
        """One step of its cells, forward and back."""
        return plan_step(self.cell)

    @cached_property
    def matrices(self) -> tuple[PlacedMatrix, ...]:
        """Its matrices, whose inputs follow one another."""
        placed: list[PlacedMatrix] = []
        first_row = 0
        for matrix in self.cell.matrices:
            rows = self.inputs * matrix.from_below + self.units * matrix.from_before + 1
            columns = len(matrix.gates) * self.units
            placed.append(
                PlacedMatrix(matrix, first_row, rows, columns, matrix.first_block * self.units)
            )
            first_row += rows
        return tuple(placed)

    @property
    def input_rows(self) -> int:
        """Rows of its inputs at a step."""
        return _make_odd(sum(placed.rows for placed in self.matrices))

    @property
    def ones_rows(self) -> tuple[int, ...]:
        """The rows of 1 among them."""
        return tuple(placed.first_row + placed.rows - 1 for placed in self.matrices)

    @property
    def below_row(self) -> int:
        """The first row of what comes from below."""
        return next(one.first_row for one in self.matrices if one.matrix.from_below)

    @property
    def before_row(self) -> int:
        """The first row of the hidden state before."""
        placed = next(one for one in self.matrices if one.matrix.from_before)
        return placed.first_row + self.inputs * placed.matrix.from_below

    @property
    def sum_rows(self) -> int:
        """Rows of its sums at a step, where what the way back needs takes their place."""
        return _make_odd(max(self.cell.blocks, len(self.step.saved)) * self.units)

    @property
    def peepholes(self) -> int:
        """Peepholes of a unit."""
        return self.cell.peepholes


def _make_odd(rows: int) -> int:
    """Return the rows, and one that nothing uses if they are even.

    A row is a line of the processor's cache. Were their number a multiple of a power of two, the
    same row of all steps would fall on the same few places there.
    """
    return rows | 1


@dataclass(frozen=True)
class StepPlan:
    """One step of a cell, forward and back.

    Attributes:
        blocks: its sums of products.
        state: the memory cell before it.
        peepholes: weights of one unit.
        hidden: the hidden state after it.
        next_state: the memory cell after it.
        saved: what the way back takes from memory.
        d_hidden: the gradient with respect to `hidden`.
        d_next_state: that with respect to `next_state`.
        d_blocks: what becomes of them for `blocks`,
        d_state: for `state`,
        d_peepholes: and for `peepholes`.
    """

    blocks: tuple[Expression, ...]
    state: Expression
    peepholes: tuple[Expression, ...]
    hidden: Expression
    next_state: Expression
    saved: tuple[Expression, ...]
    d_hidden: Expression
    d_next_state: Expression
    d_blocks: tuple[Expression, ...]
    d_state: Expression
    d_peepholes: tuple[Expression, ...]


def plan_step(cell: KernelCell) -> StepPlan:
    """Write down a cell's step and differentiate it."""
    blocks = tuple(name_input(f"block {number}") for number in range(cell.blocks))
    peepholes = tuple(name_input(f"peephole {number}") for number in range(cell.peepholes))
    state, d_hidden, d_next = map(name_input, ("state", "d hidden", "d next state"))
    hidden, next_state = cell.take_step(list(blocks), state, *peepholes)
    upstream = {hidden: d_hidden, next_state: d_next}
    if hidden is next_state:
        upstream = {hidden: d_hidden + d_next}
    gradients = differentiate(upstream, [*blocks, state, *peepholes])
    activations = [node for node in walk([hidden, next_state]) if node.is_activation]
    needed = list(walk(gradients.values(), known=set(activations)))
    return StepPlan(
        blocks=blocks,
        state=state,
        peepholes=peepholes,
        hidden=hidden,
        next_state=next_state,
        saved=tuple(node for node in needed if node in activations or node in blocks),
        d_hidden=d_hidden,
        d_next_state=d_next,
        d_blocks=tuple(gradients[block] for block in blocks),
        d_state=gradients[state],
        d_peepholes=tuple(gradients[peephole] for peephole in peepholes),
    )
