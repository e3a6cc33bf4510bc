"""Dropout's masks: Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror & Shaw 2011).

A generator without state: a key and a counter give two words of 32 random bits. So the masks of a
step follow from its key alone, on any number of threads, and a test can draw them again.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from stockcast.networks.kernel.machine import Machine
from stockcast.networks.kernel.writer import (
    HALF,
    INT,
    LANES,
    POINTER,
    WORD,
    FunctionWriter,
    Value,
)

_ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)  # bits, of eight rounds
_PARITY = 0x1BD11BDA
_ROUNDS = 20
_WORDS = ir.VectorType(WORD, LANES)

MASK_ARGUMENTS: dict[str, Any] = {
    "masks": POINTER,
    "pairs": INT,
    "key 0": WORD,
    "key 1": WORD,
    "counter 1": WORD,
    "limit": WORD,
}


def write_masks(module: ir.Module, name: str, machine: Machine) -> None:
    """Write the function that draws masks, a bit a column: 1 where a random word ≥ `limit`.

    Of pair p the counters of column l are 16 p + l and `counter 1`; the first words of all
    columns are mask 2 p, the second ones mask 2 p + 1.
    """
    write = FunctionWriter(module, name, MASK_ARGUMENTS, machine)
    given, build = write.arguments, write.build
    key = [write.spread(given[name], _WORDS) for name in ("key 0", "key 1")]
    key.append(build.xor(build.xor(key[0], key[1]), _fill(_PARITY)))
    limit = write.spread(given["limit"], _WORDS)
    second = write.spread(given["counter 1"], _WORDS)
    lanes = ir.Constant(_WORDS, list(range(LANES)))
    with write.loop(given["pairs"]) as (pair, _):
        first = build.mul(build.trunc(pair, WORD), ir.Constant(WORD, LANES))
        words = _write_threefry(write, key, build.add(write.spread(first, _WORDS), lanes), second)
        for number, word in enumerate(words):
            bits = build.bitcast(build.icmp_unsigned(">=", word, limit), HALF)
            write.store(bits, write.at(given["masks"], (pair, 2), number, size=HALF))
    write.finish()


def _write_threefry(
    write: FunctionWriter, key: list[Value], x: Value, y: Value
) -> tuple[Value, Value]:
    """Write the rounds; a counter x, y and a key of three words with parity ─▶ two words."""
    build = write.build
    x, y = build.add(x, key[0]), build.add(y, key[1])
    for number in range(_ROUNDS):
        x = build.add(x, y)
        turn = _ROTATIONS[number % len(_ROTATIONS)]
        y = build.or_(build.shl(y, _fill(turn)), build.lshr(y, _fill(32 - turn)))
        y = build.xor(y, x)
        if number % 4 == 3:  # every fourth round the key once more, turned
            block = number // 4 + 1
            x = build.add(x, key[block % 3])
            y = build.add(build.add(y, key[(block + 1) % 3]), _fill(block))
    return x, y


def _fill(word: int) -> Value:
    return ir.Constant(_WORDS, [word] * LANES)
