"""A function of LLVM's, written loop by loop: vectors of 16 columns, loads, stores, arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

from stockcast.networks.kernel.machine import Machine

LANES = 16
"""Columns of a batch that are computed side by side; a vector has one number of each."""

FLOAT: Any = ir.FloatType()
INT: Any = ir.IntType(64)
HALF: Any = ir.IntType(16)
WORD: Any = ir.IntType(32)
POINTER: Any = ir.PointerType()
VECTOR: Any = ir.VectorType(FLOAT, LANES)

Value = Any  # llvmlite is published without type information

# tanh as x P(x²) / Q(x²): the minimax approximation of Eigen's and so of TensorFlow's float32
# tanh, right to 4 units in the last place; beyond the limit it is ±1 to within rounding.
_TANH_LIMIT = 7.90531110763549805
_TANH_P = (
    -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
    1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03,
)  # fmt: skip
_TANH_Q = (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)

_FLUSH = {"x86": 0x8040, "arm": 1 << 24}  # MXCSR: flush to zero, denormals are zero; FPCR: FZ


class FunctionWriter:
    """Writes one function that returns nothing.

    Numbers smaller than float32's normal ones count as 0 in it: arithmetic with them is a
    hundred times slower on some processors.

    Args:
        module: that it becomes part of.
        name: of the function.
        arguments: the name and LLVM type of each; they become `arguments[name]`.
        machine: that the code is for.
    """

    def __init__(
        self, module: ir.Module, name: str, arguments: dict[str, Any], machine: Machine
    ) -> None:
        kind = ir.FunctionType(ir.VoidType(), list(arguments.values()))
        self.function: Any = ir.Function(module, kind, name)
        self.machine = machine
        self.build: Any = ir.IRBuilder(self.function.append_basic_block())
        self.arguments: dict[str, Value] = dict(zip(arguments, self.function.args, strict=True))
        self._before = self._flush_denormals()

    def finish(self) -> None:
        """Return to the caller, with the processor's modes as they were."""
        self._restore_modes()
        self.build.ret_void()

    # Numbers and places

    def count(self, number: int | Value) -> Value:
        """Return a whole number as LLVM has it."""
        return ir.Constant(INT, number) if isinstance(number, int) else number

    def at(
        self, pointer: Value, *offsets: int | Value | tuple[Value, int], size: Any = FLOAT
    ) -> Value:
        """Return the place some elements after a pointer.

        Args:
            pointer: to elements of a size.
            offsets: what to add up: numbers, and pairs of a number and its factor.
            size: the elements' type.
        """
        total: Value = None
        for offset in offsets:
            number, factor = offset if isinstance(offset, tuple) else (offset, 1)
            term = self.count(number)
            if factor != 1:
                term = self.build.mul(term, self.count(factor))
            total = term if total is None else self.build.add(total, term)
        return self.build.gep(pointer, [total], source_etype=size)

    def load(self, pointer: Value, kind: Any = VECTOR) -> Value:
        """Load what stands at a place."""
        align = 2 if kind is HALF else 4
        return self.build.load(pointer, typ=kind, align=align)

    def store(self, value: Value, pointer: Value) -> None:
        """Store a vector or a number."""
        self.build.store(value, pointer, align=2 if value.type is HALF else 4)

    def spread(self, number: Value, kind: Any = VECTOR) -> Value:
        """Return a number in every lane."""
        undefined = ir.Constant(kind, ir.Undefined)
        first = self.build.insert_element(undefined, number, ir.Constant(WORD, 0))
        zeros = ir.Constant(ir.VectorType(WORD, kind.count), [0] * kind.count)
        return self.build.shuffle_vector(first, undefined, zeros)

    @contextmanager
    def loop(
        self, stop: int | Value, *, step: int = 1, carry: Sequence[Value] = ()
    ) -> Iterator[tuple[Value, list[Value]]]:
        """Write a loop; it runs at least once.

        Args:
            stop: where its counter ends; it begins at 0.
            step: what is added to the counter.
            carry: what the first run begins with.

        Yields:
            the counter, and the carried values: put what they become in their places.
        """
        build, entry = self.build, self.build.block
        body, end = build.append_basic_block(), build.append_basic_block()
        build.branch(body)
        build.position_at_end(body)
        counter = build.phi(INT)
        counter.add_incoming(self.count(0), entry)
        carried = [build.phi(value.type) for value in carry]
        for phi, value in zip(carried, carry, strict=True):
            phi.add_incoming(value, entry)
        values = list(carried)
        yield counter, values
        following = build.add(counter, self.count(step))
        counter.add_incoming(following, build.block)
        for phi, value in zip(carried, values, strict=True):
            phi.add_incoming(value, build.block)
        build.cbranch(build.icmp_signed("<", following, self.count(stop)), body, end)
        build.position_at_end(end)

    # Arithmetic on vectors

    def constant(self, value: float, kind: Any = VECTOR) -> Value:
        """Return a number in every lane."""
        return ir.Constant(kind, [float(value)] * kind.count)

    def add(self, x: Value, y: Value) -> Value:
        """Return x + y; LLVM may fuse it with a product."""
        return self.build.fadd(x, y, flags=("contract",))

    def subtract(self, x: Value, y: Value) -> Value:
        """Return x − y."""
        return self.build.fsub(x, y, flags=("contract",))

    def multiply(self, x: Value, y: Value) -> Value:
        """Return x y."""
        return self.build.fmul(x, y, flags=("contract",))

    def divide(self, x: Value, y: Value) -> Value:
        """Return x / y."""
        return self.build.fdiv(x, y)

    def multiply_add(self, total: Value, x: Value, y: Value) -> Value:
        """Return total + x y."""
        return self.add(total, self.multiply(x, y))

    def square_root(self, x: Value) -> Value:
        """Return √x."""
        return self._call(f"llvm.sqrt.v{x.type.count}f32", x.type, x)

    def tanh(self, x: Value) -> Value:
        """Return the hyperbolic tangent; of what is no number, that."""
        limit = self.constant(_TANH_LIMIT, x.type)
        x = self._select("<", limit, x, limit)
        x = self._select(">", lowest := self.constant(-_TANH_LIMIT, x.type), x, lowest)
        square = self.multiply(x, x)
        above, below = self._sum_powers(square, _TANH_P), self._sum_powers(square, _TANH_Q)
        return self.divide(self.multiply(x, above), below)

    def sigmoid(self, x: Value) -> Value:
        """Return 1 / (1 + exp(−x)) = (1 + tanh(x / 2)) / 2."""
        half = self.constant(0.5, x.type)
        return self.multiply_add(half, half, self.tanh(self.multiply(x, half)))

    def sum_lanes(self, x: Value) -> Value:
        """Return the sum of all lanes, added in pairs."""
        name = f"llvm.vector.reduce.fadd.v{x.type.count}f32"
        return self._call(name, FLOAT, ir.Constant(FLOAT, -0.0), x, fastmath=("reassoc",))

    def sum_four(self, vectors: Sequence[Value]) -> Value:
        """Return the sum of all lanes of each of four vectors, four lanes, added in pairs."""
        (*parts,) = vectors
        while len(parts) > 1:
            parts = [self._add_pairs(x, y) for x, y in zip(parts[::2], parts[1::2], strict=True)]
        (total,) = parts
        while total.type.count > 4:  # neighbours are of one vector still
            total = self._add_pairs(total, None)
        return total

    def _add_pairs(self, x: Value, y: Value | None) -> Value:
        """Return the sums of neighbouring lanes, x's and then y's."""
        other = x if y is None else y
        lanes = x.type.count * (1 if y is None else 2)
        even, odd = (
            self.build.shuffle_vector(
                x, other, ir.Constant(ir.VectorType(WORD, lanes // 2), list(range(first, lanes, 2)))
            )
            for first in (0, 1)
        )
        return self.build.fadd(even, odd)

    def keep(self, mask: Value, x: Value) -> Value:
        """Return x in the lanes whose bit of a 16-bit mask is 1, else 0."""
        bits = self.build.bitcast(mask, ir.VectorType(ir.IntType(1), LANES))
        return self.build.select(bits, x, ir.Constant(x.type, None))

    def _sum_powers(self, x: Value, coefficients: Sequence[float]) -> Value:
        """Return a polynomial, the highest power's coefficient first (Horner's scheme)."""
        total = self.constant(coefficients[0], x.type)
        for coefficient in coefficients[1:]:
            total = self.multiply_add(self.constant(coefficient, x.type), total, x)
        return total

    def _select(self, comparison: str, x: Value, y: Value, then: Value) -> Value:
        """Return `then` in the lanes where x compares so with y, else y."""
        return self.build.select(self.build.fcmp_ordered(comparison, x, y), then, y)

    def _call(self, name: str, result: Any, *operands: Value, **options: Any) -> Value:
        """Call an operation of LLVM's."""
        kind = ir.FunctionType(result, [operand.type for operand in operands])
        function = self.function.module.globals.get(name)
        if function is None:
            function = ir.Function(self.function.module, kind, name)
        return self.build.call(function, operands, **options)

    # The processor's modes

    def _flush_denormals(self) -> Value:
        """Switch to flushing them; return the modes before, None on other processors."""
        nothing = ir.VoidType()
        if self.machine.is_arm:
            before = self._call("llvm.aarch64.get.fpcr", INT)
            flushing = self.build.or_(before, self.count(_FLUSH["arm"]))
            self._call("llvm.aarch64.set.fpcr", nothing, flushing)
            return before
        if self.machine.is_x86:
            before, now = self.build.alloca(WORD), self.build.alloca(WORD)
            self._call("llvm.x86.sse.stmxcsr", nothing, before)
            modes = self.build.load(before, typ=WORD)
            self.build.store(self.build.or_(modes, ir.Constant(WORD, _FLUSH["x86"])), now)
            self._call("llvm.x86.sse.ldmxcsr", nothing, now)
            return before
        return None

    def _restore_modes(self) -> None:
        if self.machine.is_arm:
            self._call("llvm.aarch64.set.fpcr", ir.VoidType(), self._before)
        elif self.machine.is_x86:
            self._call("llvm.x86.sse.ldmxcsr", ir.VoidType(), self._before)
