"""LLVM's view of this processor, and functions compiled for it."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import llvmlite.binding as llvm
from llvmlite import ir


class Tiles(NamedTuple):
    """How much of a product fits into a processor's registers.

    Attributes:
        width: floats in a register.
        rows: of a tile of a matrix times a block of columns; each needs 16 / width registers.
        gradient: rows and columns of a tile of a weight's gradient, a register each.
    """

    width: int
    rows: int
    gradient: tuple[int, int]


@dataclass(frozen=True)
class Machine:
    """A processor to make code for.

    Attributes:
        triple: LLVM's name of architecture and system.
        processor: LLVM's name of it.
        features: its instruction sets, as LLVM writes them: `+avx2,+fma,…`.
        tiles: what fits into its registers.
    """

    triple: str
    processor: str
    features: str
    tiles: Tiles

    @property
    def is_x86(self) -> bool:
        """Whether it has x86's registers."""
        return self.triple.startswith(("x86_64", "i686"))

    @property
    def is_arm(self) -> bool:
        """Whether it has those of a 64-bit ARM."""
        return self.triple.startswith(("aarch64", "arm64"))


# Of x86-64's levels (System V ABI, AMD64 supplement), the widest first.
_AVX512 = Tiles(width=16, rows=10, gradient=(6, 4))
_AVX2 = Tiles(width=8, rows=5, gradient=(3, 4))
_FOUR_WIDE = Tiles(width=4, rows=3, gradient=(3, 4))
_NEON = Tiles(width=4, rows=5, gradient=(5, 4))


def detect_machine() -> Machine:
    """Return the processor that this process runs on."""
    features = llvm.get_host_cpu_features()
    triple = llvm.get_process_triple()
    if features.get("avx512f"):
        tiles = _AVX512
        features["prefer-256-bit"] = False
    elif features.get("avx2") and features.get("fma"):
        tiles = _AVX2
    else:
        tiles = _NEON if triple.startswith(("aarch64", "arm64")) else _FOUR_WIDE
    return Machine(triple, llvm.get_host_cpu_name(), features.flatten(), tiles)


def name_machine(level: str) -> Machine:
    """Return a processor of this architecture that knows no more than a level of it.

    Args:
        level: `x86-64-v4` (AVX-512), `x86-64-v3` (AVX2), `x86-64` (SSE2) or `neon`.
    """
    if level == "neon":
        return Machine("aarch64-unknown-linux-gnu", "generic", "+neon", _NEON)
    tiles = {"x86-64-v4": _AVX512, "x86-64-v3": _AVX2, "x86-64": _FOUR_WIDE}[level]
    features = "-prefer-256-bit" if level == "x86-64-v4" else ""
    return Machine("x86_64-unknown-linux-gnu", level, features, tiles)


class Program:
    """Functions in this process's memory.

    Args:
        module: their code.
        machine: what to compile it for; it must be this one to be called.
    """

    def __init__(self, module: ir.Module, machine: Machine) -> None:
        parsed, target = optimize_module(module, machine)
        self._engine = llvm.create_mcjit_compiler(parsed, target)
        self._engine.finalize_object()

    def get_function(self, name: str, *types: Any) -> Any:
        """Return a function that lets go of Python's lock while it runs.

        Args:
            name: of the function.
            types: ctypes' type of each argument; it returns nothing.
        """
        address = self._engine.get_function_address(name)
        return ctypes.CFUNCTYPE(None, *types)(address)


def optimize_module(module: ir.Module, machine: Machine) -> tuple[Any, Any]:
    """Let LLVM check and optimize code.

    Returns:
        the module and the target machine, of llvmlite's binding.
    """
    _initialize_targets()
    module.triple = machine.triple
    target = llvm.Target.from_triple(machine.triple).create_target_machine(
        cpu=machine.processor, features=machine.features, opt=3, jit=True
    )
    module.data_layout = str(target.target_data)
    parsed = llvm.parse_assembly(str(module))
    parsed.verify()
    builder = llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options(speed_level=2))
    builder.getModulePassManager().run(parsed, builder)
    return parsed, target


@cache
def _initialize_targets() -> None:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
